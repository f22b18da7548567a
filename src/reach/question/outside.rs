//! What lies behind a name that is no single interface: networks behind a gateway or attachment,
//! the interfaces of an instance or an endpoint.

use std::collections::BTreeSet;

use super::Asker;
use super::error::Side;
use super::lookup::Miss;
use super::source::{Notes, Source};
use crate::estate::Known;
use crate::estate::aws::RouteTarget;
use crate::estate::graph::known;
use crate::reach::address::{Block, Ip, IpSet};
use crate::reach::flow::Start;

impl Asker<'_> {
    /// A network behind a virtual private gateway.
    pub(super) fn behind_vpn_gateway(&self, id: &str, ip: Option<Ip>, notes: &mut Notes) -> Result<Source, Miss> {
        let row = self.row(&self.estate.aws.vpn_gateways, id);
        let vpc = match (self.world.vpc_of_vpn_gateway(id), row) {
            (Some(vpc), _) => vpc,
            (None, Ok(_)) => return Err(Miss::refused(Side::From, id, "it is attached to no VPC")),
            (None, Err(miss)) => return Err(miss),
        };
        let routes = known(&self.estate.aws.route_tables).flat_map(|(_, table)| &table.routes);
        let here = routes.filter(|route| route.target() == RouteTarget::VpnGateway(id));
        let blocks = here.filter_map(|route| Block::parse(route.destination_cidr_block.as_deref()?)).collect();
        let address = self.outside(id, ip, blocks, notes);
        Ok(Source::outside(format!("on premises behind {id}"), Start::VpnGateway { vpc, address }))
    }

    /// A network behind a transit gateway attachment that is no VPC.
    pub(super) fn behind_attachment(&self, id: &str, ip: Option<Ip>, notes: &mut Notes) -> Result<Source, Miss> {
        let rows = &self.estate.aws.transit_attachments;
        // a row of its own for each gateway: a peering of gateways is on two
        let Some(row) = self.estate.graph.transit_attachments_named.get(id).and_then(|rows| rows.first()) else {
            return Err(self.unlisted(rows, id).map_or(Miss::Nothing, Miss::Unknown));
        };
        let attachment = rows.row(*row).body.known()?;
        if attachment.resource_type == "vpc" {
            let vpc = attachment.resource_id.as_deref().unwrap_or("a VPC");
            return Err(Miss::refused(Side::From, id, format!("it attaches {vpc}; name a subnet or interface there")));
        }
        let Some(number) = self.world.attachment(id) else { return Err(Miss::Nothing) };
        let routes = known(&self.estate.aws.transit_routes).flat_map(|(_, routes)| routes);
        let here = routes.filter(|route| {
            route.transit_gateway_attachments.iter().any(|there| there.transit_gateway_attachment_id == id)
        });
        let blocks = here.filter_map(|route| Block::parse(route.destination_cidr_block.as_deref()?)).collect();
        let address = self.outside(id, ip, blocks, notes);
        Ok(Source::outside(format!("on premises behind {id}"), Start::Attachment { row: number, address }))
    }

    /// An address behind a gateway: the one that was asked for, else one that routes lead there and
    /// that no VPC has.
    fn outside(&self, id: &str, ip: Option<Ip>, blocks: Vec<Block>, notes: &mut Notes) -> Ip {
        if let Some(ip) = ip {
            return ip;
        }
        let vpcs = known(&self.estate.aws.vpcs).flat_map(|(_, vpc)| {
            let set = vpc.cidr_block_association_set.iter().filter_map(|set| set.cidr_block.as_deref());
            set.chain(vpc.cidr_block.as_deref())
        });
        let taken = IpSet::of(vpcs.filter_map(Block::parse));
        let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
        let private = IpSet::of(private.into_iter().filter_map(Block::parse)).without(&taken);
        let routed = IpSet::of(blocks).without(&taken);
        let sets = [routed.and(&private), routed, private];
        let set = sets.iter().find(|set| !set.is_empty());
        let first = set.and_then(IpSet::first).unwrap_or_else(|| self.world.internet());
        // the first address of a block is that of the network
        let next = Ip(first.0.saturating_add(1));
        let address = if set.is_some_and(|set| set.contains(next)) { next } else { first };
        notes.insert(format!("{id}: {address} stands for the network behind it; another address may fare otherwise"));
        address
    }

    /// The interface that an instance uses first.
    pub(super) fn interface_of_instance(
        &self,
        side: Side,
        id: &str,
        notes: &mut Notes,
    ) -> Result<(String, Known<u32>), Miss> {
        let aws = &self.estate.aws;
        let instance = self.row(&aws.instances, id);
        let listed = instance.as_ref().map(|(_, instance)| instance.network_interfaces.as_slice()).unwrap_or_default();
        let listed = listed.iter().filter_map(|part| part.network_interface_id.clone());
        let attached = self.instances.get(id).map(Vec::as_slice).unwrap_or_default();
        let attached = attached.iter().map(|row| aws.interfaces.row(*row).id.clone());
        let interfaces: BTreeSet<String> = listed.chain(attached).collect();
        let first = instance.as_ref().ok().and_then(|(_, instance)| instance.private_ip_address.as_deref());
        let is_first = |eni: &&String| {
            let body = aws.interfaces.number(eni).and_then(|row| aws.interfaces.row(row).body.known().ok());
            body.is_some_and(|body| first.is_some() && body.private_ip_address.as_deref() == first)
        };
        let Some(eni) = interfaces.iter().find(is_first).or_else(|| interfaces.first()) else {
            instance?;
            return Err(match self.unlisted(&aws.interfaces, id) {
                Some(gap) => Miss::Unknown(gap),
                None => Miss::refused(side, id, "it has no interface"),
            });
        };
        if interfaces.len() > 1 {
            notes.insert(format!("{id}: of its {} interfaces {eni} is asked", interfaces.len()));
        }
        Ok((eni.clone(), self.named(&aws.interfaces, eni).map(|(row, _)| row)))
    }

    /// The interfaces of an endpoint; none for a type that has none.
    pub(super) fn interfaces_of_endpoint(&self, id: &str) -> Result<Vec<(String, Known<u32>)>, Miss> {
        let (_, endpoint) = self.row(&self.estate.aws.vpc_endpoints, id)?;
        let interfaces = &self.estate.aws.interfaces;
        let row = |eni: &String| (eni.clone(), self.named(interfaces, eni).map(|(row, _)| row));
        Ok(endpoint.network_interface_ids.iter().map(row).collect())
    }
}
