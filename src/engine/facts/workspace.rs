//! Workspaces.

use super::network::INFERRED;
use super::vpc::edges;
use super::{
    Fact, Kind, Read, Record, Ref, Schema, TEXTS, bool, field, find_one, int, maybe_text, not_collected, records, text,
    texts, unsaid,
};
use crate::estate::databricks::{IpAccessList, Setting, Workspace};
use crate::estate::net::AddressSet;
use crate::estate::region::Region;
use crate::estate::{Estate, Gap, Known, Operation, Place, Reason, Table};

pub(super) static WORKSPACE: Schema = Schema {
    name: "Workspace",
    doc: "A workspace. Where nobody asked Databricks it is inferred from a VPC that holds Databricks endpoints; then only its network is known.",
    fields: &[
        field("id", Kind::Text, "Workspace id.", |e, r| match super::network::inferred(e, r) {
            Some(vpc) => text(vpc),
            None => text(&e.databricks.workspaces.row(r.row).id),
        }),
        field("name", Kind::Text, "Its name.", |e, r| text(name(e, r))),
        field("inferred", Kind::Bool, "Whether it was inferred from AWS alone.", |_, r| bool(r.part == INFERRED)),
        field("region", Kind::Text, "AWS region.", |e, r| match super::network::inferred(e, r) {
            Some(_) => text(super::network::region(e, r)?),
            None => text(region(e, r)?),
        }),
        field("region_known", Kind::Bool, "Whether plaudit knows the Databricks services of the region.", |e, r| {
            let region = if r.part == INFERRED { super::network::region(e, r)? } else { region(e, r)?.to_owned() };
            bool(Region::named(&region).is_some_and(|region| region.workspace_vpce_service.is_some()))
        }),
        field("tier", Kind::Text, "`STANDARD`, `PREMIUM`, `ENTERPRISE` and others.", |e, r| {
            let tier = workspace(e, r)?.pricing_tier.as_deref().filter(|tier| !["", "UNKNOWN"].contains(tier));
            tier.map_or_else(|| Err(unsaid(&e.databricks.workspaces, r.row, "the pricing tier")), text)
        }),
        field(
            "classic",
            Kind::Bool,
            "Whether clusters can run in the customer's AWS account; not a serverless workspace.",
            |e, r| bool(r.part == INFERRED || workspace(e, r)?.compute_mode.as_deref() != Some("SERVERLESS")),
        ),
        field("account", Kind::Record(Record::Account), "Its account.", |e, r| {
            workspace(e, r)?;
            let place = &e.databricks.workspaces.row(r.row).place;
            let account = e.graph.accounts.iter().position(|account| Some(account) == place.account.as_ref());
            account.map_or_else(
                || Err(unsaid(&e.databricks.workspaces, r.row, "its account")),
                |row| {
                    Ok(Fact::Record(Ref {
                        kind: Record::Account,
                        row: u32::try_from(row).unwrap_or(u32::MAX),
                        part: 0,
                    }))
                },
            )
        }),
        field(
            "host",
            Kind::Text,
            "Host name of the workspace; null when the answer has no deployment name.",
            |e, r| maybe_text(host(e, r)?),
        ),
        field(
            "network",
            Kind::Record(Record::Network),
            "Its network configuration; null for a VPC that Databricks manages.",
            |e, r| {
                if r.part == INFERRED {
                    return Ok(Fact::Record(Ref { kind: Record::Network, row: r.row, part: INFERRED }));
                }
                find_one(Record::Network, &e.databricks.networks, place(e, r), workspace(e, r)?.network_id.as_ref())
            },
        ),
        field("back_end_private_link", Kind::Bool, "Whether its network has both back-end endpoints.", |e, r| {
            bool(back_end(e, r)?)
        }),
        field(
            "private_access_settings",
            Kind::Record(Record::PrivateAccessSettings),
            "Its private access settings; null without.",
            |e, r| {
                find_one(
                    Record::PrivateAccessSettings,
                    &e.databricks.private_access_settings,
                    place(e, r),
                    workspace(e, r)?.private_access_settings_id.as_ref(),
                )
            },
        ),
        field(
            "public_access",
            Kind::Bool,
            "Whether it answers on the public path: no private access settings, or settings that leave it on.",
            |e, r| bool(public_access(e, r)?),
        ),
        field(
            "front_end_registrations",
            Kind::List(&Kind::Record(Record::Registration)),
            "Registrations in its region that lead to the workspace service and serve no network configuration.",
            front_end_registrations,
        ),
        field(
            "managed_services_key",
            Kind::Record(Record::KeyConfiguration),
            "Key configuration for managed services; null without.",
            |e, r| {
                find_one(
                    Record::KeyConfiguration,
                    &e.databricks.key_configurations,
                    place(e, r),
                    workspace(e, r)?.managed_services_customer_managed_key_id.as_ref(),
                )
            },
        ),
        field(
            "storage_key",
            Kind::Record(Record::KeyConfiguration),
            "Key configuration for workspace storage; null without.",
            |e, r| {
                find_one(
                    Record::KeyConfiguration,
                    &e.databricks.key_configurations,
                    place(e, r),
                    workspace(e, r)?.storage_customer_managed_key_id.as_ref(),
                )
            },
        ),
        field("root_bucket", Kind::Record(Record::Bucket), "Its root bucket; null with default storage.", |e, r| {
            find_one(
                Record::Bucket,
                &e.databricks.storage_configurations,
                place(e, r),
                workspace(e, r)?.storage_configuration_id.as_ref(),
            )
        }),
        field(
            "role",
            Kind::Record(Record::Role),
            "Its cross-account role; null for a serverless workspace.",
            |e, r| {
                find_one(Record::Role, &e.databricks.credentials, place(e, r), workspace(e, r)?.credentials_id.as_ref())
            },
        ),
        field("ncc", Kind::Record(Record::Ncc), "Its network connectivity configuration; null without.", |e, r| {
            find_one(
                Record::Ncc,
                &e.databricks.nccs,
                place(e, r),
                workspace(e, r)?.network_connectivity_config_id.as_ref(),
            )
        }),
        field(
            "network_policy",
            Kind::Record(Record::NetworkPolicy),
            "The network policy in force: its own, else the default one.",
            |e, r| {
                find_one(Record::NetworkPolicy, &e.databricks.network_policies, place(e, r), Some(&policy_key(e, r)?))
            },
        ),
        field(
            "has_own_network_policy",
            Kind::Bool,
            "Whether a policy other than the default one is attached.",
            |e, r| bool(!policy_key(e, r)?.ends_with("/default-policy")),
        ),
        field("ip_access_lists", Kind::List(&Kind::Record(Record::IpAccessList)), "Its IP access lists.", |e, r| {
            let row = answer(e, r, &e.databricks.ip_lists)?;
            super::access::lists(&e.databricks.ip_lists, row, 0)
        }),
        field(
            "ip_lists_enforced",
            Kind::Bool,
            "workspace-conf enableIpAccessLists; without it lists do nothing.",
            |e, r| bool(conf(e, r, "enableIpAccessLists")? == Some("true")),
        ),
        field(
            "no_public_ip_field",
            Kind::Bool,
            "is_no_public_ip_enabled of old answers; null in current ones.",
            |e, r| Ok(workspace(e, r)?.is_no_public_ip_enabled.map_or(Fact::Null, Fact::Bool)),
        ),
        field(
            "nat_addresses",
            TEXTS,
            "Public addresses that its clusters leave from, by the default routes of its subnets.",
            nat_addresses,
        ),
        field(
            "has_private_access_settings",
            Kind::Bool,
            "Whether it names private access settings, collected or not.",
            |e, r| bool(workspace(e, r)?.private_access_settings_id.as_ref().is_some_and(|id| !id.is_empty())),
        ),
        field("has_managed_keys", Kind::Bool, "Whether it names a key configuration, for either use.", |e, r| {
            let workspace = workspace(e, r)?;
            let keys =
                [&workspace.managed_services_customer_managed_key_id, &workspace.storage_customer_managed_key_id];
            bool(keys.into_iter().flatten().any(|id| !id.is_empty()))
        }),
        field("allowed_addresses", TEXTS, "Entries of its enabled ALLOW lists.", |e, r| texts(listed(e, r, "ALLOW")?)),
        field("blocked_addresses", TEXTS, "Entries of its enabled BLOCK lists.", |e, r| texts(listed(e, r, "BLOCK")?)),
        field(
            "lists_admit_everyone",
            Kind::Bool,
            "Whether its enabled ALLOW lists together cover the internet at large.",
            |e, r| bool(AddressSet::of(listed(e, r, "ALLOW")?.iter().map(String::as_str)).is_internet()),
        ),
        field(
            "stale_stable_addresses",
            TEXTS,
            "Entries of its allow lists that are former stable ranges of serverless compute.",
            stale_stable_addresses,
        ),
        field(
            "shadowed_addresses",
            TEXTS,
            "Entries of enabled allow lists that enabled block lists cover wholly.",
            shadowed_addresses,
        ),
        field("clusters", Kind::List(&Kind::Record(Record::Cluster)), "Its clusters.", |e, r| {
            of_workspace(e, r, &e.databricks.clusters, Record::Cluster)
        }),
        field("warehouses", Kind::List(&Kind::Record(Record::Warehouse)), "Its SQL warehouses.", |e, r| {
            of_workspace(e, r, &e.databricks.warehouses, Record::Warehouse)
        }),
        field("compliance_security_profile", Kind::Bool, "Whether the compliance security profile is on.", |e, r| {
            bool(compliance(e, r)?)
        }),
        field("legacy_dbfs_disabled", Kind::Bool, "disable_legacy_dbfs; off unless it was switched on.", |e, r| {
            bool(switch(setting(e, r, "disable_legacy_dbfs")?).unwrap_or(false))
        }),
        field("admins_restricted", Kind::Bool, "restrict_workspace_admins; off unless it was switched on.", |e, r| {
            let setting = setting(e, r, "restrict_workspace_admins")?;
            let status = setting
                .get("restrict_workspace_admins")
                .and_then(|value| value.get("status"))
                .and_then(|value| value.as_str());
            bool(status == Some("RESTRICT_TOKENS_AND_JOB_RUN_AS"))
        }),
        field("relay_port", Kind::Int, "Port of the relay over PrivateLink: 6666, in GovCloud 2443.", |e, r| {
            let region = if r.part == INFERRED { super::network::region(e, r)? } else { region(e, r)?.to_owned() };
            int(Region::named(&region).map_or(6666, |region| i64::from(region.relay_port())))
        }),
        field(
            "artifact_buckets",
            TEXTS,
            "Buckets in its region that clusters fetch their images from; empty when not published.",
            |e, r| {
                texts(
                    Region::named(region(e, r)?).and_then(|region| region.artifact_buckets.clone()).unwrap_or_default(),
                )
            },
        ),
        field(
            "required_paths",
            Kind::List(&Kind::Record(Record::RequiredPath)),
            "Paths that it needs of the network; empty for a VPC that Databricks manages.",
            |e, r| {
                workspace(e, r)?;
                super::path::of_workspace(e, r.row)
            },
        ),
        field("s3_endpoints", Kind::List(&Kind::Record(Record::VpcEndpoint)), "Endpoints to S3 in its VPC.", |e, r| {
            Ok(Fact::List(s3_endpoints(e, r)?))
        }),
    ],
};

