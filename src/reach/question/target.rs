//! Where flows lead: the targets that a word means for one source.

use std::collections::HashMap;
use std::sync::Arc;

use super::Asker;
use super::error::{QuestionError, Side};
use super::lookup::Miss;
use super::source::{Notes, Source};
use super::word::{Kind, Word, is_host};
use crate::estate::{Gap, Known, Operation};
use crate::reach::address::{Block, Ip};
use crate::reach::flow::{Blocker, Goal, Hop, Start};
use crate::reach::names::{self, Outcome};
use crate::reach::traffic::Protocol;

/// Published blocks of one name that are asked for.
const PUBLISHED: usize = 16;

/// One end of the flows that a question asks for.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// As people read it.
    pub(super) label: String,
    /// What it is.
    pub(super) aim: Aim,
    /// Protocol and port that it needs, when it says so itself.
    pub(super) service: Option<(Protocol, u16)>,
    /// How its name was resolved.
    pub(super) hops: Arc<[Hop]>,
}

/// What a target is.
#[derive(Clone, Debug)]
pub(super) enum Aim {
    /// Something that the engine knows.
    Goal(Goal),
    /// Some address of a block.
    Block(Block),
    /// Nothing: the name leads nowhere.
    Never(Blocker),
    /// Not known.
    Unknown(Vec<Arc<Gap>>),
}

/// The targets of one word, and whether all of them must be reached or one is enough.
#[derive(Clone, Debug)]
pub(super) struct Targets {
    pub(super) all: bool,
    pub(super) list: Vec<Target>,
}

/// What was resolved already: hosts, by VPC.
pub(super) type Resolved = HashMap<(String, Option<String>), Targets>;

impl Target {
    pub(super) fn new(label: impl Into<String>, aim: Aim) -> Self {
        Self { label: label.into(), aim, service: None, hops: Arc::from([]) }
    }

    /// Its address, when it is only one.
    pub(super) fn address(&self) -> Option<Ip> {
        match &self.aim {
            Aim::Goal(Goal::Address(ip)) => Some(*ip),
            Aim::Goal(Goal::Node(node)) => Some(node.address),
            _ => None,
        }
    }

    /// Whether it is reached over IPv6.
    pub(super) fn is_v6(&self) -> bool {
        match &self.aim {
            Aim::Goal(Goal::Address(ip)) => !ip.is_v4(),
            Aim::Block(block) => !block.first.is_v4(),
            _ => false,
        }
    }
}

