//! Network configurations, endpoint registrations, private access settings.

use super::vpc::edges;
use super::{
    Fact, Kind, Read, Record, Ref, Schema, TEXTS, bool, field, find_all, find_one, maybe_text, not_collected, records,
    text, texts, unsaid,
};
use crate::estate::databricks::{Network, NetworkEndpoints, PrivateAccessSettings, Registration};
use crate::estate::region::{Region, Service};
use crate::estate::{Estate, Known, Operation, Place};

const ENDPOINTS: Kind = Kind::List(&Kind::Record(Record::VpcEndpoint));
const REGISTRATIONS: Kind = Kind::List(&Kind::Record(Record::Registration));

/// The part number that marks a network or a workspace that was inferred from the endpoints of
/// a VPC; the row number then counts [`crate::estate::Graph::inferred`].
pub(super) const INFERRED: u32 = u32::MAX;

pub(super) static NETWORK: Schema = Schema {
    name: "Network",
    doc: "A network configuration. Where nobody asked Databricks it is inferred from a VPC that holds Databricks endpoints; then only the VPC and the endpoints are known.",
    fields: &[
        field("id", Kind::Text, "Databricks id.", |e, r| match inferred(e, r) {
            Some(vpc) => text(vpc),
            None => text(&e.databricks.networks.row(r.row).id),
        }),
        field("name", Kind::Text, "Its name.", |e, r| match inferred(e, r) {
            Some(vpc) => text(format!("network in {vpc}")),
            None => text(&network(e, r)?.network_name),
        }),
        field("vpc_id", Kind::Text, "The VPC; null for a network that Databricks manages.", |e, r| {
            match inferred(e, r) {
                Some(vpc) => text(vpc),
                None => maybe_text(network(e, r)?.vpc_id.as_ref()),
            }
        }),
        field("vpc", Kind::Record(Record::Vpc), "The VPC.", |e, r| match inferred(e, r) {
            Some(vpc) => find_one(Record::Vpc, &e.aws.vpcs, &place_of(e, r), Some(vpc)),
            None => find_one(Record::Vpc, &e.aws.vpcs, &place_of(e, r), network(e, r)?.vpc_id.as_ref()),
        }),
        field("subnet_ids", TEXTS, "Ids of the subnets.", |e, r| texts(&network(e, r)?.subnet_ids)),
        field("subnets", Kind::List(&Kind::Record(Record::Subnet)), "The subnets where nodes run.", |e, r| {
            find_all(Record::Subnet, &e.aws.subnets, &place_of(e, r), &network(e, r)?.subnet_ids)
        }),
        field("security_group_ids", TEXTS, "Ids of the groups of the nodes.", |e, r| {
            texts(&network(e, r)?.security_group_ids)
        }),
        field(
            "security_groups",
            Kind::List(&Kind::Record(Record::SecurityGroup)),
            "The groups of the nodes.",
            |e, r| {
                find_all(
                    Record::SecurityGroup,
                    &e.aws.security_groups,
                    &place_of(e, r),
                    &network(e, r)?.security_group_ids,
                )
            },
        ),
        field("has_rest_endpoint", Kind::Bool, "Whether rest_api names an endpoint.", |e, r| {
            has_endpoint(e, r, Service::Workspace)
        }),
        field("has_relay_endpoint", Kind::Bool, "Whether dataplane_relay names an endpoint.", |e, r| {
            has_endpoint(e, r, Service::Relay)
        }),
        field("back_end_private_link", Kind::Bool, "Whether both lists name an endpoint.", |e, r| {
            bool(back_end(e, r)?)
        }),
        field("rest_registrations", REGISTRATIONS, "Registrations in rest_api.", |e, r| {
            find_all(
                Record::Registration,
                &e.databricks.registrations,
                databricks_place(e, r),
                &endpoints(e, r)?.rest_api,
            )
        }),
        field("relay_registrations", REGISTRATIONS, "Registrations in dataplane_relay.", |e, r| {
            find_all(
                Record::Registration,
                &e.databricks.registrations,
                databricks_place(e, r),
                &endpoints(e, r)?.dataplane_relay,
            )
        }),
        field("rest_endpoints", ENDPOINTS, "VPC endpoints behind rest_api, whichever service they lead to.", |e, r| {
            Ok(Fact::List(endpoints_behind(e, r, Service::Workspace)?))
        }),
        field(
            "relay_endpoints",
            ENDPOINTS,
            "VPC endpoints behind dataplane_relay, whichever service they lead to.",
            |e, r| Ok(Fact::List(endpoints_behind(e, r, Service::Relay)?)),
        ),
        field(
            "vpc_status",
            Kind::Text,
            "`VALID`, `WARNED`, `BROKEN` or `UNATTACHED`, as of the last validation.",
            |e, r| {
                network(e, r)?
                    .vpc_status
                    .as_ref()
                    .map_or_else(|| Err(unsaid(&e.databricks.networks, r.row, "the vpc_status")), text)
            },
        ),
        field("errors", TEXTS, "What the last validation refused.", |e, r| {
            texts(
                network(e, r)?
                    .error_messages
                    .iter()
                    .map(|error| format!("{}: {}", error.error_type, error.error_message)),
            )
        }),
        field("warnings", TEXTS, "What the last validation warned of.", |e, r| {
            texts(
                network(e, r)?
                    .warning_messages
                    .iter()
                    .map(|warning| format!("{}: {}", warning.warning_type, warning.warning_message)),
            )
        }),
        field("workspaces", Kind::List(&Kind::Record(Record::Workspace)), "Workspaces that use it.", |e, r| {
            network(e, r)?;
            e.databricks.workspaces.complete(databricks_place(e, r))?;
            records(Record::Workspace, edges(&e.graph.workspaces_of_network, &e.databricks.networks.row(r.row).id))
        }),
        field(
            "compliance_security_profile",
            Kind::Bool,
            "Whether a workspace that uses it has the compliance security profile.",
            |e, r| bool(compliance_of_network(e, r)?),
        ),
        field("relay_port", Kind::Int, "Port of the relay over PrivateLink: 6666, in GovCloud 2443.", |e, r| {
            let region = region(e, r)?;
            super::int(Region::named(&region).map_or(6666, |region| i64::from(region.relay_port())))
        }),
    ],
};

