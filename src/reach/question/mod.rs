//! Questions in words: who `prod`, `sg-…@vpc-…` or `relay` is, and what the engine says of them.
//!
//! Input: a world and a [`Question`] of words and numbers, from a command line, a file of flows or
//! the settings. Output: a [`Reply`]: one case for each pair of a source and a target, and the
//! verdict over all of them. It refuses words that name nothing in the evidence, and never takes a
//! list that nobody collected for an empty one: such a reply is unknown.

mod block;
mod error;
mod lookup;
mod need;
mod node;
mod outside;
mod reply;
mod source;
mod target;
mod word;

pub use error::{QuestionError, Side};
pub use reply::{Case, Group, Reply};

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use super::address::Ip;
use super::flow::{Answer, Arrival, Blocker, Flow, Hop, Verdict};
use super::service::Service;
use super::traffic::Protocol;
use super::{Reach, World};
use crate::estate::{Estate, Gap, Place};
use block::Lines;
use reply::Tally;
use source::Source;
use target::{Aim, Target};

/// The port when nobody says one.
const HTTPS: u16 = 443;

/// A question in words and numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Source: see [`Side::kinds`].
    pub from: String,
    /// Destination: see [`Side::kinds`].
    pub to: String,
    /// `tcp`, `udp`, `icmp` or a number; tcp when empty.
    pub protocol: String,
    /// Destination port; for ICMP 256 times the type plus the code. Without one 443, an echo
    /// request, or what the destination needs.
    pub port: Option<u16>,
    /// Source port; any of 1024-65535 when not said.
    pub source_port: Option<u16>,
    /// Address of the source, when it has several.
    pub from_ip: Option<String>,
}

/// The numbers of a question, understood.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    protocol: Protocol,
    port: Option<u16>,
    source_port: Option<u16>,
    from_ip: Option<Ip>,
}

impl Numbers {
    fn of(question: &Question) -> Result<Self, QuestionError> {
        let protocol = match question.protocol.trim() {
            "" => Protocol::TCP,
            text => Protocol::named(text).ok_or_else(|| QuestionError::Protocol(text.to_owned()))?,
        };
        let from_ip = question.from_ip.as_deref().filter(|text| !text.trim().is_empty());
        let address = |text: &str| Ip::parse(text).ok_or_else(|| QuestionError::Address(text.to_owned()));
        let from_ip = from_ip.map(address).transpose()?;
        Ok(Self { protocol, port: question.port, source_port: question.source_port, from_ip })
    }

    /// Protocol and port of the flow; `needed` is what the destination itself needs.
    fn service(&self, needed: Option<(Protocol, u16)>, v6: bool) -> (Protocol, u16) {
        if let (None, Some(needed)) = (self.port, needed) {
            return needed;
        }
        let protocol = if self.protocol == Protocol::ICMP && v6 { Protocol::ICMP_V6 } else { self.protocol };
        let port = match self.port {
            Some(port) if protocol.has_ports() || protocol.is_icmp() => port,
            None if protocol.has_ports() => HTTPS,
            None if protocol.is_icmp() => Service::echo(protocol).port(),
            _ => 0,
        };
        (protocol, port)
    }
}

/// Answers one question. Whoever has many asks one [`Asker`].
pub fn ask(world: &World<'_>, question: &Question) -> Result<Reply, QuestionError> {
    Asker::new(world).ask(question)
}

/// What one source reaches.
#[derive(Clone, Debug)]
pub struct Sphere {
    /// The source.
    pub from: String,
    /// What it reaches.
    pub reach: Reach,
}

/// Understands words. Made once for many questions.
pub struct Asker<'a> {
    world: &'a World<'a>,
    estate: &'a Estate,
    /// AWS accounts and regions that some list was collected for.
    places: BTreeSet<Place>,
    /// Rows of workspaces by name.
    names: HashMap<&'a str, Vec<u32>>,
    /// Rows of interfaces by instance.
    instances: HashMap<&'a str, Vec<u32>>,
    /// Where the evidence tells addresses apart, once a block was asked for.
    lines: OnceLock<Lines>,
}

