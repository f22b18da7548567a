//! Transit gateways: who is attached, which route table judges whom, and where its routes lead.
//! Order of evaluation: longest prefix, then static, prefix list, VPC, Direct Connect, Connect,
//! VPN. Source: AWS, "Transit gateways", route evaluation order.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::address::Block;
use super::Index;
use super::table::{Entry, Lookup};
use crate::estate::aws::{TransitAttachment, TransitRoute};
use crate::estate::graph::known;
use crate::estate::{Estate, Gap, Known, Place};

/// A transit gateway, collected or only named.
#[derive(Debug, Default)]
pub(crate) struct Transit {
    pub(crate) id: String,
    pub(crate) row: Option<u32>,
    /// Attachments by VPC number.
    pub(crate) vpcs: HashMap<u32, u32>,
    /// Whether group references work across it, as far as the gateway itself goes.
    pub(crate) referencing: bool,
}

/// An attachment.
#[derive(Debug)]
pub(crate) struct Attachment {
    pub(crate) id: String,
    pub(crate) transit: u32,
    pub(crate) attached: Attached,
    pub(crate) available: bool,
    pub(crate) state: String,
    /// Rows of the attachment subnets of a VPC.
    pub(crate) subnets: Known<Vec<u32>>,
    /// Row of the routes of the table that judges what comes out of the attachment; none when it
    /// is associated with no table.
    pub(crate) table: Known<Option<(String, Known<u32>)>>,
    pub(crate) referencing: bool,
    /// Row in the attachments, or in the VPC attachments when only they were collected.
    pub(crate) row: Option<u32>,
    pub(crate) vpc_row: Option<u32>,
}

/// What is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attached {
    /// Number of the VPC.
    Vpc(u32),
    /// Id of the other transit gateway.
    Peering(String),
    /// VPN, Direct Connect, Connect: a network outside AWS.
    Outside(String),
}

/// The routes of a transit gateway route table.
#[derive(Debug)]
pub(crate) struct TransitTable {
    pub(crate) lookup: Lookup,
    pub(crate) routes: Vec<TransitHop>,
    /// Routes for prefix lists that nobody collected.
    pub(crate) unknown: Vec<Arc<Gap>>,
}

/// Where a route of a transit gateway leads.
#[derive(Clone, Debug)]
pub(crate) struct TransitHop {
    pub(crate) destination: String,
    pub(crate) blackhole: bool,
    /// Numbers of the attachments; several for equal-cost paths.
    pub(crate) attachments: Vec<Known<u32>>,
}

impl Index {
    pub(super) fn transit_number(&mut self, id: &str) -> u32 {
        if let Some(number) = self.transit_numbers.get(id) {
            return *number;
        }
        let number = u32::try_from(self.transits.len()).unwrap_or(u32::MAX);
        self.transit_numbers.insert(id.to_owned(), number);
        self.transits.push(Transit { id: id.to_owned(), ..Transit::default() });
        number
    }

    pub(super) fn read_transits(&mut self, e: &Estate) {
        for (row, body) in known(&e.aws.transit_gateways) {
            let number = self.transit_number(&body.transit_gateway_id) as usize;
            self.transits[number].row = Some(row);
            self.transits[number].referencing =
                body.options.security_group_referencing_support.as_deref() == Some("enable");
        }
        let mut numbers: HashMap<(String, String), u32> = HashMap::new();
        for (row, body) in known(&e.aws.transit_attachments) {
            let place = &e.aws.transit_attachments.row(row).place;
            let attached = match (body.resource_type.as_str(), &body.resource_id) {
                ("vpc", Some(vpc)) => Attached::Vpc(self.vpc_number(e, vpc, place)),
                ("peering" | "tgw-peering", other) => Attached::Peering(other.clone().unwrap_or_default()),
                (kind, _) => Attached::Outside(kind.to_owned()),
            };
            let association = body
                .association
                .as_ref()
                .filter(|association| association.state.as_deref().is_none_or(|state| state == "associated"));
            let table = association.and_then(|association| association.transit_gateway_route_table_id.clone());
            let table = table.map(|id| (id.clone(), e.aws.transit_routes.find(&id, place)));
            let transit = self.transit_number(&body.transit_gateway_id);
            self.attach(
                &mut numbers,
                Attachment {
                    id: body.transit_gateway_attachment_id.clone(),
                    transit,
                    attached,
                    available: body.state == "available",
                    state: body.state.clone(),
                    subnets: attached_subnets(e, body, place).map(|()| Vec::new()),
                    table: Ok(table),
                    referencing: false,
                    row: Some(row),
                    vpc_row: None,
                },
            );
        }
        for (row, body) in known(&e.aws.transit_vpc_attachments) {
            let place = &e.aws.transit_vpc_attachments.row(row).place;
            let transit = self.transit_number(&body.transit_gateway_id);
            let key = (body.transit_gateway_id.clone(), body.transit_gateway_attachment_id.clone());
            let number = match numbers.get(&key) {
                Some(number) => *number,
                None => {
                    let vpc = self.vpc_number(e, &body.vpc_id, place);
                    let missing = e.aws.transit_attachments.find(&format!("{}/{}", key.0, key.1), place);
                    let table = missing.map(|_| None);
                    self.attach(
                        &mut numbers,
                        Attachment {
                            id: key.1.clone(),
                            transit,
                            attached: Attached::Vpc(vpc),
                            available: true,
                            state: body.state.clone(),
                            subnets: Ok(Vec::new()),
                            table,
                            referencing: false,
                            row: None,
                            vpc_row: None,
                        },
                    )
                }
            };
            let subnets: Known<Vec<u32>> = body.subnet_ids.iter().map(|id| e.aws.subnets.find(id, place)).collect();
            let options = &body.options;
            let attachment = &mut self.attachments[number as usize];
            attachment.subnets = subnets;
            attachment.vpc_row = Some(row);
            if body.state != "available" {
                attachment.available = false;
                attachment.state.clone_from(&body.state);
            }
            // on unless it was switched off; the gateway's own switch decides
            attachment.referencing =
                options.as_ref().is_none_or(|o| o.security_group_referencing_support.as_deref() != Some("disable"));
        }
        let tables: Vec<Option<TransitTable>> = e
            .aws
            .transit_routes
            .rows()
            .iter()
            .map(|row| row.body.known().ok().map(|routes| self.compile_transit(e, routes, &row.place)))
            .collect();
        self.transit_tables = tables;
    }

