//! The rule engine: rule files to findings.
//!
//! ```text
//! rule files ─► file ─► load (check, compile) ─► Rule ─┐
//! estate ─────► facts ─► value (CEL) ─────────────────► run ─► findings
//!                        function, question ──────────┘
//! ```
//!
//! Input: rule files as text and a sealed estate. Output: one finding for each rule and subject.
//! It refuses a rule that reads a field that does not exist, and it never takes missing evidence
//! for an answer.

pub mod check;
mod compile;
pub mod error;
pub mod facts;
pub mod file;
pub mod function;
pub mod load;
pub mod path;
mod question;
pub mod run;
pub mod testing;
pub mod value;
pub mod vocabulary;

pub use error::RuleError;
pub use load::{Rule, environment, load};
pub use run::{Profiles, run};
