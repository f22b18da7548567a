//! The vocabulary of a flow: direction, protocol, ports.

use std::fmt;

/// Which way a filter is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Into the interface or subnet.
    Ingress,
    /// Out of it.
    Egress,
}

impl Direction {
    /// `ingress` or `egress`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ingress" => Some(Self::Ingress),
            "egress" => Some(Self::Egress),
            _ => None,
        }
    }
}

/// An IP protocol by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protocol(pub u8);

impl Protocol {
    /// ICMP over IPv4.
    pub const ICMP: Self = Self(1);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);
    /// ICMP over IPv6.
    pub const ICMP_V6: Self = Self(58);

    /// The protocol of a name or number as AWS writes them; `-1` and `all` name none.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "tcp" => Some(Self::TCP),
            "udp" => Some(Self::UDP),
            "icmp" => Some(Self::ICMP),
            "icmpv6" => Some(Self::ICMP_V6),
            number => number.parse().ok().map(Self),
        }
    }

    /// Whether a rule for the protocol `text` (a name, a number, or `-1`) speaks of it.
    pub fn is(self, text: &str) -> bool {
        text == "-1" || Self::named(text) == Some(self)
    }

    /// Whether it has ports.
    pub fn has_ports(self) -> bool {
        matches!(self, Self::TCP | Self::UDP)
    }

    /// Whether it is ICMP of either family.
    pub fn is_icmp(self) -> bool {
        matches!(self, Self::ICMP | Self::ICMP_V6)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TCP => f.write_str("tcp"),
            Self::UDP => f.write_str("udp"),
            Self::ICMP => f.write_str("icmp"),
            Self::ICMP_V6 => f.write_str("icmpv6"),
            Self(number) => write!(f, "protocol {number}"),
        }
    }
}

/// A range of destination ports, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// First.
    pub from: u16,
    /// Last.
    pub to: u16,
}

impl Ports {
    /// Every port.
    pub const ALL: Self = Self { from: 0, to: u16::MAX };

    /// One port.
    pub fn one(port: u16) -> Self {
        Self { from: port, to: port }
    }

    /// The ports of a rule as AWS writes them: absent or -1 means all.
    pub fn of_rule(protocol: &str, from: Option<i64>, to: Option<i64>) -> Self {
        let bound = |port: Option<i64>| port.filter(|port| *port >= 0).and_then(|port| u16::try_from(port).ok());
        match (protocol, bound(from), bound(to)) {
            ("-1", _, _) | (_, None, None) => Self::ALL,
            (_, from, to) => Self { from: from.unwrap_or(0), to: to.unwrap_or(u16::MAX) },
        }
    }

    /// Whether every port of `other` is in it.
    pub fn covers(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// Whether some port is in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }

    /// Cuts `self` at every edge of `rules`, so that each piece lies wholly inside or wholly
    /// outside of each of them.
    pub fn cut(self, rules: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut starts = vec![self.from];
        for rule in rules {
            starts.push(rule.from);
            starts.extend(rule.to.checked_add(1));
        }
        starts.retain(|start| (self.from..=self.to).contains(start));
        starts.sort_unstable();
        starts.dedup();
        let ends = starts.iter().skip(1).map(|start| start - 1).chain([self.to]);
        starts.iter().zip(ends).map(|(from, to)| Self { from: *from, to }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Ports, Protocol};

    #[test]
    fn absent_and_minus_one_mean_all_ports() {
        assert_eq!(Ports::of_rule("tcp", None, None), Ports::ALL);
        assert_eq!(Ports::of_rule("tcp", Some(-1), Some(-1)), Ports::ALL);
        assert_eq!(Ports::of_rule("-1", Some(443), Some(443)), Ports::ALL);
        assert_eq!(Ports::of_rule("tcp", Some(443), Some(443)), Ports::one(443));
    }

    #[test]
    fn a_protocol_is_known_by_name_number_and_all() {
        assert!(Protocol::TCP.is("6") && Protocol::TCP.is("TCP") && Protocol::TCP.is("-1"));
        assert!(!Protocol::TCP.is("17") && !Protocol::UDP.is("tcp"));
    }

    #[test]
    fn pieces_cover_the_whole_and_never_straddle_a_rule() {
        let pieces = Ports { from: 10, to: 20 }.cut([Ports { from: 5, to: 12 }, Ports::one(15)]);
        let pieces: Vec<(u16, u16)> = pieces.iter().map(|piece| (piece.from, piece.to)).collect();
        assert_eq!(pieces, [(10, 12), (13, 14), (15, 15), (16, 20)]);
        assert_eq!(Ports::ALL.cut([Ports::ALL]), [Ports::ALL]);
    }
}
