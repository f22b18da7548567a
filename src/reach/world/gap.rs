//! Why a part of the network is not known: the gap that names the call which would tell.

use std::sync::Arc;

use super::World;
use crate::estate::aws::PeeringSide;
use crate::estate::{Gap, Operation, Place, Reason, Scope, Table};

impl World<'_> {
    pub(crate) fn gap_of_table(&self, row: u32, reason: Reason) -> Gap {
        gap(&self.estate.aws.route_tables, row, reason)
    }

    pub(crate) fn gap_of_acl(&self, row: u32) -> Arc<Gap> {
        unread(&self.estate.aws.network_acls, row)
    }

    pub(crate) fn gap_of_transit_table(&self, row: u32, reason: Reason) -> Gap {
        gap(&self.estate.aws.transit_routes, row, reason)
    }

    pub(crate) fn gap_of_nat(&self, number: u32) -> Gap {
        gap(&self.estate.aws.nat_gateways, self.index.nats[number as usize].row, Reason::NotCollected)
    }

    pub(crate) fn gap_of_endpoint(&self, row: u32) -> Gap {
        gap(&self.estate.aws.vpc_endpoints, row, Reason::NotCollected)
    }

    /// Why the endpoint behind an interface is not known.
    pub(crate) fn gap_of_endpoint_of(&self, interface: u32) -> Arc<Gap> {
        let row = self.estate.aws.interfaces.row(interface);
        let named = |gap: Arc<Gap>| Gap { scope: gap.scope.clone().of(&row.id), ..(*gap).clone() }.shared();
        self.estate.aws.vpc_endpoints.complete(&row.place).map_or_else(named, |()| {
            Gap::new(Operation::DescribeVpcEndpoints, row.place.scope().of(&row.id), Reason::Absent)
                .because("no endpoint names this interface as its own")
                .shared()
        })
    }

    pub(crate) fn gap_of_attachment(&self, number: u32) -> Gap {
        let id = &self.index.attachments[number as usize].id;
        Gap::new(Operation::DescribeTransitGatewayVpcAttachments, Scope::default().of(id), Reason::NotCollected)
    }

    /// Why the inside of a peer is not known.
    pub(crate) fn gap_of_peer(&self, side: &PeeringSide) -> Arc<Gap> {
        let place = Place { account: side.owner_id.clone(), region: side.region.clone() };
        let id = side.vpc_id.as_deref().unwrap_or_default();
        let subnets = self.estate.aws.subnets.complete_of(id, &place).err();
        self.estate
            .aws
            .vpcs
            .body(id, &place)
            .err()
            .or(subnets)
            .unwrap_or_else(|| Gap::new(Operation::DescribeVpcs, place.scope().of(id), Reason::NotCollected).shared())
    }

    /// Why it is not known what stands behind an inspecting endpoint.
    pub(crate) fn gap_of_inspection(&self, row: u32) -> Arc<Gap> {
        let endpoint = self.estate.aws.vpc_endpoints.row(row);
        let scope = endpoint.place.scope();
        let firewall = self.estate.graph.firewall_of_endpoint.get(&endpoint.id).copied();
        match firewall {
            Some(row) => {
                let name = &self.estate.aws.firewall_details.row(row).id;
                let policy = self.estate.aws.firewall_policies.find(name, &endpoint.place);
                let undetermined = |_| {
                    Gap::new(Operation::DescribeFirewallPolicy, scope.clone().of(name), Reason::Undetermined)
                        .because("what the rules of the firewall policy make of the packet is not predicted")
                        .shared()
                };
                policy.map_or_else(|gap| gap, undetermined)
            }
            None => Gap::new(Operation::DescribeFirewall, scope.of(&endpoint.id), Reason::NotCollected)
                .because("what stands behind this endpoint inspects the packet")
                .shared(),
        }
    }

    /// Why nobody can say that a public address belongs to no one here.
    pub(crate) fn unlisted_addresses(&self) -> Option<Arc<Gap>> {
        let places = self.index.vpcs.iter().map(|vpc| &vpc.place);
        places.into_iter().find_map(|place| self.estate.aws.interfaces.complete_everywhere(place).err())
    }

    pub(crate) fn unread_interface(&self, row: u32) -> Arc<Gap> {
        unread(&self.estate.aws.interfaces, row)
    }

    pub(crate) fn unread_subnet(&self, row: u32) -> Arc<Gap> {
        unread(&self.estate.aws.subnets, row)
    }

    pub(crate) fn unread_table(&self, row: u32) -> Arc<Gap> {
        unread(&self.estate.aws.route_tables, row)
    }

    pub(crate) fn unread_transit_table(&self, row: u32) -> Arc<Gap> {
        unread(&self.estate.aws.transit_routes, row)
    }

    pub(crate) fn unread_attachment(&self, number: u32) -> Arc<Gap> {
        let scope = Scope::default().of(&number.to_string());
        Gap::new(Operation::DescribeTransitGatewayAttachments, scope, Reason::NotCollected).shared()
    }
}

fn gap<T>(table: &Table<T>, row: u32, reason: Reason) -> Gap {
    let body = table.row(row);
    Gap::new(table.operation(), body.place.scope().of(&body.id), reason)
}

fn unread<T>(table: &Table<T>, row: u32) -> Arc<Gap> {
    table.row(row).body.known().err().unwrap_or_else(|| gap(table, row, Reason::Undecodable).shared())
}
