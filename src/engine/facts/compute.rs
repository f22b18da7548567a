//! Instances, clusters, SQL warehouses.

use super::{Kind, Ref, Schema, TEXTS, bool, field, find_one, maybe_text, text, texts, unsaid};
use crate::estate::aws::{Instance, tag};
use crate::estate::databricks::{Cluster, Node};
use crate::estate::{Estate, Known};

pub(super) static INSTANCE: Schema = Schema {
    name: "Instance",
    doc: "An instance that Databricks launched, or that runs in a cluster subnet.",
    fields: &[
        field("id", Kind::Text, "`i-…`.", |e, r| text(&e.aws.instances.row(r.row).id)),
        field("subnet", Kind::Record(super::Record::Subnet), "Its subnet.", |e, r| {
            find_one(
                super::Record::Subnet,
                &e.aws.subnets,
                &e.aws.instances.row(r.row).place,
                instance(e, r)?.subnet_id.as_ref(),
            )
        }),
        field("by_databricks", Kind::Bool, "Whether it is tagged Vendor=Databricks.", |e, r| {
            bool(is_databricks(instance(e, r)?))
        }),
        field("public_addresses", TEXTS, "Its public addresses.", |e, r| texts(public_addresses(instance(e, r)?))),
    ],
};

pub(super) static CLUSTER: Schema = Schema {
    name: "Cluster",
    doc: "A cluster of a workspace.",
    fields: &[
        field("id", Kind::Text, "Databricks id.", |e, r| text(&cluster(e, r)?.cluster_id)),
        field("name", Kind::Text, "Its name.", |e, r| text(&cluster(e, r)?.cluster_name)),
        field("state", Kind::Text, "`RUNNING`, `TERMINATED` and others.", |e, r| {
            maybe_text(cluster(e, r)?.state.as_ref())
        }),
        field(
            "public_names",
            TEXTS,
            "Public DNS names of its nodes; empty with secure cluster connectivity.",
            |e, r| {
                let cluster = cluster(e, r)?;
                let nodes = cluster.driver.iter().chain(&cluster.executors);
                texts(nodes.filter_map(|node: &Node| node.public_dns.as_ref()).filter(|name| !name.is_empty()))
            },
        ),
        field("local_disk_encryption", Kind::Bool, "enable_local_disk_encryption.", |e, r| {
            let encrypted = cluster(e, r)?.enable_local_disk_encryption;
            encrypted.map_or_else(|| Err(unsaid(&e.databricks.clusters, r.row, "enable_local_disk_encryption")), bool)
        }),
        field("ssh_keys", Kind::Int, "How many SSH keys may log in to its nodes.", |e, r| {
            super::int(i64::try_from(cluster(e, r)?.ssh_public_keys.len()).unwrap_or(i64::MAX))
        }),
    ],
};

pub(super) static WAREHOUSE: Schema = Schema {
    name: "Warehouse",
    doc: "A SQL warehouse of a workspace.",
    fields: &[
        field("id", Kind::Text, "Databricks id.", |e, r| text(&e.databricks.warehouses.row(r.row).body.known()?.id)),
        field("name", Kind::Text, "Its name.", |e, r| text(&e.databricks.warehouses.row(r.row).body.known()?.name)),
        field("serverless", Kind::Bool, "Whether it runs on serverless compute.", |e, r| {
            bool(e.databricks.warehouses.row(r.row).body.known()?.enable_serverless_compute)
        }),
    ],
};

fn instance(e: &Estate, r: Ref) -> Known<&Instance> {
    e.aws.instances.row(r.row).body.known()
}

fn cluster(e: &Estate, r: Ref) -> Known<&Cluster> {
    e.databricks.clusters.row(r.row).body.known()
}

/// Whether Databricks launched the instance: it tags all of its own.
pub(super) fn is_databricks(instance: &Instance) -> bool {
    tag(&instance.tags, "Vendor") == Some("Databricks")
}

fn public_addresses(instance: &Instance) -> Vec<String> {
    let of_interfaces =
        instance.network_interfaces.iter().filter_map(|interface| interface.association.as_ref()?.public_ip.clone());
    let mut addresses: Vec<String> =
        instance.public_ip_address.iter().cloned().chain(of_interfaces).filter(|ip| !ip.is_empty()).collect();
    addresses.sort();
    addresses.dedup();
    addresses
}