pub(super) fn workspace(e: &Estate, r: Ref) -> Known<&Workspace> {
    match super::network::inferred(e, r) {
        Some(vpc) => Err(not_collected(Operation::ListWorkspaces, &Place::default(), vpc)),
        None => e.databricks.workspaces.row(r.row).body.known(),
    }
}

/// An inferred workspace has no row, and no place that Databricks would know it by.
static NOWHERE: Place = Place { account: None, region: None };

fn place(e: &Estate, r: Ref) -> &Place {
    if r.part == INFERRED { &NOWHERE } else { &e.databricks.workspaces.row(r.row).place }
}

/// What people call a workspace.
pub(super) fn name(e: &Estate, r: Ref) -> String {
    match (super::network::inferred(e, r), workspace(e, r)) {
        (Some(vpc), _) => format!("workspace in {vpc}"),
        (None, Ok(workspace)) if !workspace.workspace_name.is_empty() => workspace.workspace_name.clone(),
        (None, _) => e.databricks.workspaces.row(r.row).id.clone(),
    }
}

fn region(e: &Estate, r: Ref) -> Known<&str> {
    let region = workspace(e, r)?.aws_region.as_deref();
    region.ok_or_else(|| unsaid(&e.databricks.workspaces, r.row, "the region"))
}

