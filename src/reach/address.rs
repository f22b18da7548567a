//! Addresses as numbers, blocks as ranges of numbers, and exact sets of them.
//!
//! One order serves both families: an IPv4 address is its own 32-bit number, an IPv6 address its
//! 128-bit number. They do not meet, because no IPv6 address below `::2:0:0` is ever routed.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use ipnetwork::IpNetwork;
use range_set_blaze::RangeSetBlaze;

use crate::estate::net::parse_block;

const LAST_V4: u128 = u32::MAX as u128;
const FIRST_V6: u128 = 1 << 33;

/// An address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ip(pub(crate) u128);

impl Ip {
    /// The address of this text, without a prefix length.
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().parse::<IpAddr>().ok().map(Self::from)
    }

    /// The address after it; the last one of its family has none, and is its own.
    #[must_use]
    pub fn next(self) -> Self {
        if self.0 == LAST_V4 { self } else { Self(self.0.saturating_add(1)) }
    }

    /// The address before it; the first one of its family has none, and is its own.
    #[must_use]
    pub fn previous(self) -> Self {
        if self.0 == FIRST_V6 { self } else { Self(self.0.saturating_sub(1)) }
    }

    /// Whether it is IPv4.
    pub fn is_v4(self) -> bool {
        self.0 <= LAST_V4
    }

    /// Whether both are of one family.
    pub fn same_family(self, other: Self) -> bool {
        self.is_v4() == other.is_v4()
    }

    /// Whether it lies in RFC 1918.
    pub fn is_rfc1918(self) -> bool {
        matches!(self.0, 0x0A00_0000..=0x0AFF_FFFF | 0xAC10_0000..=0xAC1F_FFFF | 0xC0A8_0000..=0xC0A8_FFFF)
    }

    /// Whether it lies in RFC 6598.
    pub fn is_rfc6598(self) -> bool {
        matches!(self.0, 0x6440_0000..=0x647F_FFFF)
    }

    /// Whether it can never stand on the internet: private, shared, link-local, loopback, multicast,
    /// reserved, unique local.
    pub fn is_private(self) -> bool {
        not_public().contains(self)
    }
}

impl From<IpAddr> for Ip {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self(u128::from(u32::from(address))),
            IpAddr::V6(address) => Self(u128::from(address).max(FIRST_V6)),
        }
    }
}

impl From<Ip> for IpAddr {
    fn from(ip: Ip) -> Self {
        match u32::try_from(ip.0) {
            Ok(number) => Self::V4(Ipv4Addr::from(number)),
            Err(_) => Self::V6(Ipv6Addr::from(ip.0)),
        }
    }
}

impl fmt::Display for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        IpAddr::from(*self).fmt(f)
    }
}

/// A CIDR block as first and last address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    /// First address.
    pub first: Ip,
    /// Last address.
    pub last: Ip,
    /// Prefix length as routing compares it: that of the family.
    pub length: u8,
}

impl Block {
    /// The block of this text, or a single address as a block of one.
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last, length) = match parse_block(text)? {
            IpNetwork::V4(net) => (IpAddr::V4(net.network()), IpAddr::V4(net.broadcast()), net.prefix()),
            IpNetwork::V6(net) => (IpAddr::V6(net.network()), IpAddr::V6(net.broadcast()), net.prefix()),
        };
        Some(Self { first: first.into(), last: last.into(), length })
    }

    /// Whether the address lies in it.
    pub fn contains(self, ip: Ip) -> bool {
        self.first <= ip && ip <= self.last
    }

    /// Whether every address of `other` lies in it.
    pub fn covers(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// As a range of numbers.
    pub(crate) fn range(self) -> RangeInclusive<u128> {
        self.first.0..=self.last.0
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // the clipped `::/0` is shown as it was written
        let first = if self.first.0 == FIRST_V6 { IpAddr::V6(Ipv6Addr::UNSPECIFIED) } else { self.first.into() };
        write!(f, "{first}/{}", self.length)
    }
}

/// An exact set of addresses of both families.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IpSet(pub(crate) RangeSetBlaze<u128>);

impl IpSet {
    /// Every address of both families.
    pub fn all() -> Self {
        Self(RangeSetBlaze::from_iter([0..=LAST_V4, FIRST_V6..=u128::MAX]))
    }

    /// Every address of the family of `ip`.
    pub fn family(ip: Ip) -> Self {
        Self(RangeSetBlaze::from_iter([if ip.is_v4() { 0..=LAST_V4 } else { FIRST_V6..=u128::MAX }]))
    }

    /// One address.
    pub fn one(ip: Ip) -> Self {
        Self(RangeSetBlaze::from_iter([ip.0..=ip.0]))
    }

    /// The union of blocks.
    pub fn of(blocks: impl IntoIterator<Item = Block>) -> Self {
        Self(RangeSetBlaze::from_iter(blocks.into_iter().map(Block::range)))
    }

