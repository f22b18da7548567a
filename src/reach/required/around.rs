//! What a VPC is joined to: VPCs across peering connections and transit gateways, and networks
//! outside AWS. Whether packets pass is not asked here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::estate::{Gap, Place};
use crate::reach::World;
use crate::reach::address::{Block, Ip, IpSet};
use crate::reach::flow::Start;
use crate::reach::index::Attached;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Around {
    /// Numbers of VPCs whose inside is known; the VPC itself is not among them.
    pub(crate) vpcs: BTreeSet<u32>,
    /// VPCs whose inside nobody collected: their addresses, as far as those are known.
    pub(crate) unseen: BTreeMap<String, Unseen>,
    /// Networks outside AWS.
    pub(crate) outside: Vec<Outside>,
    /// Why there may be more.
    pub(crate) gaps: Vec<Arc<Gap>>,
}

/// A VPC that nobody collected.
#[derive(Clone, Debug)]
pub(crate) struct Unseen {
    /// None when they are not known either.
    pub(crate) blocks: Option<Vec<Block>>,
    pub(crate) gap: Arc<Gap>,
}

/// What a network outside AWS lies behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    /// The virtual private gateway of this VPC (number).
    VpnGateway(u32),
    /// This attachment (number).
    Attachment(u32),
}

impl Outside {
    /// A client there.
    pub(crate) fn start(self, address: Ip) -> Start {
        match self {
            Self::VpnGateway(vpc) => Start::VpnGateway { vpc, address },
            Self::Attachment(row) => Start::Attachment { row, address },
        }
    }

    /// Id of the gateway or attachment.
    pub(crate) fn id(self, world: &World<'_>) -> String {
        match self {
            Self::VpnGateway(vpc) => world.vpn_gateway(vpc).unwrap_or_default(),
            Self::Attachment(row) => world.index().attachments[row as usize].id.clone(),
        }
    }
}

impl World<'_> {
    /// What a VPC (number) is joined to.
    pub(crate) fn around(&self, vpc: u32) -> Around {
        let mut around = Around::default();
        let here = self.index().vpc(vpc);
        let aws = &self.estate().aws;
        self.add_peers(&mut around, vpc);
        self.add_transits(&mut around, vpc);
        if self.vpn_gateway(vpc).is_some() {
            around.outside.push(Outside::VpnGateway(vpc));
        }
        around.vpcs.remove(&vpc);
        around.gaps.extend(aws.peerings.complete_of(&here.id, &here.place).err());
        around.gaps.extend(aws.transit_vpc_attachments.complete_of(&here.id, &here.place).err());
        around.gaps.extend(aws.vpn_gateways.complete_of(&here.id, &here.place).err());
        around.gaps.sort();
        around.gaps.dedup();
        around
    }

    fn add_peers(&self, around: &mut Around, vpc: u32) {
        let here = &self.index().vpc(vpc).id;
        for row in self.estate().graph.peerings_of_vpc.get(here).into_iter().flatten() {
            let Ok(peering) = self.estate().aws.peerings.row(*row).body.known() else { continue };
            if peering.status.code != "active" {
                continue;
            }
            let near = peering.requester_vpc_info.vpc_id.as_ref() == Some(here);
            let far = if near { &peering.accepter_vpc_info } else { &peering.requester_vpc_info };
            let number = far.vpc_id.as_deref().and_then(|id| self.vpc(id));
            match number.filter(|number| self.is_collected(*number)) {
                Some(number) => {
                    around.vpcs.insert(number);
                }
                None => {
                    let blocks = self.peering_blocks(far, number).ok();
                    let unseen = Unseen { blocks, gap: self.gap_of_peer(far) };
                    around.unseen.insert(far.vpc_id.clone().unwrap_or_default(), unseen);
                }
            }
        }
    }

    fn add_transits(&self, around: &mut Around, vpc: u32) {
        let (index, aws) = (self.index(), &self.estate().aws);
        let mut left: Vec<u32> = (0u32..)
            .zip(&index.transits)
            .filter(|(_, transit)| transit.vpcs.contains_key(&vpc))
            .map(|(at, _)| at)
            .collect();
        let mut met: BTreeSet<u32> = left.iter().copied().collect();
        while let Some(number) = left.pop() {
            let transit = &index.transits[number as usize];
            // only the owner of a transit gateway sees every attachment
            let row = transit.row.map(|row| aws.transit_gateways.row(row));
            let owner = row.and_then(|row| row.body.known().ok()?.owner_id.clone().map(|owner| (owner, &row.place)));
            let place = owner.map(|(owner, place)| Place { account: Some(owner), region: place.region.clone() });
            around.gaps.extend(aws.transit_attachments.complete_of(&transit.id, &place.unwrap_or_default()).err());
            for (number, attachment) in (0u32..).zip(&index.attachments).filter(|(_, other)| other.transit == number) {
                match &attachment.attached {
                    _ if !attachment.available => {}
                    Attached::Vpc(other) if self.is_collected(*other) => {
                        around.vpcs.insert(*other);
                    }
                    Attached::Vpc(other) => {
                        let vpc = index.vpc(*other);
                        let blocks = vpc.blocks.as_ref().ok().cloned();
                        if let Some(gap) = aws.subnets.complete_of(&vpc.id, &vpc.place).err() {
                            around.unseen.insert(vpc.id.clone(), Unseen { blocks, gap });
                        }
                    }
                    Attached::Outside(_) => around.outside.push(Outside::Attachment(number)),
                    Attached::Peering(_) => {
                        let far = self.other_side(number).map(|far| index.attachments[far as usize].transit);
                        match far {
                            Ok(far) if met.insert(far) => left.push(far),
                            Ok(_) => {}
                            Err(gap) => around.gaps.push(gap),
                        }
                    }
                }
            }
        }
    }

    /// Addresses of the subnets and blocks of a VPC (number).
    pub(crate) fn addresses_of(&self, vpc: u32) -> IpSet {
        let vpc = self.index().vpc(vpc);
        let subnets = vpc.subnets.iter().map(|(block, _)| *block);
        let blocks = vpc.blocks.iter().flatten().copied();
        IpSet::of(subnets.chain(blocks))
    }
}
