//! The estate: what AWS and Databricks said, in tables of typed rows with their origins, and
//! the edges between them. Plain data: no I/O, no SDK, no rule.
//!
//! Input: rows that [`crate::sources`] decoded. Output: lookups that answer with a row or with
//! the [`Gap`] that stands in its place. It refuses to guess: a list that nobody collected is
//! never empty, and a resource that two answers describe differently is unknown.

pub mod aws;
mod coverage;
pub mod databricks;
pub mod evidence;
pub mod graph;
pub mod key;
pub mod memo;
pub mod net;
pub mod operation;
pub mod origin;
pub mod policy;
pub mod region;
pub mod table;

pub use evidence::{Evidence, Gap, Known, Reason, Scope};
pub use graph::Graph;
pub use operation::Operation;
pub use origin::{Location, Origin};
pub use table::{Place, Row, Table};

use std::collections::BTreeSet;

use aws as a;
use coverage::Inhabitants;
use databricks as d;

macro_rules! tables {
    ($(#[doc = $outer:literal])* $name:ident { $($(#[doc = $doc:literal])* $field:ident: $body:ty = $operation:ident,)* }) => {
        $(#[doc = $outer])*
        #[derive(Clone, Debug)]
        pub struct $name { $($(#[doc = $doc])* pub $field: Table<$body>,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: Table::new(Operation::$operation),)* }
            }
        }

        impl $name {
            /// Sorts every table: see [`Table::seal`].
            fn seal(&mut self) {
                $(self.$field.seal();)*
            }

            /// Notes that the whole list of `place` was collected, when a table of `operation` is here.
            pub fn cover(&mut self, operation: Operation, place: &Place) {
                $(if self.$field.operation() == operation { self.$field.cover(place.clone()); })*
            }

            /// The same of what belongs to a few ids: see [`Table::cover_within`].
            pub fn cover_within(&mut self, operation: Operation, place: &Place, asked: &BTreeSet<String>) {
                $(if self.$field.operation() == operation { self.$field.cover_within(place.clone(), asked); })*
            }

            fn has_parts(&self) -> bool {
                false $(|| self.$field.has_parts())*
            }

            /// Decides which parts of lists are enough.
            fn settle(&mut self, known: &Inhabitants) {
                $(self.$field.settle(known);)*
            }

            /// Notes a gap in the table of its operation; hands it back when no table here has it.
            pub fn note_gap(&mut self, gap: Gap) -> Option<Gap> {
                $(if self.$field.operation() == gap.operation { self.$field.note_gap(gap); return None; })*
                Some(gap)
            }

            /// The place of a row whatever its type, to complete it while the estate is assembled.
            pub fn place_mut(&mut self, operation: Operation, number: u32) -> Option<&mut Place> {
                $(if self.$field.operation() == operation {
                    return self.$field.rows_mut().get_mut(number as usize).map(|row| &mut row.place);
                })*
                None
            }

            /// Every place that some list was collected for, and every gap that was noted.
            fn survey(&self, survey: &mut Survey) {
                $(survey.add(&self.$field);)*
            }
        }
    };
}

tables! {
    /// What AWS said. Tables without a list of their own (a policy of a key, the records of a
    /// zone) are keyed by the id of their owner.
    Aws {
        /// VPCs.
        vpcs: a::Vpc = DescribeVpcs,
        /// enableDnsSupport by VPC.
        dns_support: bool = DescribeVpcDnsSupport,
        /// enableDnsHostnames by VPC.
        dns_hostnames: bool = DescribeVpcDnsHostnames,
        /// DHCP option sets.
        dhcp_options: a::DhcpOptions = DescribeDhcpOptions,
        /// Subnets.
        subnets: a::Subnet = DescribeSubnets,
        /// Route tables.
        route_tables: a::RouteTable = DescribeRouteTables,
        /// Security groups.
        security_groups: a::SecurityGroup = DescribeSecurityGroups,
        /// Security group rules.
        group_rules: a::GroupRule = DescribeSecurityGroupRules,
        /// Network ACLs.
        network_acls: a::NetworkAcl = DescribeNetworkAcls,
        /// Network interfaces.
        interfaces: a::Interface = DescribeNetworkInterfaces,
        /// Instances.
        instances: a::Instance = DescribeInstances,
        /// Elastic addresses.
        addresses: a::Address = DescribeAddresses,
        /// NAT gateways.
        nat_gateways: a::NatGateway = DescribeNatGateways,
        /// Internet gateways.
        internet_gateways: a::InternetGateway = DescribeInternetGateways,
        /// Egress-only internet gateways.
        egress_only_gateways: a::EgressOnlyGateway = DescribeEgressOnlyInternetGateways,
        /// VPN gateways.
        vpn_gateways: a::VpnGateway = DescribeVpnGateways,
        /// Peering connections.
        peerings: a::Peering = DescribeVpcPeeringConnections,
        /// Transit gateways.
        transit_gateways: a::TransitGateway = DescribeTransitGateways,
        /// Transit gateway attachments, by `<transit gateway>/<attachment>`: see
        /// [`TransitAttachment::row_id`](a::TransitAttachment::row_id).
        transit_attachments: a::TransitAttachment = DescribeTransitGatewayAttachments,
        /// Transit gateway VPC attachments.
        transit_vpc_attachments: a::TransitVpcAttachment = DescribeTransitGatewayVpcAttachments,
        /// Transit gateway route tables.
        transit_route_tables: a::TransitRouteTable = DescribeTransitGatewayRouteTables,
        /// Routes by transit gateway route table.
        transit_routes: Vec<a::TransitRoute> = SearchTransitGatewayRoutes,
        /// Managed prefix lists: the name.
        prefix_lists: String = DescribePrefixLists,
        /// Blocks by prefix list.
        prefix_list_entries: Vec<String> = GetManagedPrefixListEntries,
        /// VPC endpoints.
        vpc_endpoints: a::VpcEndpoint = DescribeVpcEndpoints,
        /// Endpoint services of the account.
        endpoint_services: a::EndpointService = DescribeVpcEndpointServices,
        /// Allowed principals by endpoint service.
        endpoint_service_permissions: Vec<String> = DescribeVpcEndpointServicePermissions,
        /// Flow logs.
        flow_logs: a::FlowLog = DescribeFlowLogs,
        /// Block Public Access, by account and region.
        block_public_access: a::BlockPublicAccess = DescribeVpcBlockPublicAccess,
        /// What Block Public Access leaves alone.
        block_public_access_exclusions: a::BlockPublicAccessExclusion = DescribeVpcBlockPublicAccessExclusions,
        /// Firewalls, by ARN.
        firewalls: a::Firewall = ListFirewalls,
        /// Firewalls with their endpoints, by account, region and name: see
        /// [`FirewallDetails::row_id`](a::FirewallDetails::row_id).
        firewall_details: a::FirewallDetails = DescribeFirewall,
        /// Policies, under the id that the firewall has in `firewall_details`.
        firewall_policies: a::FirewallPolicy = DescribeFirewallPolicy,
        /// Hosted zones.
        hosted_zones: a::HostedZone = ListHostedZones,
        /// Records by hosted zone.
        records: Vec<a::RecordSet> = ListResourceRecordSets,
        /// Resolver endpoints.
        resolver_endpoints: a::ResolverEndpoint = ListResolverEndpoints,
        /// Resolver rules.
        resolver_rules: a::ResolverRule = ListResolverRules,
        /// Resolver rule associations.
        resolver_rule_associations: a::ResolverRuleAssociation = ListResolverRuleAssociations,
        /// KMS keys, by region and key id.
        keys: a::KmsKey = DescribeKey,
        /// Key policies, by region and key id.
        key_policies: policy::Policy = GetKeyPolicy,
        /// Whether a key rotates, by region and key id.
        key_rotations: bool = GetKeyRotationStatus,
        /// Grants, by region and key id.
        key_grants: Vec<a::Grant> = ListGrants,
        /// Bucket policies; `None` when the bucket has none.
        bucket_policies: Option<policy::Policy> = GetBucketPolicy,
        /// Default encryption by bucket; `None` when the bucket has none.
        bucket_encryptions: Option<a::BucketEncryption> = GetBucketEncryption,
        /// Public access block by bucket; `None` when the bucket has none.
        public_access_blocks: Option<a::PublicAccessBlock> = GetPublicAccessBlock,
        /// Region by bucket.
        bucket_regions: String = GetBucketLocation,
        /// Roles, by name.
        roles: a::Role = GetRole,
        /// Policies by role.
        role_policies: Vec<policy::Policy> = GetRolePolicies,
    }
}

tables! {
    /// What Databricks said. Tables of one answer a workspace are keyed by the workspace id.
    Databricks {
        /// Workspaces, by their id as text.
        workspaces: d::Workspace = ListWorkspaces,
        /// Network configurations.
        networks: d::Network = ListNetworks,
        /// Registered VPC endpoints.
        registrations: d::Registration = ListRegistrations,
        /// Private access settings.
        private_access_settings: d::PrivateAccessSettings = ListPrivateAccessSettings,
        /// Key configurations.
        key_configurations: d::KeyConfiguration = ListKeyConfigurations,
        /// Credential configurations.
        credentials: d::Credential = ListCredentials,
        /// Storage configurations.
        storage_configurations: d::StorageConfiguration = ListStorageConfigurations,
        /// Network connectivity configurations.
        nccs: d::Ncc = ListNccs,
        /// Network policies, by `<account>/<policy>`.
        network_policies: d::NetworkPolicy = ListNetworkPolicies,
        /// Log delivery configurations.
        log_deliveries: d::LogDelivery = ListLogDelivery,
        /// IP access lists of the account console, by account.
        account_ip_lists: Vec<d::IpAccessList> = ListAccountIpAccessLists,
        /// Settings of the account, by `<account>/<type>`.
        account_settings: d::Setting = GetAccountSetting,
        /// IP access lists by workspace.
        ip_lists: Vec<d::IpAccessList> = ListWorkspaceIpAccessLists,
        /// workspace-conf by workspace.
        workspace_confs: d::WorkspaceConf = GetWorkspaceConf,
        /// Clusters, by `<workspace>/<cluster>`.
        clusters: d::Cluster = ListClusters,
        /// SQL warehouses, by `<workspace>/<warehouse>`.
        warehouses: d::Warehouse = ListWarehouses,
        /// Network policy by workspace.
        workspace_networks: d::WorkspaceNetwork = GetWorkspaceNetwork,
        /// Settings of a workspace, by `<workspace>/<type>`.
        workspace_settings: d::Setting = GetWorkspaceSetting,
    }
}

/// What was collected where, over all tables.
#[derive(Debug, Default)]
struct Survey {
    collected: BTreeSet<(Operation, Place)>,
    gaps: std::collections::BTreeMap<std::sync::Arc<Gap>, Option<Origin>>,
}

impl Survey {
    fn add<T>(&mut self, table: &Table<T>) {
        self.collected.extend(table.covered().map(|place| (table.operation(), place.clone())));
        for gap in table.gaps() {
            self.gaps.entry(std::sync::Arc::clone(gap)).or_default();
        }
        for row in table.rows() {
            if let Err(gap) = row.body.known() {
                self.gaps.insert(gap, Some(row.origin));
            }
        }
    }
}

/// Everything that the sources said, joined.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    /// AWS.
    pub aws: Aws,
    /// Databricks.
    pub databricks: Databricks,
    /// Files that rows were read from, by [`Origin::file`].
    pub files: Vec<String>,
    /// Gaps that belong to no table: a file that could not be read.
    pub gaps: Vec<Gap>,
    /// Edges, filled by [`Estate::seal`].
    pub graph: Graph,
    /// What a layer above computes once.
    pub memo: memo::Memo,
    /// Every gap that the sources noted, sorted, each once, with the text that it is about;
    /// filled by [`Estate::seal`].
    pub noted: Vec<(Gap, Origin)>,
}

impl Estate {
    /// Sorts the tables and draws the edges. Called once, when every source was read.
    pub fn seal(&mut self) {
        self.aws.seal();
        self.databricks.seal();
        if self.aws.has_parts() || self.databricks.has_parts() {
            let known = Inhabitants::of(&self.aws);
            self.aws.settle(&known);
            self.databricks.settle(&known);
        }
        self.graph = Graph::draw(self);
        self.noted = self.note();
    }

    /// The place of an origin; none for one that was read nowhere: lines start at 1.
    pub fn place(&self, origin: Origin) -> Option<Location> {
        (origin.line > 0).then(|| self.locate(origin))
    }

    /// The place of an origin, for a report.
    pub fn locate(&self, origin: Origin) -> Location {
        let file = self.files.get(origin.file as usize).cloned().unwrap_or_default();
        Location { file, line: origin.line.max(1), column: origin.column.max(1), end_line: origin.end_line.max(1) }
    }

    /// Which lists were collected where, sorted.
    pub fn collected(&self) -> Vec<(Operation, Place)> {
        self.survey().collected.into_iter().collect()
    }

    /// Every gap that the sources noted, sorted, each once, with the text that it is about.
    fn note(&self) -> Vec<(Gap, Origin)> {
        let mut noted = self.survey().gaps;
        for gap in &self.gaps {
            noted.entry(gap.clone().shared()).or_default();
        }
        let whole = |(gap, origin): (std::sync::Arc<Gap>, Option<Origin>)| {
            let origin = origin.unwrap_or_else(|| self.origin_in(&gap.detail));
            ((*gap).clone(), origin)
        };
        noted.into_iter().map(whole).collect()
    }

    /// The file that a gap's detail begins with: what could not be read has no row to point at.
    fn origin_in(&self, detail: &str) -> Origin {
        let file = detail.split(".json").next().map(|stem| format!("{stem}.json"));
        let file = file.and_then(|name| self.files.iter().position(|file| *file == name)).unwrap_or_default();
        Origin { file: u32::try_from(file).unwrap_or_default(), ..Origin::default() }
    }

    fn survey(&self) -> Survey {
        let mut survey = Survey::default();
        self.aws.survey(&mut survey);
        self.databricks.survey(&mut survey);
        survey
    }
}