    /// Whether the address is in it.
    pub fn contains(&self, ip: Ip) -> bool {
        self.0.contains(ip.0)
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(&self.0 & &other.0)
    }

    /// What is in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self(&self.0 | &other.0)
    }

    /// What is in it and not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(&self.0 - &other.0)
    }

    /// The lowest address.
    pub fn first(&self) -> Option<Ip> {
        self.0.first().map(Ip)
    }

    /// The lowest address that is not in `other`.
    pub(crate) fn first_beside(&self, other: &Self) -> Option<Ip> {
        self.0.ranges().find_map(|mut range| range.find(|number| !other.0.contains(*number))).map(Ip)
    }

    /// Its ranges that hold more than `other`, whole.
    #[must_use]
    pub(crate) fn beside(&self, other: &Self) -> Self {
        let more = |range: &RangeInclusive<u128>| range.clone().any(|number| !other.0.contains(number));
        Self(RangeSetBlaze::from_iter(self.0.ranges().filter(more)))
    }

    /// The fewest CIDR blocks that make it up, in order.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for range in self.0.ranges() {
            let (mut first, last) = (*range.start(), *range.end());
            let bits: u32 = if last <= LAST_V4 { 32 } else { 128 };
            if first == FIRST_V6 && last == u128::MAX {
                blocks.push(Block { first: Ip(first), last: Ip(last), length: 0 });
                continue;
            }
            loop {
                let aligned = if first == 0 { bits } else { first.trailing_zeros().min(bits) };
                let room = last - first;
                let fits = room.checked_add(1).map_or(128, u128::ilog2);
                let size = aligned.min(fits);
                let end = if size == 128 { u128::MAX } else { first + ((1u128 << size) - 1) };
                blocks.push(Block { first: Ip(first), last: Ip(end), length: u8::try_from(bits - size).unwrap_or(0) });
                if end >= last {
                    break;
                }
                first = end + 1;
            }
        }
        blocks
    }
}

/// Every IPv4 address of which `holds` is true; it must be one of [`Ip::is_rfc1918`] and
/// [`Ip::is_rfc6598`].
pub(crate) fn range_of(holds: fn(Ip) -> bool) -> IpSet {
    let blocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
    IpSet::of(blocks.into_iter().filter_map(Block::parse).filter(|block| holds(block.first)))
}

/// What never stands on the internet, both families.
pub fn not_public() -> &'static IpSet {
    static SET: OnceLock<IpSet> = OnceLock::new();
    SET.get_or_init(|| {
        let blocks = [
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "224.0.0.0/3",
            "fc00::/7",
            "fe80::/10",
            "ff00::/8",
        ];
        let mut set = IpSet::of(blocks.into_iter().filter_map(Block::parse));
        // nothing below 2000::/3 is handed out
        set.0.ranges_insert(FIRST_V6..=(0x2000_u128 << 112) - 1);
        set
    })
}

#[cfg(test)]
mod tests {
    use super::{Block, Ip, IpSet};

    #[test]
    fn families_do_not_meet() {
        let (v4, v6) = (Block::parse("0.0.0.0/0").unwrap(), Block::parse("::/0").unwrap());
        assert!(!v6.contains(Ip::parse("203.0.113.7").unwrap()) && v4.contains(Ip::parse("203.0.113.7").unwrap()));
        assert!(v6.contains(Ip::parse("2001:db8::1").unwrap()) && !v4.contains(Ip::parse("2001:db8::1").unwrap()));
        assert_eq!((v4.to_string(), v6.to_string()), ("0.0.0.0/0".to_owned(), "::/0".to_owned()));
    }

    #[test]
    fn private_is_what_no_router_of_the_internet_carries() {
        for text in ["10.1.2.3", "100.64.0.1", "fd00::1", "169.254.169.253"] {
            assert!(Ip::parse(text).unwrap().is_private(), "{text}");
        }
        for text in ["203.0.113.7", "8.8.8.8", "2600:1f18::1", "100.128.0.1"] {
            assert!(!Ip::parse(text).unwrap().is_private(), "{text}");
        }
        assert!(Ip::parse("172.31.0.1").unwrap().is_rfc1918() && !Ip::parse("172.32.0.1").unwrap().is_rfc1918());
    }

    #[test]
    fn a_set_is_written_in_the_fewest_blocks() {
        let set = |texts: &[&str]| IpSet::of(texts.iter().filter_map(|text| Block::parse(text)));
        let written = |set: &IpSet| set.blocks().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(written(&set(&["10.0.0.0/25", "10.0.0.128/25"])), ["10.0.0.0/24"]);
        let most = set(&["0.0.0.0/0"]).without(&set(&["128.0.0.0/1", "10.0.0.0/8"]));
        assert_eq!(
            written(&most),
            ["0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2"]
        );
        assert_eq!(written(&IpSet::all()), ["0.0.0.0/0", "::/0"]);
        assert_eq!(written(&set(&["2001:db8::/32"])), ["2001:db8::/32"]);
    }
}
