//! Serverless compute: network connectivity configurations and network policies.

use super::{Fact, Kind, Record, Ref, Schema, TEXTS, bool, field, maybe_text, text, texts, unsaid};
use crate::estate::databricks::{EgressAccess, Ncc, NccRule, NetworkPolicy, PublicAccess, PublicRule};
use crate::estate::region::{service_id, service_region};
use crate::estate::{Estate, Known, Place};

pub(super) static NCC: Schema = Schema {
    name: "Ncc",
    doc: "A network connectivity configuration.",
    fields: &[
        field("id", Kind::Text, "Databricks id.", |e, r| text(&e.databricks.nccs.row(r.row).id)),
        field("name", Kind::Text, "Its name.", |e, r| text(&ncc(e, r)?.name)),
        field("region", Kind::Text, "AWS region.", |e, r| {
            ncc(e, r)?.region.as_ref().map_or_else(|| Err(unsaid(&e.databricks.nccs, r.row, "the region")), text)
        }),
        field("stable_addresses", TEXTS, "The former stable egress ranges.", |e, r| {
            let rules = ncc(e, r)?.egress_config.iter().flat_map(|egress| &egress.default_rules);
            texts(rules.flat_map(|rules| &rules.aws_stable_ip_rule).flat_map(|rule| &rule.cidr_blocks))
        }),
    ],
};

pub(super) static NCC_RULE: Schema = Schema {
    name: "NccRule",
    doc: "A private endpoint rule of a network connectivity configuration.",
    fields: &[
        field("id", Kind::Text, "Databricks id.", |e, r| text(&rule(e, r)?.rule_id)),
        field(
            "state",
            Kind::Text,
            "`ESTABLISHED`, `PENDING`, `REJECTED`, `EXPIRED` …; only the first works.",
            |e, r| {
                rule(e, r)?
                    .connection_state
                    .as_ref()
                    .map_or_else(|| Err(unsaid(&e.databricks.nccs, r.row, "the connection state of a rule")), text)
            },
        ),
        field("for_s3", Kind::Bool, "Whether it leads to S3.", |e, r| {
            bool(rule(e, r)?.endpoint_service.as_deref().is_some_and(|service| service.ends_with(".s3")))
        }),
        field("enabled", Kind::Bool, "For S3: whether traffic may use it; absent means yes.", |e, r| {
            bool(rule(e, r)?.enabled.unwrap_or(true))
        }),
        field("deactivated", Kind::Bool, "Whether it is switched off.", |e, r| bool(rule(e, r)?.deactivated)),
        field("destinations", TEXTS, "Names or buckets that it serves.", |e, r| {
            let rule = rule(e, r)?;
            texts(rule.domain_names.iter().chain(&rule.resource_names))
        }),
        field("endpoint_service", Kind::Text, "The service that it connects to.", |e, r| {
            maybe_text(rule(e, r)?.endpoint_service.as_ref())
        }),
        field(
            "own_service",
            Kind::Record(Record::EndpointService),
            "The customer's endpoint service that it connects to, null when it is not in the collected accounts.",
            |e, r| {
                let Some(name) = rule(e, r)?.endpoint_service.as_deref().filter(|name| name.contains("vpce-svc-"))
                else {
                    return Ok(Fact::Null);
                };
                Ok(own_service(e, name)?.map_or(Fact::Null, |row| Fact::Record(Ref::row(Record::EndpointService, row))))
            },
        ),
        field("ncc", Kind::Record(Record::Ncc), "The configuration it belongs to.", |_, r| {
            super::record(Record::Ncc, r.row)
        }),
    ],
};

