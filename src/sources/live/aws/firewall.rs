//! Network Firewall: firewalls of VPCs, their endpoints, and what their policies do with packets.

use aws_sdk_networkfirewall::operation::describe_firewall::DescribeFirewallOutput;
use aws_sdk_networkfirewall::types as t;
use serde_json::json;

use super::pages::{json as written, more};
use super::{Ask, Lane, Manners, Page, Post, Refusal, Reply, batch, not_asked, one, refusal, unsaid};
use crate::estate::Operation;
use crate::estate::aws as a;

/// The most rows on a page.
const MOST: i32 = 100;

/// Puts one question.
pub(super) async fn ask(post: &Post, manners: &Manners, ask: &Ask) -> Reply {
    let lane = post.lane("network-firewall");
    match (ask.operation, one(ask)) {
        (Operation::ListFirewalls, None) => {
            let fetch = |vpcs: Option<Vec<String>>, token: Option<String>| async move {
                let request = post.firewall().list_firewalls().max_results(MOST).set_vpc_ids(vpcs);
                let output = request.set_next_token(token).send().await.map_err(refusal)?;
                let rows = output.firewalls.unwrap_or_default().into_iter().map(firewall).collect();
                Ok(Page { rows, next: more(output.next_token) })
            };
            let id = |row: &a::Firewall| row.firewall_arn.clone();
            batch::read("Firewalls", manners, &lane, &ask.about, id, fetch).await
        }
        (Operation::DescribeFirewall, Some(name)) => {
            let described = describe(post, manners, &lane, name).await;
            described.and_then(|output| details(output).ok_or_else(unsaid)).map(|details| written(&details)).into()
        }
        (Operation::DescribeFirewallPolicy, Some(name)) => {
            // the firewall tells which policy it has
            let described = describe(post, manners, &lane, name).await;
            let described = described.map_err(|refusal| refusal.of(Operation::DescribeFirewall.name()));
            let arn = match described.and_then(|output| output.firewall.ok_or_else(unsaid)) {
                Ok(firewall) => firewall.firewall_policy_arn,
                Err(refusal) => return Reply::refused(refusal),
            };
            let send = || async {
                let request = post.firewall().describe_firewall_policy().firewall_policy_arn(&arn);
                let output = request.send().await.map_err(refusal)?.firewall_policy.ok_or_else(unsaid)?;
                Ok(json!({ "FirewallPolicy": written(&policy(output)) }))
            };
            manners.call(&lane, send).await.into()
        }
        (operation, _) => Reply::refused(not_asked(operation)),
    }
}

async fn describe(post: &Post, manners: &Manners, lane: &Lane, name: &str) -> Result<DescribeFirewallOutput, Refusal> {
    let send = || async { post.firewall().describe_firewall().firewall_name(name).send().await.map_err(refusal) };
    manners.call(lane, send).await
}

fn firewall(firewall: t::FirewallMetadata) -> a::Firewall {
    a::Firewall {
        firewall_name: firewall.firewall_name.unwrap_or_default(),
        firewall_arn: firewall.firewall_arn.unwrap_or_default(),
    }
}

fn details(output: DescribeFirewallOutput) -> Option<a::FirewallDetails> {
    let firewall = output.firewall?;
    let subnet = |mapping: t::SubnetMapping| a::SubnetMapping { subnet_id: Some(mapping.subnet_id) };
    Some(a::FirewallDetails {
        firewall: a::FirewallConfiguration {
            firewall_name: firewall.firewall_name.unwrap_or_default(),
            firewall_arn: firewall.firewall_arn,
            firewall_policy_arn: Some(firewall.firewall_policy_arn),
            // one of a transit gateway has no VPC
            vpc_id: Some(firewall.vpc_id).filter(|vpc| !vpc.is_empty()),
            subnet_mappings: firewall.subnet_mappings.into_iter().map(subnet).collect(),
        },
        firewall_status: output.firewall_status.map(status),
    })
}

fn status(status: t::FirewallStatus) -> a::FirewallStatus {
    let states = status.sync_states.unwrap_or_default().into_iter();
    let attachment = |attachment: t::Attachment| a::FirewallAttachment {
        subnet_id: attachment.subnet_id,
        endpoint_id: attachment.endpoint_id,
        status: attachment.status.map(|status| status.as_str().to_owned()),
    };
    let state = |state: t::SyncState| a::FirewallSyncState { attachment: state.attachment.map(attachment) };
    a::FirewallStatus {
        status: Some(status.status.as_str().to_owned()),
        sync_states: states.map(|(zone, synced)| (zone, state(synced))).collect(),
    }
}

fn policy(policy: t::FirewallPolicy) -> a::FirewallPolicy {
    let stateless = |group: t::StatelessRuleGroupReference| a::RuleGroupReference {
        resource_arn: group.resource_arn,
        priority: Some(i64::from(group.priority)),
    };
    let stateful = |group: t::StatefulRuleGroupReference| a::RuleGroupReference {
        resource_arn: group.resource_arn,
        priority: group.priority.map(i64::from),
    };
    let options = |options: t::StatefulEngineOptions| a::StatefulEngineOptions {
        rule_order: options.rule_order.map(|order| order.as_str().to_owned()),
    };
    a::FirewallPolicy {
        stateless_rule_group_references: policy
            .stateless_rule_group_references
            .unwrap_or_default()
            .into_iter()
            .map(stateless)
            .collect(),
        stateless_default_actions: policy.stateless_default_actions,
        stateless_fragment_default_actions: policy.stateless_fragment_default_actions,
        stateful_rule_group_references: policy
            .stateful_rule_group_references
            .unwrap_or_default()
            .into_iter()
            .map(stateful)
            .collect(),
        stateful_default_actions: policy.stateful_default_actions.unwrap_or_default(),
        stateful_engine_options: policy.stateful_engine_options.map(options),
    }
}