pub(super) static REGISTRATION: Schema = Schema {
    name: "Registration",
    doc: "A VPC endpoint as the Databricks account registered it.",
    fields: &[
        field("id", Kind::Text, "Databricks id.", |e, r| text(&e.databricks.registrations.row(r.row).id)),
        field("name", Kind::Text, "Its name.", |e, r| text(&registration(e, r)?.vpc_endpoint_name)),
        field("aws_id", Kind::Text, "`vpce-…`.", |e, r| maybe_text(registration(e, r)?.aws_vpc_endpoint_id.as_ref())),
        field("region", Kind::Text, "AWS region that it was registered with.", |e, r| {
            let region = registration(e, r)?.region.as_ref();
            region.map_or_else(|| Err(unsaid(&e.databricks.registrations, r.row, "the region")), text)
        }),
        field("state", Kind::Text, "The AWS state when Databricks last looked, in lower case.", |e, r| {
            let state = registration(e, r)?.state.as_ref();
            state.map_or_else(
                || Err(unsaid(&e.databricks.registrations, r.row, "the state")),
                |state| text(state.to_ascii_lowercase()),
            )
        }),
        field("use_case", Kind::Text, "`WORKSPACE_ACCESS`, `GENERAL_ACCESS` or `DATAPLANE_RELAY_ACCESS`.", |e, r| {
            maybe_text(registration(e, r)?.use_case.as_ref())
        }),
        field(
            "service",
            Kind::Text,
            "`databricks-workspace`, `databricks-relay`, `databricks-service-direct`, by service id, else by use case.",
            |e, r| {
                let service = registration(e, r)?.service();
                service.map_or_else(
                    || Err(unsaid(&e.databricks.registrations, r.row, "which service it leads to")),
                    |service| text(service.name()),
                )
            },
        ),
        field(
            "service_region",
            Kind::Text,
            "Region that its service id belongs to; null when the id is not published.",
            |e, r| {
                let id = registration(e, r)?.aws_endpoint_service_id.as_deref();
                maybe_text(id.and_then(Region::service).map(|(region, _)| &region.region))
            },
        ),
        field(
            "in_ec2",
            Kind::Bool,
            "Whether EC2 still has the endpoint, in the account and region of the registration.",
            |e, r| {
                let registration = registration(e, r)?;
                let Some(id) = &registration.aws_vpc_endpoint_id else {
                    return Err(unsaid(&e.databricks.registrations, r.row, "the AWS endpoint id"));
                };
                bool(e.aws.vpc_endpoints.exists(id, &registered_place(registration))?)
            },
        ),
        field("endpoint", Kind::Record(Record::VpcEndpoint), "The endpoint in EC2.", |e, r| {
            endpoint_of(e, r).map(Fact::Record)
        }),
        field(
            "networks",
            Kind::List(&Kind::Record(Record::Network)),
            "Network configurations that name it.",
            |e, r| {
                e.databricks.networks.complete(&e.databricks.registrations.row(r.row).place)?;
                records(
                    Record::Network,
                    edges(&e.graph.networks_of_registration, &e.databricks.registrations.row(r.row).id),
                )
            },
        ),
    ],
};

