//! What packets can do: worlds whose answers come from the AWS documentation, by the rows of
//! `reachability-semantics.md`, and properties over random worlds.

mod ask;
mod build;
mod causes;
mod gaps;
mod properties;
mod random;
mod rows_filters;
mod rows_internet;
mod rows_private;
mod rows_routes;
mod rows_services;
mod symbolic;
