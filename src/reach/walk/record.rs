//! What a walk leaves behind. The walk decides where a packet goes; a recorder decides what a
//! filter on the way makes of it: it compares one packet ([`super::quick`], [`super::trace`]), or
//! keeps the filter for later, when a whole set of packets is asked for ([`crate::reach::set`]).

use std::sync::Arc;

use super::super::address::{Ip, IpSet};
use super::super::flow::{Blocker, Hop};
use super::super::traffic::Direction;
use super::super::world::World;
use crate::estate::Gap;

/// An address as a packet shows it, and which end of the flow it stands for: none once a gateway
/// has translated it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Addr {
    pub(crate) ip: Ip,
    pub(crate) end: Option<End>,
}

/// One end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Client,
    Server,
}

/// Which port of the flow a filter sees as the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    /// The one that was asked for.
    Request,
    /// The client's own, on the way back.
    Client,
    /// One that a NAT gateway chose, on the way back.
    Nat,
}

/// Whether a security group may refer to the group of the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Inside one VPC, or over a peering connection of one region.
    Kept,
    /// Over a transit gateway: inbound rules only.
    Inbound,
    /// Over a transit gateway that does not support it.
    Unsupported,
    /// Through an appliance, between regions, or by public addresses.
    Lost,
}

/// A network ACL on the way.
#[derive(Clone, Debug)]
pub(crate) struct AclUse {
    /// Row of the subnet.
    pub(crate) subnet: u32,
    pub(crate) direction: Direction,
    pub(crate) peer: Addr,
    pub(crate) port: Port,
}

/// The security groups of an interface on the way.
#[derive(Clone, Debug)]
pub(crate) struct GroupUse {
    /// Number of the set.
    pub(crate) set: u32,
    pub(crate) direction: Direction,
    pub(crate) peer: Addr,
    /// Number of the set of the other end, when it has one.
    pub(crate) other: Option<u32>,
    pub(crate) link: Link,
    /// Whether it is not known who the other end is: it may have any group.
    pub(crate) unseen: bool,
    /// Whose groups they are.
    pub(crate) holder: Whose,
}

/// Whose security groups are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Row of the interface.
    Interface(u32),
    /// A node that may run in this subnet (row).
    Node(u32),
}

/// A place in the record to come back to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mark {
    pub(crate) hops: usize,
    pub(crate) blockers: usize,
}

/// See the module.
pub(crate) trait Record {
    /// Judges a network ACL.
    fn acl(&mut self, world: &World<'_>, acl: &AclUse);
    /// Judges security groups; at a place kept with [`Record::mark`], or at the end.
    fn groups(&mut self, world: &World<'_>, groups: &GroupUse, at: Option<Mark>);
    /// Notes that the walk went on as it did for the addresses of `region` alone.
    fn branch(&mut self, _addr: Addr, _region: impl FnOnce() -> IpSet) {}
    /// The same for a stranger on the internet: `region` leaves out every public address that the
    /// evidence owns, which is much to carry for who asks about strangers alone.
    fn beside_owned(&mut self, addr: Addr, region: impl FnOnce() -> IpSet) {
        self.branch(addr, region);
    }
    /// Notes that a firewall, or an appliance behind a load balancer, inspects the packet.
    fn inspected(&mut self) {}
    /// Notes that the way depends on the protocol.
    fn by_protocol(&mut self) {}
    /// Notes a component that the packet passes.
    fn hop(&mut self, make: impl FnOnce() -> Hop);
    /// Notes that the packet is certainly dropped.
    fn block(&mut self, make: impl FnOnce() -> Blocker);
    /// Notes that something which matters is not known.
    fn gap(&mut self, gap: &Arc<Gap>);
    /// The current place.
    fn mark(&self) -> Mark {
        Mark::default()
    }
    /// The request is done, the reply begins.
    fn turn(&mut self);
    /// Whether nothing that comes can change the answer.
    fn is_settled(&self) -> bool {
        false
    }
    /// Whether hops and blockers are wanted, beyond the verdict.
    const TELLS: bool = false;
}