fn host(e: &Estate, r: Ref) -> Known<Option<String>> {
    let workspace = workspace(e, r)?;
    let gov = workspace.aws_region.as_deref().is_some_and(|region| region.starts_with("us-gov-"));
    let domain = if gov { "cloud.databricks.us" } else { "cloud.databricks.com" };
    Ok(workspace.deployment_name.as_ref().map(|deployment| format!("{deployment}.{domain}")))
}

/// The network configuration of a workspace, `None` for a VPC that Databricks manages.
pub(super) fn network_of(e: &Estate, r: Ref) -> Known<Option<Ref>> {
    if r.part == INFERRED {
        return Ok(Some(Ref { kind: Record::Network, row: r.row, part: INFERRED }));
    }
    let id = workspace(e, r)?.network_id.as_ref().filter(|id| !id.is_empty());
    id.map(|id| e.databricks.networks.find(id, place(e, r)).map(|row| Ref::row(Record::Network, row))).transpose()
}

fn back_end(e: &Estate, r: Ref) -> Known<bool> {
    network_of(e, r)?.map_or(Ok(false), |network| super::network::back_end(e, network))
}

fn public_access(e: &Estate, r: Ref) -> Known<bool> {
    match &workspace(e, r)?.private_access_settings_id {
        None => Ok(true),
        Some(id) => Ok(e.databricks.private_access_settings.body(id, place(e, r))?.public_access_enabled),
    }
}

