//! Through a transit gateway: zones, attachments, associations, route tables, peering, and the
//! networks outside AWS behind it. Source: AWS, "Transit gateways", "Network ACLs for transit
//! gateways".

use std::sync::Arc;

use super::super::code::Code;
use super::super::flow::{Arrival, Component};
use super::super::index::Attached;
use super::super::index::table::Pick;
use super::record::{Link, Record};
use super::{Entered, Next, Outcome, Spot, Walk};
use crate::estate::Reason;

impl<R: Record> Walk<'_, '_, R> {
    /// From a subnet into the transit gateway.
    pub(super) fn enter_transit(&mut self, transit: u32, vpc: u32, subnet: Option<u32>) -> Next {
        let gateway = &self.index().transits[transit as usize];
        match self.w.estate().aws.transit_gateways.body(&gateway.id, &self.index().vpc(vpc).place) {
            Ok(body) if body.state.is_empty() || matches!(body.state.as_str(), "available" | "modifying") => {}
            Ok(body) => {
                let state = body.state.clone();
                return Next::End(self.drop(Code::BadState, |w| w.at_transit(transit).says(format!("it is {state}"))));
            }
            Err(gap) => self.r.gap(&gap),
        }
        let Some(number) = gateway.vpcs.get(&vpc).copied() else {
            let (here, aws) = (self.index().vpc(vpc), &self.w.estate().aws);
            // who asked for the gateway, or for the VPC, would have seen an attachment between them
            let attached = |id: &str| aws.transit_attachments.complete_of(id, &here.place);
            let listed = aws
                .transit_vpc_attachments
                .complete_of(&here.id, &here.place)
                .and_then(|()| attached(&gateway.id).or_else(|gap| attached(&here.id).map_err(|_| gap)));
            return Next::End(match listed {
                Err(gap) => self.lose(&gap),
                Ok(()) => self.drop(Code::TransitNoAttachment, |w| {
                    w.at_transit(transit).says(format!("{} is not attached to it", w.at_vpc(vpc).resource))
                }),
            });
        };
        let attachment = &self.index().attachments[number as usize];
        if !attachment.available {
            let state = attachment.state.clone();
            return Next::End(
                self.drop(Code::BadStateAttachment, |w| w.at_attachment(number).says(format!("it is {state}"))),
            );
        }
        let zone = subnet.and_then(|subnet| self.index().subnet(subnet)?.zone.clone());
        match &attachment.subnets {
            Ok(subnets) => {
                let in_zone = |row: &&u32| self.index().subnet(**row).and_then(|s| s.zone.as_ref()) == zone.as_ref();
                match subnets.iter().find(in_zone).copied() {
                    // the ACL of the attachment's subnet judges what comes in to the transit gateway
                    Some(own) => self.enter_subnet(own),
                    None => self.block(Code::TransitZone, |w| {
                        let zone = zone.as_deref().unwrap_or("this zone");
                        w.at_attachment(number).says(format!("the attachment has no subnet in {zone}"))
                    }),
                }
            }
            Err(gap) => {
                let gap = Arc::clone(gap);
                self.r.gap(&gap);
            }
        }
        let to = self.dst.ip;
        self.hop(Component::TransitAttachment, |w| w.at_attachment(number).says(format!("takes it for {to}")));
        Next::Go(Spot::Transit { attachment: number, zone: subnet })
    }

    /// The route table of the attachment that the packet came by. `zone` is the subnet that it
    /// left, for the zone of its way on.
    pub(super) fn step_transit(&mut self, number: u32, zone: Option<u32>) -> Next {
        let from = &self.index().attachments[number as usize];
        let table = match &from.table {
            Ok(Some((id, Ok(row)))) => (id, *row),
            Ok(Some((_, Err(gap)))) | Err(gap) => {
                let gap = Arc::clone(gap);
                return Next::End(self.lose(&gap));
            }
            Ok(None) => {
                return Next::End(self.drop(Code::TransitNoAssociation, |w| {
                    w.at_attachment(number).says("it is associated with no transit gateway route table")
                }));
            }
        };
        let Some(compiled) = self.index().transit_tables.get(table.1 as usize).and_then(Option::as_ref) else {
            let gap = self.w.unread_transit_table(table.1);
            return Next::End(self.lose(&gap));
        };
        if let Some(gap) = compiled.unknown.first() {
            let gap = Arc::clone(gap);
            return Next::End(self.lose(&gap));
        }
        let dst = self.dst;
        let pick = compiled.lookup.find(dst.ip);
        self.branch(dst, || compiled.lookup.region(|other| other == pick));
        let route = match pick {
            Pick::One(route) => &compiled.routes[*route as usize],
            Pick::None => {
                return Next::End(self.drop(Code::TransitNoRoute, |w| {
                    w.at_transit_table(table.1).says(format!("no route for {}", dst.ip))
                }));
            }
            Pick::Many(_) => {
                let gap = self.w.gap_of_transit_table(table.1, Reason::Undetermined);
                let gap = gap.because(format!("several routes of one rank hold {}", dst.ip)).shared();
                return Next::End(self.lose(&gap));
            }
        };
        if route.blackhole {
            return Next::End(self.drop(Code::TransitBlackhole, |w| {
                w.at_transit_table(table.1).says(format!("the route {} is a blackhole", route.destination))
            }));
        }
        let onward = match self.onward(number, &route.attachments, table.1) {
            Ok(onward) => onward,
            Err(gap) => return Next::End(self.lose(&gap)),
        };
        self.hop(Component::TransitRouteTable, |w| {
            w.at_transit_table(table.1).says(format!(
                "route {} → {}",
                route.destination,
                w.at_attachment(onward).resource
            ))
        });
        self.out_of_transit(number, onward, zone)
    }

