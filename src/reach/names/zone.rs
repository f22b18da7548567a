//! Private hosted zones: which of them a VPC sees, and what one answers. A zone that owns a name
//! answers for it alone: without a record there is no address, neither from a zone with a shorter
//! name nor from the public DNS. Sources: AWS, "Considerations when working with a private hosted
//! zone"; RFC 4592 for wildcards.

use std::sync::Arc;

use super::walk::{Seat, Walk};
use super::{Outcome, Target, endpoint, public, record, under};
use crate::estate::aws::{HostedZone, RecordSet, host_name};
use crate::estate::{Estate, Gap, Known, Operation, Reason, Row};
use crate::reach::address::{Ip, IpSet};
use crate::reach::code::Code;
use crate::reach::flow::Passage;

/// The private zones that a VPC is known to see and whose name `host` lies below.
pub(super) fn of_vpc<'a>(estate: &'a Estate, vpc: &str, host: &'a str) -> impl Iterator<Item = u32> + 'a {
    let zones = estate.graph.zones_of_vpc.get(vpc).into_iter().flatten().copied();
    zones.filter(move |number| {
        let zone = estate.aws.hosted_zones.row(*number).body.known();
        zone.is_ok_and(|zone| zone.private && under(host, &zone.name))
    })
}

/// Length of the name of a zone.
pub(super) fn length(estate: &Estate, number: u32) -> usize {
    estate.aws.hosted_zones.row(number).body.known().map_or(0, |zone| zone.name.len())
}

/// Why the VPCs of some private zone are not known, if they are not: computed once for an estate.
pub fn untold(estate: &Estate) -> Option<Arc<Gap>> {
    let first = || estate.aws.hosted_zones.rows().iter().find_map(|row| told(row).err());
    estate.graph.zones_unknown.get_or_init(first).clone()
}

/// The zone, if it says which VPCs see it.
fn told(row: &Row<HostedZone>) -> Known<&HostedZone> {
    let zone = row.body.known()?;
    if zone.private && zone.vpcs.is_none() {
        let scope = row.place.scope().of(&zone.id);
        return Err(Gap::new(Operation::GetHostedZone, scope, Reason::NotCollected).shared());
    }
    Ok(zone)
}

/// Why it is not known whether a zone speaks for `host` that is more specific than a name of
/// length `best`. Only an estate with such gaps pays for the search.
pub(super) fn untold_above(estate: &Estate, host: &str, best: Option<usize>) -> Option<Arc<Gap>> {
    untold(estate)?;
    let matters = |row: &Row<HostedZone>| {
        row.body.known().map_or(true, |zone| under(host, &zone.name) && best.is_none_or(|best| zone.name.len() > best))
    };
    estate.aws.hosted_zones.rows().iter().filter(|row| matters(row)).find_map(|row| told(row).err())
}

/// The answer of a zone for a name below it.
pub(super) fn answer(walk: &mut Walk<'_>, seat: Seat, number: u32, host: &str) -> Outcome {
    let estate = walk.estate;
    let row = estate.aws.hosted_zones.row(number);
    let name = row.body.known().map_or("", |zone| zone.name.as_str());
    let title = format!("the private zone {name} ({})", row.id);
    let records = match estate.aws.records.body(&row.id, &row.place) {
        Ok(records) => records,
        Err(gap) => {
            let decision = format!("{title} speaks for {host}; its records are not known");
            return walk.unknown(&row.id, row.origin, decision, vec![gap]);
        }
    };
    let (sets, wildcard) = match record::held(records, name, host) {
        record::Held::Records(sets, wildcard) => (sets, wildcard),
        other => {
            let lack = if matches!(other, record::Held::Other) { "no address" } else { "no record" };
            let detail = format!(
                "{title} owns {host} and has {lack} for it, and nobody else is asked: add a record for {host} to it, or use a zone for fewer names"
            );
            return walk.nothing(Code::NameShadowed, &row.id, row.origin, detail);
        }
    };
    let by = wildcard.map(|wildcard| format!(" by {wildcard}")).unwrap_or_default();
    let (mut outcomes, mut asked) = (Vec::new(), Vec::new());
    for set in sets {
        let answer = Answer::of(set);
        // records that differ in weight or health check alone lead to the same
        if !asked.contains(&answer) {
            let decision = format!("{title} answers {host}{by} with {}", answer.words());
            walk.hop(&row.id, row.origin, Passage::Passed, decision);
            outcomes.extend(follow(walk, seat, number, &answer));
            asked.push(answer);
        }
    }
    let outcome = merge(outcomes, || {
        let detail = format!("its records for {host} lead to different places");
        Gap::new(Operation::ListResourceRecordSets, row.place.scope().of(&row.id), Reason::Undetermined).because(detail)
    });
    outcome.unwrap_or_else(|| {
        let detail = format!("the records of {title} for {host} hold no address");
        walk.nothing(Code::NameNotResolved, &row.id, row.origin, detail)
    })
}

