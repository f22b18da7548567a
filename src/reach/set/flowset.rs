//! Exact sets of services times addresses: what a filter admits, what a source reaches.

use std::ops::RangeInclusive;

use super::super::address::{Ip, IpSet};
use super::super::index::Rule;
use super::super::service::{ALL, Service, describe};

/// A set of services times addresses, as pieces of services with one set of addresses each:
/// apart, sorted, none empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowSet {
    pieces: Vec<(RangeInclusive<u32>, IpSet)>,
}

impl FlowSet {
    /// These services at these addresses.
    pub(crate) fn of(services: RangeInclusive<u32>, addresses: &IpSet) -> Self {
        let pieces = if addresses.is_empty() { Vec::new() } else { vec![(services, addresses.clone())] };
        Self { pieces }
    }

    /// Cuts the services at every edge of the rules, and asks `addresses` for each piece.
    fn cut(rules: impl Iterator<Item = RangeInclusive<u32>>, addresses: impl Fn(u32) -> IpSet) -> Self {
        let mut starts = vec![*ALL.start()];
        for range in rules {
            starts.push(*range.start());
            starts.push(range.end() + 1);
        }
        starts.retain(|start| ALL.contains(start));
        starts.sort_unstable();
        starts.dedup();
        let mut set = Self::default();
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).map_or(*ALL.end(), |next| next - 1);
            set.push(*start..=end, addresses(*start));
        }
        set
    }

    /// What the entries of a network ACL admit: the first match decides.
    pub(crate) fn of_acl(rules: &[Rule]) -> Self {
        Self::cut(rules.iter().map(|rule| rule.services.clone()), |service| {
            let mut left = IpSet::all();
            let mut admitted = Vec::new();
            for rule in rules.iter().filter(|rule| rule.services.contains(&service)) {
                let block = IpSet::of([rule.block]);
                if rule.allow {
                    admitted.push(left.and(&block));
                }
                left = left.without(&block);
                if left.is_empty() {
                    break;
                }
            }
            admitted.into_iter().fold(IpSet::default(), |all, some| all.or(&some))
        })
    }

    /// What the rules of security groups admit: their union.
    pub(crate) fn of_rules(rules: &[Rule]) -> Self {
        Self::cut(rules.iter().map(|rule| rule.services.clone()), |service| {
            IpSet::of(rules.iter().filter(|rule| rule.services.contains(&service)).map(|rule| rule.block))
        })
    }

    fn push(&mut self, services: RangeInclusive<u32>, addresses: IpSet) {
        if addresses.is_empty() {
            return;
        }
        match self.pieces.last_mut() {
            Some((last, known)) if *last.end() + 1 == *services.start() && *known == addresses => {
                *last = *last.start()..=*services.end();
            }
            _ => self.pieces.push((services, addresses)),
        }
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Whether the service at the address is in it.
    pub fn contains(&self, service: Service, ip: Ip) -> bool {
        let at = self.pieces.partition_point(|(services, _)| *services.end() < service.0);
        self.pieces.get(at).is_some_and(|(services, set)| services.contains(&service.0) && set.contains(ip))
    }

    /// What is in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let (mut set, mut a, mut b) = (Self::default(), 0, 0);
        while let (Some((left, mine)), Some((right, theirs))) = (self.pieces.get(a), other.pieces.get(b)) {
            let (first, last) = ((*left.start()).max(*right.start()), (*left.end()).min(*right.end()));
            if first <= last {
                set.push(first..=last, mine.and(theirs));
            }
            if left.end() <= right.end() {
                a += 1;
            } else {
                b += 1;
            }
        }
        set
    }

    /// What is in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.zip(other, IpSet::or)
    }

    /// What is in it and not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.zip(other, IpSet::without)
    }

    fn zip(&self, other: &Self, join: impl Fn(&IpSet, &IpSet) -> IpSet) -> Self {
        let mut starts: Vec<u32> = Vec::with_capacity(2 * (self.pieces.len() + other.pieces.len()));
        for (services, _) in self.pieces.iter().chain(&other.pieces) {
            starts.push(*services.start());
            starts.push(services.end() + 1);
        }
        starts.sort_unstable();
        starts.dedup();
        let (mut set, nothing) = (Self::default(), IpSet::default());
        for bounds in starts.windows(2) {
            let [first, next] = bounds else { continue };
            let joined = join(self.at(*first).unwrap_or(&nothing), other.at(*first).unwrap_or(&nothing));
            set.push(*first..=next - 1, joined);
        }
        set
    }

    fn at(&self, service: u32) -> Option<&IpSet> {
        let at = self.pieces.partition_point(|(services, _)| *services.end() < service);
        self.pieces.get(at).filter(|(services, _)| services.contains(&service)).map(|(_, set)| set)
    }

    /// The services that hold for one address, at every address.
    #[must_use]
    pub(crate) fn for_peer(&self, ip: Ip) -> Self {
        let mut set = Self::default();
        for (services, addresses) in &self.pieces {
            if addresses.contains(ip) {
                set.push(services.clone(), IpSet::all());
            }
        }
        set
    }

    /// The ranges of addresses that hold more than `other`, whole.
    #[must_use]
    pub(crate) fn beside(&self, other: &IpSet) -> Self {
        let mut set = Self::default();
        for (services, addresses) in &self.pieces {
            set.push(services.clone(), addresses.beside(other));
        }
        set
    }

    /// Addresses for which any of its services is in it.
    pub fn addresses(&self) -> IpSet {
        self.pieces.iter().fold(IpSet::default(), |all, (_, set)| all.or(set))
    }

    /// Its pieces, joined by equal addresses: services in words, and the addresses.
    pub fn pieces(&self) -> Vec<(String, IpSet)> {
        let mut joined: Vec<(Vec<String>, &IpSet)> = Vec::new();
        for (services, set) in &self.pieces {
            for words in split(services) {
                match joined.iter_mut().find(|(_, known)| *known == set) {
                    Some((all, _)) => all.push(words),
                    None => joined.push((vec![words], set)),
                }
            }
        }
        joined.into_iter().map(|(words, set)| (summary(words), set.clone())).collect()
    }

    /// Its services, one range each, with their addresses.
    pub fn ranges(&self) -> impl Iterator<Item = (Service, Service, &IpSet)> {
        self.pieces.iter().map(|(services, set)| (Service(*services.start()), Service(*services.end()), set))
    }
}

