//! A block of addresses as a destination: it is reached when some address of it is.
//!
//! The block is cut wherever something in the evidence draws a line: a rule, a route, a subnet, an
//! interface, and where addresses stop being public. The addresses of a piece fare alike, so that
//! one of them speaks for all.

use super::World;
use crate::estate::Operation;
use crate::reach::address::{Block, Ip, IpSet, not_public};
use crate::reach::flow::{Answer, Flow, Goal, Verdict};
use crate::reach::index::Index;

/// More pieces than this are not asked for one by one.
const PIECES: usize = 100_000;
/// How many blocks a label names.
const NAMED: usize = 4;

/// Where the evidence tells addresses apart, read once.
#[derive(Debug)]
pub(super) struct Lines {
    /// The first address of every piece, sorted.
    starts: Vec<u128>,
    /// Addresses that somebody has, sorted.
    held: Vec<u128>,
}

impl Lines {
    pub(super) fn new(index: &Index) -> Self {
        let mut held: Vec<u128> = index.holders.keys().map(|(_, ip)| ip.0).collect();
        held.extend(index.publics.keys().map(|ip| ip.0));
        held.sort_unstable();
        held.dedup();
        let vpcs = index.vpcs.iter();
        let vpcs = vpcs.flat_map(|vpc| vpc.blocks.iter().flatten().chain(vpc.subnets.iter().map(|(block, _)| block)));
        let blocks = vpcs.copied().chain(not_public().blocks());
        let ranges = blocks.map(|block| (block.first.0, block.last.0)).chain(held.iter().map(|ip| (*ip, *ip)));
        let mut starts = index.edges.clone();
        starts.extend(ranges.flat_map(|(first, last)| [Some(first), last.checked_add(1)]).flatten());
        starts.sort_unstable();
        starts.dedup();
        Self { starts, held }
    }

    /// The block, cut at every line; a piece is no CIDR block, only a range.
    fn cut(&self, block: Block) -> Vec<Block> {
        let from = self.starts.partition_point(|start| *start <= block.first.0);
        let to = self.starts.partition_point(|start| *start <= block.last.0);
        let inner = self.starts.get(from..to).unwrap_or_default();
        let starts = std::iter::once(block.first.0).chain(inner.iter().copied());
        let ends = inner.iter().map(|start| start - 1).chain([block.last.0]);
        let piece = |(first, last)| Block { first: Ip(first), last: Ip(last), length: block.length };
        starts.zip(ends).map(piece).collect()
    }

    /// The answer for a block, and which part of it that is about, when it is not the whole.
    pub(super) fn ask(&self, world: &World<'_>, block: Block, flow: impl Fn(Goal) -> Flow) -> (Option<String>, Answer) {
        let pieces = self.cut(block);
        if pieces.len() > PIECES {
            let detail = format!("the evidence cuts the block into more than {PIECES} pieces: ask for a smaller one");
            let gap = super::lookup::gap(Operation::ReadEvidence, &block.to_string(), &detail);
            return (None, super::unknown(vec![gap]));
        }
        let (mut reached, mut unsure, mut stopped) = (Vec::new(), Vec::new(), Vec::new());
        for piece in pieces {
            match world.verdict(&flow(Goal::Address(piece.first))) {
                Verdict::Reachable => reached.push(piece),
                Verdict::Unknown => unsure.push(piece),
                Verdict::Unreachable => stopped.push(piece),
            }
        }
        let told = if reached.is_empty() { unsure } else { reached };
        // of what is not reached, an address that somebody has tells more than one that nobody has
        let held = |piece: &&Block| self.held.binary_search(&piece.first.0).is_ok();
        let shown = told.first().or_else(|| stopped.iter().find(held)).or_else(|| stopped.first());
        let answer = world.ask(&flow(Goal::Address(shown.map_or(block.first, |piece| piece.first))));
        let part = (!told.is_empty() && !stopped.is_empty()).then(|| words(&IpSet::of(told)));
        (part, answer)
    }
}

/// `10.0.1.0/28, 10.0.1.32/32 and 3 more`.
fn words(set: &IpSet) -> String {
    let blocks: Vec<String> = set.blocks().iter().map(ToString::to_string).collect();
    let named = blocks.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match blocks.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
