//! Which filters find what belongs to some ids. Ids tell by their prefix what they are; an ask
//! may mix them. A kind of resource that has no filter for one of them is asked for as a whole.
//! Pure: no I/O.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::Filter;

use super::super::super::About;
use crate::estate::Operation;

/// The most values that a filter takes.
const MOST: usize = 200;

/// Ids that are asked for together.
#[derive(Debug, PartialEq)]
pub(super) struct Part {
    /// The ids.
    pub(super) ids: Vec<String>,
    /// Filters that find what belongs to them, each by a request of its own.
    filters: Vec<Filter>,
}

impl Part {
    /// Everything.
    pub(super) fn whole() -> Self {
        Self { ids: Vec::new(), filters: Vec::new() }
    }

    /// The filters of each request.
    pub(super) fn requests(&self) -> Vec<Option<Vec<Filter>>> {
        match self.filters.as_slice() {
            [] => vec![None],
            filters => filters.iter().map(|filter| Some(vec![filter.clone()])).collect(),
        }
    }
}

/// The parts of a question; none when the whole list answers it.
pub(super) fn parts(operation: Operation, about: &About) -> Option<Vec<Part>> {
    let About::Within(ids) = about else { return None };
    let known = names(operation);
    if known.is_empty() {
        return None;
    }
    let mut kinds: BTreeMap<Vec<&str>, Vec<(&str, &str)>> = BTreeMap::new();
    for id in ids {
        let (names, value) = match id.split_once('=') {
            // `tag:Vendor=Databricks`
            Some((tag, value)) if tag.starts_with("tag:") && is_tagged(operation) => (vec![tag], value),
            _ => (known.iter().find(|(prefix, _)| id.starts_with(prefix))?.1.to_vec(), id.as_str()),
        };
        kinds.entry(names).or_default().push((id, value));
    }
    let parts = kinds.iter().flat_map(|(names, ids)| ids.chunks(MOST).map(|ids| part(names, ids)));
    Some(parts.collect())
}

fn part(names: &[&str], ids: &[(&str, &str)]) -> Part {
    let values: Vec<String> = ids.iter().map(|(_, value)| (*value).to_owned()).collect();
    let filter = |name: &&str| Filter::builder().name(*name).set_values(Some(values.clone())).build();
    Part { ids: ids.iter().map(|(id, _)| (*id).to_owned()).collect(), filters: names.iter().map(filter).collect() }
}

/// Whether tags may be asked for.
fn is_tagged(operation: Operation) -> bool {
    matches!(operation, Operation::DescribeInstances | Operation::DescribeVpcs)
}

