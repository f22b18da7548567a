//! What a workspace needs, by name: `relay`, `rest`, `s3-root` ….
//!
//! Asked of the whole workspace, the answer is that of [`crate::reach::required`], which judges
//! policies and every port too. Asked of a single subnet or interface, or with a port of its own, it
//! is that of the hosts that the need leads to.

use super::source::{Notes, Source};
use super::target::{Resolved, Target, Targets};
use super::{Asker, Case, Question, Reply};
use crate::reach::flow::{Answer, Arrival, Hop, Verdict};
use crate::reach::question::lookup::Miss;
use crate::reach::question::{QuestionError, Side};
use crate::reach::required::{Need, RequiredPath, Trust};
use crate::reach::traffic::Ports;

/// The one need that is not of the nodes.
const FRONT_END: &str = "front-end";
/// More ports than this are asked for by the first and the last.
const FEW: u16 = 16;

impl Asker<'_> {
    /// The reply for a need of a whole workspace; none where the question is another.
    pub(super) fn required(&self, question: &Question) -> Result<Option<Reply>, QuestionError> {
        let (from, name) = (question.from.trim(), question.to.trim());
        let plain = question.port.is_none() && question.source_port.is_none() && question.from_ip.is_none();
        if !plain || Need::named(name).is_none() {
            return Ok(None);
        }
        let row = match self.workspace(Side::From, from) {
            Ok(row) => row,
            Err(Miss::Refused(error)) => return Err(error),
            Err(_) => return Ok(None),
        };
        let required = self.world.required();
        let Some(path) = required.of_need(row, name) else {
            let gap = required.unknown.iter().find(|(unknown, _)| *unknown == row).map(|(_, gap)| gap.clone());
            return match gap {
                Some(gap) => Ok(Some(self.reply(question, name, super::unknown(vec![gap])))),
                // a workspace without nodes of its own says so where its nodes are asked for
                None => match self.nodes_of_workspace(Side::From, from, &mut Notes::new()) {
                    Err(Miss::Refused(error)) => Err(error),
                    _ => Err(QuestionError::unusable(Side::To, name, format!("the workspace {from} does not need it"))),
                },
            };
        };
        let mut reply = self.reply(question, &format!("{name}, {}", path.title), self.told(path));
        reply.notes = notes(path);
        if let Some(case) = reply.cases.first_mut() {
            case.protocol = path.protocol;
            case.ports = path.ports.first().copied().unwrap_or(case.ports);
            if path.name == FRONT_END {
                case.from = format!("users of {from}");
            }
            if !path.hosts.is_empty() {
                case.to = format!("{} ({})", case.to, path.hosts.join(", "));
            }
        }
        Ok(Some(reply))
    }

    /// A reply of one case.
    fn reply(&self, question: &Question, to: &str, answer: Answer) -> Reply {
        let from = format!("every node of {}", question.from.trim());
        let (protocol, ports) = (crate::reach::Protocol::TCP, Ports::one(super::HTTPS));
        let (verdict, forward) = (answer.verdict, answer.forward);
        let cases = vec![Case { from, to: to.to_owned(), protocol, ports, answer }];
        Reply { question: question.clone(), verdict, forward, cases, notes: Vec::new() }
    }

    /// The answer of a required path, with the trace of the flow that shows the worst of it.
    fn told(&self, path: &RequiredPath) -> Answer {
        let example = path.example.map(|flow| self.world.ask(&flow));
        let (forward, arrival) = match &example {
            Some(example) => (example.forward, example.arrival.clone()),
            None => (path.verdict, Arrival::Nowhere),
        };
        let traced = example.map(|example| example.hops).unwrap_or_default();
        let hops: Vec<Hop> = path.names.iter().cloned().chain(traced).chain(path.policies.iter().cloned()).collect();
        let forward = if path.verdict == Verdict::Reachable { Verdict::Reachable } else { forward };
        let (verdict, blockers, gaps) = (path.verdict, path.blockers.clone(), path.gaps.clone());
        Answer { verdict, forward, blockers, hops, gaps, arrival, source_ports: None }
    }

    /// Where a need of the source's workspaces leads, when the name is that of one.
    pub(super) fn needs(
        &self,
        name: &str,
        source: &Source,
        resolved: &mut Resolved,
    ) -> Result<Option<Targets>, QuestionError> {
        let Some(need) = Need::named(name).filter(|_| !source.workspaces.is_empty()) else { return Ok(None) };
        let required = self.world.required();
        let paths = source.workspaces.iter().filter_map(|row| required.of_need(*row, name));
        let mut list: Vec<Target> = Vec::new();
        for path in paths {
            for host in &path.hosts {
                let targets = match self.host(host, source, resolved) {
                    Ok(targets) => targets,
                    Err(Miss::Refused(error)) => return Err(error),
                    Err(_) => continue,
                };
                for port in path.ports.iter().copied().flat_map(few) {
                    list.extend(targets.list.iter().map(|target| Target {
                        label: format!("{name}, {}", target.label),
                        service: Some((need.protocol, port)),
                        ..target.clone()
                    }));
                }
            }
        }
        if list.is_empty() {
            let reason = "it leads to no host; ask it of the whole workspace";
            return Err(QuestionError::unusable(Side::To, name, reason));
        }
        Ok(Some(Targets { all: true, list }))
    }
}

/// The ports of a range: each of them where they are few.
fn few(ports: Ports) -> Vec<u16> {
    if ports.to - ports.from < FEW { (ports.from..=ports.to).collect() } else { vec![ports.from, ports.to] }
}

/// What else is known of a path.
fn notes(path: &RequiredPath) -> Vec<String> {
    let mut notes = Vec::new();
    if path.verdict != Verdict::Reachable {
        notes.push(format!("without it {}", path.breaks));
        if !path.blocked_subnets.is_empty() {
            notes.push(format!("it fails from {}", path.blocked_subnets.join(", ")));
        }
        if !path.blocked_ports.is_empty() {
            notes.push(format!("of its ports, {} fail", path.blocked_ports));
        }
    }
    match path.trust {
        Trust::Documented => {}
        Trust::Reference => notes.push("templates of Databricks have this need, its documentation does not".to_owned()),
        Trust::Unverified => notes.push("this need is reported from the field, and not verified".to_owned()),
    }
    notes
}
