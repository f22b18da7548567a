//! What predicted paths cost: flows beside a plain packet walk without indexes, all required
//! paths beside the audit of the same estate, one symbolic set, the exposures of estates in which
//! every VPC has a public address of its own. Nothing here is asserted: the
//! figures are printed, for people to compare.
//!
//! ```text
//! cargo bench --bench reach              all of it
//! cargo bench --bench reach -- flows     one part: flows, set, paths, exposures
//! ```
mod common;

use std::hint::black_box;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Result, estate};
use plaudit::commands::catalogue;
use plaudit::engine;
use plaudit::estate::aws::{NetworkAcl, RouteTarget, SecurityGroup};
use plaudit::estate::net::AddressSet;
use plaudit::estate::{Estate, Place};
use plaudit::finding::Profile;
use plaudit::reach::group::{Peer, admit};
use plaudit::reach::{Direction, Flow, Goal, Ports, Protocol, Start, Verdict, World, acl};
use plaudit::sources;
use serde_json::{Value, json};

fn main() -> Result<()> {
    // `cargo test --all-targets` runs benches too, to see that they start.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|wanted| wanted == name);
    if wanted("flows") {
        flows()?;
    }
    if wanted("set") {
        one_set()?;
    }
    if wanted("paths") {
        required_paths(1_000)?;
    }
    if wanted("exposures") {
        for workspaces in [250, 1_000] {
            exposures(workspaces)?;
        }
    }
    Ok(())
}

