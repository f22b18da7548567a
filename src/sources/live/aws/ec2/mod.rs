//! EC2: networks and everything in them.

use super::{Ask, Manners, Post, Refusal, Reply, not_asked};

/// Puts one question.
pub(super) async fn ask(_: &Post, _: &Manners, ask: &Ask) -> Reply {
    Reply::refused(not_asked(ask.operation))
}

/// The regions that the account has switched on.
pub(super) async fn regions(post: &Post, manners: &Manners) -> Result<Vec<String>, Refusal> {
    let send = || async { post.ec2().describe_regions().send().await.map_err(super::refusal) };
    let output = manners.call(&post.lane("ec2"), send).await?;
    let names = output.regions.unwrap_or_default().into_iter().filter_map(|region| region.region_name);
    Ok(names.collect())
}
