//! Questions by ids instead of row numbers, and what their answers must hold.

use std::fmt;

use plaudit::estate::Estate;
use plaudit::reach::{self, Answer, Arrival, Code, Flow, Goal, Ip, Leg, Node, Protocol, Start, Verdict};
use plaudit::sources;

use super::build::World;

/// One end of a flow.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    /// An interface, at the address that the engine chooses.
    Interface(String),
    /// An interface, at this address; only to start from.
    InterfaceAt(String, String),
    /// Whatever has this address; from the internet, when the flow starts there.
    Address(String),
    /// The internet, at an address that nobody owns.
    Internet,
    /// The same over IPv6; only to start from.
    InternetV6,
    /// A node that may run in a subnet.
    Node { subnet: String, address: String, groups: Option<Vec<String>>, public: Option<String> },
    /// A network behind the virtual private gateway of a VPC.
    VpnGateway { vpc: String, address: String },
    /// A network behind an attachment that is no VPC.
    Attachment { id: String, address: String },
}

impl From<&str> for End {
    fn from(text: &str) -> Self {
        match text {
            "internet" => Self::Internet,
            id if id.starts_with("eni-") => Self::Interface(id.to_owned()),
            address => Self::Address(address.to_owned()),
        }
    }
}

impl From<&String> for End {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

/// An interface, speaking from one of its addresses or from one that is not its own.
pub(crate) fn speaking_as(eni: &str, address: &str) -> End {
    End::InterfaceAt(eni.to_owned(), address.to_owned())
}

/// A node with groups.
pub(crate) fn node(subnet: &str, address: &str, groups: &[&str]) -> End {
    let groups = Some(groups.iter().map(|group| (*group).to_owned()).collect());
    End::Node { subnet: subnet.to_owned(), address: address.to_owned(), groups, public: None }
}

/// A network behind the virtual private gateway of a VPC.
pub(crate) fn behind_vgw(vpc: &str, address: &str) -> End {
    End::VpnGateway { vpc: vpc.to_owned(), address: address.to_owned() }
}

/// A network behind a VPN or Direct Connect attachment.
pub(crate) fn behind(attachment: &str, address: &str) -> End {
    End::Attachment { id: attachment.to_owned(), address: address.to_owned() }
}

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ask {
    pub(crate) from: End,
    pub(crate) to: End,
    pub(crate) protocol: Protocol,
    pub(crate) port: u16,
    pub(crate) source_port: Option<u16>,
}

pub(crate) fn flow(from: impl Into<End>, to: impl Into<End>, protocol: Protocol, port: u16) -> Ask {
    Ask { from: from.into(), to: to.into(), protocol, port, source_port: None }
}

pub(crate) fn tcp(from: impl Into<End>, to: impl Into<End>, port: u16) -> Ask {
    flow(from, to, Protocol::TCP, port)
}

pub(crate) fn udp(from: impl Into<End>, to: impl Into<End>, port: u16) -> Ask {
    flow(from, to, Protocol::UDP, port)
}

/// An ICMP message: type in the high, code in the low byte.
pub(crate) fn icmp(from: impl Into<End>, to: impl Into<End>, kind: u8, code: u8) -> Ask {
    flow(from, to, Protocol::ICMP, u16::from_be_bytes([kind, code]))
}

/// An echo request.
pub(crate) fn echo(from: impl Into<End>, to: impl Into<End>) -> Ask {
    icmp(from, to, 8, 0)
}

/// A protocol without ports.
pub(crate) fn protocol(from: impl Into<End>, to: impl Into<End>, number: u8) -> Ask {
    flow(from, to, Protocol(number), 0)
}

impl Ask {
    pub(crate) fn source_port(mut self, port: u16) -> Self {
        self.source_port = Some(port);
        self
    }

    /// The engine's flow; none when the evidence does not hold a row that it names.
    pub(crate) fn resolve(&self, world: &reach::World) -> Option<Flow> {
        let from = match &self.from {
            End::Interface(id) => Start::Interface(world.interface(id)?, None),
            End::InterfaceAt(id, address) => Start::Interface(world.interface(id)?, Some(ip(address))),
            End::Address(address) => Start::Internet(ip(address)),
            End::Internet => Start::Internet(world.internet()),
            End::InternetV6 => Start::Internet(world.internet_v6()),
            End::VpnGateway { vpc, address } => Start::VpnGateway { vpc: world.vpc(vpc)?, address: ip(address) },
            End::Attachment { id, address } => Start::Attachment { row: world.attachment(id)?, address: ip(address) },
            End::Node { .. } => Start::Node(self.from.node(world)?),
        };
        let to = match &self.to {
            End::Interface(id) => Goal::Interface(world.interface(id)?),
            End::Address(address) => Goal::Address(ip(address)),
            End::Internet => Goal::Internet,
            End::Node { .. } => Goal::Node(self.to.node(world)?),
            other => panic!("{other:?} is no goal"),
        };
        Some(Flow { from, to, protocol: self.protocol, port: self.port, source_port: self.source_port })
    }
}

impl End {
    fn node(&self, world: &reach::World) -> Option<Node> {
        let Self::Node { subnet, address, groups, public } = self else { return None };
        let groups = match groups {
            Some(groups) => Some(world.group_set(&groups.iter().map(String::as_str).collect::<Vec<_>>())?),
            None => None,
        };
        Some(Node { subnet: world.subnet(subnet)?, address: ip(address), groups, public: public.as_deref().map(ip) })
    }
}

fn ip(text: &str) -> Ip {
    Ip::parse(text).unwrap_or_else(|| panic!("no address: {text}"))
}

/// What the engine says, with row numbers as ids.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    ask: Ask,
    pub(crate) answer: Answer,
    /// Where the request ends, by id.
    pub(crate) arrival: String,
}

