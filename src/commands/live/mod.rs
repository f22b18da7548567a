//! Asking AWS and Databricks for a command: `collect`, and `audit --live`. The rest of the
//! commands need not know whether this build can.

#[cfg(not(feature = "live"))]
mod absent;
#[cfg(feature = "live")]
mod present;
#[cfg(feature = "live")]
mod progress;
#[cfg(feature = "live")]
mod summary;

#[cfg(not(feature = "live"))]
pub(super) use absent::{check, collect, earlier, list};
#[cfg(feature = "live")]
pub(super) use present::{check, collect, earlier, list};