fn front_end_registrations(e: &Estate, r: Ref) -> Read {
    let region = region(e, r)?;
    let place = place(e, r);
    e.databricks.registrations.complete(place)?;
    e.databricks.networks.complete(place)?;
    let mut front = Vec::new();
    for number in &e.graph.spare_registrations {
        let row = e.databricks.registrations.row(*number);
        if row.place.account != place.account {
            continue;
        }
        let registration = row.body.known()?;
        let service = registration.service();
        if service == Some(crate::estate::region::Service::Workspace) && registration.region.as_deref() == Some(region)
        {
            front.push(*number);
        }
    }
    records(Record::Registration, front)
}

fn policy_key(e: &Estate, r: Ref) -> Known<String> {
    workspace(e, r)?;
    let row = e.databricks.workspaces.row(r.row);
    let policy = e.databricks.workspace_networks.body(&row.id, &row.place)?.network_policy_id.as_deref();
    let account = row.place.account.as_deref().unwrap_or_default();
    Ok(format!("{account}/{}", policy.filter(|id| !id.is_empty()).unwrap_or("default-policy")))
}

/// The row of the workspace in a table of one answer a workspace.
fn answer<T>(e: &Estate, r: Ref, table: &Table<T>) -> Known<u32> {
    workspace(e, r)?;
    let row = e.databricks.workspaces.row(r.row);
    table.find(&row.id, &row.place)
}

/// A value of workspace-conf; `None` when it was never set.
pub(in crate::engine) fn conf<'e>(e: &'e Estate, r: Ref, key: &str) -> Known<Option<&'e str>> {
    let row = answer(e, r, &e.databricks.workspace_confs)?;
    let confs = e.databricks.workspace_confs.row(row).body.known()?;
    match confs.get(key) {
        Some(value) => Ok(value.as_deref()),
        None => Err(unsaid(&e.databricks.workspace_confs, row, key)),
    }
}

fn setting<'e>(e: &'e Estate, r: Ref, kind: &str) -> Known<&'e Setting> {
    workspace(e, r)?;
    let row = e.databricks.workspaces.row(r.row);
    e.databricks.workspace_settings.body(&format!("{}/{kind}", row.id), &row.place)
}

/// The switch in a setting: the first `value`, `is_enabled`, `enabled` or `is_enforced` one
/// level down.
pub(super) fn switch(setting: &Setting) -> Option<bool> {
    let inner = setting.values().filter_map(|value| value.as_object());
    inner
        .flat_map(|object| {
            ["value", "is_enabled", "enabled", "is_enforced"].into_iter().filter_map(|key| object.get(key))
        })
        .find_map(serde_json::Value::as_bool)
}

/// Whether the workspace has the compliance security profile.
pub(super) fn compliance(e: &Estate, r: Ref) -> Known<bool> {
    Ok(switch(setting(e, r, "shield_csp_enablement_ws_db")?).unwrap_or(false))
}