/// A range of services in words, one for each protocol that it touches; protocols that nobody
/// asks for are not listed one by one.
fn split(services: &RangeInclusive<u32>) -> Vec<String> {
    if *services == ALL {
        return vec!["all".to_owned()];
    }
    let (first, last) = (*services.start(), *services.end());
    let protocols = (first >> 16)..=(last >> 16);
    let part = |protocol: u32| first.max(protocol << 16)..=last.min((protocol << 16) | 0xFFFF);
    protocols.map(|protocol| describe(&part(protocol))).collect()
}

/// Many protocols without ports in a row are "other protocols".
fn summary(words: Vec<String>) -> String {
    let (other, named): (Vec<_>, Vec<_>) = words.into_iter().partition(|word| word.starts_with("protocol "));
    let mut words = named;
    match other.len() {
        0 => {}
        1..=3 => words.extend(other),
        _ => words.push("other protocols".to_owned()),
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::super::address::{Block, Ip, IpSet};
    use super::super::super::service::Service;
    use super::super::super::traffic::Protocol;
    use super::{FlowSet, Rule};

    fn rule(protocol: &str, from: i64, to: i64, block: &str, allow: bool) -> Rule {
        let services = Service::of_rule(protocol, Some(from), Some(to)).unwrap();
        Rule { services, block: Block::parse(block).unwrap(), allow, number: 0 }
    }

    fn holds(set: &FlowSet, port: u16, ip: &str) -> bool {
        set.contains(Service::new(Protocol::TCP, port), Ip::parse(ip).unwrap())
    }

    #[test]
    fn an_acl_is_read_in_its_order() {
        let set = FlowSet::of_acl(&[
            rule("6", 22, 22, "0.0.0.0/0", false),
            rule("-1", 0, 0, "10.0.0.0/8", true),
            rule("6", 443, 443, "0.0.0.0/0", true),
        ]);
        assert!(!holds(&set, 22, "10.0.0.1") && holds(&set, 23, "10.0.0.1"));
        assert!(holds(&set, 443, "8.8.8.8") && !holds(&set, 80, "8.8.8.8"));
    }

    #[test]
    fn groups_are_a_union() {
        let set =
            FlowSet::of_rules(&[rule("tcp", 0, 100, "10.0.0.0/25", true), rule("tcp", 50, 200, "10.0.0.128/25", true)]);
        assert!(holds(&set, 75, "10.0.0.1") && holds(&set, 75, "10.0.0.200"));
        assert!(!holds(&set, 10, "10.0.0.200") && !holds(&set, 150, "10.0.0.1"));
    }

    #[test]
    fn sets_follow_the_laws_of_sets() {
        let a = FlowSet::of_rules(&[rule("tcp", 0, 100, "10.0.0.0/24", true)]);
        let b = FlowSet::of_rules(&[rule("tcp", 50, 200, "10.0.0.0/25", true), rule("udp", 53, 53, "10.0.0.2", true)]);
        assert_eq!(a.and(&b).or(&a.without(&b)), a);
        assert_eq!(a.or(&b).without(&b).or(&b), a.or(&b));
        assert!(a.without(&a).is_empty());
        assert_eq!(a.or(&b).and(&b), b);
    }

    #[test]
    fn it_is_told_in_words() {
        let set =
            FlowSet::of_rules(&[rule("tcp", 443, 443, "10.0.0.0/8", true), rule("udp", 53, 53, "10.0.0.0/8", true)]);
        let pieces = set.pieces();
        assert_eq!(pieces.len(), 1);
        assert_eq!((pieces[0].0.as_str(), pieces[0].1.blocks().len()), ("tcp/443, udp/53", 1));
        assert_eq!(FlowSet::of(super::ALL, &IpSet::all()).pieces()[0].0, "all");
    }
}
