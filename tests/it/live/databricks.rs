//! The server that stands for Databricks, and the proof that it speaks Databricks' protocol.

mod sdk;
pub(crate) mod server;
