//! What to ask next: every question that the evidence so far calls for. Input: what was collected
//! so far. Output: questions; those that were answered already are for the ledger to leave out.
//! Pure. Planning again after each round follows the evidence to where it ends, one batch of
//! questions a kind and place, never one a resource where the API takes many.

mod outline;

use std::collections::{BTreeMap, BTreeSet};

use super::ask::{About, Ask};
use super::databricks::{ACCOUNT_SETTINGS, WORKSPACE_SETTINGS};
use super::ledger::Ledger;
use super::scope::{Bounds, Scope, core_gateways, place_of};
use crate::estate::aws::{arn_account, arn_region};
use crate::estate::graph::known;
use crate::estate::region::Region;
use crate::estate::{Estate, Operation as O, Place};
pub use outline::outline;

/// Lists of what lies in a VPC.
const BY_VPC: &[O] = &[
    O::DescribeSubnets,
    O::DescribeRouteTables,
    O::DescribeSecurityGroups,
    O::DescribeNetworkAcls,
    O::DescribeNetworkInterfaces,
    O::DescribeInstances,
    O::DescribeNatGateways,
    O::DescribeInternetGateways,
    O::DescribeVpnGateways,
    O::DescribeVpcPeeringConnections,
    O::DescribeTransitGatewayVpcAttachments,
    O::DescribeTransitGatewayAttachments,
    O::DescribeVpcEndpoints,
    O::DescribeFlowLogs,
    O::ListFirewalls,
    O::ListResolverRuleAssociations,
];
/// Lists of a region that cannot be asked by VPC, or that have one row.
const BY_REGION: &[O] = &[
    O::DescribeEgressOnlyInternetGateways,
    O::DescribeAddresses,
    O::DescribeVpcEndpointServices,
    O::DescribeVpcBlockPublicAccess,
    O::DescribeVpcBlockPublicAccessExclusions,
    O::ListResolverEndpoints,
    O::ListResolverRules,
];
/// Lists that are asked by the ids of their own rows, or of transit gateways.
const BY_ID: &[O] =
    &[O::DescribeDhcpOptions, O::DescribePrefixLists, O::DescribeTransitGateways, O::DescribeTransitGatewayRouteTables];
const OF_KEY: &[O] = &[O::DescribeKey, O::GetKeyPolicy, O::GetKeyRotationStatus, O::ListGrants];
const OF_BUCKET: &[O] = &[O::GetBucketPolicy, O::GetBucketEncryption, O::GetPublicAccessBlock, O::GetBucketLocation];
const OF_ACCOUNT: &[O] = &[
    O::ListWorkspaces,
    O::ListNetworks,
    O::ListRegistrations,
    O::ListPrivateAccessSettings,
    O::ListKeyConfigurations,
    O::ListCredentials,
    O::ListStorageConfigurations,
    O::ListNccs,
    O::ListNetworkPolicies,
    O::ListAccountIpAccessLists,
    O::ListLogDelivery,
];
const OF_WORKSPACE: &[O] =
    &[O::ListWorkspaceIpAccessLists, O::GetWorkspaceConf, O::ListClusters, O::ListWarehouses, O::GetWorkspaceNetwork];
/// The tag that Databricks puts on what it makes.
const TAGGED: &str = "tag:Vendor=Databricks";

/// Every question that the evidence calls for.
pub(super) fn wanted(estate: &Estate, ledger: &Ledger, bounds: &Bounds) -> Vec<Ask> {
    let mut plan = Plan::default();
    if let Some(account) = &bounds.databricks {
        plan.databricks(estate, account, bounds.workspace.as_deref());
    }
    if bounds.own_account.is_some() {
        let scope = Scope::of(estate, bounds);
        plan.search(&scope, bounds);
        plan.networks(estate, &scope, bounds);
        plan.named(estate, &scope, bounds);
        plan.transit(estate, &scope, bounds);
        plan.names(estate, ledger, &scope, bounds);
        if bounds.whole_account {
            plan.zones(estate, &scope);
        }
        plan.guards(estate, &scope, bounds);
    }
    plan.asks()
}

#[derive(Default)]
struct Plan {
    all: BTreeSet<(O, Place)>,
    within: BTreeMap<(O, Place), BTreeSet<String>>,
    one: BTreeSet<(O, Place, String)>,
}

