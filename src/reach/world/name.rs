//! What the parts of the network are called, and where the evidence describes them.

use std::fmt::Display;

use super::super::flow::Arrival;
use super::super::index::Target;
use super::super::walk::{Inspector, Spot};
use super::World;
use crate::estate::{Origin, Table};

/// A component in a sentence about it.
#[derive(Clone, Debug)]
pub(crate) struct At {
    pub(crate) resource: String,
    pub(crate) origin: Origin,
}

/// What is said of a component.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) resource: String,
    pub(crate) detail: String,
    pub(crate) origin: Origin,
}

impl At {
    /// Something that has no row.
    pub(crate) fn named(name: impl Display) -> Self {
        Self { resource: name.to_string(), origin: Origin::default() }
    }

    pub(crate) fn says(self, detail: impl Into<String>) -> Told {
        Told { resource: self.resource, detail: detail.into(), origin: self.origin }
    }
}

impl World<'_> {
    pub(crate) fn at_interface(&self, row: u32) -> At {
        at(&self.estate.aws.interfaces, row)
    }

    pub(crate) fn at_subnet(&self, row: u32) -> At {
        at(&self.estate.aws.subnets, row)
    }

    pub(crate) fn at_table(&self, row: u32) -> At {
        at(&self.estate.aws.route_tables, row)
    }

    pub(crate) fn at_acl(&self, row: u32) -> At {
        at(&self.estate.aws.network_acls, row)
    }

    pub(crate) fn at_endpoint(&self, row: u32) -> At {
        at(&self.estate.aws.vpc_endpoints, row)
    }

    pub(crate) fn at_peering(&self, row: u32) -> At {
        at(&self.estate.aws.peerings, row)
    }

    pub(crate) fn at_internet_gateway(&self, row: u32) -> At {
        at(&self.estate.aws.internet_gateways, row)
    }

    pub(crate) fn at_egress_only_gateway(&self, row: u32) -> At {
        at(&self.estate.aws.egress_only_gateways, row)
    }

    /// An internet gateway or an egress-only one, which a route names by its id.
    pub(crate) fn at_gateway(&self, id: &str) -> At {
        let aws = &self.estate.aws;
        let internet = aws.internet_gateways.number(id).map(|row| self.at_internet_gateway(row));
        let outward = || aws.egress_only_gateways.number(id).map(|row| self.at_egress_only_gateway(row));
        internet.or_else(outward).unwrap_or_else(|| At::named(id))
    }

    pub(crate) fn at_transit_table(&self, row: u32) -> At {
        at(&self.estate.aws.transit_routes, row)
    }

    pub(crate) fn at_nat(&self, number: u32) -> At {
        at(&self.estate.aws.nat_gateways, self.index.nats[number as usize].row)
    }

    pub(crate) fn at_vpc(&self, number: u32) -> At {
        let vpc = &self.index.vpc(number);
        vpc.row.map_or_else(|| At::named(&vpc.id), |row| at(&self.estate.aws.vpcs, row))
    }

    pub(crate) fn at_vpn_gateway(&self, vpc: u32) -> At {
        let id = self.vpn_gateway(vpc);
        id.map_or_else(|| At::named("virtual private gateway"), At::named)
    }

    pub(crate) fn at_transit(&self, number: u32) -> At {
        let transit = &self.index.transits[number as usize];
        transit.row.map_or_else(|| At::named(&transit.id), |row| at(&self.estate.aws.transit_gateways, row))
    }

    pub(crate) fn at_attachment(&self, number: u32) -> At {
        let attachment = &self.index.attachments[number as usize];
        let origin = attachment.row.map(|row| self.estate.aws.transit_attachments.row(row).origin);
        let by_vpc = || attachment.vpc_row.map(|row| self.estate.aws.transit_vpc_attachments.row(row).origin);
        At { resource: attachment.id.clone(), origin: origin.or_else(by_vpc).unwrap_or_default() }
    }

    pub(crate) fn at_spot(&self, spot: Spot) -> At {
        match spot {
            Spot::Subnet { subnet, .. } => match self.index.subnet(subnet).map(|subnet| &subnet.table) {
                Some(Ok(table)) => self.at_table(*table),
                _ => self.at_subnet(subnet),
            },
            Spot::Edge { vpc, .. } => self.at_vpc(vpc),
            Spot::Transit { attachment, .. } => self.at_attachment(attachment),
        }
    }

    pub(crate) fn at_inspector(&self, inspector: Inspector) -> At {
        match inspector {
            Inspector::Appliance(row) => self.at_interface(row),
            Inspector::Firewall(row) => self.at_endpoint(row),
        }
    }

    pub(crate) fn at_arrival(&self, arrival: &Arrival) -> At {
        match arrival {
            Arrival::Interface(row) => self.at_interface(*row),
            Arrival::Node => At::named("a node"),
            Arrival::Internet => At::named("internet"),
            Arrival::OnPremises(id) => At::named(id),
            Arrival::Service(row) => self.at_endpoint(*row),
            Arrival::Nowhere => At::named("nowhere"),
        }
    }

    /// The id of what a route leads to.
    pub(crate) fn target_id(&self, target: &Target) -> String {
        match target {
            Target::Local => "local".to_owned(),
            Target::InternetGateway(id)
            | Target::EgressOnly(id)
            | Target::VpnGateway(id)
            | Target::Unsupported(id)
            | Target::Missing(id, _) => id.clone(),
            Target::Nat(number) => self.at_nat(*number).resource,
            Target::Transit(number) => self.at_transit(*number).resource,
            Target::Peering(row) => self.at_peering(*row).resource,
            Target::Interface(row) => self.at_interface(*row).resource,
            Target::GatewayEndpoint(row) | Target::Firewall(row) => self.at_endpoint(*row).resource,
        }
    }
}

fn at<T>(table: &Table<T>, row: u32) -> At {
    let row = table.row(row);
    At { resource: row.id.clone(), origin: row.origin }
}
