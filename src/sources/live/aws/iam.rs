//! To come.

use super::{Ask, Manners, Post, Reply, not_asked};

/// Puts one question.
pub(super) async fn ask(_: &Post, _: &Manners, ask: &Ask) -> Reply {
    Reply::refused(not_asked(ask.operation))
}