fn say(text: std::fmt::Arguments<'_>) -> Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

fn keep<T>(value: T) {
    black_box(value);
}

/// An estate of one region: each list as its answer.
fn region(lists: Value) -> Result<Estate> {
    evidence(lists, json!({}))
}

/// The same beside the lists of a Databricks account.
fn evidence(lists: Value, databricks: Value) -> Result<Estate> {
    let Value::Object(lists) = lists else { return Err("no lists".into()) };
    let answers: serde_json::Map<String, Value> =
        lists.into_iter().map(|(key, list)| (key.clone(), json!({ key: list }))).collect();
    let evidence = json!({"format": "plaudit-evidence/1", "aws": {"111122223333": {"us-east-1": answers}}, "databricks": {"account": databricks}});
    Ok(sources::read_text("region", evidence.to_string())?)
}

/// A VPC of some subnets with hosts, every filter open enough to be passed.
fn town(subnets: usize, hosts: usize) -> Result<Estate> {
    let owner = "111122223333";
    let subnet = |s: usize| json!({"SubnetId": format!("subnet-{s}"), "VpcId": "vpc-1", "OwnerId": owner, "CidrBlock": format!("10.0.{s}.0/24"), "AvailabilityZone": "us-east-1a"});
    let interface = |s: usize, h: usize| {
        json!({"NetworkInterfaceId": format!("eni-{s}-{h}"), "SubnetId": format!("subnet-{s}"), "VpcId": "vpc-1", "OwnerId": owner,
            "PrivateIpAddress": format!("10.0.{s}.{}", 10 + h), "Groups": [{"GroupId": "sg-1"}], "SourceDestCheck": true})
    };
    let permissions: Vec<Value> = (0..20)
        .map(|n| json!({"IpProtocol": "tcp", "FromPort": 7000 + n, "ToPort": 7000 + n, "IpRanges": [{"CidrIp": format!("192.168.{n}.0/24")}]}))
        .chain([json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]})])
        .collect();
    let group = json!({"GroupId": "sg-1", "VpcId": "vpc-1", "OwnerId": owner, "IpPermissions": permissions, "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]});
    let entries: Vec<Value> = [false, true]
        .into_iter()
        .flat_map(|egress| {
            let denies = (1..10).map(move |n| json!({"RuleNumber": n, "Egress": egress, "RuleAction": "deny", "Protocol": "-1", "CidrBlock": format!("203.0.113.{n}/32")}));
            denies.chain([json!({"RuleNumber": 100, "Egress": egress, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"})])
        })
        .collect();
    let routes: Vec<Value> = (0..40)
        .map(|n| json!({"DestinationCidrBlock": format!("172.16.{n}.0/24"), "GatewayId": "vgw-1", "State": "active"}))
        .chain([json!({"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"})])
        .collect();
    let ids: Vec<Value> = (0..subnets).map(|s| json!({"SubnetId": format!("subnet-{s}")})).collect();
    let lists = json!({
        "Vpcs": [{"VpcId": "vpc-1", "OwnerId": owner, "CidrBlock": "10.0.0.0/16"}],
        "Subnets": (0..subnets).map(subnet).collect::<Vec<_>>(),
        "NetworkInterfaces": (0..subnets).flat_map(|s| (0..hosts).map(move |h| interface(s, h))).collect::<Vec<_>>(),
        "SecurityGroups": [group],
        "NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "OwnerId": owner, "IsDefault": true, "Entries": entries, "Associations": ids}],
        "RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "OwnerId": owner, "Routes": routes, "Associations": [{"Main": true}]}],
    });
    region(lists)
}

/// A plain walk between two hosts of a VPC: every list is looked through from its start.
fn plainly(e: &Estate, from: u32, to: &str, port: u16) -> bool {
    let sender = e.aws.interfaces.row(from).body.known().ok();
    let receiver = e.aws.interfaces.rows().iter().filter_map(|row| row.body.known().ok());
    let receiver = receiver.into_iter().find(|interface| interface.private_ip_address.as_deref() == Some(to));
    let (Some(sender), Some(receiver)) = (sender, receiver) else { return false };
    let place = Place::new("111122223333", "us-east-1");
    let group = |id: &str| -> Option<&SecurityGroup> {
        e.aws.security_groups.rows().iter().find(|row| row.id == id)?.body.known().ok()
    };
    let acl_of = |subnet: &Option<String>| -> Option<&NetworkAcl> {
        let acls = e.aws.network_acls.rows().iter().filter_map(|row| row.body.known().ok());
        acls.into_iter().find(|acl| acl.associations.iter().any(|a| Some(&a.subnet_id) == subnet.as_ref()))
    };
    let (source, target) = (sender.private_ip_address.clone().unwrap_or_default(), to);
    let peer = |address: &str| Peer { addresses: AddressSet::of([address]), ..Peer::default() };
    let admits = |groups: &[plaudit::estate::aws::GroupPair], direction, other: &str| {
        let groups: Vec<&SecurityGroup> = groups.iter().filter_map(|pair| group(&pair.group_id)).collect();
        admit(e, &place, &groups, direction, Protocol::TCP, Ports::one(port), &peer(other)) == Ok(true)
    };
    let passes = |subnet: &Option<String>, direction, ports, other: &str| {
        acl_of(subnet)
            .is_some_and(|acl| acl::refusal(acl, direction, Protocol::TCP, ports, &AddressSet::of([other])).is_none())
    };
    let routed = |address: &str| {
        let table = e.aws.route_tables.rows().iter().find_map(|row| row.body.known().ok());
        let matching = table
            .into_iter()
            .flat_map(|table| &table.routes)
            .filter(|route| AddressSet::of(route.destination_cidr_block.as_deref()).covers(&AddressSet::of([address])));
        let length = |destination: &str| destination.rsplit('/').next().and_then(|bits| bits.parse::<u8>().ok());
        matching
            .into_iter()
            .max_by_key(|route| length(route.destination()))
            .is_some_and(|route| route.target() == RouteTarget::Local)
    };
    let ephemeral = Ports { from: 1024, to: u16::MAX };
    let filtered = sender.subnet_id == receiver.subnet_id
        || passes(&sender.subnet_id, Direction::Egress, Ports::one(port), target)
            && routed(target)
            && passes(&receiver.subnet_id, Direction::Ingress, Ports::one(port), &source)
            && passes(&receiver.subnet_id, Direction::Egress, ephemeral, &source)
            && routed(&source)
            && passes(&sender.subnet_id, Direction::Ingress, ephemeral, target);
    admits(&sender.groups, Direction::Egress, target)
        && filtered
        && admits(&receiver.groups, Direction::Ingress, &source)
}

fn flows() -> Result<()> {
    let (subnets, hosts) = (20, 50);
    let estate = town(subnets, hosts)?;
    let world = World::of(&estate);
    let count = u32::try_from(subnets * hosts)?;
    let pairs: Vec<(u32, String, u16)> = (0..count)
        .map(|n| {
            let to = (n * 7 + 13) % count;
            let target = estate.aws.interfaces.row(to).body.known().ok().and_then(|i| i.private_ip_address.clone());
            (n, target.unwrap_or_default(), if n % 3 == 0 { 22 } else { 443 })
        })
        .collect();
    let asked: Vec<Flow> = pairs
        .iter()
        .filter_map(|(from, to, port)| {
            let to = Goal::Address(plaudit::reach::Ip::parse(to)?);
            Some(Flow {
                from: Start::Interface(*from, None),
                to,
                protocol: Protocol::TCP,
                port: *port,
                source_port: None,
            })
        })
        .collect();
    for ((from, to, port), flow) in pairs.iter().zip(&asked) {
        let same = plainly(&estate, *from, to, *port) == (world.verdict(flow) == Verdict::Reachable);
        if !same
            && estate.aws.interfaces.row(*from).body.known().ok().and_then(|i| i.private_ip_address.clone()).as_ref()
                != Some(to)
        {
            return Err(format!("the two walks differ on {flow:?}").into());
        }
    }
    let rounds = 300u32;
    let (quick, _) = timed(|| (0..rounds).for_each(|_| asked.iter().for_each(|flow| keep(world.verdict(flow)))));
    let (traced, _) = timed(|| asked.iter().for_each(|flow| keep(world.ask(flow))));
    let (plain, _) = timed(|| pairs.iter().for_each(|(from, to, port)| keep(plainly(&estate, *from, to, *port))));
    let rate = |flows: u32, time: Duration| f64::from(flows) / time.as_secs_f64();
    let total = rounds * count;
    say(format_args!("flows between {count} interfaces, one core"))?;
    say(format_args!(
        "  verdict  {:>12.0} a second, {:.0}x the plain walk",
        rate(total, quick),
        rate(total, quick) / rate(count, plain)
    ))?;
    say(format_args!(
        "  traced   {:>12.0} a second, {:.0}x the plain walk",
        rate(count, traced),
        rate(count, traced) / rate(count, plain)
    ))?;
    say(format_args!("  plain    {:>12.0} a second", rate(count, plain)))
}

/// One subnet with 60 rules a group, 40 ACL entries and 200 routes.
fn one_set() -> Result<()> {
    let owner = "111122223333";
    let permission = |n: u32, base: u32| json!({"IpProtocol": "tcp", "FromPort": base + n * 10, "ToPort": base + n * 10 + n % 7, "IpRanges": [{"CidrIp": format!("{}.{}.0.0/16", 20 + n, n * 3 % 200)}]});
    let entries: Vec<Value> = [false, true]
        .into_iter()
        .flat_map(|egress| {
            let rule = move |n: u32| json!({"RuleNumber": n, "Egress": egress, "RuleAction": if n.is_multiple_of(3) { "deny" } else { "allow" }, "Protocol": "6", "PortRange": {"From": n * 100, "To": 65535}, "CidrBlock": format!("{}.0.0.0/8", 20 + n)});
            (1..20).map(rule).chain([json!({"RuleNumber": 100, "Egress": egress, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"})])
        })
        .collect();
    let routes: Vec<Value> = (0..198)
        .map(|n| json!({"DestinationCidrBlock": format!("{}.{}.0.0/16", 20 + n % 60, n), "GatewayId": if n % 2 == 0 { "vgw-1" } else { "igw-1" }, "State": "active"}))
        .chain([json!({"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}), json!({"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"})])
        .collect();
    let lists = json!({
        "Vpcs": [{"VpcId": "vpc-1", "OwnerId": owner, "CidrBlock": "10.0.0.0/16"}],
        "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": owner, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "us-east-1a"}],
        "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": owner, "PrivateIpAddress": "10.0.1.10", "Association": {"PublicIp": "198.51.100.1"}, "Groups": [{"GroupId": "sg-1"}]}],
        "SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1", "OwnerId": owner, "IpPermissions": [], "IpPermissionsEgress": (0..60).map(|n| permission(n, 400)).collect::<Vec<_>>()}],
        "NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "OwnerId": owner, "IsDefault": true, "Entries": entries, "Associations": [{"SubnetId": "subnet-1"}]}],
        "InternetGateways": [{"InternetGatewayId": "igw-1", "OwnerId": owner, "Attachments": [{"VpcId": "vpc-1", "State": "available"}]}],
        "VpnGateways": [{"VpnGatewayId": "vgw-1", "VpcAttachments": [{"VpcId": "vpc-1", "State": "attached"}]}],
        "RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "OwnerId": owner, "Routes": routes, "Associations": [{"Main": true}]}],
        "VpcBlockPublicAccessOptions": {"AwsAccountId": owner, "AwsRegion": "us-east-1", "InternetGatewayBlockMode": "off"},
    });
    let estate = region(lists)?;
    let world = World::of(&estate);
    let start = Start::Interface(0, None);
    let (cold, reach) = timed(|| world.reachable(start));
    let rounds = 200u32;
    let (warm, _) = timed(|| (0..rounds).for_each(|_| keep(world.reachable(start))));
    let pieces: usize = reach.parts.iter().map(|part| part.sure.ranges().count()).sum();
    say(format_args!(
        "symbolic set of one subnet: 60 rules, 40 entries, 200 routes; {} zones, {pieces} pieces",
        reach.parts.len()
    ))?;
    say(format_args!("  first {cold:.2?}, then {:.2?}", warm / rounds))
}

/// All required paths of an estate beside the audit of it.
fn required_paths(workspaces: usize) -> Result<()> {
    let file = estate(workspaces)?;
    let read = || sources::read(std::slice::from_ref(&file));
    let pack = catalogue(&[]).map_err(|error| error.to_string())?;
    let (paths, others): (Vec<_>, Vec<_>) = pack.rules.iter().partition(|rule| rule.info.area() == "PTH");
    let estate = Arc::new(read()?);
    let (audit, findings) = timed(|| engine::run(&pack.env, &others, &estate, &Profile::Hardened));
    let (required, count) = timed(|| World::of(&estate).required().paths.len());
    let (judged, verdicts) = timed(|| engine::run(&pack.env, &paths, &estate, &Profile::Hardened));
    say(format_args!("{workspaces} workspaces: {count} required paths"))?;
    say(format_args!("  audit without paths {audit:.2?}, {} verdicts", findings.len()))?;
    say(format_args!(
        "  required paths      {required:.2?}, {:.2}x that",
        required.as_secs_f64() / audit.as_secs_f64()
    ))?;
    say(format_args!("  rules on paths      {judged:.2?}, {} verdicts", verdicts.len()))
}

/// Workspaces in VPCs of their own, each with its own NAT gateway and public address.
fn cities(workspaces: usize) -> Result<Estate> {
    let owner = "111122223333";
    let net = |n: usize, third: usize| format!("10.{}.{}", n / 16, n % 16 * 16 + third);
    let id = |kind: &str, n: usize| format!("{kind}-{n:05}");
    let all = |of: &dyn Fn(usize) -> Vec<Value>| (0..workspaces).flat_map(of).collect::<Vec<_>>();
    let subnet = |n: usize, kind: &str, third: usize| json!({"SubnetId": id(kind, n), "VpcId": id("vpc", n), "OwnerId": owner, "CidrBlock": format!("{}.0/24", net(n, third)), "AvailabilityZone": "us-east-1a", "MapPublicIpOnLaunch": false});
    let table = |n: usize, kind: &str, key: &str, target: &str| {
        let local =
            json!({"DestinationCidrBlock": format!("{}.0/20", net(n, 0)), "GatewayId": "local", "State": "active"});
        let out = json!({"DestinationCidrBlock": "0.0.0.0/0", key: id(target, n), "State": "active"});
        json!({"RouteTableId": format!("rtb-{}", id(kind, n)), "VpcId": id("vpc", n), "OwnerId": owner, "Routes": [local, out], "Associations": [{"SubnetId": id(kind, n)}]})
    };
    let entry = |egress: bool| json!({"RuleNumber": 100, "Egress": egress, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"});
    let group = |n: usize| {
        let own = json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": id("sg", n)}]});
        let out = [443, 2443, 6666, 8443].map(|port| json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}));
        let egress: Vec<Value> = out.into_iter().chain([own.clone()]).collect();
        json!({"GroupId": id("sg", n), "VpcId": id("vpc", n), "OwnerId": owner, "IpPermissions": [own], "IpPermissionsEgress": egress})
    };
    let nat = |n: usize| {
        let address = json!({"PrivateIp": format!("{}.5", net(n, 8)), "PublicIp": format!("52.{}.{}.9", n / 256, n % 256), "IsPrimary": true});
        json!({"NatGatewayId": id("nat", n), "VpcId": id("vpc", n), "SubnetId": id("subnet-nat", n), "State": "available", "NatGatewayAddresses": [address]})
    };
    let lists = json!({
        "Vpcs": all(&|n| vec![json!({"VpcId": id("vpc", n), "OwnerId": owner, "CidrBlock": format!("{}.0/20", net(n, 0))})]),
        "Subnets": all(&|n| vec![subnet(n, "subnet-a", 1), subnet(n, "subnet-nat", 8)]),
        "RouteTables": all(&|n| vec![table(n, "subnet-a", "NatGatewayId", "nat"), table(n, "subnet-nat", "GatewayId", "igw")]),
        "NetworkAcls": all(&|n| vec![json!({"NetworkAclId": id("acl", n), "VpcId": id("vpc", n), "OwnerId": owner, "IsDefault": true, "Entries": [entry(true), entry(false)], "Associations": [{"SubnetId": id("subnet-a", n)}, {"SubnetId": id("subnet-nat", n)}]})]),
        "SecurityGroups": all(&|n| vec![group(n)]),
        "InternetGateways": all(&|n| vec![json!({"InternetGatewayId": id("igw", n), "OwnerId": owner, "Attachments": [{"VpcId": id("vpc", n), "State": "available"}]})]),
        "NatGateways": all(&|n| vec![nat(n)]),
        "NetworkInterfaces": [], "VpcPeeringConnections": [], "TransitGateways": [], "TransitGatewayAttachments": [],
        "VpcBlockPublicAccessOptions": {"AwsAccountId": owner, "AwsRegion": "us-east-1", "InternetGatewayBlockMode": "off"},
    });
    let databricks = json!({
        "networks": all(&|n| vec![json!({"network_id": id("net", n), "network_name": id("net", n), "vpc_id": id("vpc", n), "subnet_ids": [id("subnet-a", n)], "security_group_ids": [id("sg", n)]})]),
        "workspaces": all(&|n| vec![json!({"workspace_id": n + 1, "workspace_name": id("ws", n), "deployment_name": id("dbc", n), "aws_region": "us-east-1", "network_id": id("net", n)})]),
    });
    evidence(lists, databricks)
}

/// What the nodes of every network are exposed to.
fn exposures(workspaces: usize) -> Result<()> {
    let estate = cities(workspaces)?;
    let world = World::of(&estate);
    let rows = u32::try_from(estate.databricks.networks.rows().len())?;
    let (time, outward) =
        timed(|| (0..rows).filter(|row| !world.exposure(*row).egress.uninspected.sure.is_empty()).count());
    let each = time / rows.max(1);
    say(format_args!(
        "exposures of {rows} networks, a public address each: {time:.2?}, {each:.2?} each; {outward} reach the internet"
    ))
}
