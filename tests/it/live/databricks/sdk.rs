//! Databricks' own SDK lists everything from the server: what our client reads from it, it would
//! read from Databricks.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::super::python::{python, scripts};
use super::server::{Break, CLIENT_ID, CLIENT_SECRET, Server, estate_of};

const ACCOUNT: &str = "75a6eb99-30f5-4088-b51c-1bc2893bc1c3";
const WORKSPACE: &str = "3817264950183746";

fn server() -> Server {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/isolated/databricks");
    Server::start(estate_of(&fixtures.join(ACCOUNT)))
}

/// What the SDK makes of a server.
fn sdk(server: &Server, mode: &[&str]) -> Value {
    let mut command = Command::new(python());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DATABRICKS_")) {
        command.env_remove(name);
    }
    let output = command
        .arg("-B")
        .arg(scripts().join("sdk.py"))
        .args([&server.console(), ACCOUNT, &server.workspace(WORKSPACE), WORKSPACE])
        .args(mode)
        .envs([("DATABRICKS_CONFIG_FILE", "/dev/null"), ("NO_PROXY", "*"), ("no_proxy", "*")])
        .envs([("CLIENT_ID", CLIENT_ID), ("CLIENT_SECRET", CLIENT_SECRET), ("TOKEN", &Server::token(WORKSPACE))])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_official_sdk_takes_its_faults_for_those_of_databricks() {
    let server = server();
    let mut faults = server.faults();
    let name = |list: &str| format!("GET /accounts/{{account}}/{list}");
    faults.deny.insert(name("networks"));
    faults.throttle.insert(name("vpc-endpoints"), 1);
    for (list, breaks) in [
        ("credentials", Break::Html),
        ("storage-configurations", Break::Truncated),
        ("private-access-settings", Break::Reset),
        ("customer-managed-keys", Break::Hang),
        ("ip-access-lists", Break::SignIn),
        ("network-policies", Break::SamePage),
    ] {
        faults.breaks.insert(name(list), (breaks, 1));
    }
    faults.page_size = 1;
    faults.closed.insert(WORKSPACE.to_owned());
    drop(faults);
    let estate = server.estate();
    let all = |list: &str| json!(estate[list].as_array().unwrap().len());
    assert_eq!(
        sdk(&server, &["faults"]),
        json!({
            "networks": ["PermissionDenied", "PERMISSION_DENIED"],
            "vpc-endpoints": all("vpc-endpoints"),
            "credentials": ["InternalError", "INTERNAL_SERVER_ERROR"],
            "storage-configurations": ["ChunkedEncodingError"],
            // the SDK asks again what never came
            "private-access-settings": all("private-access-settings"),
            "customer-managed-keys": all("customer-managed-keys"),
            "ip-access-lists": ["JSONDecodeError"],
            // it would go on for ever
            "network-policies": 3,
            "clusters": ["PrivateLinkValidationError", "PRIVATE_LINK_VALIDATION_ERROR"],
        })
    );
    let seen = server.seen();
    let times = |list: &str| seen.iter().filter(|seen| seen.name == name(list)).count();
    assert_eq!((times("networks"), times("vpc-endpoints"), times("private-access-settings")), (1, 2, 2));
}

#[test]
fn the_official_sdk_lists_every_object() {
    let server = server();
    server.faults().page_size = 1;
    // those of a later generation are as good
    server.expire_tokens();
    let read = sdk(&server, &[]);
    let estate = server.estate();
    let mut compared = 0;
    for (name, member) in [
        ("workspaces", ""),
        ("networks", ""),
        ("vpc-endpoints", ""),
        ("private-access-settings", ""),
        ("customer-managed-keys", ""),
        ("credentials", ""),
        ("storage-configurations", ""),
        ("network-connectivity-configs", "/items"),
        ("network-policies", "/items"),
        ("ip-access-lists", "/ip_access_lists"),
        ("log-delivery", "/log_delivery_configurations"),
    ] {
        compared += same(name, &read[name], &estate[name].pointer(member).cloned().unwrap_or_default());
    }
    for way in ["oauth", "token"] {
        let of = &estate["workspace"][WORKSPACE];
        for (name, member) in
            [("clusters", "/clusters"), ("warehouses", "/warehouses"), ("ip-access-lists", "/ip_access_lists")]
        {
            compared += same(name, &read[way][name], &of[name].pointer(member).cloned().unwrap_or_default());
        }
        compared += same("workspace-conf", &read[way]["workspace-conf"], &of["workspace-conf"]);
        for name in ["disable_legacy_dbfs", "restrict_workspace_admins", "shield_csp_enablement_ws_db"] {
            compared += same(name, &read[way]["settings"][name], &of["settings"][name]);
        }
    }
    for name in ["acct_ip_acl_enable", "disable_legacy_features"] {
        compared += same(name, &read["settings"][name], &estate["settings"][name]);
    }
    let ncc = &estate["network-connectivity-configs"]["items"][0];
    compared += same("rules", &read["rules"], &ncc["egress_config"]["target_rules"]["aws_private_endpoint_rules"]);
    compared += same("network-policy", &read["network-policy"], &estate["workspace"][WORKSPACE]["network-policy"]);
    assert!(compared > 200, "only {compared} values were compared");
    assert_eq!(read["unset"], "NOT_FOUND");
    let agents = server.seen();
    assert!(
        agents.iter().any(|seen| seen.name == "GET /.well-known/databricks-config"),
        "the SDK asks hosts who they are"
    );
}

/// Whether everything that the SDK read is what the server has; counts values. It drops members
/// that it does not know, and gives none for an empty list.
fn same(name: &str, read: &Value, has: &Value) -> usize {
    match (read, has) {
        (Value::Object(read), Value::Object(has)) => {
            assert!(!read.is_empty() || has.is_empty(), "{name}");
            read.iter().map(|(key, value)| same(&format!("{name}/{key}"), value, &has[key])).sum()
        }
        (Value::Array(read), Value::Array(has)) => {
            assert_eq!(read.len(), has.len(), "{name}");
            read.iter().zip(has).map(|(read, has)| same(name, read, has)).sum()
        }
        (Value::Array(read), Value::Null) if read.is_empty() => 0,
        (read, has) => {
            assert_eq!(read, has, "{name}");
            1
        }
    }
}