    fn attach(&mut self, numbers: &mut HashMap<(String, String), u32>, attachment: Attachment) -> u32 {
        let number = u32::try_from(self.attachments.len()).unwrap_or(u32::MAX);
        let transit = attachment.transit as usize;
        if let Attached::Vpc(vpc) = attachment.attached {
            self.transits[transit].vpcs.insert(vpc, number);
        }
        self.attachment_numbers.entry(attachment.id.clone()).or_default().push(number);
        numbers.insert((self.transits[transit].id.clone(), attachment.id.clone()), number);
        self.attachments.push(attachment);
        number
    }

    fn compile_transit(&self, e: &Estate, routes: &[TransitRoute], place: &Place) -> TransitTable {
        let mut entries = Vec::new();
        let mut compiled = Vec::new();
        let mut unknown = Vec::new();
        for (number, route) in (0u32..).zip(routes) {
            let kind = route.transit_gateway_attachments.first().and_then(|a| a.resource_type.as_deref());
            let is_static = route.kind == "static";
            let priority = match (is_static, route.prefix_list_id.is_some(), kind) {
                (true, false, _) => 0,
                (_, true, _) => 1,
                (_, _, Some("vpc")) => 2,
                (_, _, Some("direct-connect-gateway")) => 3,
                (_, _, Some("connect")) => 4,
                (_, _, Some("vpn")) => 5,
                _ => 2,
            };
            if let Some(block) = route.destination_cidr_block.as_deref().and_then(Block::parse) {
                entries.push(Entry { block, priority, route: number });
            } else if let Some(list) = &route.prefix_list_id {
                match self.lists.blocks(list) {
                    Ok(blocks) => {
                        entries.extend(blocks.iter().map(|block| Entry { block: *block, priority, route: number }))
                    }
                    Err(gap) => unknown.push(gap),
                }
            }
            let destination = route.destination_cidr_block.clone().or_else(|| route.prefix_list_id.clone());
            let attachments = route.transit_gateway_attachments.iter().map(|named| {
                let id = &named.transit_gateway_attachment_id;
                let known = self.attachment_numbers.get(id).and_then(|numbers| numbers.first()).copied();
                let missing = || -> Arc<Gap> {
                    let found = e.aws.transit_attachments.listed(place).err();
                    found.unwrap_or_else(|| {
                        Gap::new(
                            crate::estate::Operation::DescribeTransitGatewayAttachments,
                            place.scope().of(id),
                            crate::estate::Reason::Absent,
                        )
                        .shared()
                    })
                };
                known.ok_or_else(missing)
            });
            compiled.push(TransitHop {
                destination: destination.unwrap_or_default(),
                blackhole: route.state == "blackhole",
                attachments: attachments.collect(),
            });
        }
        let same = |a: u32, b: u32| match (compiled.get(a as usize), compiled.get(b as usize)) {
            (Some(a), Some(b)) => a.blackhole == b.blackhole && a.attachments == b.attachments,
            _ => false,
        };
        TransitTable { lookup: Lookup::new(entries, same), routes: compiled, unknown }
    }
}

/// Whether a VPC attachment would have a row with its subnets: all of those were collected that
/// belong to the gateway, or to the VPC.
fn attached_subnets(e: &Estate, body: &TransitAttachment, place: &Place) -> Known<()> {
    let rows = &e.aws.transit_vpc_attachments;
    let of_vpc = |gap| body.resource_id.as_ref().ok_or(gap).and_then(|vpc| rows.complete_of(vpc, place));
    rows.complete_of(&body.transit_gateway_id, place).or_else(of_vpc)
}