impl Asker<'_> {
    /// The targets that a word means for a source; at least one.
    pub(super) fn targets(
        &self,
        text: &str,
        source: &Source,
        resolved: &mut Resolved,
        notes: &mut Notes,
    ) -> Result<Targets, QuestionError> {
        let word = Word::parse(Side::To, text)?;
        let text = text.trim();
        let one = |aim| Ok(Targets { all: true, list: vec![Target::new(text, aim)] });
        let found = match word {
            Word::Internet => one(Aim::Goal(Goal::Internet)),
            Word::Address(ip) => one(Aim::Goal(Goal::Address(ip))),
            Word::Block(block) => one(Aim::Block(block)),
            Word::GroupAt(..) => Err(Miss::refused(Side::To, text, "a security group is no place; name a subnet")),
            Word::Id(kind, id) => match self.target_of_id(kind, id, notes) {
                Err(Miss::Nothing) => self.node_targets(id, notes).map_err(|_| Miss::Nothing),
                found => found,
            },
            Word::Name(name) => match self.needs(name, source, resolved)? {
                Some(targets) => return Ok(targets),
                None => match self.node_targets(name, notes) {
                    Err(Miss::Nothing | Miss::Unknown(_)) if is_host(name) => self.host(name, source, resolved),
                    found => found,
                },
            },
        };
        match found {
            Ok(targets) => Ok(targets),
            Err(Miss::Unknown(gap)) => {
                Ok(Targets { all: true, list: vec![Target::new(text, Aim::Unknown(vec![gap]))] })
            }
            Err(Miss::Nothing) => Err(QuestionError::Nothing { side: Side::To, word: text.to_owned() }),
            Err(Miss::Refused(error)) => Err(error),
        }
    }

    fn target_of_id(&self, kind: Kind, id: &str, notes: &mut Notes) -> Result<Targets, Miss> {
        let refused = |reason| Err(Miss::refused(Side::To, id, reason));
        match kind {
            Kind::Subnet => Ok(any(self.nodes_of_subnet(id, notes)?)),
            Kind::Interface => {
                let (row, _) = self.row(&self.estate.aws.interfaces, id)?;
                Ok(Targets { all: true, list: vec![Target::new(id, Aim::Goal(Goal::Interface(row)))] })
            }
            Kind::Instance => {
                let (eni, row) = self.interface_of_instance(Side::To, id, notes)?;
                Ok(Targets { all: true, list: vec![self.part_target(id, &eni, row)] })
            }
            Kind::Endpoint => {
                let interfaces = self.interfaces_of_endpoint(id)?;
                if interfaces.is_empty() {
                    return self.service_of_endpoint(id);
                }
                let list = interfaces.into_iter().map(|(eni, row)| self.part_target(id, &eni, row)).collect();
                Ok(Targets { all: true, list })
            }
            Kind::VpnGateway | Kind::Attachment => refused("name an address behind it"),
            Kind::Group => refused("a security group is no place; name a subnet or an interface"),
            Kind::Vpc => refused("name a subnet or an address block of it"),
        }
    }

    fn part_target(&self, whole: &str, eni: &str, row: Known<u32>) -> Target {
        let aim = row.map_or_else(|gap| Aim::Unknown(vec![gap]), |row| Aim::Goal(Goal::Interface(row)));
        Target::new(format!("{whole} ({eni})"), aim)
    }

    /// A node of a workspace: one of them is enough to say that it can be reached.
    fn node_targets(&self, word: &str, notes: &mut Notes) -> Result<Targets, Miss> {
        self.nodes_of_workspace(Side::To, word, notes).map(any)
    }

    /// Addresses of the service behind a gateway endpoint.
    fn service_of_endpoint(&self, id: &str) -> Result<Targets, Miss> {
        let (_, endpoint) = self.row(&self.estate.aws.vpc_endpoints, id)?;
        let tables = endpoint.route_table_ids.iter();
        let routes = tables.filter_map(|table| self.named(&self.estate.aws.route_tables, table).ok());
        let mut lists = routes.flat_map(|(_, table)| &table.routes).filter(|route| route.target().id() == id);
        let Some(list) = lists.find_map(|route| route.destination_prefix_list_id.as_deref()) else {
            return Err(Miss::refused(Side::To, id, "no route leads to it, and it has no interface"));
        };
        let (_, blocks) = self.row(&self.estate.aws.prefix_list_entries, list)?;
        let aim = match blocks.iter().find_map(|block| Block::parse(block)) {
            Some(block) => Aim::Goal(Goal::Address(block.first)),
            None => {
                Aim::Unknown(vec![super::lookup::gap(Operation::GetManagedPrefixListEntries, list, "it has no entry")])
            }
        };
        Ok(Targets { all: true, list: vec![Target::new(format!("{id} ({list})"), aim)] })
    }

    /// What a name resolves to where the source runs.
    pub(super) fn host(&self, host: &str, source: &Source, resolved: &mut Resolved) -> Result<Targets, Miss> {
        let key = (host.to_owned(), source.vpc.clone());
        if let Some(targets) = resolved.get(&key) {
            return Ok(targets.clone());
        }
        let Some(vpc) = &source.vpc else {
            if let Err(gap) = &source.start {
                return Err(Miss::Unknown(Arc::clone(gap)));
            }
            return Err(Miss::refused(
                Side::To,
                host,
                "names are resolved in the VPC of the source, which has none; say an address",
            ));
        };
        let (vpc, _) = self.named(&self.estate.aws.vpcs, vpc)?;
        let resolution = names::resolve(self.estate, vpc, host);
        let goal = |ip: Ip| (format!("{host} ({ip})"), Aim::Goal(Goal::Address(ip)));
        let aims: Vec<(String, Aim)> = match resolution.outcome {
            Outcome::Private(targets) => targets.into_iter().map(|target| goal(target.ip)).collect(),
            // one of many, and nobody says which: each block is asked
            Outcome::Public(set) if !set.is_empty() => {
                set.blocks().into_iter().take(PUBLISHED).map(|block| goal(block.first)).collect()
            }
            Outcome::Public(_) => vec![(format!("{host} (internet)"), Aim::Goal(Goal::Internet))],
            Outcome::Nothing(blocker) => vec![(host.to_owned(), Aim::Never(blocker))],
            Outcome::Unknown(gaps) => vec![(host.to_owned(), Aim::Unknown(gaps))],
        };
        let hops: Arc<[Hop]> = Arc::from(resolution.hops);
        let list = aims.into_iter().map(|(label, aim)| Target { hops: Arc::clone(&hops), ..Target::new(label, aim) });
        let targets = Targets { all: true, list: list.collect() };
        resolved.insert(key, targets.clone());
        Ok(targets)
    }
}

/// Sources as targets of which one is enough.
fn any(sources: Vec<Source>) -> Targets {
    let target = |source: Source| {
        let aim = match source.start {
            Ok(Start::Node(node)) => Aim::Goal(Goal::Node(node)),
            Ok(_) => Aim::Unknown(Vec::new()),
            Err(gap) => Aim::Unknown(vec![gap]),
        };
        Target::new(source.label, aim)
    };
    Targets { all: false, list: sources.into_iter().map(target).collect() }
}