/// Asks one question of an estate, both ways to ask it.
#[track_caller]
pub(crate) fn put(estate: &Estate, world: &reach::World, ask: &Ask) -> Option<Told> {
    let flow = ask.resolve(world)?;
    let answer = world.ask(&flow);
    let told = Told { arrival: arrival(estate, &answer.arrival), ask: ask.clone(), answer };
    assert_eq!(world.verdict(&flow), told.answer.verdict, "the quick verdict differs: {told}");
    told.sane();
    Some(told)
}

fn arrival(estate: &Estate, arrival: &Arrival) -> String {
    match arrival {
        Arrival::Interface(row) => estate.aws.interfaces.row(*row).id.clone(),
        Arrival::Service(row) => estate.aws.vpc_endpoints.row(*row).id.clone(),
        Arrival::OnPremises(through) => format!("on-premises through {through}"),
        Arrival::Node => "node".to_owned(),
        Arrival::Internet => "internet".to_owned(),
        Arrival::Nowhere => "nowhere".to_owned(),
    }
}

impl World {
    /// Writes the world, reads it and asks.
    #[track_caller]
    pub(crate) fn ask(&self, ask: Ask) -> Told {
        let folder = self.write();
        let estate = sources::read(&[folder.path().to_path_buf()]).unwrap();
        let world = reach::World::of(&estate);
        put(&estate, &world, &ask).unwrap_or_else(|| panic!("the evidence lacks an end of {ask:?}"))
    }
}

impl Told {
    #[track_caller]
    pub(crate) fn reachable(self) -> Self {
        self.verdict(Verdict::Reachable)
    }

    #[track_caller]
    pub(crate) fn unreachable(self) -> Self {
        self.verdict(Verdict::Unreachable)
    }

    /// Unknown, for want of the answer to one of these calls.
    #[track_caller]
    pub(crate) fn unknown(self, calls: &[&str]) -> Self {
        let told = self.verdict(Verdict::Unknown);
        let names = |call: &&str| told.answer.gaps.iter().any(|gap| gap.operation.name() == *call);
        assert!(calls.iter().any(names), "no gap names one of {calls:?}: {told}");
        told
    }

    #[track_caller]
    fn verdict(self, verdict: Verdict) -> Self {
        assert_eq!(self.answer.verdict, verdict, "{self}");
        self
    }

    /// The verdict of the request alone.
    #[track_caller]
    pub(crate) fn forward(self, verdict: Verdict) -> Self {
        assert_eq!(self.answer.forward, verdict, "the request alone: {self}");
        self
    }

    /// Unreachable, and this is one of the reasons.
    #[track_caller]
    pub(crate) fn blocked(self, code: Code, leg: Leg, resource: &str) -> Self {
        self.blocked_by(&[code], leg, &[resource])
    }

    /// Unreachable, and one of these codes at one of these resources is one of the reasons.
    #[track_caller]
    pub(crate) fn blocked_by(self, codes: &[Code], leg: Leg, resources: &[&str]) -> Self {
        let told = self.unreachable();
        let found = told.answer.blockers.iter().any(|blocker| {
            codes.contains(&blocker.code)
                && blocker.leg == leg
                && (resources.is_empty() || resources.iter().any(|id| blocker.resource.contains(id)))
        });
        let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
        assert!(found, "no blocker {names:?} on the {} leg at {resources:?}: {told}", leg.word());
        told
    }

    /// No reason of this kind.
    #[track_caller]
    pub(crate) fn never(self, code: Code) -> Self {
        assert!(self.answer.blockers.iter().all(|blocker| blocker.code != code), "{} is wrong: {self}", code.name());
        self
    }

    /// Exactly one reason.
    #[track_caller]
    pub(crate) fn sole(self) -> Self {
        assert_eq!(self.answer.blockers.len(), 1, "one cause only: {self}");
        self
    }