pub(super) static NETWORK_POLICY: Schema = Schema {
    name: "NetworkPolicy",
    doc: "A network policy of the account: serverless egress and context-based ingress.",
    fields: &[
        field("id", Kind::Text, "`default-policy`, or an id of the customer's.", |e, r| {
            text(&policy(e, r)?.network_policy_id)
        }),
        field("egress_restricted", Kind::Bool, "Whether egress is RESTRICTED_ACCESS.", |e, r| {
            let mode = access(e, r)?.and_then(|access| access.restriction_mode.as_deref());
            bool(mode == Some("RESTRICTED_ACCESS"))
        }),
        field("egress_dry_run", Kind::Bool, "Whether egress only logs, for some products or for all.", |e, r| {
            let enforcement = access(e, r)?.and_then(|access| access.policy_enforcement.as_ref());
            bool(enforcement.and_then(|e| e.enforcement_mode.as_deref()) == Some("DRY_RUN"))
        }),
        field("dry_run_products", TEXTS, "Products that only log; none listed with a dry run means all.", |e, r| {
            texts(
                access(e, r)?
                    .iter()
                    .flat_map(|access| &access.policy_enforcement)
                    .flat_map(|e| &e.dry_run_mode_product_filter),
            )
        }),
        field("internet_destinations", TEXTS, "Names that serverless compute may reach.", |e, r| {
            texts(
                access(e, r)?
                    .iter()
                    .flat_map(|access| &access.allowed_internet_destinations)
                    .map(|destination| &destination.destination),
            )
        }),
        field("ingress_restricted", Kind::Bool, "Whether context-based ingress restricts the public path.", |e, r| {
            bool(public(policy(e, r)?.ingress.as_ref()).is_some_and(is_restricted))
        }),
        field(
            "ingress_dry_run_restricted",
            Kind::Bool,
            "Whether the dry run of context-based ingress would restrict the public path.",
            |e, r| bool(public(policy(e, r)?.ingress_dry_run.as_ref()).is_some_and(is_restricted)),
        ),
        field(
            "ingress_admits_all",
            TEXTS,
            "Allow rules of restricted ingress that let everyone in from anywhere to everything.",
            |e, r| {
                let public = public(policy(e, r)?.ingress.as_ref()).filter(|public| is_restricted(public));
                texts(
                    public
                        .into_iter()
                        .flat_map(|public| &public.allow_rules)
                        .filter(|rule| admits_all(rule))
                        .map(|rule| &rule.label),
                )
            },
        ),
        field(
            "cross_workspace_cut",
            Kind::Bool,
            "Whether access from other workspaces is restricted and no rule allows any.",
            |e, r| {
                let cross = policy(e, r)?.ingress.as_ref().and_then(|ingress| ingress.cross_workspace_access.as_ref());
                bool(cross.is_some_and(|cross| {
                    cross.restriction_mode.as_deref() == Some("RESTRICTED_ACCESS") && cross.allow_rules.is_empty()
                }))
            },
        ),
    ],
};

/// The row of an endpoint service; none when no account that was collected in its region has it,
/// so that it is its owner's to audit. The gap when one of those accounts did not list its
/// services.
pub(super) fn own_service(e: &Estate, name: &str) -> Known<Option<u32>> {
    let table = &e.aws.endpoint_services;
    if let Some(row) = table.number(service_id(name)) {
        return Ok(Some(row));
    }
    let region = service_region(name);
    let mut places = e
        .aws
        .vpcs
        .covered()
        .chain(e.aws.vpc_endpoints.covered())
        .filter(|place| place.region.as_deref() == region)
        .peekable();
    if places.peek().is_none() {
        let place = Place { account: None, region: region.map(str::to_owned) };
        return table.find(service_id(name), &place).map(Some);
    }
    places.try_for_each(|place| table.exists(service_id(name), place).map(drop)).map(|()| None)
}

fn ncc(e: &Estate, r: Ref) -> Known<&Ncc> {
    e.databricks.nccs.row(r.row).body.known()
}

pub(super) fn rule(e: &Estate, r: Ref) -> Known<&NccRule> {
    let rules = ncc(e, r)?.egress_config.iter().flat_map(|egress| &egress.target_rules);
    let mut rules = rules.flat_map(|targets| &targets.aws_private_endpoint_rules);
    rules.nth(r.part as usize).ok_or_else(|| unsaid(&e.databricks.nccs, r.row, "this rule"))
}

fn policy(e: &Estate, r: Ref) -> Known<&NetworkPolicy> {
    e.databricks.network_policies.row(r.row).body.known()
}

fn access(e: &Estate, r: Ref) -> Known<Option<&EgressAccess>> {
    Ok(policy(e, r)?.egress.as_ref().and_then(|egress| egress.network_access.as_ref()))
}

fn public(ingress: Option<&crate::estate::databricks::PolicyIngress>) -> Option<&PublicAccess> {
    ingress.and_then(|ingress| ingress.public_access.as_ref())
}

fn is_restricted(public: &PublicAccess) -> bool {
    public.restriction_mode.as_deref() == Some("RESTRICTED_ACCESS")
}

fn admits_all(rule: &PublicRule) -> bool {
    let anywhere = rule.origin.as_ref().is_some_and(|origin| {
        let included = origin.included_ip_ranges.iter().flat_map(|ranges| &ranges.ip_ranges).map(String::as_str);
        origin.all_ip_ranges || crate::estate::net::AddressSet::of(included).is_internet()
    });
    let everything =
        rule.destination.as_ref().is_none_or(|destination| destination.get("all_destinations") == Some(&true.into()));
    let everyone = rule.authentication.as_ref().and_then(|who| who.identity_type.as_deref());
    anywhere
        && everything
        && everyone.is_none_or(|who| who == "IDENTITY_TYPE_ALL_USERS" || who == "IDENTITY_TYPE_UNSPECIFIED")
}
