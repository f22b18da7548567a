//! How the questions of [`Operation`] are put: to whom, under which path, and what the answer
//! looks like. Pure. The paths are those of the table of operations.

use serde_json::Value;

use super::super::ask::{About, Ask};
use super::pages::Style;
use crate::estate::Operation;

/// Settings of the account that facts read.
pub(in super::super) const ACCOUNT_SETTINGS: &[&str] = &["acct_ip_acl_enable", "disable_legacy_features"];
/// Settings of a workspace that facts read.
pub(in super::super) const WORKSPACE_SETTINGS: &[&str] =
    &["disable_legacy_dbfs", "restrict_workspace_admins", "shield_csp_enablement_ws_db"];

/// The request for the rules of one network connectivity configuration.
pub(super) const RULES: &str = "GET /accounts/{account}/network-connectivity-configs/{ncc}/private-endpoint-rules";
/// What the largest page of clusters holds; other lists choose themselves.
pub(super) const PAGE_SIZE: (&str, &str) = ("page_size", "100");

/// Whether the account answers, and not a workspace.
pub(super) fn is_of_account(operation: Operation) -> bool {
    operation.name().starts_with("GET /accounts/")
}

/// The path of a request.
pub(super) fn path(ask: &Ask) -> Option<String> {
    let (account, workspace) = (ask.place.account.as_deref(), ask.place.region.as_deref());
    let one = match &ask.about {
        About::One(one) => Some(one.as_str()),
        About::All | About::Within(_) => None,
    };
    let name = ask.operation.name();
    let path = filled(name, &[("account", account), ("workspace", workspace), ("type", one)])?;
    Some(if name.ends_with("{type}") { format!("{path}/names/default") } else { path })
}

/// The path of the rules of one network connectivity configuration.
pub(super) fn path_of_rules(account: &str, ncc: &str) -> Option<String> {
    filled(RULES, &[("account", Some(account)), ("ncc", Some(ncc))])
}

/// A request of the table as a path. What is filled in is a name and nothing else.
fn filled(request: &str, values: &[(&str, Option<&str>)]) -> Option<String> {
    let pattern = request.strip_prefix("GET ")?;
    // clusters have pages since this version
    let mut path = if pattern.starts_with("/clusters/") { "/api/2.1" } else { "/api/2.0" }.to_owned();
    for part in pattern.split('/').skip(1) {
        let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let value = match name {
            Some(name) => values.iter().find(|(key, _)| *key == name).and_then(|(_, value)| *value)?,
            None => part,
        };
        if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            return None;
        }
        path.push('/');
        path.push_str(value);
    }
    Some(path)
}

/// How a list is written; `None` for what is no list.
pub(super) fn style(operation: Operation) -> Option<Style> {
    use Operation as O;
    Some(match operation {
        O::ListWorkspaces
        | O::ListNetworks
        | O::ListRegistrations
        | O::ListPrivateAccessSettings
        | O::ListKeyConfigurations
        | O::ListCredentials
        | O::ListStorageConfigurations => Style::Bare,
        O::ListNccs | O::ListNetworkPolicies => Style::Wrapped("items"),
        O::ListAccountIpAccessLists | O::ListWorkspaceIpAccessLists => Style::Wrapped("ip_access_lists"),
        O::ListLogDelivery => Style::Wrapped("log_delivery_configurations"),
        O::ListClusters => Style::Wrapped("clusters"),
        O::ListWarehouses => Style::Wrapped("warehouses"),
        _ => return None,
    })
}

/// Whether the list of network connectivity configurations left the rules of one out.
pub(super) fn lacks_rules(ncc: &Value) -> bool {
    !ncc.pointer("/egress_config/target_rules/aws_private_endpoint_rules").is_some_and(Value::is_array)
}

/// A network connectivity configuration with its rules, where the list has them otherwise.
pub(super) fn put_rules(ncc: &mut Value, rules: Value) -> Option<()> {
    let mut object = ncc.as_object_mut()?;
    for member in ["egress_config", "target_rules"] {
        let inner = object.entry(member).or_insert(Value::Null);
        if inner.is_null() {
            *inner = Value::Object(serde_json::Map::new());
        }
        object = inner.as_object_mut()?;
    }
    object.insert("aws_private_endpoint_rules".to_owned(), rules);
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{is_of_account, lacks_rules, path, path_of_rules, put_rules, style};
    use crate::estate::{Operation, Place};
    use crate::sources::live::ask::{About, Ask};

    fn ask(operation: Operation, one: &str) -> Ask {
        let place = Place { account: Some("acc-1".to_owned()), region: Some("42".to_owned()) };
        Ask { operation, place, about: About::One(one.to_owned()) }
    }

    #[test]
    fn every_operation_of_databricks_has_a_path() {
        let all = Operation::ALL.iter().copied().filter(|operation| operation.name().starts_with("GET "));
        for operation in all {
            let path = path(&ask(operation, "some_type")).unwrap();
            assert!(path.starts_with("/api/2.") && !path.contains(['{', '}']), "{path}");
            assert_eq!(path.contains("/accounts/acc-1/"), is_of_account(operation), "{path}");
        }
        let path = |operation| path(&ask(operation, "some_type")).unwrap();
        assert_eq!(path(Operation::ListClusters), "/api/2.1/clusters/list");
        assert_eq!(path(Operation::ListWarehouses), "/api/2.0/sql/warehouses");
        assert_eq!(path(Operation::GetWorkspaceNetwork), "/api/2.0/accounts/acc-1/workspaces/42/network");
        assert_eq!(
            path(Operation::GetAccountSetting),
            "/api/2.0/accounts/acc-1/settings/types/some_type/names/default"
        );
        assert_eq!(path(Operation::GetWorkspaceSetting), "/api/2.0/settings/types/some_type/names/default");
        assert_eq!(style(Operation::GetWorkspaceConf), None);
    }

    #[test]
    fn a_path_holds_names_only() {
        for name in ["", "a/b", "..", "a?b", "a%2f"] {
            assert_eq!(path(&ask(Operation::GetAccountSetting, name)), None, "{name}");
            assert_eq!(path_of_rules("acc-1", name), None, "{name}");
        }
    }

    #[test]
    fn rules_are_put_where_the_list_would_have_them() {
        let mut ncc = json!({"name": "n", "egress_config": {"default_rules": {}, "target_rules": null}});
        assert!(lacks_rules(&ncc));
        put_rules(&mut ncc, json!([{"rule_id": "r"}])).unwrap();
        assert!(!lacks_rules(&ncc));
        assert_eq!(ncc["egress_config"]["target_rules"]["aws_private_endpoint_rules"][0]["rule_id"], "r");
        assert_eq!(ncc["egress_config"]["default_rules"], json!({}));
        assert_eq!(put_rules(&mut json!({"egress_config": 7}), json!([])), None);
    }
}
