//! Tells whether Databricks workspaces on AWS are really private, and whether they really work.
//!
//! ```text
//!  CLI answers ──┐
//!  evidence file ┼─► sources ─► estate ─► engine (rules/*.yaml) ─► finding ─► report ─► bytes
//!                                 │  ▲          ▲
//!                                 ▼  │          │ facts: fields, edges, questions
//!                               reach ──────────┘
//! ```
//!
//! Data flows one way; `commands` is the only layer that knows every other. The binary is a thin
//! wrapper around this library, so that tests can use the parts. See `ARCHITECTURE.md`.

pub mod cli;
pub mod commands;
pub mod engine;
pub mod estate;
pub mod exit;
pub mod finding;
pub mod hint;
pub mod reach;
pub mod report;
pub mod settings;
pub mod sources;
mod whole;