pub(super) static PRIVATE_ACCESS_SETTINGS: Schema = Schema {
    name: "PrivateAccessSettings",
    doc: "Private access settings: who may reach a workspace, and by which path.",
    fields: &[
        field("id", Kind::Text, "Databricks id.", |e, r| text(&e.databricks.private_access_settings.row(r.row).id)),
        field("name", Kind::Text, "Their name.", |e, r| text(&settings(e, r)?.private_access_settings_name)),
        field("region", Kind::Text, "AWS region.", |e, r| {
            let region = settings(e, r)?.region.as_ref();
            region.map_or_else(|| Err(unsaid(&e.databricks.private_access_settings, r.row, "the region")), text)
        }),
        field("public_access", Kind::Bool, "public_access_enabled; absent means false.", |e, r| {
            bool(settings(e, r)?.public_access_enabled)
        }),
        field(
            "level",
            Kind::Text,
            "`ACCOUNT`, `ENDPOINT`, or `ANY` in old answers; absent means `ACCOUNT`.",
            |e, r| text(settings(e, r)?.private_access_level.as_deref().unwrap_or("ACCOUNT")),
        ),
        field("allowed_ids", TEXTS, "allowed_vpc_endpoint_ids as they stand.", |e, r| {
            texts(&settings(e, r)?.allowed_vpc_endpoint_ids)
        }),
        field("aws_ids", TEXTS, "Those of them that are AWS ids (`vpce-…`), which never match.", |e, r| {
            texts(settings(e, r)?.allowed_vpc_endpoint_ids.iter().filter(|id| id.starts_with("vpce-")))
        }),
        field(
            "unknown_ids",
            TEXTS,
            "Those of them that are no registration of the account, AWS ids left out.",
            |e, r| {
                let place = &e.databricks.private_access_settings.row(r.row).place;
                let mut unknown = Vec::new();
                for id in settings(e, r)?.allowed_vpc_endpoint_ids.iter().filter(|id| !id.starts_with("vpce-")) {
                    if !e.databricks.registrations.exists(id, place)? {
                        unknown.push(id);
                    }
                }
                texts(unknown)
            },
        ),
        field("workspaces", Kind::List(&Kind::Record(Record::Workspace)), "Workspaces that use them.", |e, r| {
            e.databricks.workspaces.complete(&e.databricks.private_access_settings.row(r.row).place)?;
            records(
                Record::Workspace,
                edges(&e.graph.workspaces_naming, &e.databricks.private_access_settings.row(r.row).id),
            )
        }),
    ],
};

