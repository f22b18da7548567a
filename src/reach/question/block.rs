//! A block of addresses as a destination: it is reached when some address of it is.
//!
//! The block is cut wherever something in the evidence draws a line: a rule, a route, a subnet, an
//! interface. The addresses of a piece fare alike, so that one of them speaks for all.

use std::collections::BTreeSet;

use super::super::address::{Block, Ip, IpSet};
use super::super::flow::{Answer, Flow, Goal, Verdict};
use super::super::index::Index;
use super::World;
use crate::estate::Operation;

/// More pieces than this are not asked for one by one.
const PIECES: usize = 100_000;
/// How many blocks a label names.
const NAMED: usize = 4;

/// The answer for a block, and which part of it that is about, when it is not the whole.
pub(super) fn ask(world: &World<'_>, block: Block, flow: impl Fn(Goal) -> Flow) -> (Option<String>, Answer) {
    let index = world.index();
    let pieces = cut(index, block);
    if pieces.len() > PIECES {
        let detail = format!("the evidence cuts the block into more than {PIECES} pieces: ask for a smaller one");
        return (None, super::unknown(vec![super::lookup::gap(Operation::ReadEvidence, &block.to_string(), &detail)]));
    }
    let mut found =
        [(Verdict::Reachable, Vec::new()), (Verdict::Unknown, Vec::new()), (Verdict::Unreachable, Vec::new())];
    for piece in pieces {
        let verdict = world.verdict(&flow(Goal::Address(piece.first)));
        if let Some((_, list)) = found.iter_mut().find(|(of, _)| *of == verdict) {
            list.push(piece);
        }
    }
    let Some((verdict, pieces)) = found.iter().find(|(_, pieces)| !pieces.is_empty()) else {
        return (None, super::empty(Verdict::Unreachable));
    };
    // of what is not reached, an address that somebody has tells more than one that nobody has
    let held = |piece: &&Block| index.holders.keys().any(|(_, ip)| *ip == piece.first);
    let shown = match verdict {
        Verdict::Unreachable => pieces.iter().find(held).or_else(|| pieces.first()),
        _ => pieces.first(),
    };
    let first = shown.map_or(block.first, |piece| piece.first);
    let answer = world.ask(&flow(Goal::Address(first)));
    let part = IpSet::of(pieces.iter().copied());
    let whole = part == IpSet::of([block]);
    ((!whole && *verdict != Verdict::Unreachable).then(|| words(&part)), answer)
}

/// The block, cut at every line; a piece is no CIDR block, only a range.
fn cut(index: &Index, block: Block) -> Vec<Block> {
    let inside = |ip: u128| block.first.0 < ip && ip <= block.last.0;
    let from = index.edges.partition_point(|edge| *edge <= block.first.0);
    let to = index.edges.partition_point(|edge| *edge <= block.last.0);
    let mut starts: BTreeSet<u128> = index.edges.get(from..to).unwrap_or_default().iter().copied().collect();
    let vpcs =
        index.vpcs.iter().flat_map(|vpc| vpc.blocks.iter().flatten().chain(vpc.subnets.iter().map(|(block, _)| block)));
    let ranges = vpcs.map(|block| (block.first, block.last));
    let held = index.holders.keys().map(|(_, ip)| (*ip, *ip)).chain(index.publics.keys().map(|ip| (*ip, *ip)));
    for (first, last) in ranges.chain(held) {
        starts.extend(Some(first.0).filter(|ip| inside(*ip)));
        starts.extend(last.0.checked_add(1).filter(|ip| inside(*ip)));
    }
    starts.insert(block.first.0);
    let ends = starts.iter().skip(1).map(|start| start - 1).chain([block.last.0]);
    let length = if block.first.is_v4() { 32 } else { 128 };
    starts.iter().zip(ends).map(|(first, last)| Block { first: Ip(*first), last: Ip(last), length }).collect()
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
