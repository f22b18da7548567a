//! Longest-prefix match over blocks: the routes of a VPC route table or of a transit gateway
//! route table, cut once into ranges so that a lookup is one binary search.

use super::super::address::{Block, Ip, IpSet};

/// A route before the cut.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) block: Block,
    /// Lower wins between routes for the same block.
    pub(crate) priority: u8,
    /// Its number among the routes of the table.
    pub(crate) route: u32,
}

/// What holds for a range of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    /// No route.
    None,
    /// This one.
    One(u32),
    /// Several of one rank, and AWS does not say which.
    Many(Vec<u32>),
}

/// The cut table.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    starts: Vec<u128>,
    picks: Vec<Pick>,
}

impl Lookup {
    /// Cuts the routes. `same` tells whether two routes lead to the same target, so that a tie
    /// between them decides nothing.
    pub(crate) fn new(mut entries: Vec<Entry>, same: impl Fn(u32, u32) -> bool) -> Self {
        entries.sort_by_key(|entry| (entry.block.first, entry.block.length, entry.priority, entry.route));
        let mut blocks: Vec<(Block, u8, Pick)> = Vec::with_capacity(entries.len());
        for entry in entries {
            match blocks.last_mut() {
                Some((block, priority, pick)) if *block == entry.block => {
                    if *priority == entry.priority {
                        pick.join(entry.route, &same);
                    }
                }
                _ => blocks.push((entry.block, entry.priority, Pick::One(entry.route))),
            }
        }
        let mut lookup = Self { starts: vec![0], picks: vec![Pick::None] };
        // blocks are nested or apart, never astride: a stack holds those around the current one
        let mut around: Vec<(Ip, Pick)> = Vec::new();
        for (block, _, pick) in blocks {
            lookup.leave(&mut around, Some(block.first));
            lookup.cut(block.first.0, pick.clone());
            around.push((block.last, pick));
        }
        lookup.leave(&mut around, None);
        lookup
    }

    fn leave(&mut self, around: &mut Vec<(Ip, Pick)>, before: Option<Ip>) {
        while let Some((last, _)) = around.last() {
            let last = *last;
            if before.is_some_and(|before| last >= before) {
                return;
            }
            around.pop();
            if let Some(next) = last.0.checked_add(1) {
                let outer = around.last().map_or(Pick::None, |(_, pick)| pick.clone());
                self.cut(next, outer);
            }
        }
    }

    fn cut(&mut self, start: u128, pick: Pick) {
        if self.starts.last() == Some(&start) {
            self.starts.pop();
            self.picks.pop();
        }
        self.starts.push(start);
        self.picks.push(pick);
    }

    /// The route for an address.
    pub(crate) fn find(&self, ip: Ip) -> &Pick {
        let at = self.starts.partition_point(|start| *start <= ip.0);
        // the first range starts at 0
        &self.picks[at.saturating_sub(1)]
    }

    /// Every address for which the choice satisfies `wanted`.
    pub(crate) fn region(&self, wanted: impl Fn(&Pick) -> bool) -> IpSet {
        let ends = self.starts.iter().skip(1).map(|start| start - 1).chain([u128::MAX]);
        let ranges = self.starts.iter().zip(ends).zip(&self.picks);
        let wanted = ranges.filter(|(_, pick)| wanted(pick)).map(|((start, end), _)| *start..=end);
        IpSet(range_set_blaze::RangeSetBlaze::from_iter(wanted))
    }
}

impl Pick {
    fn join(&mut self, route: u32, same: impl Fn(u32, u32) -> bool) {
        match self {
            Self::One(first) if same(*first, route) => {}
            Self::One(first) => *self = Self::Many(vec![*first, route]),
            Self::Many(routes) => {
                if !routes.iter().any(|known| same(*known, route)) {
                    routes.push(route);
                }
            }
            Self::None => *self = Self::One(route),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, Entry, Ip, Lookup, Pick};

    fn entry(block: &str, priority: u8, route: u32) -> Entry {
        Entry { block: Block::parse(block).unwrap(), priority, route }
    }

    fn find(lookup: &Lookup, ip: &str) -> Pick {
        lookup.find(Ip::parse(ip).unwrap()).clone()
    }

    #[test]
    fn the_longest_prefix_wins_and_the_outer_one_resumes() {
        let lookup = Lookup::new(
            vec![entry("0.0.0.0/0", 1, 0), entry("10.0.0.0/8", 1, 1), entry("10.1.0.0/16", 1, 2), entry("::/0", 1, 3)],
            |_, _| false,
        );
        for (ip, route) in [
            ("9.255.255.255", 0),
            ("10.0.0.0", 1),
            ("10.1.0.0", 2),
            ("10.1.255.255", 2),
            ("10.2.0.0", 1),
            ("11.0.0.0", 0),
            ("255.255.255.255", 0),
            ("2001:db8::1", 3),
        ] {
            assert_eq!(find(&lookup, ip), Pick::One(route), "{ip}");
        }
        assert_eq!(find(&Lookup::new(vec![], |_, _| false), "1.2.3.4"), Pick::None);
    }

    #[test]
    fn a_tie_is_decided_by_rank_else_told() {
        let lookup = Lookup::new(vec![entry("10.0.0.0/8", 1, 0), entry("10.0.0.0/8", 0, 1)], |_, _| false);
        assert_eq!(find(&lookup, "10.0.0.1"), Pick::One(1));
        let lookup = Lookup::new(vec![entry("10.0.0.0/8", 1, 0), entry("10.0.0.0/8", 1, 1)], |_, _| false);
        assert_eq!(find(&lookup, "10.0.0.1"), Pick::Many(vec![0, 1]));
        let lookup = Lookup::new(vec![entry("10.0.0.0/8", 1, 0), entry("10.0.0.0/8", 1, 1)], |_, _| true);
        assert_eq!(find(&lookup, "10.0.0.1"), Pick::One(0));
    }

    #[test]
    fn a_region_is_where_the_choice_holds() {
        let lookup = Lookup::new(vec![entry("0.0.0.0/0", 1, 0), entry("10.0.0.0/8", 1, 1)], |_, _| false);
        let region = lookup.region(|pick| *pick == Pick::One(1));
        assert_eq!(region.blocks(), [Block::parse("10.0.0.0/8").unwrap()]);
    }
}
