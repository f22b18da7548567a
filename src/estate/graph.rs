//! Edges between rows, drawn once from the tables: which route table and which ACL serve a
//! subnet, which interfaces carry a group, which workspaces use a network, which VPCs matter
//! to Databricks at all. Row numbers refer to the sealed tables.
//!
//! An edge that ends in a row that nobody collected is not here; readers get the gap from the
//! table that it should have ended in.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use super::region::Region;
use super::{Estate, Gap, Known};

/// Row numbers by the id of the row they hang on, ascending.
pub type Edges = HashMap<String, Vec<u32>>;

/// The edges of an estate.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Subnets by VPC.
    pub subnets_of_vpc: Edges,
    /// Explicit route table by subnet.
    pub route_table_of_subnet: HashMap<String, u32>,
    /// Main route table by VPC.
    pub main_route_table_of_vpc: HashMap<String, u32>,
    /// Route table by internet or VPN gateway, for packets that come in through it.
    pub route_table_of_gateway: HashMap<String, u32>,
    /// Network ACL by subnet.
    pub acl_of_subnet: HashMap<String, u32>,
    /// Default network ACL by VPC.
    pub default_acl_of_vpc: HashMap<String, u32>,
    /// Endpoints by VPC.
    pub endpoints_of_vpc: Edges,
    /// Interfaces by security group.
    pub interfaces_of_group: Edges,
    /// Interfaces by subnet.
    pub interfaces_of_subnet: Edges,
    /// Interfaces by VPC.
    pub interfaces_of_vpc: Edges,
    /// NAT gateways by VPC, whatever their state.
    pub nat_gateways_of_vpc: Edges,
    /// Internet gateways by VPC.
    pub internet_gateways_of_vpc: Edges,
    /// Egress-only internet gateways by VPC.
    pub egress_only_gateways_of_vpc: Edges,
    /// VPN gateways by VPC, those left out that were taken off it.
    pub vpn_gateways_of_vpc: Edges,
    /// Flow logs by VPC, subnet or interface.
    pub flow_logs_of: Edges,
    /// Firewall (`firewall_details`) by its endpoints, `vpce-…`.
    pub firewall_of_endpoint: HashMap<String, u32>,
    /// Resolver rule associations by VPC, whatever their state.
    pub resolver_associations_of_vpc: Edges,
    /// Resolver rules by VPC, through its associations: those with a row, once each.
    pub resolver_rules_of_vpc: Edges,
    /// Private zones by VPC.
    pub zones_of_vpc: Edges,
    /// Why the VPCs of some private zone are not known, once a rule has asked.
    pub zones_unknown: OnceLock<Option<Arc<Gap>>>,
    /// Transit gateway VPC attachments by VPC.
    pub attachments_of_vpc: Edges,
    /// Transit gateway attachments of every type by transit gateway.
    pub transit_attachments_of_gateway: Edges,
    /// The same by their own id: two for a peering attachment, one on either side.
    pub transit_attachments_named: Edges,
    /// Peering connections by VPC, from both sides.
    pub peerings_of_vpc: Edges,
    /// Registrations by `vpce-…`.
    pub registrations_of_endpoint: Edges,
    /// Network configurations by subnet.
    pub networks_of_subnet: Edges,
    /// Network configurations by security group.
    pub networks_of_group: Edges,
    /// Network configurations by VPC.
    pub networks_of_vpc: Edges,
    /// Network configurations by registration.
    pub networks_of_registration: Edges,
    /// Registrations that no network configuration names: those of front ends, and spare ones.
    pub spare_registrations: Vec<u32>,
    /// Workspaces by network configuration.
    pub workspaces_of_network: Edges,
    /// Workspaces by the id of any other Databricks object that they name.
    pub workspaces_naming: Edges,
    /// Workspace by the first label of its host name.
    pub workspace_of_deployment: HashMap<String, u32>,
    /// Network connectivity rules, as (row of the configuration, index of the rule).
    pub ncc_rules: Vec<(u32, u32)>,
    /// VPCs that hold an endpoint to Databricks but belong to no collected network
    /// configuration: a workspace, or a front end, that only AWS knows of. Endpoint rows.
    pub undeclared_vpcs: BTreeMap<String, Vec<u32>>,
    /// VPCs that must hold a workspace, or its front end, when nobody asked Databricks: sorted.
    pub inferred: Vec<String>,
    /// VPCs that Databricks uses: named by a network or holding an endpoint to it.
    pub databricks_vpcs: BTreeSet<String>,
    /// Databricks accounts that any answer belongs to.
    pub accounts: Vec<String>,
}

impl Graph {
    /// Draws the edges of sealed tables.
    pub fn draw(estate: &Estate) -> Self {
        let mut graph = Self::default();
        graph.draw_network(estate);
        graph.draw_gateways(estate);
        graph.draw_transit(estate);
        graph.draw_resolver(estate);
        graph.draw_endpoints(estate);
        graph.draw_databricks(estate);
        graph.draw_scope(estate);
        graph
    }

