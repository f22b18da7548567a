//! The two views against each other: whatever flow is drawn from a set, from its edges or from
//! outside it, the walk of that one packet says the same.

use std::collections::{BTreeSet, HashMap};

use plaudit::reach::{self, Flow, Goal, Ip, Protocol, Reach, Service, Start, Verdict};
use plaudit::sources;
use rayon::prelude::*;
use serde_json::Value;

use super::random;

const SEEDS: u64 = 40;
const FLOWS: usize = 40;

/// The service that the symbolic view is about: every port, echo requests, other protocols whole.
fn asked(flow: &Flow) -> Option<Service> {
    let service = Service::new(flow.protocol, flow.port);
    let named = flow.protocol.has_ports() || service == Service::echo(flow.protocol) || flow.port == 0;
    (named && flow.source_port.is_none()).then_some(service)
}

/// Destinations and ports at the edges of a set and just beyond them.
fn edges(reach: &Reach) -> Vec<(Ip, Protocol, u16)> {
    let mut drawn = Vec::new();
    for part in &reach.parts {
        for set in [&part.sure, &part.unsure] {
            for (first, last, addresses) in set.ranges() {
                for block in addresses.blocks().into_iter().take(3) {
                    for ip in [block.first, block.last, block.last.next(), block.first.previous()] {
                        for service in [first, last] {
                            drawn.push((ip, service.protocol(), service.port()));
                            drawn.push((ip, service.protocol(), service.port().saturating_add(1)));
                            drawn.push((ip, service.protocol(), service.port().saturating_sub(1)));
                        }
                    }
                }
            }
        }
    }
    drawn
}

fn compare(seed: u64, world: &reach::World, reach: &Reach, flow: &Flow, ip: Ip) -> Option<Verdict> {
    let service = asked(flow)?;
    let (set, walked) = (reach.verdict(service, ip), world.verdict(flow));
    assert_eq!(set, walked, "seed {seed}: set (left) against walk (right) of {flow:?} at {ip}: {:#?}", world.ask(flow));
    Some(walked)
}

#[test]
fn what_a_source_reaches_is_what_its_packets_reach() {
    let told: Vec<Verdict> = (0..SEEDS)
        .into_par_iter()
        .flat_map_iter(|seed| {
            let evidence = random::world(seed).evidence();
            let estate = sources::read_text("world", evidence).unwrap();
            let world = reach::World::of(&estate);
            let mut sets: HashMap<Start, Reach> = HashMap::new();
            let mut told = Vec::new();
            for ask in random::flows(seed, FLOWS) {
                let flow = ask.resolve(&world).unwrap();
                let own = if let Start::Interface(_, Some(_)) = flow.from { continue } else { flow.from };
                let mut drawn = Vec::new();
                let reach = sets.entry(own).or_insert_with(|| {
                    let reach = world.reachable(own);
                    drawn = edges(&reach);
                    reach
                });
                if let Goal::Address(ip) = flow.to {
                    told.extend(compare(seed, &world, reach, &flow, ip));
                }
                for (ip, protocol, port) in drawn {
                    let drawn = Flow { to: Goal::Address(ip), protocol, port, source_port: None, ..flow };
                    told.extend(compare(seed, &world, reach, &drawn, ip));
                }
            }
            told
        })
        .collect();
    for verdict in [Verdict::Reachable, Verdict::Unreachable] {
        let count = told.iter().filter(|known| **known == verdict).count();
        assert!(count * 10 > told.len(), "only {count} of {} flows are {verdict}", told.len());
    }
}

#[test]
fn who_reaches_a_destination_is_who_can_send_to_it() {
    (0..SEEDS).into_par_iter().for_each(|seed| {
        let evidence = random::world(seed).evidence();
        let estate = sources::read_text("world", evidence).unwrap();
        let world = reach::World::of(&estate);
        for ask in random::flows(seed, FLOWS / 4) {
            let flow = ask.resolve(&world).unwrap();
            let Goal::Interface(_) = flow.to else { continue };
            let reach = world.reachers_on_internet(flow.to);
            let strangers = [world.internet(), Ip::parse("198.51.100.7").unwrap(), Ip::parse("10.0.1.9").unwrap()];
            let drawn = strangers.into_iter().map(|ip| (ip, flow.protocol, flow.port));
            for (ip, protocol, port) in drawn.chain(edges(&reach)).filter(|(ip, ..)| ip.is_v4()) {
                let drawn = Flow { from: Start::Internet(ip), to: flow.to, protocol, port, source_port: None };
                compare(seed, &world, &reach, &drawn, ip);
            }
        }
    });
}

/// Every public IPv4 address in some evidence.
fn publics(value: &Value, found: &mut BTreeSet<Ip>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| publics(item, found)),
        Value::Object(members) => {
            found.extend(members.get("PublicIp").and_then(Value::as_str).and_then(Ip::parse));
            members.values().for_each(|member| publics(member, found));
        }
        _ => {}
    }
}

/// What is told of strangers alone is not told of the estate's own public addresses, and is exact
/// for all others.
#[test]
fn strangers_fare_as_their_packets_do() {
    (0..SEEDS).into_par_iter().for_each(|seed| {
        let evidence = random::world(seed).evidence();
        let mut owned = BTreeSet::new();
        publics(&serde_json::from_str(&evidence).unwrap(), &mut owned);
        let estate = sources::read_text("world", evidence).unwrap();
        let world = reach::World::of(&estate);
        let is_stranger = |ip: &Ip| ip.is_v4() && !ip.is_private() && !owned.contains(ip);
        for ask in random::flows(seed, FLOWS / 4) {
            let flow = ask.resolve(&world).unwrap();
            if let Start::Interface(_, Some(_)) = flow.from {
                continue;
            }
            let reached = world.strangers_reached(flow.from, None);
            let drawn = edges(&reached).into_iter().chain(edges(&world.reachable(flow.from)));
            for (ip, protocol, port) in drawn.filter(|(ip, ..)| is_stranger(ip)) {
                let drawn = Flow { to: Goal::Address(ip), protocol, port, source_port: None, ..flow };
                compare(seed, &world, &reached, &drawn, ip);
            }
            let Goal::Interface(_) = flow.to else { continue };
            let reaching = world.strangers_reaching(flow.to);
            let drawn = edges(&reaching).into_iter().chain(edges(&world.reachers_on_internet(flow.to)));
            for (ip, protocol, port) in drawn.filter(|(ip, ..)| is_stranger(ip)) {
                let drawn = Flow { from: Start::Internet(ip), to: flow.to, protocol, port, source_port: None };
                compare(seed, &world, &reaching, &drawn, ip);
            }
        }
    });
}