// ------------------------------------------------------------------ readers that others share

/// The VPC that an inferred network stands for.
pub(super) fn inferred(e: &Estate, r: Ref) -> Option<&String> {
    (r.part == INFERRED).then(|| e.graph.inferred.get(r.row as usize)).flatten()
}

pub(in crate::engine) fn network(e: &Estate, r: Ref) -> Known<&Network> {
    match inferred(e, r) {
        Some(vpc) => Err(not_collected(Operation::ListNetworks, &Place::default(), vpc)),
        None => e.databricks.networks.row(r.row).body.known(),
    }
}

pub(super) fn registration(e: &Estate, r: Ref) -> Known<&Registration> {
    e.databricks.registrations.row(r.row).body.known()
}

pub(super) fn settings(e: &Estate, r: Ref) -> Known<&PrivateAccessSettings> {
    e.databricks.private_access_settings.row(r.row).body.known()
}

/// An inferred network has no row, and no place that Databricks would know it by.
static NOWHERE: Place = Place { account: None, region: None };

fn databricks_place(e: &Estate, r: Ref) -> &Place {
    if r.part == INFERRED { &NOWHERE } else { &e.databricks.networks.row(r.row).place }
}

/// Whether every network configuration of the known accounts was listed, so that one that does
/// not name a resource is not merely missing.
pub(super) fn listed(e: &Estate) -> Known<()> {
    let account = |account: &String| Place { account: Some(account.clone()), region: None };
    e.graph.accounts.iter().try_for_each(|id| e.databricks.networks.complete(&account(id)))
}

/// The AWS place of a network: that of its VPC when it was collected, else what its workspace
/// and its registrations say.
pub(in crate::engine) fn place_of(e: &Estate, r: Ref) -> Place {
    if let Some(vpc) = inferred(e, r) {
        return e.aws.vpcs.number(vpc).map(|row| e.aws.vpcs.row(row).place.clone()).unwrap_or_default();
    }
    let Ok(network) = network(e, r) else { return Place::default() };
    if let Some(row) = network.vpc_id.as_ref().and_then(|vpc| e.aws.vpcs.number(vpc)) {
        return e.aws.vpcs.row(row).place.clone();
    }
    let subnet = network.subnet_ids.iter().find_map(|subnet| e.aws.subnets.number(subnet));
    if let Some(row) = subnet {
        return e.aws.subnets.row(row).place.clone();
    }
    let mut place = Place { account: None, region: region(e, r).ok() };
    for id in
        network.vpc_endpoints.iter().flat_map(|endpoints| endpoints.rest_api.iter().chain(&endpoints.dataplane_relay))
    {
        if let Ok(registration) = e.databricks.registrations.body(id, databricks_place(e, r)) {
            place = place.or(&registered_place(registration));
        }
    }
    place
}

/// The AWS region of a network: its VPC's, else its workspace's.
pub(super) fn region(e: &Estate, r: Ref) -> Known<String> {
    if let Some(vpc) = inferred(e, r) {
        let place = e.aws.vpcs.number(vpc).map(|row| &e.aws.vpcs.row(row).place);
        return place
            .and_then(|place| place.region.clone())
            .ok_or_else(|| not_collected(Operation::DescribeVpcs, &Place::default(), vpc));
    }
    let network = network(e, r)?;
    let row = network.vpc_id.as_ref().and_then(|vpc| e.aws.vpcs.number(vpc));
    if let Some(region) = row.and_then(|row| e.aws.vpcs.row(row).place.region.clone()) {
        return Ok(region);
    }
    let workspaces = edges(&e.graph.workspaces_of_network, &e.databricks.networks.row(r.row).id);
    let region =
        workspaces.into_iter().find_map(|row| e.databricks.workspaces.row(row).body.known().ok()?.aws_region.clone());
    region.ok_or_else(|| unsaid(&e.databricks.networks, r.row, "the region"))
}