    fn draw_network(&mut self, estate: &Estate) {
        let aws = &estate.aws;
        for (number, subnet) in known(&aws.subnets) {
            push(&mut self.subnets_of_vpc, &subnet.vpc_id, number);
        }
        for (number, table) in known(&aws.route_tables) {
            for association in &table.associations {
                if let Some(subnet) = &association.subnet_id {
                    self.route_table_of_subnet.insert(subnet.clone(), number);
                }
                if let Some(gateway) = &association.gateway_id {
                    self.route_table_of_gateway.insert(gateway.clone(), number);
                }
            }
            if table.is_main() {
                self.main_route_table_of_vpc.insert(table.vpc_id.clone(), number);
            }
        }
        for (number, acl) in known(&aws.network_acls) {
            for association in &acl.associations {
                self.acl_of_subnet.insert(association.subnet_id.clone(), number);
            }
            if acl.is_default {
                self.default_acl_of_vpc.insert(acl.vpc_id.clone(), number);
            }
        }
        for (number, interface) in known(&aws.interfaces) {
            for group in &interface.groups {
                push(&mut self.interfaces_of_group, &group.group_id, number);
            }
            if let Some(subnet) = &interface.subnet_id {
                push(&mut self.interfaces_of_subnet, subnet, number);
            }
            if let Some(vpc) = &interface.vpc_id {
                push(&mut self.interfaces_of_vpc, vpc, number);
            }
        }
        for (number, log) in known(&aws.flow_logs) {
            if let Some(resource) = &log.resource_id {
                push(&mut self.flow_logs_of, resource, number);
            }
        }
        for (number, peering) in known(&aws.peerings) {
            for vpc in [&peering.requester_vpc_info.vpc_id, &peering.accepter_vpc_info.vpc_id].into_iter().flatten() {
                push(&mut self.peerings_of_vpc, vpc, number);
            }
        }
        for (number, firewall) in known(&aws.firewall_details) {
            for endpoint in firewall.endpoints() {
                self.firewall_of_endpoint.insert(endpoint.to_owned(), number);
            }
        }
    }

    fn draw_gateways(&mut self, estate: &Estate) {
        let aws = &estate.aws;
        for (number, gateway) in known(&aws.nat_gateways) {
            if let Some(vpc) = &gateway.vpc_id {
                push(&mut self.nat_gateways_of_vpc, vpc, number);
            }
        }
        for (number, gateway) in known(&aws.internet_gateways) {
            for vpc in gateway.attachments.iter().filter_map(|attachment| attachment.vpc_id.as_ref()) {
                push(&mut self.internet_gateways_of_vpc, vpc, number);
            }
        }
        for (number, gateway) in known(&aws.egress_only_gateways) {
            for vpc in gateway.attachments.iter().filter_map(|attachment| attachment.vpc_id.as_ref()) {
                push(&mut self.egress_only_gateways_of_vpc, vpc, number);
            }
        }
        for (number, gateway) in known(&aws.vpn_gateways) {
            let attached = gateway.vpc_attachments.iter().filter(|a| a.state.as_deref() != Some("detached"));
            for vpc in attached.filter_map(|attachment| attachment.vpc_id.as_ref()) {
                push(&mut self.vpn_gateways_of_vpc, vpc, number);
            }
        }
    }

    fn draw_transit(&mut self, estate: &Estate) {
        for (number, attachment) in known(&estate.aws.transit_vpc_attachments) {
            push(&mut self.attachments_of_vpc, &attachment.vpc_id, number);
        }
        for (number, attachment) in known(&estate.aws.transit_attachments) {
            push(&mut self.transit_attachments_of_gateway, &attachment.transit_gateway_id, number);
            push(&mut self.transit_attachments_named, &attachment.transit_gateway_attachment_id, number);
        }
    }

    fn draw_resolver(&mut self, estate: &Estate) {
        let aws = &estate.aws;
        for (number, zone) in known(&aws.hosted_zones) {
            for vpc in zone.vpcs.iter().flatten() {
                push(&mut self.zones_of_vpc, &vpc.vpc_id, number);
            }
        }
        let mut rules: BTreeSet<(&str, u32)> = BTreeSet::new();
        for (number, association) in known(&aws.resolver_rule_associations) {
            push(&mut self.resolver_associations_of_vpc, &association.vpc_id, number);
            rules.extend(
                aws.resolver_rules.number(&association.resolver_rule_id).map(|rule| (&*association.vpc_id, rule)),
            );
        }
        for (vpc, rule) in rules {
            push(&mut self.resolver_rules_of_vpc, vpc, rule);
        }
    }

