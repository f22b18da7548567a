//! Where flows start: the sources that a word means.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Asker;
use super::error::{QuestionError, Side};
use super::lookup::Miss;
use super::target::Target;
use super::word::{Kind, Word};
use crate::estate::{Gap, Known};
use crate::reach::address::{Block, Ip};
use crate::reach::flow::{Node, Start};

/// One start of the flows that a question asks for.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// As people read it.
    pub(super) label: String,
    /// Where it is, or why that is not known.
    pub(super) start: Known<Start>,
    /// The VPC, where names are resolved.
    pub(super) vpc: Option<String>,
    /// Workspaces whose needs it has: rows.
    pub(super) workspaces: Vec<u32>,
}

impl Source {
    /// Something outside every VPC.
    pub(super) fn outside(label: String, start: Start) -> Self {
        Self { label, start: Ok(start), vpc: None, workspaces: Vec::new() }
    }

    /// Something that is named and not known.
    pub(super) fn missing(label: &str, gap: Arc<Gap>) -> Self {
        Self { label: label.to_owned(), start: Err(gap), vpc: None, workspaces: Vec::new() }
    }
}

/// What a question is told besides its answer, sorted, each once.
pub(super) type Notes = BTreeSet<String>;

impl Asker<'_> {
    /// The sources that a word means; at least one.
    pub(super) fn sources(&self, text: &str, ip: Option<Ip>, notes: &mut Notes) -> Result<Vec<Source>, QuestionError> {
        let word = Word::parse(Side::From, text)?;
        let text = text.trim();
        let found = match word {
            Word::Internet => {
                let address = ip.unwrap_or_else(|| self.world.internet());
                return Ok(vec![Source::outside("internet".to_owned(), Start::Internet(address))]);
            }
            Word::Id(kind, id) => match self.source_of_id(kind, id, ip, notes) {
                // a workspace may have a name that looks like an id
                Err(Miss::Nothing) => self.nodes_of_workspace(Side::From, id, notes).map_err(|_| Miss::Nothing),
                found => found,
            },
            Word::GroupAt(group, place) => self.nodes_with_group(group, place, notes),
            Word::Name(name) => self.nodes_of_workspace(Side::From, name, notes),
            Word::Address(_) | Word::Block(_) => {
                let reason = "name what has the address, and say the address beside it if it has several";
                return Err(QuestionError::unusable(Side::From, text, reason));
            }
        };
        match found {
            Ok(sources) => self.with_address(text, sources, ip),
            Err(Miss::Unknown(gap)) => Ok(vec![Source::missing(text, gap)]),
            Err(Miss::Nothing) => Err(QuestionError::Nothing { side: Side::From, word: text.to_owned() }),
            Err(Miss::Refused(error)) => Err(error),
        }
    }

    fn source_of_id(&self, kind: Kind, id: &str, ip: Option<Ip>, notes: &mut Notes) -> Result<Vec<Source>, Miss> {
        let refused = |reason| Err(Miss::refused(Side::From, id, reason));
        match kind {
            Kind::Subnet => self.nodes_of_subnet(id, notes),
            Kind::Interface => Ok(vec![self.interface(self.row(&self.estate.aws.interfaces, id)?.0, None)]),
            Kind::Instance => {
                let (eni, row) = self.interface_of_instance(Side::From, id, notes)?;
                Ok(vec![self.part_of(id, &eni, row)])
            }
            Kind::Endpoint => {
                let interfaces = self.interfaces_of_endpoint(id)?;
                if interfaces.is_empty() {
                    return refused("it has no interface: an endpoint of this type starts nothing");
                }
                Ok(interfaces.into_iter().map(|(eni, row)| self.part_of(id, &eni, row)).collect())
            }
            Kind::VpnGateway => self.behind_vpn_gateway(id, ip, notes).map(|source| vec![source]),
            Kind::Attachment => self.behind_attachment(id, ip, notes).map(|source| vec![source]),
            Kind::Group => refused("say where nodes with it run: sg-…@subnet-… or sg-…@vpc-…"),
            Kind::Vpc => refused("name a subnet of it, or sg-…@vpc-… for nodes with a security group"),
        }
    }

    /// An interface of an instance or endpoint.
    fn part_of(&self, whole: &str, eni: &str, row: Known<u32>) -> Source {
        match row {
            Ok(row) => self.interface(row, Some(whole)),
            Err(gap) => Source::missing(&format!("{whole} ({eni})"), gap),
        }
    }

    fn interface(&self, row: u32, of: Option<&str>) -> Source {
        let interface = self.estate.aws.interfaces.row(row);
        let body = interface.body.known().ok();
        let subnet = body.and_then(|body| body.subnet_id.as_deref());
        Source {
            label: of.map_or_else(|| interface.id.clone(), |of| format!("{of} ({})", interface.id)),
            start: Ok(Start::Interface(row, None)),
            vpc: body.and_then(|body| body.vpc_id.clone()),
            workspaces: subnet.map(|subnet| self.groups_of_subnet(subnet).1).unwrap_or_default(),
        }
    }

    /// The sources with the address that was asked for; those that cannot have it are left out.
    fn with_address(&self, word: &str, sources: Vec<Source>, ip: Option<Ip>) -> Result<Vec<Source>, QuestionError> {
        let Some(ip) = ip else { return Ok(sources) };
        let mut kept: Vec<Source> = Vec::new();
        for mut source in sources {
            source.start = match source.start {
                Ok(Start::Interface(row, _)) => Ok(Start::Interface(row, Some(ip))),
                Ok(Start::Node(node)) if !self.subnet_holds(node.subnet, ip) => continue,
                Ok(Start::Node(node)) => {
                    source.label = self.node_label(&node, Some(ip));
                    Ok(Start::Node(Node { address: ip, ..node }))
                }
                other => other,
            };
            // the parts of a subnet that were told apart are one part once the address is said
            if !kept.iter().any(|other| other.start.is_ok() && other.start == source.start) {
                kept.push(source);
            }
        }
        if kept.is_empty() {
            let (address, word) = (ip.to_string(), word.to_owned());
            return Err(QuestionError::Elsewhere { address, word });
        }
        Ok(kept)
    }

    fn subnet_holds(&self, subnet: u32, ip: Ip) -> bool {
        let Ok(subnet) = self.estate.aws.subnets.row(subnet).body.known() else { return false };
        let v6 = subnet.ipv6_cidr_block_association_set.iter().filter_map(|block| block.ipv6_cidr_block.as_deref());
        v6.chain([subnet.cidr_block.as_str()]).filter_map(Block::parse).any(|block| block.contains(ip))
    }

    /// The same start as it sends to a target: over IPv6 where that is needed, and, since its
    /// address is only one of many, never with the address of the target itself.
    pub(super) fn start_towards(&self, start: Start, target: &Target, fixed: bool) -> Start {
        match start {
            Start::Internet(address) if target.is_v6() && address.is_v4() => Start::Internet(self.world.internet_v6()),
            Start::Node(node) if !fixed && target.address() == Some(node.address) => Start::Node(self.neighbour(node)),
            other => other,
        }
    }
}
