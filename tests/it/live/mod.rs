//! Collection, with real parts: moto for AWS, a server that speaks the Databricks API, and a
//! proxy that breaks what goes between.

mod collect;
mod databricks;
mod fault;
mod faults;
mod interrupt;
mod moto;
mod python;
mod stage;