fn nat_addresses(e: &Estate, r: Ref) -> Read {
    let Some(network) = network_of(e, r)? else { return texts(Vec::<String>::new()) };
    let place = super::network::place_of(e, network);
    let mut addresses = Vec::new();
    for id in &super::network::network(e, network)?.subnet_ids {
        let subnet = Ref::row(Record::Subnet, e.aws.subnets.find(id, &place)?);
        if let Some(target) = super::gateway::other_way_out(e, subnet)? {
            let gap = Gap::new(Operation::DescribeRouteTables, place.scope().of(id), Reason::NotCollected);
            return Err(gap
                .because(format!("its default route leads to {target}, whose public addresses no answer tells"))
                .shared());
        }
        for nat in super::gateway::nats_of_subnet(e, subnet)? {
            let nat = e.aws.nat_gateways.row(nat).body.known()?;
            addresses.extend(nat.nat_gateway_addresses.iter().filter_map(|address| address.public_ip.clone()));
        }
    }
    addresses.sort();
    addresses.dedup();
    texts(addresses)
}

/// Addresses of the workspace's enabled lists of one type.
fn listed(e: &Estate, r: Ref, kind: &str) -> Known<Vec<String>> {
    let row = answer(e, r, &e.databricks.ip_lists)?;
    let lists = e.databricks.ip_lists.row(row).body.known()?;
    Ok(enabled(lists, kind).map(str::to_owned).collect())
}

/// Addresses of the enabled lists of one type.
pub(super) fn enabled<'l>(lists: &'l [IpAccessList], kind: &str) -> impl Iterator<Item = &'l str> {
    let wanted = lists.iter().filter(move |list| list.enabled && list.list_type.eq_ignore_ascii_case(kind));
    wanted.flat_map(|list| list.ip_addresses.iter().map(String::as_str))
}

fn stale_stable_addresses(e: &Estate, r: Ref) -> Read {
    let allowed = listed(e, r, "ALLOW")?;
    let Some(id) = &workspace(e, r)?.network_connectivity_config_id else { return texts(Vec::<String>::new()) };
    let ncc = e.databricks.nccs.body(id, place(e, r))?;
    let rules = ncc.egress_config.iter().flat_map(|egress| &egress.default_rules);
    let stable = rules.flat_map(|rules| &rules.aws_stable_ip_rule).flat_map(|rule| &rule.cidr_blocks);
    let stable = AddressSet::of(stable.map(String::as_str));
    texts(allowed.into_iter().filter(|block| {
        let block = AddressSet::of([block.as_str()]);
        !block.is_empty() && stable.covers(&block)
    }))
}

fn shadowed_addresses(e: &Estate, r: Ref) -> Read {
    let blocked = listed(e, r, "BLOCK")?;
    let blocked = AddressSet::of(blocked.iter().map(String::as_str));
    let shadowed = listed(e, r, "ALLOW")?.into_iter().filter(|block| {
        let set = AddressSet::of([block.as_str()]);
        !set.is_empty() && blocked.covers(&set)
    });
    texts(shadowed)
}

fn of_workspace<T>(e: &Estate, r: Ref, table: &Table<T>, kind: Record) -> Read {
    workspace(e, r)?;
    let row = e.databricks.workspaces.row(r.row);
    let prefix = format!("{}/", row.id);
    table.complete(&super::walk::list_place(row))?;
    // rows are sorted by id
    let first = table.rows().partition_point(|row| row.id < prefix);
    let own = (0u32..).zip(table.rows()).skip(first).take_while(|(_, row)| row.id.starts_with(&prefix));
    records(kind, own.map(|(number, _)| number))
}

/// Endpoints to S3 in the workspace's VPC.
fn s3_endpoints(e: &Estate, r: Ref) -> Known<Vec<Fact>> {
    let Some(network) = network_of(e, r)? else { return Ok(Vec::new()) };
    let vpc = match super::network::inferred(e, network) {
        Some(vpc) => Some(vpc),
        None => super::network::network(e, network)?.vpc_id.as_ref(),
    };
    let Some(vpc) = vpc else { return Ok(Vec::new()) };
    let place = super::network::place_of(e, network);
    e.aws.vpc_endpoints.complete_of(vpc, &place)?;
    let mut endpoints = Vec::new();
    for row in edges(&e.graph.endpoints_of_vpc, vpc) {
        if super::endpoint::service_of(e.aws.vpc_endpoints.row(row).body.known()?) == "s3" {
            endpoints.push(Fact::Record(Ref::row(Record::VpcEndpoint, row)));
        }
    }
    Ok(endpoints)
}