impl<'a> Asker<'a> {
    /// Reads the names that words may mean.
    pub fn new(world: &'a World<'a>) -> Self {
        let estate = world.estate();
        let regional = estate.collected().into_iter();
        let regional = regional.filter(|(operation, _)| !operation.is_databricks() && !operation.is_global());
        let places = regional.map(|(_, place)| place).collect();
        let (names, instances) = lookup::index(estate);
        Self { world, estate, places, names, instances, lines: OnceLock::new() }
    }

    /// The reply to a question.
    pub fn ask(&self, question: &Question) -> Result<Reply, QuestionError> {
        let numbers = Numbers::of(question)?;
        if let Some(reply) = self.required(question)? {
            return Ok(reply);
        }
        let mut notes = BTreeSet::new();
        let sources = self.sources(&question.from, numbers.from_ip, &mut notes)?;
        let mut cases = Vec::new();
        let mut tally = Tally::default();
        let mut known = HashMap::new();
        for source in &sources {
            let targets = self.targets(&question.to, source, &mut known, &mut notes)?;
            tally.source(targets.all);
            for target in &targets.list {
                let case = self.case(source, target, &numbers);
                tally.add(&case.answer);
                cases.push(case);
            }
        }
        let (verdict, forward) = tally.total();
        Ok(Reply { question: question.clone(), verdict, forward, cases, notes: notes.into_iter().collect() })
    }

    /// What the source reaches, one sphere for each of its starts.
    pub fn reachable(&self, from: &str, from_ip: Option<&str>) -> Result<(Vec<Sphere>, Vec<String>), QuestionError> {
        let question = Question { from_ip: from_ip.map(str::to_owned), ..Question::default() };
        let mut notes = BTreeSet::new();
        let sources = self.sources(from, Numbers::of(&question)?.from_ip, &mut notes)?;
        let sphere = |source: &Source| Sphere {
            from: source.label.clone(),
            reach: match &source.start {
                Ok(start) => self.world.reachable(*start),
                Err(gap) => Reach { gaps: vec![Arc::clone(gap)], ..Reach::default() },
            },
        };
        Ok((sources.iter().map(sphere).collect(), notes.into_iter().collect()))
    }

    /// One source and one target.
    fn case(&self, source: &Source, target: &Target, numbers: &Numbers) -> Case {
        let v6 = target.is_v6();
        let (protocol, port) = numbers.service(target.service, v6);
        let start = match &source.start {
            Ok(start) => self.start_towards(*start, target, numbers.from_ip.is_some()),
            Err(gap) => return Case::new(source, &target.label, (protocol, port), unknown(vec![Arc::clone(gap)])),
        };
        let flow = |goal| Flow { from: start, to: goal, protocol, port, source_port: numbers.source_port };
        let mut label = Cow::Borrowed(target.label.as_str());
        let mut answer = match &target.aim {
            Aim::Goal(goal) => self.world.ask(&flow(*goal)),
            Aim::Block(block) => {
                let lines = self.lines.get_or_init(|| Lines::new(self.world.index()));
                let (part, answer) = lines.ask(self.world, *block, flow);
                let how = if answer.verdict == Verdict::Unknown { "perhaps" } else { "only" };
                label = part.map_or(label, |part| Cow::Owned(format!("{block} ({how} {part})")));
                answer
            }
            Aim::Never(blocker) => never(blocker.clone()),
            Aim::Unknown(gaps) => unknown(gaps.clone()),
        };
        if !target.hops.is_empty() {
            let mut hops: Vec<Hop> = target.hops.to_vec();
            hops.append(&mut answer.hops);
            answer.hops = hops;
        }
        Case::new(source, &label, (protocol, port), answer)
    }
}

/// The answer where evidence is missing before anything was asked.
fn unknown(mut gaps: Vec<Arc<Gap>>) -> Answer {
    gaps.sort();
    gaps.dedup();
    Answer { gaps, ..empty(Verdict::Unknown) }
}

/// The answer where something stops the flow before it starts.
fn never(blocker: Blocker) -> Answer {
    Answer { blockers: vec![blocker], ..empty(Verdict::Unreachable) }
}

fn empty(verdict: Verdict) -> Answer {
    Answer {
        verdict,
        forward: verdict,
        blockers: Vec::new(),
        hops: Vec::new(),
        gaps: Vec::new(),
        arrival: Arrival::Nowhere,
        source_ports: None,
    }
}
