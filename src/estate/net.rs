//! Address blocks and exact sets of addresses.
//!
//! A block that does not parse belongs to no set; callers that must not ignore it use
//! [`parse_block`] and report the gap.

use std::net::IpAddr;

use ipnetwork::IpNetwork;
use range_set_blaze::RangeSetBlaze;

/// A set of IPv4 and IPv6 addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressSet {
    v4: RangeSetBlaze<u32>,
    v6: RangeSetBlaze<u128>,
}

impl AddressSet {
    /// The union of blocks and single addresses.
    pub fn of<'a>(blocks: impl IntoIterator<Item = &'a str>) -> Self {
        let mut set = Self::default();
        for block in blocks {
            set.insert(block);
        }
        set
    }

    /// Adds a block or a single address. Returns whether it could be read.
    pub fn insert(&mut self, block: &str) -> bool {
        match parse_block(block) {
            Some(IpNetwork::V4(net)) => {
                self.v4.ranges_insert(u32::from(net.network())..=u32::from(net.broadcast()));
                true
            }
            Some(IpNetwork::V6(net)) => {
                self.v6.ranges_insert(u128::from(net.network())..=u128::from(net.broadcast()));
                true
            }
            None => false,
        }
    }

    /// Whether it holds no address.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether every address of `other` is in it.
    pub fn covers(&self, other: &Self) -> bool {
        other.v4.is_subset(&self.v4) && other.v6.is_subset(&self.v6)
    }

    /// Whether some address is in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.v4.is_disjoint(&other.v4) || !self.v6.is_disjoint(&other.v6)
    }

    /// The addresses that are in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { v4: &self.v4 & &other.v4, v6: &self.v6 & &other.v6 }
    }

    /// The addresses of `self` that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self { v4: &self.v4 - &other.v4, v6: &self.v6 - &other.v6 }
    }

    /// Whether it holds at least half of the IPv4 or of the global IPv6 internet: `0.0.0.0/0`,
    /// but also `0.0.0.0/1` with `128.0.0.0/1`, and any other way to say everyone.
    pub fn is_internet(&self) -> bool {
        let half_v4 = u64::from(u32::MAX) / 2;
        let v4: u64 = self.v4.ranges().map(|range| u64::from(*range.end()) - u64::from(*range.start()) + 1).sum();
        let global = Self::of(["2000::/3"]);
        let half_v6 = 1u128 << 124;
        let v6 = self
            .intersection(&global)
            .v6
            .ranges()
            .fold(0u128, |sum, range| sum.saturating_add(range.end() - range.start()).saturating_add(1));
        v4 > half_v4 || v6 >= half_v6
    }
}

/// A block, or a single address as a block of one; host bits may be set, as AWS allows in
/// some places. Surrounding white space is ignored.
pub fn parse_block(text: &str) -> Option<IpNetwork> {
    let text = text.trim();
    match text.split_once('/') {
        Some(_) => text.parse().ok(),
        None => text.parse::<IpAddr>().ok().map(IpNetwork::from),
    }
}

/// Whether the block lies in a range that never appears on the internet: private (RFC 1918),
/// shared (RFC 6598), link-local, loopback or unique local.
pub fn is_private(block: &str) -> bool {
    let private = AddressSet::of([
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    ]);
    let set = AddressSet::of([block]);
    !set.is_empty() && private.covers(&set)
}

/// Whether the block is IPv6.
pub fn is_ipv6(block: &str) -> bool {
    parse_block(block).is_some_and(|block| block.is_ipv6())
}

#[cfg(test)]
mod tests {
    use super::{AddressSet, is_private};

    #[test]
    fn two_halves_are_the_internet() {
        assert!(AddressSet::of(["0.0.0.0/1", "128.0.0.0/1"]).is_internet());
        assert!(AddressSet::of(["0.0.0.0/0"]).is_internet());
        assert!(AddressSet::of(["::/0"]).is_internet());
        assert!(AddressSet::of(["128.0.0.0/1"]).is_internet());
        assert!(!AddressSet::of(["128.0.0.0/2"]).is_internet());
        assert!(!AddressSet::of(["10.0.0.0/8", "2001:db8::/32"]).is_internet());
    }

    #[test]
    fn coverage_is_of_unions() {
        let set = AddressSet::of(["10.0.0.0/25", "10.0.0.128/25"]);
        assert!(set.covers(&AddressSet::of(["10.0.0.0/24"])));
        assert!(!set.covers(&AddressSet::of(["10.0.0.0/23"])));
        assert!(set.overlaps(&AddressSet::of(["10.0.0.7"])));
    }

    #[test]
    fn what_does_not_parse_belongs_to_no_set() {
        let mut set = AddressSet::default();
        assert!(!set.insert("10.0.0.0/33"));
        assert!(!set.insert("example.com"));
        assert!(set.is_empty());
    }

    #[test]
    fn private_ranges_are_told_from_public_ones() {
        assert!(is_private("10.1.0.0/16"));
        assert!(is_private("192.168.3.4"));
        assert!(!is_private("203.0.113.0/24"));
        assert!(!is_private("8.0.0.0/5"));
        assert!(!is_private("not an address"));
    }
}