impl Plan {
    fn all(&mut self, operation: O, place: &Place) {
        self.all.insert((operation, place.clone()));
    }

    fn within<'a>(&mut self, operation: O, place: &Place, ids: impl IntoIterator<Item = &'a String>) {
        let mut ids = ids.into_iter().peekable();
        if ids.peek().is_some() {
            self.within.entry((operation, place.clone())).or_default().extend(ids.cloned());
        }
    }

    fn one(&mut self, operation: O, place: &Place, id: &str) {
        self.one.insert((operation, place.clone(), id.to_owned()));
    }

    /// In the order of the table of operations; a whole list makes its parts needless.
    fn asks(self) -> Vec<Ask> {
        let Self { all, within, one } = self;
        let within = within.into_iter().filter(|(key, _)| !all.contains(key));
        let within = within.map(|((operation, place), ids)| Ask { operation, place, about: About::Within(ids) });
        let one = one.into_iter().map(|(operation, place, id)| Ask { operation, place, about: About::One(id) });
        let whole = all.iter().cloned().map(|(operation, place)| Ask { operation, place, about: About::All });
        let mut asks: Vec<Ask> = whole.chain(within).chain(one).collect();
        asks.sort();
        asks
    }

    fn databricks(&mut self, estate: &Estate, account: &str, own: Option<&str>) {
        let place = Place { account: Some(account.to_owned()), region: None };
        OF_ACCOUNT.iter().for_each(|operation| self.all(*operation, &place));
        ACCOUNT_SETTINGS.iter().for_each(|kind| self.one(O::GetAccountSetting, &place, kind));
        let listed = estate.databricks.workspaces.rows().iter().filter(|row| row.body.known().is_ok());
        for workspace in listed.map(|row| row.id.as_str()).chain(own) {
            let place = Place::new(account, workspace);
            OF_WORKSPACE.iter().for_each(|operation| self.all(*operation, &place));
            WORKSPACE_SETTINGS.iter().for_each(|kind| self.one(O::GetWorkspaceSetting, &place, kind));
        }
    }

    /// Finds VPCs that nobody named: by endpoints to Databricks, and by Databricks' own tag.
    fn search(&mut self, scope: &Scope, bounds: &Bounds) {
        for place in &scope.search {
            if bounds.whole_account {
                continue;
            }
            let region = place.region.as_deref().unwrap_or_default();
            let services = Region::shards(region).flat_map(Region::services);
            let services: BTreeSet<String> = services.map(|(name, _)| name.to_owned()).collect();
            self.within(O::DescribeVpcEndpoints, place, &services);
            let tagged = [TAGGED.to_owned()];
            self.within(O::DescribeInstances, place, &tagged);
            self.within(O::DescribeVpcs, place, &tagged);
        }
    }

    fn networks(&mut self, estate: &Estate, scope: &Scope, bounds: &Bounds) {
        for (place, endpoints) in &scope.endpoints {
            self.within(O::DescribeVpcEndpoints, place, endpoints);
        }
        for place in &scope.places {
            let vpcs = scope.vpcs(place);
            if bounds.whole_account {
                self.all(O::DescribeVpcs, place);
                BY_VPC.iter().chain(BY_ID).chain(BY_REGION).for_each(|operation| self.all(*operation, place));
                continue;
            }
            self.within(O::DescribeVpcs, place, &vpcs);
            BY_VPC.iter().for_each(|operation| self.within(*operation, place, &vpcs));
            if !vpcs.is_empty() {
                BY_REGION.iter().for_each(|operation| self.all(*operation, place));
            }
        }
        for row in estate.aws.vpcs.rows() {
            let Ok(vpc) = row.body.known() else { continue };
            if bounds.whole_account || scope.holds(&row.place, &row.id) {
                self.one(O::DescribeVpcDnsSupport, &row.place, &row.id);
                self.one(O::DescribeVpcDnsHostnames, &row.place, &row.id);
                // `default` is a name for none
                let options = vpc.dhcp_options_id.iter().filter(|id| id.starts_with("dopt-"));
                self.within(O::DescribeDhcpOptions, &row.place, options);
            }
        }
    }

    /// What rows of a VPC name: subnets with flow logs of their own, prefix lists, firewalls.
    fn named(&mut self, estate: &Estate, scope: &Scope, bounds: &Bounds) {
        let aws = &estate.aws;
        for (_, network) in known(&estate.databricks.networks) {
            let here =
                |(_, vpcs): &(&Place, &BTreeSet<String>)| network.vpc_id.as_ref().is_some_and(|vpc| vpcs.contains(vpc));
            for (place, _) in scope.core.iter().filter(here) {
                self.within(O::DescribeSubnets, place, &network.subnet_ids);
                self.within(O::DescribeSecurityGroups, place, &network.security_group_ids);
                self.within(O::DescribeFlowLogs, place, &network.subnet_ids);
            }
        }
        let mut lists: BTreeSet<(&Place, &String)> = BTreeSet::new();
        for row in aws.route_tables.rows() {
            let routes = row.body.known().into_iter().flat_map(|table| &table.routes);
            lists.extend(routes.filter_map(|route| Some((&row.place, route.destination_prefix_list_id.as_ref()?))));
        }
        for row in aws.security_groups.rows() {
            let permissions = row.body.known().into_iter();
            let permissions =
                permissions.flat_map(|group| group.ip_permissions.iter().chain(&group.ip_permissions_egress));
            let ids = permissions.flat_map(|permission| &permission.prefix_list_ids);
            lists.extend(ids.map(|list| (&row.place, &list.prefix_list_id)));
        }
        lists.extend(aws.prefix_lists.rows().iter().filter(|_| bounds.whole_account).map(|row| (&row.place, &row.id)));
        for (place, list) in lists {
            self.within(O::DescribePrefixLists, place, [list]);
            self.one(O::GetManagedPrefixListEntries, place, list);
        }
        for row in aws.firewalls.rows() {
            if let Ok(firewall) = row.body.known() {
                self.one(O::DescribeFirewall, &row.place, &firewall.firewall_name);
                self.one(O::DescribeFirewallPolicy, &row.place, &firewall.firewall_name);
            }
        }
        let rules =
            known(&estate.databricks.nccs).filter_map(|(_, ncc)| ncc.egress_config.as_ref()?.target_rules.as_ref());
        let services = rules.flat_map(|targets| &targets.aws_private_endpoint_rules);
        let services: BTreeSet<&str> = services.filter_map(|rule| rule.endpoint_service.as_deref()).collect();
        for row in aws.endpoint_services.rows() {
            let used = services.iter().any(|service| service.ends_with(&row.id));
            if used || bounds.whole_account {
                self.one(O::DescribeVpcEndpointServicePermissions, &row.place, &row.id);
            }
        }
    }

    /// Transit gateways of VPCs of Databricks. Only their owner sees all that hangs on them.
    fn transit(&mut self, estate: &Estate, scope: &Scope, bounds: &Bounds) {
        let aws = &estate.aws;
        let core: BTreeSet<&String> = scope.core.values().flatten().collect();
        let gateways: BTreeSet<&String> = core_gateways(estate, &core).collect();
        for row in aws.transit_vpc_attachments.rows() {
            if let Ok(attachment) = row.body.known()
                && gateways.contains(&attachment.transit_gateway_id)
            {
                self.within(O::DescribeTransitGateways, &row.place, [&attachment.transit_gateway_id]);
            }
        }
        for (_, gateway) in known(&aws.transit_gateways) {
            let row = aws.transit_gateways.number(&gateway.transit_gateway_id).map(|row| aws.transit_gateways.row(row));
            let Some(place) = row.map(|row| &row.place).filter(|_| gateways.contains(&gateway.transit_gateway_id))
            else {
                continue;
            };
            let owner = Place {
                account: gateway.owner_id.clone().or_else(|| place.account.clone()),
                region: place.region.clone(),
            };
            for operation in [
                O::DescribeTransitGatewayAttachments,
                O::DescribeTransitGatewayVpcAttachments,
                O::DescribeTransitGatewayRouteTables,
            ] {
                self.within(operation, &owner, [&gateway.transit_gateway_id]);
            }
        }
        for row in aws.transit_route_tables.rows() {
            let used = row.body.known().is_ok_and(|table| gateways.contains(&table.transit_gateway_id));
            if used || bounds.whole_account {
                self.one(O::SearchTransitGatewayRoutes, &row.place, &row.id);
            }
        }
    }

    /// Private zones that VPCs in scope see, and their records where their owner can be asked.
    fn names(&mut self, estate: &Estate, ledger: &Ledger, scope: &Scope, bounds: &Bounds) {
        for row in estate.aws.vpcs.rows() {
            if !(bounds.whole_account || scope.holds(&row.place, &row.id)) {
                continue;
            }
            self.one(O::ListHostedZonesByVpc, &row.place, &row.id);
            let by_vpc =
                Ask { operation: O::ListHostedZonesByVpc, place: row.place.clone(), about: About::One(row.id.clone()) };
            let zones = ledger.answer(&by_vpc).and_then(|answer| answer["HostedZoneSummaries"].as_array());
            for zone in zones.into_iter().flatten() {
                // zones that a service of AWS owns, such as those of interface endpoints, have no readers
                let (id, owner) = (zone["HostedZoneId"].as_str(), zone["Owner"]["OwningAccount"].as_str());
                if let (Some(id), Some(owner)) = (id, owner) {
                    let place = Place { account: Some(owner.to_owned()), region: row.place.region.clone() };
                    self.one(O::ListResourceRecordSets, &place, id.trim_start_matches("/hostedzone/"));
                }
            }
        }
    }

    /// With the whole account, zones that no VPC in scope sees, too.
    fn zones(&mut self, estate: &Estate, scope: &Scope) {
        // Route 53 is one for all regions; any of them can be asked
        let places: BTreeMap<&str, &Place> =
            scope.places.iter().filter_map(|place| Some((place.account.as_deref()?, place))).collect();
        places.values().for_each(|place| self.all(O::ListHostedZones, place));
        for row in estate.aws.hosted_zones.rows() {
            let place = row.place.account.as_deref().and_then(|account| places.get(account));
            if let (Some(place), true) = (place, row.body.known().is_ok_and(|zone| zone.private)) {
                self.one(O::GetHostedZone, place, &row.id);
                self.one(O::ListResourceRecordSets, place, &row.id);
            }
        }
    }

    /// Keys, buckets and roles that Databricks names.
    fn guards(&mut self, estate: &Estate, scope: &Scope, bounds: &Bounds) {
        let databricks = &estate.databricks;
        for (_, key) in known(&databricks.key_configurations) {
            let arn = &key.aws_key_info.key_arn;
            if let (Some(account), Some(region), Some((_, id))) =
                (arn_account(arn), arn_region(arn), arn.rsplit_once('/'))
            {
                let place = Place::new(account, region);
                OF_KEY.iter().for_each(|operation| self.one(*operation, &place, id));
            }
        }
        let regions =
            scope.places.iter().filter_map(|place| Some((place.account.as_deref()?, place.region.as_deref()?)));
        let regions: BTreeMap<&str, &str> = regions.collect();
        let home = |account: &str| Place::new(account, regions.get(account).copied().unwrap_or(&bounds.home_region));
        // the first workspace that uses it tells where a bucket lies
        let user = |id: &str| {
            let number = estate.graph.workspaces_naming.get(id)?.first()?;
            place_of(estate, bounds, databricks.workspaces.row(*number).body.known().ok()?)
        };
        // one that no workspace uses may lie anywhere; the caller's account is as good as any
        let all = Place { account: bounds.databricks.clone(), region: None };
        let unused = || bounds.own_account.as_deref().filter(|_| databricks.workspaces.complete(&all).is_ok());
        for (_, storage) in known(&databricks.storage_configurations) {
            let place = user(&storage.storage_configuration_id).or_else(|| unused().map(home));
            if let Some(place) = place.filter(|_| !storage.root_bucket_info.bucket_name.is_empty()) {
                let bucket = &storage.root_bucket_info.bucket_name;
                OF_BUCKET.iter().for_each(|operation| self.one(*operation, &place, bucket));
            }
        }
        for (_, credential) in known(&databricks.credentials) {
            let arn = &credential.aws_credentials.sts_role.role_arn;
            if let (Some(account), Some((_, name))) = (arn_account(arn), arn.rsplit_once('/')) {
                let place = user(&credential.credentials_id).filter(|place| place.account.as_deref() == Some(account));
                let place = place.unwrap_or_else(|| home(account));
                self.one(O::GetRole, &place, name);
                self.one(O::GetRolePolicies, &place, name);
            }
        }
    }
}

#[cfg(test)]
mod tests;
