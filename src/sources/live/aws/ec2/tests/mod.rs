//! EC2 on the wire: pages, batches, errors, and each field of each answer.

mod fields;
mod wire;

use std::collections::BTreeSet;

use super::super::fake::OWN;
use crate::estate::{Operation, Place};
use crate::sources::live::{About, Ask};

/// A question in the caller's account.
fn ask(operation: Operation, about: About) -> Ask {
    Ask { operation, place: Place::new(OWN, "eu-west-1"), about }
}

/// About these ids.
fn within(ids: &[&str]) -> About {
    About::Within(ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>())
}
