//! The required paths of whole estates. What the fixtures must give is written from their READMEs
//! and the facts, not from what the engine answers.

use plaudit::estate::Estate;
use plaudit::reach::required::RequiredPath;
use plaudit::reach::{Verdict, World};
use plaudit::sources;

use crate::fixtures::folder;

fn read(fixture: &str) -> Estate {
    sources::read(&[folder(fixture)]).unwrap()
}

/// `<verdict> <exits>` of every path of the only workspace that has paths.
fn told(path: &RequiredPath) -> String {
    let exits: Vec<&str> = path.exits.iter().map(|exit| exit.word()).collect();
    let blockers: Vec<String> =
        path.blockers.iter().map(|blocker| format!("\n    {} {}: {}", blocker.code.name(), blocker.resource, blocker.detail)).collect();
    let gaps: Vec<String> = path.gaps.iter().map(|gap| format!("\n    {gap}")).collect();
    let ports = if path.blocked_ports.is_empty() { String::new() } else { format!(" (ports {})", path.blocked_ports) };
    format!("{} {} by {}{ports}{}{}", path.name, path.verdict, exits.join("+"), blockers.concat(), gaps.concat())
}

fn all(fixture: &str) -> Vec<String> {
    let estate = read(fixture);
    let required = World::of(&estate).required();
    assert!(required.unknown.is_empty(), "{:?}", required.unknown);
    required.paths.iter().map(told).collect()
}

/// README: no internet gateway, no NAT; endpoints for everything; offices behind Direct Connect. The
/// compliance security profile is off.
#[test]
fn an_isolated_workspace_reaches_everything_by_endpoints() {
    let wanted = [
        "rest reachable by endpoint",
        "internal-api reachable by endpoint",
        "unity-catalog reachable by endpoint",
        "extendability reachable by endpoint",
        "relay reachable by endpoint",
        "s3-root reachable by gateway-endpoint",
        "s3-artifacts reachable by gateway-endpoint",
        "s3-logs reachable by gateway-endpoint",
        "s3-system-tables reachable by gateway-endpoint",
        "sts reachable by endpoint",
        "kinesis reachable by endpoint",
        "nodes reachable by inside",
        "nodes-udp reachable by inside",
        "dns reachable by inside",
        "dns-tcp reachable by inside",
        "front-end reachable by endpoint",
    ];
    assert_eq!(all("isolated"), wanted);
}

/// README: back-end PrivateLink, S3 by a gateway endpoint, the rest by NAT; no STS nor Kinesis
/// endpoint, no front end.
#[test]
fn a_managed_workspace_reaches_the_services_of_aws_by_nat() {
    let wanted = [
        "rest reachable by endpoint",
        "internal-api reachable by endpoint",
        "unity-catalog reachable by endpoint",
        "extendability reachable by endpoint",
        "relay reachable by endpoint",
        "s3-root reachable by gateway-endpoint",
        "s3-artifacts reachable by gateway-endpoint",
        "s3-logs reachable by gateway-endpoint",
        "s3-system-tables reachable by gateway-endpoint",
        "sts reachable by nat",
        "kinesis reachable by nat",
        "nodes reachable by inside",
        "nodes-udp reachable by inside",
        "dns reachable by inside",
        "dns-tcp reachable by inside",
    ];
    assert_eq!(all("managed-nat"), wanted);
}

#[test]
fn leaky_for_a_look() {
    for fixture in ["leaky", "denied", "conflicting"] {
        let estate = read(fixture);
        let required = World::of(&estate).required();
        println!("=== {fixture} {:?}", required.unknown);
        for path in &required.paths {
            println!("{} {}\n    subnets {:?}", path.workspace, told(path), path.blocked_subnets);
            for hop in path.policies.iter().chain(&path.names) { println!("      {}: {} [{}]", hop.resource, hop.decision, hop.passage.word()); }
        }
    }
    let _ = Verdict::Reachable;
    let estate = read("isolated");
    let world = World::of(&estate);
    use plaudit::reach::*;
    let row = world.attachment("tgw-attach-0b80f3f7f3cdf28e7").unwrap();
    let e = &estate.aws.vpc_endpoints.row(estate.aws.vpc_endpoints.number("vpce-0aa94cd6ef97c52a4").unwrap()).body.known().unwrap().network_interface_ids;
    let to = Goal::Interface(world.interface(&e[0]).unwrap());
    for ip in ["10.100.0.1", "0.0.0.0", "10.40.0.9"] {
    let a = world.ask(&Flow { from: Start::Attachment { row, address: Ip::parse(ip).unwrap() }, to, protocol: Protocol::TCP, port: 443, source_port: None });
    println!("{ip} {} {:?} {:?}", a.verdict, a.blockers, a.gaps);
    for hop in &a.hops { println!("{} {} {} {}", hop.leg.word(), hop.component.word(), hop.resource, hop.decision); }
    }
}