/// The filters of a call, by the prefix of the ids that they take.
fn names(operation: Operation) -> &'static [(&'static str, &'static [&'static str])] {
    match operation {
        Operation::DescribeVpcs => &[("vpc-", &["vpc-id"])],
        Operation::DescribeDhcpOptions => &[("dopt-", &["dhcp-options-id"])],
        Operation::DescribeSubnets => &[("vpc-", &["vpc-id"]), ("subnet-", &["subnet-id"])],
        Operation::DescribeRouteTables => &[("vpc-", &["vpc-id"]), ("rtb-", &["route-table-id"])],
        Operation::DescribeSecurityGroups => &[("vpc-", &["vpc-id"]), ("sg-", &["group-id"])],
        Operation::DescribeNetworkAcls => &[("vpc-", &["vpc-id"]), ("acl-", &["network-acl-id"])],
        Operation::DescribeNetworkInterfaces => &[
            ("vpc-", &["vpc-id"]),
            ("eni-", &["network-interface-id"]),
            ("subnet-", &["subnet-id"]),
            ("sg-", &["group-id"]),
        ],
        Operation::DescribeInstances => &[("vpc-", &["vpc-id"]), ("i-", &["instance-id"]), ("subnet-", &["subnet-id"])],
        Operation::DescribeNatGateways => {
            &[("vpc-", &["vpc-id"]), ("nat-", &["nat-gateway-id"]), ("subnet-", &["subnet-id"])]
        }
        Operation::DescribeInternetGateways => &[("vpc-", &["attachment.vpc-id"]), ("igw-", &["internet-gateway-id"])],
        Operation::DescribeVpnGateways => &[("vpc-", &["attachment.vpc-id"]), ("vgw-", &["vpn-gateway-id"])],
        Operation::DescribeVpcPeeringConnections => &[
            ("vpc-", &["requester-vpc-info.vpc-id", "accepter-vpc-info.vpc-id"]),
            ("pcx-", &["vpc-peering-connection-id"]),
        ],
        Operation::DescribeTransitGatewayAttachments => &[
            ("vpc-", &["resource-id"]),
            ("tgw-attach-", &["transit-gateway-attachment-id"]),
            ("tgw-", &["transit-gateway-id"]),
        ],
        Operation::DescribeTransitGatewayVpcAttachments => &[
            ("vpc-", &["vpc-id"]),
            ("tgw-attach-", &["transit-gateway-attachment-id"]),
            ("tgw-", &["transit-gateway-id"]),
        ],
        Operation::DescribeTransitGatewayRouteTables => {
            &[("tgw-rtb-", &["transit-gateway-route-table-id"]), ("tgw-", &["transit-gateway-id"])]
        }
        Operation::DescribeTransitGateways => &[("tgw-", &["transit-gateway-id"])],
        Operation::DescribePrefixLists => &[("pl-", &["prefix-list-id"])],
        Operation::DescribeVpcEndpoints => {
            &[("vpc-", &["vpc-id"]), ("vpce-", &["vpc-endpoint-id"]), ("com.amazonaws.", &["service-name"])]
        }
        Operation::DescribeFlowLogs => &[
            ("fl-", &["flow-log-id"]),
            ("vpc-", &["resource-id"]),
            ("subnet-", &["resource-id"]),
            ("eni-", &["resource-id"]),
            ("tgw-", &["resource-id"]),
        ],
        // the others have no filter for a VPC, or few rows
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(operation: Operation, ids: &[String]) -> Option<Vec<(String, usize)>> {
        let parts = parts(operation, &About::Within(ids.iter().cloned().collect()))?;
        let filters = parts.iter().flat_map(Part::requests).flatten().flatten();
        Some(filters.map(|filter| (filter.name().unwrap().to_owned(), filter.values().len())).collect())
    }

    fn named(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn each_kind_of_id_has_its_filter() {
        let mixed = named(&["vpc-1", "vpc-2", "sg-1"]);
        let expected = [("group-id".to_owned(), 1), ("vpc-id".to_owned(), 2)];
        assert_eq!(requests(Operation::DescribeSecurityGroups, &mixed).unwrap(), expected);
        let peerings = requests(Operation::DescribeVpcPeeringConnections, &named(&["vpc-1"])).unwrap();
        assert_eq!(peerings.len(), 2, "as requester and as accepter");
        let attachments = requests(Operation::DescribeTransitGatewayAttachments, &named(&["tgw-attach-1", "tgw-1"]));
        assert_eq!(attachments.unwrap().len(), 2);
        let tagged = requests(Operation::DescribeVpcs, &named(&["tag:Vendor=Databricks"])).unwrap();
        assert_eq!(tagged, [("tag:Vendor".to_owned(), 1)]);
        let services = requests(Operation::DescribeVpcEndpoints, &named(&["com.amazonaws.vpce.eu-west-1.vpce-svc-1"]));
        assert_eq!(services.unwrap(), [("service-name".to_owned(), 1)]);
    }

    #[test]
    fn many_ids_make_batches() {
        let ids: Vec<String> = (0..450).map(|index| format!("vpc-{index:04}")).collect();
        let sizes: Vec<usize> = requests(Operation::DescribeSubnets, &ids).unwrap().iter().map(|(_, n)| *n).collect();
        assert_eq!(sizes, [200, 200, 50]);
        assert_eq!(requests(Operation::DescribeSubnets, &[]).unwrap(), []);
    }

    #[test]
    fn what_has_no_filter_is_asked_for_as_a_whole() {
        for operation in [
            Operation::DescribeAddresses,
            Operation::DescribeEgressOnlyInternetGateways,
            Operation::DescribeVpcEndpointServices,
            Operation::DescribeVpcBlockPublicAccessExclusions,
            Operation::DescribeDhcpOptions,
        ] {
            assert_eq!(requests(operation, &named(&["vpc-1"])), None);
        }
        assert_eq!(requests(Operation::DescribeSubnets, &named(&["vpc-1", "tag:Vendor=Databricks"])), None);
    }
}
