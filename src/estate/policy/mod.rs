//! The AWS policy language: KMS key policies, S3 bucket policies, VPC endpoint policies,
//! IAM trust policies and IAM identity policies, evaluated as policy.
//!
//! Input: the JSON of one policy ([`Policy::parse`], [`Policy::from_value`]) and a
//! [`Request`]. Output: a [`Decision`], or what a policy gives to strangers
//! ([`Policy::open_to_everyone`], [`Policy::admits_everything`]).
//!
//! What it refuses to do: it never searches a policy as text, it never guesses (what the
//! language or the request leaves open is [`Decision::Uncertain`], with the reason), and it
//! never joins policy *types*. Whether an identity policy and a key policy together let a
//! request through is for the caller, who knows which accounts are involved.
//!
//! ```text
//! document ── Policy, Statement ──► evaluate ── Decision
//!    │  principal, pattern, operator ► condition ┘   │
//!    └─────────────────────────────► exposure ◄──────┘
//! ```

mod condition;
mod document;
mod evaluate;
mod exposure;
mod operator;
mod pattern;
mod principal;
mod truth;

#[cfg(test)]
mod tests;

pub use document::{Policy, PolicyError};
pub use evaluate::{Decision, Missing, Request};
pub use exposure::{OpenStatement, Openness};
pub use principal::Principal;