    /// The request passes, the reply does not.
    #[track_caller]
    pub(crate) fn only_the_reply(self) -> Self {
        self.forward(Verdict::Reachable).unreachable()
    }

    /// These reasons are listed, in this order; others may stand between them.
    #[track_caller]
    pub(crate) fn in_order(self, expected: &[(Code, Leg, &str)]) -> Self {
        let told = self.unreachable();
        let mut blockers = told.answer.blockers.iter();
        for (code, leg, resource) in expected {
            let found = blockers
                .any(|blocker| blocker.code == *code && blocker.leg == *leg && blocker.resource.contains(resource));
            assert!(
                found,
                "{} on the {} leg at {resource} is missing or not in path order: {told}",
                code.name(),
                leg.word()
            );
        }
        told
    }

    /// Where the request ends: an id, `internet`, `node`, `nowhere`.
    #[track_caller]
    pub(crate) fn at(self, arrival: &str) -> Self {
        assert_eq!(self.arrival, arrival, "{self}");
        self
    }

    /// It leaves to a network outside AWS through this gateway or attachment.
    #[track_caller]
    pub(crate) fn on_premises(self, through: &str) -> Self {
        let outside = self.arrival.starts_with("on-premises") && self.arrival.contains(through);
        assert!(outside, "not on-premises through {through}: {self}");
        self
    }

    /// The request, or the reply, meets this component.
    #[track_caller]
    pub(crate) fn via(self, leg: Leg, resource: &str) -> Self {
        assert!(self.meets(leg, resource), "{resource} is not on the {} leg: {self}", leg.word());
        self
    }

    #[track_caller]
    pub(crate) fn not_via(self, leg: Leg, resource: &str) -> Self {
        assert!(!self.meets(leg, resource), "{resource} is on the {} leg: {self}", leg.word());
        self
    }

    fn meets(&self, leg: Leg, resource: &str) -> bool {
        self.answer.hops.iter().any(|hop| hop.leg == leg && hop.resource.contains(resource))
    }

    /// The source ports to which replies return; empty for all that were asked for.
    #[track_caller]
    pub(crate) fn ports(self, expected: &[(u16, u16)]) -> Self {
        let ports = self.answer.source_ports.iter().flat_map(|set| set.ranges());
        let ports: Vec<(u16, u16)> = ports.map(|range| (*range.start(), *range.end())).collect();
        assert_eq!(ports, expected, "source ports: {self}");
        self
    }

    /// What every answer must hold, whatever it says.
    #[track_caller]
    fn sane(&self) {
        let answer = &self.answer;
        let on = |leg| answer.blockers.iter().any(|blocker| blocker.leg == leg);
        match answer.verdict {
            Verdict::Reachable => {
                assert!(answer.blockers.is_empty(), "reachable, and blocked: {self}");
                assert_eq!(answer.forward, Verdict::Reachable, "the reply comes back from nowhere: {self}");
            }
            Verdict::Unreachable => assert!(!answer.blockers.is_empty(), "unreachable for no reason: {self}"),
            Verdict::Unknown => {
                assert!(answer.blockers.is_empty(), "unknown, and blocked: {self}");
                assert!(!answer.gaps.is_empty(), "unknown, and nothing is missing: {self}");
            }
        }
        assert_eq!(answer.forward == Verdict::Unreachable, on(Leg::Forward), "request and its blockers: {self}");
        assert!(answer.blockers.is_sorted_by_key(|blocker| blocker.leg), "blockers: forward first: {self}");
        assert!(answer.hops.is_sorted_by_key(|hop| hop.leg), "hops: forward first: {self}");
        assert!(answer.gaps.is_sorted() && answer.gaps.windows(2).all(|two| two[0] != two[1]), "gaps: {self}");
        let told = answer.blockers.iter().all(|blocker| !blocker.resource.is_empty() && !blocker.detail.is_empty());
        assert!(told, "a blocker without words: {self}");
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = &self.answer;
        writeln!(f, "\n{:?}", self.ask)?;
        writeln!(f, "  {} (forward {}), arrives at {}", answer.verdict, answer.forward, self.arrival)?;
        for blocker in &answer.blockers {
            writeln!(
                f,
                "  blocker {} {} {}: {}",
                blocker.leg.word(),
                blocker.code.name(),
                blocker.resource,
                blocker.detail
            )?;
        }
        for gap in &answer.gaps {
            writeln!(f, "  gap {gap}")?;
        }
        for hop in &answer.hops {
            let (leg, component, passage) = (hop.leg.word(), hop.component.word(), hop.passage.word());
            writeln!(f, "  hop {leg} {component} {} {passage}: {}", hop.resource, hop.decision)?;
        }
        Ok(())
    }
}
