//! Expected answers are those of the AWS and Databricks documentation, for one VPC in us-east-1
//! that everything was collected for unless a test says otherwise.

mod forwarded;
mod missing;
mod private;
mod published;

use super::{Outcome, Resolution, resolve};
use crate::estate::aws::{
    AliasTarget, DhcpConfiguration, DhcpOptions, DhcpValue, DnsEntry, HostedZone, Interface, RecordSet, RecordValue,
    ResolverRule, ResolverRuleAssociation, Vpc, VpcEndpoint, ZoneVpc,
};
use crate::estate::databricks::Workspace;
use crate::estate::{Estate, Evidence, Operation, Origin, Place, Row, Table};
use crate::reach::code::Code;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";
const REST: &str = "com.amazonaws.vpce.us-east-1.vpce-svc-09143d1e626de2f04";
const RELAY: &str = "com.amazonaws.vpce.us-east-1.vpce-svc-00018a8c3ff62ffdf";
/// Workspace 1: with private access settings.
const PRIVATE: &str = "dbc-1.cloud.databricks.com";
/// Workspace 2: without.
const PUBLIC: &str = "dbc-2.cloud.databricks.com";
const PRIVATELINK: &str = "nvirginia.privatelink.cloud.databricks.com";
const TUNNEL: &str = "tunnel.privatelink.us-east-1.cloud.databricks.com";
/// What `region.json` publishes for us-east-1.
const INBOUND: &str = "3.237.73.224/28 18.97.15.0/28";

fn here() -> Place {
    Place::new(ACCOUNT, REGION)
}

fn put<T>(table: &mut Table<T>, id: &str, body: T) {
    table.push(Row { id: id.to_owned(), place: here(), origin: Origin::default(), body: Evidence::Known(body) });
}

/// An estate of one VPC with two workspaces, whose every list was collected.
fn estate() -> Estate {
    let mut estate = Estate::default();
    for operation in Operation::ALL {
        let place = if operation.is_global() { Place::new(ACCOUNT, "global") } else { here() };
        estate.aws.cover(*operation, &place);
    }
    vpc(&mut estate, "vpc-1", "10.0.0.0/16");
    for (id, settings) in [(1, Some("pas-1".to_owned())), (2, None)] {
        let deployment_name = Some(format!("dbc-{id}"));
        let (aws_region, private_access_settings_id) = (Some(REGION.to_owned()), settings);
        let body = Workspace {
            workspace_id: id,
            deployment_name,
            aws_region,
            private_access_settings_id,
            ..Workspace::default()
        };
        put(&mut estate.databricks.workspaces, &id.to_string(), body);
    }
    estate
}

fn vpc(estate: &mut Estate, id: &str, block: &str) {
    put(&mut estate.aws.dns_support, id, true);
    put(&mut estate.aws.dns_hostnames, id, true);
    let dhcp_options_id = Some("default".to_owned());
    let body = Vpc { vpc_id: id.to_owned(), cidr_block: Some(block.to_owned()), dhcp_options_id, ..Vpc::default() };
    put(&mut estate.aws.vpcs, id, body);
}

fn set<T>(table: &mut Table<T>, id: &str, change: impl FnOnce(&mut T)) {
    match &mut table.existing(id).unwrap_or_else(|| panic!("no {id}")).body {
        Evidence::Known(body) => change(body),
        Evidence::Unknown(gap) => panic!("{gap}"),
    }
}

/// An interface endpoint with private DNS and one interface an address, in zones `a`, `b` …
fn endpoint(estate: &mut Estate, id: &str, vpc: &str, service: &str, ips: &[&str]) {
    let mut endpoint = VpcEndpoint {
        vpc_endpoint_id: id.to_owned(),
        vpc_endpoint_type: Some("Interface".to_owned()),
        vpc_id: vpc.to_owned(),
        service_name: service.to_owned(),
        state: "available".to_owned(),
        private_dns_enabled: true,
        ..VpcEndpoint::default()
    };
    for (ip, zone) in ips.iter().zip('a'..) {
        let eni = format!("eni-{}-{zone}", id.trim_start_matches("vpce-"));
        let interface = Interface {
            network_interface_id: eni.clone(),
            vpc_id: Some(vpc.to_owned()),
            availability_zone: Some(format!("{REGION}{zone}")),
            private_ip_address: Some((*ip).to_owned()),
            ..Interface::default()
        };
        put(&mut estate.aws.interfaces, &eni, interface);
        endpoint.network_interface_ids.push(eni);
    }
    put(&mut estate.aws.vpc_endpoints, id, endpoint);
}

/// The names that the answer about an endpoint lists.
fn names(estate: &mut Estate, id: &str, names: &[&str]) {
    let entry = |name: &&str| DnsEntry { dns_name: Some((*name).to_owned()), hosted_zone_id: None };
    set(&mut estate.aws.vpc_endpoints, id, |endpoint| endpoint.dns_entries = names.iter().map(entry).collect());
}

