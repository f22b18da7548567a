//! Collection, with real parts: moto for AWS, a server that speaks the Databricks API, and a
//! proxy that breaks what goes between.

mod databricks;
mod fault;
mod moto;
mod python;
