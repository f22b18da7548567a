//! What packets can do, computed from the estate alone. Pure: no I/O, no rule.
//!
//! Today it answers what one filter admits: the security groups of an interface
//! ([`group`]) and the network ACL of a subnet ([`acl`]).

pub mod acl;
pub mod group;
pub mod traffic;

pub use traffic::{Direction, Ports, Protocol};