    fn draw_endpoints(&mut self, estate: &Estate) {
        for (number, endpoint) in known(&estate.aws.vpc_endpoints) {
            push(&mut self.endpoints_of_vpc, &endpoint.vpc_id, number);
        }
        for (number, registration) in known(&estate.databricks.registrations) {
            if let Some(endpoint) = &registration.aws_vpc_endpoint_id {
                push(&mut self.registrations_of_endpoint, endpoint, number);
            }
        }
    }

    fn draw_databricks(&mut self, estate: &Estate) {
        let databricks = &estate.databricks;
        for (number, network) in known(&databricks.networks) {
            for subnet in &network.subnet_ids {
                push(&mut self.networks_of_subnet, subnet, number);
            }
            for group in &network.security_group_ids {
                push(&mut self.networks_of_group, group, number);
            }
            if let Some(vpc) = &network.vpc_id {
                push(&mut self.networks_of_vpc, vpc, number);
            }
            if let Some(endpoints) = &network.vpc_endpoints {
                for registration in endpoints.rest_api.iter().chain(&endpoints.dataplane_relay) {
                    push(&mut self.networks_of_registration, registration, number);
                }
            }
        }
        let registrations = (0u32..).zip(databricks.registrations.rows());
        let spare = registrations.filter(|(_, row)| !self.networks_of_registration.contains_key(&row.id));
        self.spare_registrations = spare.map(|(number, _)| number).collect();
        for (number, workspace) in known(&databricks.workspaces) {
            if let Some(network) = &workspace.network_id {
                push(&mut self.workspaces_of_network, network, number);
            }
            if let Some(label) = &workspace.deployment_name {
                self.workspace_of_deployment.entry(label.clone()).or_insert(number);
            }
            let named = [
                &workspace.private_access_settings_id,
                &workspace.managed_services_customer_managed_key_id,
                &workspace.storage_customer_managed_key_id,
                &workspace.network_connectivity_config_id,
                &workspace.credentials_id,
                &workspace.storage_configuration_id,
            ];
            for id in named.into_iter().flatten() {
                push(&mut self.workspaces_naming, id, number);
            }
        }
        for (number, ncc) in known(&databricks.nccs) {
            let rules = ncc.egress_config.iter().flat_map(|egress| &egress.target_rules);
            let count = rules.map(|targets| targets.aws_private_endpoint_rules.len()).sum::<usize>();
            self.ncc_rules.extend((0u32..).take(count).map(|rule| (number, rule)));
        }
    }

    fn draw_scope(&mut self, estate: &Estate) {
        let databricks = &estate.databricks;
        self.databricks_vpcs.extend(self.networks_of_vpc.keys().cloned());
        for (number, endpoint) in known(&estate.aws.vpc_endpoints) {
            let registered = self.registrations_of_endpoint.contains_key(&endpoint.vpc_endpoint_id);
            if registered || Region::service(&endpoint.service_name).is_some() {
                self.databricks_vpcs.insert(endpoint.vpc_id.clone());
                if !self.networks_of_vpc.contains_key(&endpoint.vpc_id) {
                    self.undeclared_vpcs.entry(endpoint.vpc_id.clone()).or_default().push(number);
                }
            }
        }
        if !databricks.networks.collected_anywhere() {
            self.inferred = self.undeclared_vpcs.keys().cloned().collect();
        }
        let mut accounts = BTreeSet::new();
        accounts.extend(databricks.workspaces.rows().iter().filter_map(|row| row.place.account.clone()));
        accounts.extend(
            estate
                .collected()
                .into_iter()
                .filter(|(operation, _)| operation.is_databricks())
                .filter_map(|(_, place)| place.account),
        );
        self.accounts = accounts.into_iter().collect();
    }
}

fn push(edges: &mut Edges, id: &str, number: u32) {
    let numbers = edges.entry(id.to_owned()).or_default();
    if numbers.last() != Some(&number) {
        numbers.push(number);
    }
}

/// The rows that are known, with their numbers.
pub fn known<T>(table: &super::Table<T>) -> impl Iterator<Item = (u32, &T)> {
    (0u32..).zip(table.rows()).filter_map(|(number, row)| row.body.known().ok().map(|body| (number, body)))
}

impl Estate {
    /// The subnet's route table: the explicit one, else the main one of its VPC.
    pub fn route_table_of(&self, subnet: &super::aws::Subnet) -> Option<u32> {
        let explicit = self.graph.route_table_of_subnet.get(&subnet.subnet_id);
        explicit.or_else(|| self.graph.main_route_table_of_vpc.get(&subnet.vpc_id)).copied()
    }

    /// The policy of a firewall, by the row of the firewall in `firewall_details`.
    pub fn firewall_policy_of(&self, firewall: u32) -> Known<&super::aws::FirewallPolicy> {
        let row = self.aws.firewall_details.row(firewall);
        self.aws.firewall_policies.body(&row.id, &row.place)
    }
}