/// A private zone that these VPCs see. Records are written `name TYPE value…`, `name ALIAS target`,
/// or `name SELF target` for an alias inside the zone.
fn zone(estate: &mut Estate, id: &str, name: &str, vpcs: &[&str], records: &[&str]) {
    let seen = |vpc: &&str| ZoneVpc { region: Some(REGION.to_owned()), vpc_id: (*vpc).to_owned() };
    let vpcs = Some(vpcs.iter().map(seen).collect());
    put(&mut estate.aws.hosted_zones, id, HostedZone { id: id.to_owned(), name: name.to_owned(), private: true, vpcs });
    let apex = [format!("{name} NS ns.example."), format!("{name} SOA ns.example.")];
    let lines = apex.iter().map(String::as_str).chain(records.iter().copied());
    let records = lines.map(|line| record(id, line)).collect();
    put(&mut estate.aws.records, id, records);
}

fn record(zone: &str, line: &str) -> RecordSet {
    let mut words = line.split(' ');
    let (name, kind) = (words.next().unwrap(), words.next().unwrap());
    let mut set =
        RecordSet { name: format!("{}.", name.replace('*', "\\052")), kind: kind.to_owned(), ..RecordSet::default() };
    match kind {
        "ALIAS" | "SELF" => {
            let hosted_zone_id = Some(if kind == "SELF" { zone } else { "Z7HUB22UULQXV" }.to_owned());
            set.kind = "A".to_owned();
            set.alias_target = words.next().map(|name| AliasTarget { dns_name: format!("{name}."), hosted_zone_id });
        }
        _ => set.resource_records = words.map(|value| RecordValue { value: value.to_owned() }).collect(),
    }
    set
}

/// A resolver rule that a VPC follows.
fn rule(estate: &mut Estate, id: &str, kind: &str, domain: &str, vpc: &str) {
    let (domain_name, rule_type) = (Some(domain.to_owned()), Some(kind.to_owned()));
    put(
        &mut estate.aws.resolver_rules,
        id,
        ResolverRule { id: id.to_owned(), domain_name, rule_type, ..ResolverRule::default() },
    );
    associate(estate, id, vpc);
}

fn associate(estate: &mut Estate, rule: &str, vpc: &str) {
    let id = format!("rslvr-rrassoc-{rule}-{vpc}");
    let (resolver_rule_id, vpc_id) = (rule.to_owned(), vpc.to_owned());
    let body =
        ResolverRuleAssociation { id: id.clone(), resolver_rule_id, vpc_id, ..ResolverRuleAssociation::default() };
    put(&mut estate.aws.resolver_rule_associations, &id, body);
}

/// DHCP options of vpc-1 that hand out these name servers.
fn dhcp(estate: &mut Estate, servers: &[&str]) {
    let values = servers.iter().map(|server| DhcpValue { value: (*server).to_owned() }).collect();
    let entry = DhcpConfiguration { key: "domain-name-servers".to_owned(), values };
    let body = DhcpOptions {
        dhcp_options_id: "dopt-1".to_owned(),
        dhcp_configurations: vec![entry],
        ..DhcpOptions::default()
    };
    put(&mut estate.aws.dhcp_options, "dopt-1", body);
    set(&mut estate.aws.vpcs, "vpc-1", |vpc| vpc.dhcp_options_id = Some("dopt-1".to_owned()));
}

/// The name as a client in vpc-1 resolves it.
fn ask(estate: &Estate, host: &str) -> Resolution {
    let mut estate = estate.clone();
    estate.seal();
    resolve(&estate, estate.aws.vpcs.number("vpc-1").unwrap(), host)
}

/// The outcome in one line: `private <ip>@<endpoint>…`, `public <block>…`, `nothing <code> <resource>`,
/// `unknown <call>…`.
fn told(estate: &Estate, host: &str) -> String {
    let mut sealed = estate.clone();
    sealed.seal();
    match ask(estate, host).outcome {
        Outcome::Private(targets) => {
            let endpoint = |row: u32| format!("@{}", sealed.aws.vpc_endpoints.row(row).id);
            let words = targets
                .iter()
                .map(|target| format!(" {}{}", target.ip, target.endpoint.map(endpoint).unwrap_or_default()));
            format!("private{}", words.collect::<String>())
        }
        Outcome::Public(set) => {
            let blocks = set.blocks().iter().map(|block| format!(" {block}")).collect::<String>();
            format!("public{blocks}")
        }
        Outcome::Nothing(blocker) => {
            let code = match blocker.code {
                Code::NameShadowed => "shadowed",
                Code::NameNotResolved => "unresolved",
                Code::NameSupportOff => "off",
                other => other.name(),
            };
            format!("nothing {code} {}", blocker.resource)
        }
        Outcome::Unknown(gaps) => {
            let calls =
                gaps.iter().map(|gap| format!(" {}", gap.operation.name().rsplit(':').next().unwrap_or_default()));
            format!("unknown{}", calls.collect::<String>())
        }
    }
}

/// The decisions of every hop, one a line.
fn way(estate: &Estate, host: &str) -> String {
    ask(estate, host).hops.into_iter().map(|hop| hop.decision).collect::<Vec<_>>().join("\n")
}