    /// The attachment that a route leads to, on this gateway.
    fn onward(
        &self,
        from: u32,
        named: &[crate::estate::Known<u32>],
        table: u32,
    ) -> Result<u32, Arc<crate::estate::Gap>> {
        let transit = self.index().attachments[from as usize].transit;
        let mut missing = None;
        for attachment in named {
            match attachment {
                Ok(number) => {
                    let id = &self.index().attachments[*number as usize].id;
                    return Ok(self.w.attachment_on(transit, id).unwrap_or(*number));
                }
                Err(gap) => missing = Some(Arc::clone(gap)),
            }
        }
        Err(missing.unwrap_or_else(|| {
            self.w.gap_of_transit_table(table, Reason::NotCollected).because("the route names no attachment").shared()
        }))
    }

    fn out_of_transit(&mut self, from: u32, onward: u32, zone: Option<u32>) -> Next {
        let attachment = &self.index().attachments[onward as usize];
        if !attachment.available {
            let state = attachment.state.clone();
            return Next::End(
                self.drop(Code::BadStateAttachment, |w| w.at_attachment(onward).says(format!("it is {state}"))),
            );
        }
        match &attachment.attached {
            Attached::Outside(kind) => {
                self.hop(Component::OnPremises, |w| w.at_attachment(onward).says(format!("leaves AWS by {kind}")));
                Next::End(Outcome::Arrived(Arrival::OnPremises(attachment.id.clone())))
            }
            Attached::Peering(_) => match self.w.other_side(onward) {
                Ok(far) => {
                    self.hop(Component::TransitAttachment, |w| {
                        w.at_attachment(far).says("the other transit gateway takes it")
                    });
                    self.link = Link::Lost;
                    Next::Go(Spot::Transit { attachment: far, zone: None })
                }
                Err(gap) => Next::End(self.lose(&gap)),
            },
            Attached::Vpc(vpc) => self.enter_vpc(from, onward, *vpc, zone),
        }
    }

    /// Out of the transit gateway into a VPC, routed on by the table of the attachment's subnet.
    fn enter_vpc(&mut self, from: u32, onward: u32, vpc: u32, zone: Option<u32>) -> Next {
        let attachment = &self.index().attachments[onward as usize];
        let transit = &self.index().transits[attachment.transit as usize];
        let supports =
            transit.referencing && attachment.referencing && self.index().attachments[from as usize].referencing;
        self.link = match self.link {
            Link::Lost => Link::Lost,
            _ if supports => Link::Inbound,
            _ => Link::Unsupported,
        };
        self.entered = Entered::Transit;
        let subnets = match &attachment.subnets {
            Ok(subnets) => subnets,
            Err(gap) => {
                let gap = Arc::clone(gap);
                return Next::End(self.lose(&gap));
            }
        };
        // in the zone that it came from, else in that of the destination, else in the first
        let zone_of = |row: u32| self.index().subnet(row).and_then(|subnet| subnet.zone.as_ref());
        let destination = self.index().vpc(vpc).subnet_at(self.dst.ip);
        let wanted = [zone.and_then(zone_of), destination.and_then(zone_of)];
        let in_zone = |zone: &String| subnets.iter().copied().find(|row| zone_of(*row) == Some(zone));
        let subnet = wanted.into_iter().flatten().find_map(in_zone).or_else(|| subnets.iter().copied().min());
        match subnet {
            Some(subnet) => {
                self.hop(Component::TransitAttachment, |w| {
                    w.at_attachment(onward).says(format!(
                        "into {} by {}",
                        w.at_vpc(vpc).resource,
                        w.at_subnet(subnet).resource
                    ))
                });
                Next::Go(Spot::Subnet { vpc, subnet })
            }
            None => {
                let gap = self.w.gap_of_attachment(onward).because("the answer names no subnet of it").shared();
                Next::End(self.lose(&gap))
            }
        }
    }

    /// A reply from a network outside AWS, by the way that the request took.
    pub(super) fn reply_from_outside(&mut self, id: &str) -> Outcome {
        self.entered = Entered::Vpn;
        self.hop(Component::OnPremises, |_| super::super::world::At::named(id).says("the reply comes back"));
        if let Some(attachment) = self.w.attachment_named(id) {
            return self.travel(Spot::Transit { attachment, zone: None });
        }
        match self.w.vpc_of_vpn_gateway(id) {
            Some(vpc) => self.travel(Spot::Edge { vpc, table: self.w.edge_table(id) }),
            None => Outcome::Dropped,
        }
    }
}