/// What a record set answers with.
#[derive(PartialEq)]
enum Answer<'a> {
    /// An alias: the name, and the zone of it.
    Alias(String, Option<&'a str>),
    /// Another name.
    Name(String),
    /// Addresses.
    Values(Vec<&'a str>),
}

impl<'a> Answer<'a> {
    fn of(set: &'a RecordSet) -> Self {
        match &set.alias_target {
            Some(alias) => Self::Alias(host_name(&alias.dns_name), alias.hosted_zone_id.as_deref()),
            None if set.kind == "CNAME" => Self::Name(set.values().map(host_name).next().unwrap_or_default()),
            None => Self::Values(set.values().collect()),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Alias(name, _) => {
                let endpoint = endpoint::own_name(name).map(|(id, _)| id);
                format!("an alias of {}", endpoint.as_ref().unwrap_or(name))
            }
            Self::Name(name) => format!("the name {name} (CNAME)"),
            Self::Values(values) => values.join(", "),
        }
    }
}

/// What an answer leads to: addresses of both kinds are two outcomes.
fn follow(walk: &mut Walk<'_>, seat: Seat, number: u32, answer: &Answer<'_>) -> Vec<Outcome> {
    let estate = walk.estate;
    match answer {
        Answer::Alias(name, Some(zone)) if *zone == estate.aws.hosted_zones.row(number).id => {
            vec![walk.guarded(seat, name, |walk| self::answer(walk, seat, number, name))]
        }
        // an alias is followed inside AWS, past the rules and zones of the VPC
        Answer::Alias(name, _) => vec![walk.guarded(seat, name, |walk| public::answer(walk, seat, name))],
        Answer::Name(name) => vec![walk.ask(seat, name)],
        Answer::Values(values) => {
            let (mut targets, mut public) = (Vec::new(), IpSet::default());
            for ip in values.iter().filter_map(|value| Ip::parse(value)) {
                match endpoint::inside(estate, seat.vpc, ip) {
                    Some(target) => targets.push(target),
                    None => public = public.or(&IpSet::one(ip)),
                }
            }
            let targets = (!targets.is_empty()).then_some(Outcome::Private(targets));
            let public = (!public.is_empty()).then_some(Outcome::Public(public));
            targets.into_iter().chain(public).collect()
        }
    }
}

/// One outcome of several that all may occur, none of none. When a client may get one or the other,
/// `why` says what is open.
fn merge(outcomes: Vec<Outcome>, why: impl FnOnce() -> Gap) -> Option<Outcome> {
    let mut targets: Vec<Target> = Vec::new();
    let mut public: Option<IpSet> = None;
    let mut nothing = None;
    let mut gaps = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Private(found) => targets.extend(found),
            Outcome::Public(set) => {
                // an empty set stands for addresses that nobody publishes
                let whole = public.as_ref().is_none_or(|all| !all.is_empty()) && !set.is_empty();
                public = Some(if whole { public.unwrap_or_default().or(&set) } else { IpSet::default() });
            }
            Outcome::Nothing(blocker) => nothing = nothing.or(Some(blocker)),
            Outcome::Unknown(found) => gaps.extend(found),
        }
    }
    targets.sort();
    targets.dedup();
    match (targets.is_empty(), public, nothing, gaps.is_empty()) {
        (true, None, None, true) => None,
        (true, None, Some(blocker), true) => Some(Outcome::Nothing(blocker)),
        (true, Some(set), None, true) => Some(Outcome::Public(set)),
        (false, None, None, true) => Some(Outcome::Private(targets)),
        (_, _, _, known) => {
            if known {
                gaps.push(why().shared());
            }
            gaps.sort();
            gaps.dedup();
            Some(Outcome::Unknown(gaps))
        }
    }
}
