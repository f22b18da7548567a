//! Subjects: which records a rule's `each` walks.
//!
//! A subject that must exist but that nobody collected is still a subject: every rule on it is
//! unknown. A rule with no subject at all says nothing, so it must never come from a list that
//! was not collected.

use std::sync::Arc;

use super::walk::{
    accounts, clusters, endpoint_services, exposures, flow_logs, gaps, hosted_zones, instances, listed, named,
    nat_gateways, ncc_rules, networks, peerings, required_paths, resolver_endpoints, security_groups, subnets,
    transit_attachments, transit_gateways, vpc_endpoints, vpcs, workspaces,
};
use super::{Record, Ref};
use crate::estate::{Estate, Gap, Origin};

/// One subject of a collection.
#[derive(Clone, Debug)]
pub enum Described {
    /// A record that rules can read.
    Present(Ref),
    /// One that must exist, or a list that may hold some: nothing is known of it.
    Missing {
        /// Its id, or the id of what the missing list belongs to.
        id: String,
        /// Where the evidence names it.
        origin: Origin,
        /// Why nothing is known.
        gap: Arc<Gap>,
        /// Workspaces that it serves.
        workspaces: Vec<String>,
    },
}

/// A list that `each` can name.
pub struct Collection {
    /// Name in rule files.
    pub name: &'static str,
    /// What its elements are.
    pub record: Record,
    /// Which they are, for rule authors.
    pub doc: &'static str,
    walk: fn(&Estate) -> Vec<Described>,
}

impl Collection {
    /// Its subjects, each once, in a fixed order.
    pub fn subjects(&self, e: &Estate) -> Vec<Described> {
        (self.walk)(e)
    }
}

/// The collection of this name.
pub fn collection(name: &str) -> Option<&'static Collection> {
    COLLECTIONS.iter().find(|collection| collection.name == name)
}

/// Every collection.
pub fn collections() -> &'static [Collection] {
    COLLECTIONS
}

static COLLECTIONS: &[Collection] = &[
    Collection {
        name: "accounts",
        record: Record::Account,
        doc: "Databricks accounts of the evidence.",
        walk: accounts,
    },
    Collection {
        name: "workspaces",
        record: Record::Workspace,
        doc: "Workspaces; without the Databricks side, those inferred from VPC endpoints.",
        walk: workspaces,
    },
    Collection {
        name: "networks",
        record: Record::Network,
        doc: "Network configurations, or those inferred from VPC endpoints.",
        walk: networks,
    },
    Collection {
        name: "registrations",
        record: Record::Registration,
        doc: "Registered VPC endpoints.",
        walk: |e| listed(e, &e.databricks.registrations, Record::Registration, |_| true),
    },
    Collection {
        name: "private_access_settings",
        record: Record::PrivateAccessSettings,
        doc: "Private access settings.",
        walk: |e| listed(e, &e.databricks.private_access_settings, Record::PrivateAccessSettings, |_| true),
    },
    Collection { name: "vpcs", record: Record::Vpc, doc: "VPCs that Databricks uses.", walk: vpcs },
    Collection {
        name: "subnets",
        record: Record::Subnet,
        doc: "Subnets that network configurations name.",
        walk: subnets,
    },
    Collection {
        name: "security_groups",
        record: Record::SecurityGroup,
        doc: "Groups that network configurations name, also those that no workspace uses now.",
        walk: security_groups,
    },
    Collection {
        name: "nat_gateways",
        record: Record::NatGateway,
        doc: "NAT gateways that default routes of cluster subnets lead to.",
        walk: nat_gateways,
    },
    Collection {
        name: "peerings",
        record: Record::Peering,
        doc: "Peering connections that routes of cluster subnets lead to.",
        walk: peerings,
    },
    Collection {
        name: "transit_gateways",
        record: Record::TransitGateway,
        doc: "Transit gateways that compute VPCs are attached to.",
        walk: transit_gateways,
    },
    Collection {
        name: "transit_attachments",
        record: Record::TransitAttachment,
        doc: "Transit gateway attachments of VPCs that Databricks uses.",
        walk: transit_attachments,
    },
    Collection {
        name: "vpc_endpoints",
        record: Record::VpcEndpoint,
        doc: "Endpoints in VPCs that Databricks uses.",
        walk: vpc_endpoints,
    },
    Collection {
        name: "endpoint_services",
        record: Record::EndpointService,
        doc: "Endpoint services that private endpoint rules connect to.",
        walk: endpoint_services,
    },
    Collection {
        name: "hosted_zones",
        record: Record::HostedZone,
        doc: "Private zones that VPCs of Databricks see.",
        walk: hosted_zones,
    },
    Collection {
        name: "resolver_endpoints",
        record: Record::ResolverEndpoint,
        doc: "Resolver endpoints in VPCs that Databricks uses.",
        walk: resolver_endpoints,
    },
    Collection {
        name: "instances",
        record: Record::Instance,
        doc: "Instances that Databricks launched, or that run in cluster subnets.",
        walk: instances,
    },
    Collection { name: "clusters", record: Record::Cluster, doc: "Clusters of workspaces.", walk: clusters },
    Collection {
        name: "key_configurations",
        record: Record::KeyConfiguration,
        doc: "Key configurations that workspaces use.",
        walk: |e| listed(e, &e.databricks.key_configurations, Record::KeyConfiguration, |id| named(e, id)),
    },
    Collection {
        name: "buckets",
        record: Record::Bucket,
        doc: "Root buckets of workspaces.",
        walk: |e| listed(e, &e.databricks.storage_configurations, Record::Bucket, |id| named(e, id)),
    },
    Collection {
        name: "roles",
        record: Record::Role,
        doc: "Cross-account roles of workspaces.",
        walk: |e| listed(e, &e.databricks.credentials, Record::Role, |id| named(e, id)),
    },
    Collection {
        name: "flow_logs",
        record: Record::FlowLog,
        doc: "Flow logs of VPCs that Databricks uses.",
        walk: flow_logs,
    },
    Collection {
        name: "ncc_rules",
        record: Record::NccRule,
        doc: "Private endpoint rules of network connectivity configurations.",
        walk: ncc_rules,
    },
    Collection {
        name: "network_policies",
        record: Record::NetworkPolicy,
        doc: "Network policies of the account.",
        walk: |e| listed(e, &e.databricks.network_policies, Record::NetworkPolicy, |_| true),
    },
    Collection {
        name: "required_paths",
        record: Record::RequiredPath,
        doc: "Paths that workspaces need of the network, predicted; none for a VPC that Databricks manages.",
        walk: required_paths,
    },
    Collection {
        name: "exposures",
        record: Record::Exposure,
        doc: "What the nodes of network configurations that workspaces use are exposed to, predicted; none for a VPC that Databricks manages.",
        walk: exposures,
    },
    Collection { name: "gaps", record: Record::Gap, doc: "What the sources noted as missing.", walk: gaps },
];
