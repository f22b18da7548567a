//! Network Firewall: firewalls, the endpoints that they inspect packets at, and their policies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `aws network-firewall list-firewalls`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Firewall {
    /// Name.
    pub firewall_name: String,
    /// ARN.
    pub firewall_arn: String,
}

/// `aws network-firewall describe-firewall`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct FirewallDetails {
    /// What was asked for.
    pub firewall: FirewallConfiguration,
    /// What there is.
    pub firewall_status: Option<FirewallStatus>,
}

/// How a firewall is configured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct FirewallConfiguration {
    /// Name, unique in its account and region.
    pub firewall_name: String,
    /// ARN.
    pub firewall_arn: Option<String>,
    /// ARN of its policy.
    pub firewall_policy_arn: Option<String>,
    /// The VPC.
    pub vpc_id: Option<String>,
    /// Subnets, each with an endpoint.
    pub subnet_mappings: Vec<SubnetMapping>,
}

/// A subnet of a firewall.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SubnetMapping {
    /// The subnet.
    pub subnet_id: Option<String>,
}

/// State of a firewall.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct FirewallStatus {
    /// `PROVISIONING`, `DELETING` or `READY`.
    pub status: Option<String>,
    /// State by availability zone.
    pub sync_states: BTreeMap<String, FirewallSyncState>,
}

/// State of a firewall in one zone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct FirewallSyncState {
    /// Its endpoint there.
    pub attachment: Option<FirewallAttachment>,
}

/// An endpoint of a firewall.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct FirewallAttachment {
    /// The subnet.
    pub subnet_id: Option<String>,
    /// `vpce-…`.
    pub endpoint_id: Option<String>,
    /// `READY` …
    pub status: Option<String>,
}

impl FirewallDetails {
    /// The id of the rows about a firewall: `<account>/<region>/<name>`, because names are unique
    /// in one account and region only; without the parts that no answer told.
    pub fn row_id(account: Option<&str>, region: Option<&str>, name: &str) -> String {
        [account, region, Some(name)].into_iter().flatten().collect::<Vec<_>>().join("/")
    }

    /// The endpoints that it has, `vpce-…`.
    pub fn endpoints(&self) -> impl Iterator<Item = &str> {
        let states = self.firewall_status.iter().flat_map(|status| status.sync_states.values());
        states.filter_map(|state| state.attachment.as_ref()?.endpoint_id.as_deref())
    }
}

/// `aws network-firewall describe-firewall-policy`, the policy itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct FirewallPolicy {
    /// Stateless rule groups.
    pub stateless_rule_group_references: Vec<RuleGroupReference>,
    /// What happens to packets that no stateless rule matches: `aws:pass`, `aws:drop`,
    /// `aws:forward_to_sfe`, or the name of a custom action.
    pub stateless_default_actions: Vec<String>,
    /// The same for fragments of UDP packets.
    pub stateless_fragment_default_actions: Vec<String>,
    /// Stateful rule groups.
    pub stateful_rule_group_references: Vec<RuleGroupReference>,
    /// What happens to packets that no stateful rule matches, in strict order: `aws:drop_strict`,
    /// `aws:drop_established`, `aws:alert_strict`, `aws:alert_established`.
    pub stateful_default_actions: Vec<String>,
    /// Switches of the stateful engine.
    pub stateful_engine_options: Option<StatefulEngineOptions>,
}

/// A rule group that a policy uses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RuleGroupReference {
    /// ARN of the rule group.
    pub resource_arn: String,
    /// Lowest first; stateful groups have none in the default order.
    pub priority: Option<i64>,
}

/// Switches of the stateful engine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct StatefulEngineOptions {
    /// `DEFAULT_ACTION_ORDER` (default) or `STRICT_ORDER`.
    pub rule_order: Option<String>,
}
