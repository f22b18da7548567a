//! What packets can do, computed from the estate alone. Pure: no I/O, no rule.
//!
//! Input: an estate. Output: for one flow a verdict with every hop, every blocker and every gap
//! ([`World::ask`]); for one source the exact set of what it reaches ([`World::reachable`]); what a
//! name resolves to inside a VPC ([`names`]); the paths that a workspace needs ([`required`]). It
//! refuses to guess: what was not collected makes a verdict unknown, never reachable.
//!
//! The semantics are those of the AWS documentation, in the terms of Reachability Analyzer. Two
//! views of them, one walk: see `walk`.

pub mod acl;
pub mod address;
pub mod code;
pub mod exposure;
pub mod flow;
pub mod group;
mod index;
pub mod names;
pub mod question;
pub mod required;
pub mod service;
pub mod set;
pub mod traffic;
mod walk;
mod world;

pub use address::{Block, Ip, IpSet};
pub use code::Code;
pub use flow::{Answer, Arrival, Blocker, Component, Flow, Goal, Hop, Leg, Node, Passage, Start, Verdict};
pub use service::Service;
pub use set::{FlowSet, Part, Reach, Zone};
pub use traffic::{Direction, Ports, Protocol};
pub use world::World;
