//! Protocols and ports as one number: the protocol in the high byte, the port (for ICMP type and
//! code) below. A rule is then a box: a range of services times a range of addresses.

use std::ops::RangeInclusive;

use super::traffic::Protocol;

/// A protocol with a port, or with an ICMP type and code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Service(pub(crate) u32);

/// The client ports that an operating system, a NAT gateway or a load balancer may use. Source:
/// AWS, "Network ACLs", ephemeral ports.
pub const EPHEMERAL: RangeInclusive<u16> = 1024..=u16::MAX;

/// Every service.
pub(crate) const ALL: RangeInclusive<u32> = 0..=0x00FF_FFFF;

impl Service {
    /// A port of a protocol.
    pub fn new(protocol: Protocol, port: u16) -> Self {
        Self((u32::from(protocol.0) << 16) | u32::from(port))
    }

    /// An echo request of the family.
    pub fn echo(protocol: Protocol) -> Self {
        Self::new(protocol, if protocol == Protocol::ICMP { 8 << 8 } else { 128 << 8 })
    }

    /// The reply to this ICMP request: an echo reply, the same message for whatever has no reply.
    pub fn icmp_reply(self) -> Self {
        match (self.protocol(), self.port() >> 8) {
            (Protocol::ICMP, 8) => Self::new(Protocol::ICMP, 0),
            (Protocol::ICMP_V6, 128) => Self::new(Protocol::ICMP_V6, 129 << 8),
            _ => self,
        }
    }

    /// The protocol.
    pub fn protocol(self) -> Protocol {
        Protocol(u8::try_from(self.0 >> 16).unwrap_or(u8::MAX))
    }

    /// The port, or ICMP type and code.
    pub fn port(self) -> u16 {
        u16::try_from(self.0 & 0xFFFF).unwrap_or(u16::MAX)
    }

    /// The services of a rule as AWS writes them: a protocol name or number, `-1` for all; ports, or
    /// ICMP type and code, absent or -1 for all. None when the protocol cannot be read.
    pub(crate) fn of_rule(protocol: &str, from: Option<i64>, to: Option<i64>) -> Option<RangeInclusive<u32>> {
        if protocol == "-1" || protocol.eq_ignore_ascii_case("all") {
            return Some(ALL);
        }
        let protocol = Protocol::named(protocol)?;
        let bound = |port: Option<i64>| port.filter(|port| *port >= 0).and_then(|port| u16::try_from(port).ok());
        let (first, last) = match (bound(from), bound(to)) {
            (None, None) => (0, u16::MAX),
            (kind, code) if protocol.is_icmp() => {
                let kind = kind.unwrap_or(0).min(255) << 8;
                code.map_or((kind, kind | 0xFF), |code| (kind | code.min(255), kind | code.min(255)))
            }
            _ if !protocol.has_ports() => (0, u16::MAX),
            (from, to) => (from.unwrap_or(0), to.unwrap_or(u16::MAX)),
        };
        Some(Self::new(protocol, first).0..=Self::new(protocol, last).0)
    }
}

/// A range of services in words: `tcp/443`, `udp/1024-65535`, `all`.
pub fn describe(services: &RangeInclusive<u32>) -> String {
    if *services == ALL {
        return "all".to_owned();
    }
    let (first, last) = (Service(*services.start()), Service(*services.end()));
    if first.protocol() != last.protocol() {
        return format!("{} to {}", describe(&(first.0..=first.0)), describe(&(last.0..=last.0)));
    }
    let protocol = first.protocol();
    match (first.port(), last.port()) {
        (0, u16::MAX) => protocol.to_string(),
        (0, 0) if !protocol.has_ports() && !protocol.is_icmp() => protocol.to_string(),
        (first, last) if protocol.is_icmp() => {
            let (kind, code) = (first >> 8, first & 0xFF);
            if last >> 8 != kind {
                return format!("{protocol} types {kind}-{}", last >> 8);
            }
            if first == last {
                format!("{protocol} type {kind} code {code}")
            } else {
                format!("{protocol} type {kind}")
            }
        }
        (first, last) if first == last => format!("{protocol}/{first}"),
        (first, last) => format!("{protocol}/{first}-{last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Protocol, Service, describe};

    #[test]
    fn rules_are_read_as_aws_writes_them() {
        let words = |protocol, from, to| Service::of_rule(protocol, from, to).as_ref().map(describe);
        assert_eq!(Service::of_rule("-1", Some(443), Some(443)), Some(ALL));
        assert_eq!(words("6", Some(443), Some(443)).as_deref(), Some("tcp/443"));
        assert_eq!(words("tcp", None, None).as_deref(), Some("tcp"));
        assert_eq!(words("udp", Some(-1), Some(-1)).as_deref(), Some("udp"));
        assert_eq!(words("icmp", Some(8), Some(-1)).as_deref(), Some("icmp type 8"));
        assert_eq!(words("icmp", Some(8), Some(0)).as_deref(), Some("icmp type 8 code 0"));
        assert_eq!(words("icmp", Some(-1), Some(-1)).as_deref(), Some("icmp"));
        assert_eq!(words("47", Some(1), Some(2)).as_deref(), Some("protocol 47"));
        assert_eq!(words("bogus", None, None), None);
    }

    #[test]
    fn an_echo_is_answered_by_another_type() {
        assert_eq!(Service::echo(Protocol::ICMP).icmp_reply(), Service::new(Protocol::ICMP, 0));
        assert_eq!(Service::echo(Protocol::ICMP_V6).icmp_reply(), Service::new(Protocol::ICMP_V6, 129 << 8));
    }
}
