//! Names inside a zone: the record sets that speak for a name, by the rules of RFC 4592.

use crate::estate::aws::RecordSet;

/// What a zone holds for a name.
pub(super) enum Held<'a> {
    /// Records that lead to addresses, of the name itself or of this wildcard.
    Records(Vec<&'a RecordSet>, Option<String>),
    /// Something, but no address.
    Other,
    /// Nothing.
    Nothing,
}

/// Finds a name by the rules of RFC 4592: the name itself, else the wildcard below the longest name
/// that exists.
pub(super) fn held<'a>(records: &'a [RecordSet], zone: &str, host: &str) -> Held<'a> {
    let exists = records.iter().map(|set| common(owner(set), host)).max().unwrap_or_default().max(zone.len());
    let parent = &host[host.len() - exists..];
    let wildcard = (exists < host.len()).then(|| format!("*.{parent}"));
    let wanted = wildcard.as_deref().unwrap_or(host);
    let mut sets = records.iter().filter(|set| is_named(owner(set), wanted)).peekable();
    if sets.peek().is_none() {
        return if wildcard.is_none() { Held::Other } else { Held::Nothing };
    }
    let sets: Vec<_> = sets.filter(|set| ["A", "AAAA", "CNAME"].contains(&set.kind.as_str())).collect();
    if sets.is_empty() { Held::Other } else { Held::Records(sets, wildcard) }
}

/// The name of a record set, without the trailing dot.
fn owner(set: &RecordSet) -> &str {
    set.name.trim_end_matches('.')
}

/// Whether a record set has this name; Route 53 writes `\052` for the star of a wildcard.
fn is_named(owner: &str, name: &str) -> bool {
    match (owner.strip_prefix("\\052"), name.strip_prefix('*')) {
        (Some(owner), Some(name)) => owner.eq_ignore_ascii_case(name),
        _ => owner.eq_ignore_ascii_case(name),
    }
}

/// Length of the longest name that both are or lie below.
fn common(owner: &str, host: &str) -> usize {
    let (owner, host) = (owner.as_bytes(), host.as_bytes());
    let same = owner.iter().rev().zip(host.iter().rev()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    let ends = |name: &[u8]| name.len() == same || name[name.len() - same - 1] == b'.';
    if ends(owner) && ends(host) {
        return same;
    }
    // a label that agrees in part does not count
    let dot = host[host.len() - same..].iter().position(|byte| *byte == b'.');
    dot.map_or(0, |dot| same - dot - 1)
}
