//! What is kept of an answer: of clusters and warehouses only what concerns the network and
//! encryption, of everything else all but what looks like a secret. Pure.

use serde_json::Value;

use crate::estate::Operation;
use crate::sources::secret::drop_secrets;

const CLUSTER: &[&str] = &[
    "cluster_id",
    "cluster_name",
    "state",
    "cluster_source",
    "driver",
    "executors",
    "enable_local_disk_encryption",
    "ssh_public_keys",
];
const NODE: &[&str] = &["public_dns", "private_ip", "instance_id"];
const WAREHOUSE: &[&str] = &["id", "name", "enable_serverless_compute", "warehouse_type"];
/// What stands for a key that may log in to nodes: rules count them.
const KEY: &str = "[dropped by plaudit]";

/// Drops what is not needed from the items of a list.
pub(super) fn trim_items(operation: Operation, body: &mut Value, member: &str) {
    let items = match body {
        Value::Object(body) => body.get_mut(member),
        _ => None,
    };
    let Some(Value::Array(items)) = items else { return };
    match operation {
        Operation::ListClusters => items.iter_mut().for_each(trim_cluster),
        Operation::ListWarehouses => items.iter_mut().for_each(|item| keep(item, WAREHOUSE)),
        _ => {}
    }
}

/// Drops what looks like a secret.
pub(super) fn clean(mut body: Value) -> Value {
    drop_secrets(&mut body);
    body
}

fn trim_cluster(cluster: &mut Value) {
    keep(cluster, CLUSTER);
    for nodes in ["driver", "executors"] {
        if let Some(nodes) = cluster.get_mut(nodes) {
            keep(nodes, NODE);
        }
    }
    if let Some(Value::Array(keys)) = cluster.get_mut("ssh_public_keys") {
        keys.iter_mut().filter(|key| key.is_string()).for_each(|key| *key = KEY.into());
    }
}

/// Keeps these members, of an object or of each in a list. Anything else may hold anything; what
/// stands in its place cannot be read, so that it stays unknown.
fn keep(value: &mut Value, members: &[&str]) {
    match value {
        Value::Object(object) => object.retain(|key, _| members.contains(&key.as_str())),
        Value::Array(items) => items.iter_mut().for_each(|item| keep(item, members)),
        Value::Null => {}
        other => *other = Value::Bool(false),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{clean, trim_items};
    use crate::estate::Operation;

    #[test]
    fn clusters_keep_network_and_encryption_only() {
        let mut body = json!({"clusters": [{
            "cluster_id": "c1", "cluster_name": "token=abc", "spark_conf": {"password": "p"}, "custom_tags": {"a": "b"},
            "spark_env_vars": {"SECRET": "s"}, "init_scripts": [{"s3": {}}], "enable_local_disk_encryption": true,
            "ssh_public_keys": ["ssh-rsa AAAA someone@host"], "docker_image": {"basic_auth": {"password": "p"}},
            "driver": {"public_dns": "", "private_ip": "10.0.0.1", "node_id": "n"},
            "executors": [{"instance_id": "i-1", "host_private_ip": "10.0.0.2"}, "odd"],
        }, 7]});
        trim_items(Operation::ListClusters, &mut body, "clusters");
        assert_eq!(
            clean(body),
            json!({"clusters": [{
                "cluster_id": "c1", "cluster_name": "[dropped by plaudit]", "enable_local_disk_encryption": true,
                "ssh_public_keys": ["[dropped by plaudit]"],
                "driver": {"public_dns": "", "private_ip": "10.0.0.1"},
                "executors": [{"instance_id": "i-1"}, false],
            }, false]})
        );
    }

    #[test]
    fn warehouses_keep_four_members() {
        let mut body = json!({"warehouses": [{"id": "w", "name": "n", "enable_serverless_compute": true,
            "warehouse_type": "PRO", "jdbc_url": "jdbc:x", "tags": {"custom_tags": []}}]});
        trim_items(Operation::ListWarehouses, &mut body, "warehouses");
        assert_eq!(body["warehouses"][0].as_object().unwrap().len(), 4);
    }
}
