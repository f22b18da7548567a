//! Asking AWS and Databricks. Input: what to ask for, and credentials that are found as the
//! vendors' own tools find them. Output: evidence in the shape of an evidence file, with a gap for
//! every question that got no answer.
//!
//! SDK and HTTP types stay below this module. Nothing here judges; nothing here writes to AWS or
//! Databricks: every call is one that reads.
//!
//! ```text
//! request ─► round ─ which questions ─► aws, databricks ─ manners ─► the wire
//!              ▲                            │
//!              └── scope ◄── ledger ◄── answers, refusals
//! ```

mod ask;
mod aws;
mod databricks;
mod ledger;
mod manners;
mod plan;
mod refusal;
mod request;
mod round;
mod scope;

use ask::{About, Ask, Reply};
use manners::Manners;
pub use manners::{Event, Lane, Limits, Watch};
pub use plan::outline;
use refusal::{Refusal, Retry};
pub use request::{AwsRequest, DatabricksRequest, Request};
pub use round::{CollectError, Collection, collect, open_questions};
