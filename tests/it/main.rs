//! Integration tests, one binary: linking is most of their cost.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![expect(clippy::disallowed_methods, reason = "tests read and write what they like")]

#[cfg(not(feature = "live"))]
mod absent;
mod assertions;
mod audit;
mod denial;
mod fixtures;
mod fuzz;
mod generated;
mod kleene;
mod layers;
#[cfg(feature = "live")]
mod live;
mod multitool;
mod path;
mod permissions;
mod reach;
mod report;
mod required;
mod rules;
mod sources;
mod sources_scoped;
