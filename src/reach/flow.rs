//! The vocabulary of an answer: verdict, hops, blockers.

use std::fmt;
use std::sync::Arc;

use range_set_blaze::RangeSetBlaze;

use super::address::Ip;
use super::code::Code;
use super::traffic::Protocol;
use crate::estate::{Gap, Origin};

/// What the evidence says of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It arrives, and so does the reply.
    Reachable,
    /// Something certainly stops it.
    Unreachable,
    /// Nothing that is known stops it, and something that matters is not known.
    Unknown,
}

impl Verdict {
    /// `reachable`, `unreachable` or `unknown`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
        }
    }

    /// Of several parts that must all work.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unreachable, _) | (_, Self::Unreachable) => Self::Unreachable,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            _ => Self::Reachable,
        }
    }

    /// Of several ways of which one is enough.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Reachable, _) | (_, Self::Reachable) => Self::Reachable,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            _ => Self::Unreachable,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The way there or the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leg {
    /// The request.
    Forward,
    /// The reply.
    Return,
}

impl Leg {
    /// `forward` or `return`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Return => "return",
        }
    }
}

/// Where a flow starts. Row numbers are those of the estate's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// An interface: row, and which of its addresses, the primary one if none is said.
    Interface(u32, Option<Ip>),
    /// A node that may run in a subnet: row of the subnet, its address, its security groups (none
    /// when nobody said which: then no group is judged).
    Node(Node),
    /// Anyone on the internet.
    Internet(Ip),
    /// A network behind a virtual private gateway of this VPC (number of [`super::World`]).
    VpnGateway {
        /// The VPC.
        vpc: u32,
        /// The address there.
        address: Ip,
    },
    /// A network behind a transit gateway attachment that is no VPC: row in the attachments.
    Attachment {
        /// The attachment.
        row: u32,
        /// The address there.
        address: Ip,
    },
}

/// A node that may run in a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// Row of the subnet.
    pub subnet: u32,
    /// Its private address.
    pub address: Ip,
    /// Its security groups: a number of [`super::World::group_set`].
    pub groups: Option<u32>,
    /// Its public address, if nodes there get one.
    pub public: Option<Ip>,
}

/// What a flow leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Goal {
    /// Whatever has this address where the flow starts.
    Address(Ip),
    /// This interface, at its address that the start can use.
    Interface(u32),
    /// A node that may run in a subnet.
    Node(Node),
    /// A public address that nobody in the evidence owns.
    Internet,
}

/// One question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    /// Where it starts.
    pub from: Start,
    /// Where it leads.
    pub to: Goal,
    /// Protocol.
    pub protocol: Protocol,
    /// Destination port; for ICMP the type in the high and the code in the low byte. 0 for other protocols.
    pub port: u16,
    /// Source port; any of 1024-65535 when not said.
    pub source_port: Option<u16>,
}

/// What kind of component a hop is, in the words of Reachability Analyzer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// Name resolution.
    Resolver,
    /// Where it starts or ends, without an interface of its own.
    Subnet,
    /// Network interface.
    Interface,
    /// Security groups of an interface.
    SecurityGroup,
    /// Network ACL.
    NetworkAcl,
    /// Route table.
    RouteTable,
    /// Internet gateway.
    InternetGateway,
    /// Egress-only internet gateway.
    EgressOnlyGateway,
    /// NAT gateway.
    NatGateway,
    /// Peering connection.
    Peering,
    /// Transit gateway attachment.
    TransitAttachment,
    /// Transit gateway route table.
    TransitRouteTable,
    /// Virtual private gateway.
    VpnGateway,
    /// Gateway endpoint.
    GatewayEndpoint,
    /// Interface endpoint.
    Endpoint,
    /// Policy of an endpoint.
    EndpointPolicy,
    /// An appliance that routes for others.
    Appliance,
    /// Firewall or Gateway Load Balancer endpoint.
    Firewall,
    /// The internet.
    Internet,
    /// A network outside AWS.
    OnPremises,
}

impl Component {
    /// As reports name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Resolver => "resolver",
            Self::Subnet => "subnet",
            Self::Interface => "network interface",
            Self::SecurityGroup => "security group",
            Self::NetworkAcl => "network ACL",
            Self::RouteTable => "route table",
            Self::InternetGateway => "internet gateway",
            Self::EgressOnlyGateway => "egress-only internet gateway",
            Self::NatGateway => "NAT gateway",
            Self::Peering => "peering connection",
            Self::TransitAttachment => "transit gateway attachment",
            Self::TransitRouteTable => "transit gateway route table",
            Self::VpnGateway => "virtual private gateway",
            Self::GatewayEndpoint => "gateway endpoint",
            Self::Endpoint => "endpoint",
            Self::EndpointPolicy => "endpoint policy",
            Self::Appliance => "appliance",
            Self::Firewall => "firewall endpoint",
            Self::Internet => "internet",
            Self::OnPremises => "on-premises network",
        }
    }
}

/// How a hop treats the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Passage {
    /// It passes.
    Passed,
    /// It is dropped.
    Blocked,
    /// Not known.
    Unknown,
}

impl Passage {
    /// `passed`, `blocked` or `unknown`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
        }
    }
}

/// One component on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// Which way.
    pub leg: Leg,
    /// What it is.
    pub component: Component,
    /// Its id.
    pub resource: String,
    /// The rule or route that decided, in words: `entry 100 admits tcp/443 to 0.0.0.0/0`.
    pub decision: String,
    /// What became of the packet.
    pub passage: Passage,
    /// Where the evidence describes the component.
    pub origin: Origin,
}

/// One reason why the flow does not work.
#[derive(Clone, Debug, PartialEq)]
pub struct Blocker {
    /// Explanation code.
    pub code: Code,
    /// What blocks.
    pub resource: String,
    /// Which way.
    pub leg: Leg,
    /// The rule that blocks, and what it blocks, in words.
    pub detail: String,
    /// Where the evidence describes it.
    pub origin: Origin,
}

/// Where the request ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// At an interface: its row.
    Interface(u32),
    /// At a node that may run there.
    Node,
    /// On the internet.
    Internet,
    /// In a network outside AWS, behind this gateway or attachment.
    OnPremises(String),
    /// At a service of AWS, through this gateway endpoint (row).
    Service(u32),
    /// Nowhere.
    Nowhere,
}

/// The answer to one question, with everything that was met on the way.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Request and reply together.
    pub verdict: Verdict,
    /// The request alone.
    pub forward: Verdict,
    /// Every reason against it, in the order of the path.
    pub blockers: Vec<Blocker>,
    /// Every component that was met, in order, forward first.
    pub hops: Vec<Hop>,
    /// What is not known, sorted, each once.
    pub gaps: Vec<Arc<Gap>>,
    /// Where the request ends.
    pub arrival: Arrival,
    /// Source ports to which replies can return, when those are not all that were asked for.
    pub source_ports: Option<RangeSetBlaze<u16>>,
}