static NONE: NetworkEndpoints = NetworkEndpoints { rest_api: Vec::new(), dataplane_relay: Vec::new() };

fn endpoints(e: &Estate, r: Ref) -> Known<&NetworkEndpoints> {
    Ok(network(e, r)?.vpc_endpoints.as_ref().unwrap_or(&NONE))
}

fn has_endpoint(e: &Estate, r: Ref, service: Service) -> Read {
    if inferred(e, r).is_some() {
        return bool(!endpoints_behind(e, r, service)?.is_empty());
    }
    let endpoints = endpoints(e, r)?;
    bool(!if service == Service::Relay { &endpoints.dataplane_relay } else { &endpoints.rest_api }.is_empty())
}

pub(super) fn back_end(e: &Estate, r: Ref) -> Known<bool> {
    let both = [has_endpoint(e, r, Service::Workspace)?, has_endpoint(e, r, Service::Relay)?];
    Ok(both == [Fact::Bool(true), Fact::Bool(true)])
}

/// The VPC endpoints behind one list of a network, or, for an inferred network, those of the
/// VPC that lead to the service.
pub(super) fn endpoints_behind(e: &Estate, r: Ref, service: Service) -> Known<Vec<Fact>> {
    if let Some(vpc) = inferred(e, r) {
        let rows = edges(&e.graph.endpoints_of_vpc, vpc).into_iter().filter(|row| {
            let endpoint = e.aws.vpc_endpoints.row(*row).body.known();
            endpoint.is_ok_and(|endpoint| Region::service(&endpoint.service_name).is_some_and(|(_, s)| s == service))
        });
        return Ok(rows.map(|row| Fact::Record(Ref::row(Record::VpcEndpoint, row))).collect());
    }
    let endpoints = endpoints(e, r)?;
    let ids = if service == Service::Relay { &endpoints.dataplane_relay } else { &endpoints.rest_api };
    let behind = ids.iter().map(|id| {
        let found = e.databricks.registrations.find(id, databricks_place(e, r));
        match found.and_then(|row| endpoint_of(e, Ref::row(Record::Registration, row))) {
            Ok(endpoint) => Fact::Record(endpoint),
            Err(gap) => Fact::Missing(gap),
        }
    });
    Ok(behind.collect())
}

fn endpoint_of(e: &Estate, r: Ref) -> Known<Ref> {
    let registration = registration(e, r)?;
    let id = registration.aws_vpc_endpoint_id.as_ref();
    let Some(id) = id else { return Err(unsaid(&e.databricks.registrations, r.row, "the AWS endpoint id")) };
    Ok(Ref::row(Record::VpcEndpoint, e.aws.vpc_endpoints.find(id, &registered_place(registration))?))
}

/// Where EC2 should have a registered endpoint.
pub(super) fn registered_place(registration: &Registration) -> Place {
    Place { account: registration.aws_account_id.clone(), region: registration.region.clone() }
}

/// Whether some workspace of the network has the compliance security profile.
pub(super) fn compliance_of_network(e: &Estate, r: Ref) -> Known<bool> {
    network(e, r)?;
    let id = &e.databricks.networks.row(r.row).id;
    let mut missing = e.databricks.workspaces.complete(databricks_place(e, r)).err();
    for row in edges(&e.graph.workspaces_of_network, id) {
        match super::workspace::compliance(e, Ref::row(Record::Workspace, row)) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(gap) => missing = Some(gap),
        }
    }
    missing.map_or(Ok(false), Err)
}
