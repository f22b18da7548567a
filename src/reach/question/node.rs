//! Nodes that may run: those of a workspace, of a subnet, with a security group.

use std::collections::BTreeSet;

use super::Asker;
use super::error::Side;
use super::lookup::Miss;
use super::source::{Notes, Source};
use super::word::{Kind, Word};
use crate::estate::{Known, Operation};
use crate::reach::address::Ip;
use crate::reach::flow::{Node, Start};

/// How far a neighbour is looked for.
const NEAR: u128 = 1024;
/// Addresses at the start of a subnet that AWS keeps.
const RESERVED: u128 = 4;

/// Security groups of nodes, sorted; none when nobody said which.
pub(super) type Groups = Option<Vec<String>>;

impl Asker<'_> {
    /// Nodes of a subnet with the groups of the network configurations that name it.
    pub(super) fn nodes_of_subnet(&self, id: &str, notes: &mut Notes) -> Result<Vec<Source>, Miss> {
        let (row, _) = self.row(&self.estate.aws.subnets, id)?;
        let (groups, workspaces) = self.groups_of_subnet(id);
        if groups.iter().all(Option::is_none) {
            let why = "no network configuration gives nodes there their security groups";
            notes.insert(format!("{id}: no security group is judged, because {why}"));
        }
        let several = groups.len() > 1;
        let nodes = |groups: &Groups| match groups {
            Some(ids) if several => named(self.nodes(row, groups, &workspaces), ids),
            _ => self.nodes(row, groups, &workspaces),
        };
        Ok(groups.iter().flat_map(nodes).collect())
    }

    /// The sets of groups that nodes of a subnet have, and the workspaces that start them. A
    /// configuration that no workspace uses starts no node, unless nobody knows of a better one.
    pub(super) fn groups_of_subnet(&self, id: &str) -> (Vec<Groups>, Vec<u32>) {
        let graph = &self.estate.graph;
        let networks = graph.networks_of_subnet.get(id).map(Vec::as_slice).unwrap_or_default();
        let networks = networks.iter().map(|row| self.estate.databricks.networks.row(*row));
        let users = |id: &String| graph.workspaces_of_network.get(id).map(Vec::as_slice).unwrap_or_default();
        let workspaces: BTreeSet<u32> = networks.clone().flat_map(|network| users(&network.id)).copied().collect();
        let counts = |id: &String| workspaces.is_empty() || !users(id).is_empty();
        let bodies = networks.filter(|network| counts(&network.id)).filter_map(|network| network.body.known().ok());
        let groups: BTreeSet<Groups> = bodies.map(|network| sorted(&network.security_group_ids)).collect();
        let groups = if groups.is_empty() { vec![None] } else { groups.into_iter().collect() };
        (groups, workspaces.into_iter().collect())
    }

    /// Nodes in every subnet of the network configuration of a workspace.
    pub(super) fn nodes_of_workspace(&self, side: Side, word: &str, notes: &mut Notes) -> Result<Vec<Source>, Miss> {
        let row = self.workspace(side, word)?;
        let workspace = self.estate.databricks.workspaces.row(row);
        let Some(network) = &workspace.body.known()?.network_id else {
            let reason = "no network configuration names its subnets: Databricks manages its VPC, or it has \
                          serverless compute alone; name a subnet instead";
            return Err(Miss::refused(side, word, reason));
        };
        let network = self.estate.databricks.networks.body(network, &workspace.place)?;
        let groups = sorted(&network.security_group_ids);
        if groups.is_none() {
            notes.insert(format!("{word}: no security group is judged, because its network configuration names none"));
        }
        let nodes = |id: &String| match self.named(&self.estate.aws.subnets, id) {
            Ok((subnet, _)) => self.nodes(subnet, &groups, &[row]),
            Err(gap) => vec![Source { workspaces: vec![row], ..Source::missing(&format!("node in {id}"), gap) }],
        };
        let sources: Vec<Source> = network.subnet_ids.iter().flat_map(nodes).collect();
        if sources.is_empty() {
            return Err(Miss::refused(side, word, "its network configuration names no subnet"));
        }
        Ok(sources)
    }

    /// Nodes with one group, in a subnet or in the subnets of a VPC.
    pub(super) fn nodes_with_group(&self, group: &str, place: &str, notes: &mut Notes) -> Result<Vec<Source>, Miss> {
        let subnets = match Word::parse(Side::From, place)? {
            Word::Id(Kind::Subnet, id) => vec![self.row(&self.estate.aws.subnets, id)?.0],
            Word::Id(Kind::Vpc, id) => self.subnets_of_vpc(id, notes)?,
            _ => return Err(Miss::refused(Side::From, place, "nodes with a group run in a subnet-… or vpc-…")),
        };
        self.row(&self.estate.aws.security_groups, group)?;
        let ids = [group.to_owned()];
        let groups = Some(ids.to_vec());
        let nodes = |subnet| {
            let (_, workspaces) = self.groups_of_subnet(&self.estate.aws.subnets.row(subnet).id);
            named(self.nodes(subnet, &groups, &workspaces), &ids)
        };
        Ok(subnets.into_iter().flat_map(nodes).collect())
    }

    /// The subnets of a VPC that network configurations name; all of them if none does.
    fn subnets_of_vpc(&self, id: &str, notes: &mut Notes) -> Result<Vec<u32>, Miss> {
        let (vpc, _) = self.row(&self.estate.aws.vpcs, id)?;
        let subnets = &self.estate.aws.subnets;
        subnets.complete_of(id, &self.estate.aws.vpcs.row(vpc).place)?;
        let graph = &self.estate.graph;
        let all = graph.subnets_of_vpc.get(id).cloned().unwrap_or_default();
        let named = |row: &u32| graph.networks_of_subnet.contains_key(&subnets.row(*row).id);
        let clusters: Vec<u32> = all.iter().copied().filter(named).collect();
        if !clusters.is_empty() {
            return Ok(clusters);
        }
        if all.is_empty() {
            return Err(Miss::refused(Side::From, id, "it has no subnet"));
        }
        notes.insert(format!("{id}: every subnet is asked, because no network configuration names one"));
        Ok(all)
    }

    /// A node for every part of a subnet that something tells apart.
    fn nodes(&self, subnet: u32, groups: &Groups, workspaces: &[u32]) -> Vec<Source> {
        let row = self.estate.aws.subnets.row(subnet);
        let vpc = row.body.known().ok().map(|subnet| subnet.vpc_id.clone());
        let ids: Option<Vec<&str>> = groups.as_ref().map(|ids| ids.iter().map(String::as_str).collect());
        let set = ids.as_ref().and_then(|ids| self.world.group_set(ids));
        let nodes = self.world.nodes(subnet, set);
        if nodes.is_empty() {
            let gap = super::lookup::gap(Operation::DescribeSubnets, &row.id, "its address block cannot be read");
            return vec![Source {
                workspaces: workspaces.to_vec(),
                ..Source::missing(&format!("node in {}", row.id), gap)
            }];
        }
        let several = nodes.len() > 1;
        let source = |node: Node| Source {
            label: self.node_label(&node, several.then_some(node.address)),
            start: self.groups_known(groups, set).map(|()| Start::Node(node)),
            vpc: vpc.clone(),
            workspaces: workspaces.to_vec(),
        };
        nodes.into_iter().map(source).collect()
    }

    /// Groups that are named but that the world has no set for must not be passed over.
    fn groups_known(&self, groups: &Groups, set: Option<u32>) -> Known<()> {
        match (groups, set) {
            (Some(ids), None) => {
                let id = ids.first().map(String::as_str).unwrap_or_default();
                self.named(&self.estate.aws.security_groups, id).and_then(|_| {
                    let detail =
                        format!("no interface and no network configuration has these groups: {}", ids.join(", "));
                    Err(super::lookup::gap(Operation::DescribeSecurityGroups, id, &detail))
                })
            }
            _ => Ok(()),
        }
    }

    /// A node beside this one that nothing tells from it; the node itself where there is none.
    pub(super) fn neighbour(&self, node: Node) -> Node {
        let index = self.world.index();
        let Some(subnet) = index.subnet(node.subnet) else { return node };
        let Some(block) = subnet.blocks.iter().find(|block| block.contains(node.address)) else { return node };
        let piece = |ip: u128| index.edges.partition_point(|edge| *edge <= ip);
        let steps = (1..=NEAR).flat_map(|step| [node.address.0.checked_add(step), node.address.0.checked_sub(step)]);
        let beside = steps.flatten().find(|ip| {
            // the first four addresses of a subnet and the last one are not given to anyone
            let given = block.first.0.saturating_add(RESERVED) <= *ip && *ip < block.last.0;
            given && piece(*ip) == piece(node.address.0) && !index.holders.contains_key(&(subnet.vpc, Ip(*ip)))
        });
        beside.map_or(node, |ip| Node { address: Ip(ip), ..node })
    }

    /// `node in subnet-…`, with its address where that tells it from others.
    pub(super) fn node_label(&self, node: &Node, address: Option<Ip>) -> String {
        let address = address.map(|ip| format!(" {ip}")).unwrap_or_default();
        format!("node{address} in {}", self.estate.aws.subnets.row(node.subnet).id)
    }
}

/// The sources with their groups, where that tells them from others.
fn named(mut sources: Vec<Source>, groups: &[String]) -> Vec<Source> {
    for source in &mut sources {
        source.label = format!("{} with {}", source.label, groups.join(", "));
    }
    sources
}

fn sorted(groups: &[String]) -> Groups {
    let set: BTreeSet<&String> = groups.iter().collect();
    (!set.is_empty()).then(|| set.into_iter().cloned().collect())
}
