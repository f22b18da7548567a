//! The table of needs: what nodes of a classic workspace, and its users, must reach. One row a
//! need; what a row means in the region and network of one workspace is in [`super::plan`].
//!
//! Sources: Databricks, "Configure a customer-managed VPC" (ports of the nodes' groups), "Configure
//! classic private connectivity", "Configure inbound PrivateLink", "IP addresses and domains"; the
//! buckets are those of Databricks' Terraform reference architecture (SRA), which `region.json`
//! cites one by one. Left out because no answer tells whether it is used: the legacy Hive metastore
//! (tcp/3306) and Lakebase (tcp/5432). KMS is no need of nodes as such, because EBS and S3 call it
//! on their own; it stands here for networks that were built with an endpoint to it.

use super::Trust;
use super::Trust::{Documented, Reference, Unverified};
use crate::reach::traffic::{Ports, Protocol};

/// One row of the table.
#[derive(Debug)]
pub struct Need {
    /// As `plaudit path --to` takes it.
    pub name: &'static str,
    /// What it is for, in words.
    pub title: &'static str,
    /// What stops working without it.
    pub breaks: &'static str,
    /// How well it is documented.
    pub trust: Trust,
    /// The protocol.
    pub protocol: Protocol,
    /// Destination ports; those of the relay depend on region and path.
    pub(super) ports: Ports,
    pub(super) to: To,
}

/// Where a need leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// The host name of the workspace.
    Workspace,
    /// The relay.
    Relay,
    /// The relay, for tunnels with FIPS-validated cryptography.
    FipsRelay,
    /// Buckets.
    Bucket(Bucket),
    /// A service of AWS in the region: the first label of its host name, the last of its endpoint's.
    Service(&'static str, &'static str),
    /// Every other node of the workspace.
    Nodes,
    /// The name servers of the VPC.
    Resolver,
    /// The endpoints that users come through.
    FrontEnd,
}

/// Whose bucket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bucket {
    Root,
    Artifacts,
    Logs,
    SystemTables,
}

const fn tcp(
    name: &'static str,
    trust: Trust,
    ports: (u16, u16),
    to: To,
    title: &'static str,
    breaks: &'static str,
) -> Need {
    Need { name, title, breaks, trust, protocol: Protocol::TCP, ports: Ports { from: ports.0, to: ports.1 }, to }
}

const fn udp(need: Need, name: &'static str) -> Need {
    Need { name, protocol: Protocol::UDP, ..need }
}

const HTTPS: (u16, u16) = (443, 443);
const EVERY: (u16, u16) = (0, u16::MAX);

const NODES: Need = tcp(
    "nodes",
    Documented,
    EVERY,
    To::Nodes,
    "the other nodes of the workspace",
    "driver and executors of a cluster do not find each other, and Spark jobs hang or fail",
);

const DNS: Need = tcp(
    "dns-tcp",
    Documented,
    (53, 53),
    To::Resolver,
    "the name servers that DHCP hands out",
    "every lookup waits for the name servers that stay silent, and fails when all do: NETWORK_CHECK_DNS_SERVER_FAILURE",
);

/// Every need, in the order of reports.
pub static NEEDS: &[Need] = &[
    tcp(
        "rest",
        Documented,
        HTTPS,
        To::Workspace,
        "the REST API of the workspace",
        "nodes cannot fetch their configuration nor report that they are up, and clusters end in BOOTSTRAP_TIMEOUT or \
         CONTROL_PLANE_CONNECTION_FAILURE",
    ),
    tcp(
        "internal-api",
        Documented,
        (8443, 8443),
        To::Workspace,
        "internal calls to the control plane",
        "internal calls of running clusters to the control plane fail",
    ),
    tcp(
        "unity-catalog",
        Documented,
        (8444, 8444),
        To::Workspace,
        "Unity Catalog logging and lineage",
        "lineage and audit records of Unity Catalog are lost",
    ),
    tcp(
        "extendability",
        Reference,
        (8445, 8451),
        To::Workspace,
        "ports that Databricks keeps for later use",
        "features that come to use these ports fail",
    ),
    tcp(
        "relay",
        Documented,
        HTTPS,
        To::Relay,
        "the secure cluster connectivity relay",
        "nodes open no tunnel to the control plane, and every cluster start ends in BOOTSTRAP_TIMEOUT or \
         NPIP_TUNNEL_SETUP_FAILURE",
    ),
    tcp(
        "relay-fips",
        Documented,
        (2443, 2443),
        To::FipsRelay,
        "the relay by the FIPS tunnel of the compliance security profile",
        "clusters start slowly or not at all, and calls of nodes fail now and then",
    ),
    tcp(
        "s3-root",
        Documented,
        HTTPS,
        To::Bucket(Bucket::Root),
        "the root bucket of the workspace",
        "DBFS, libraries and job results cannot be read or written",
    ),
    tcp(
        "s3-artifacts",
        Reference,
        HTTPS,
        To::Bucket(Bucket::Artifacts),
        "the buckets of the Databricks runtime",
        "nodes cannot fetch the runtime, and clusters end in STORAGE_DOWNLOAD_FAILURE or SPARK_IMAGE_DOWNLOAD_FAILURE",
    ),
    tcp(
        "s3-logs",
        Reference,
        HTTPS,
        To::Bucket(Bucket::Logs),
        "the bucket that takes the logs of nodes",
        "logs of nodes are lost, and support has nothing to look at",
    ),
    tcp(
        "s3-system-tables",
        Reference,
        HTTPS,
        To::Bucket(Bucket::SystemTables),
        "the bucket of system tables",
        "queries of system tables from classic compute fail",
    ),
    tcp(
        "sts",
        Documented,
        HTTPS,
        To::Service("sts", "sts"),
        "STS in the region",
        "nodes cannot assume roles: STS_CLIENT_SETUP_FAILURE",
    ),
    tcp(
        "kinesis",
        Documented,
        HTTPS,
        To::Service("kinesis", "kinesis-streams"),
        "Kinesis Data Streams, which takes logs and usage",
        "what nodes log and report to Databricks is lost",
    ),
    tcp(
        "kms",
        Unverified,
        HTTPS,
        To::Service("kms", "kms"),
        "KMS in the region, by the endpoint that the network has for it",
        "libraries on nodes that encrypt by themselves cannot use the key",
    ),
    NODES,
    udp(NODES, "nodes-udp"),
    udp(DNS, "dns"),
    DNS,
    tcp(
        "front-end",
        Documented,
        HTTPS,
        To::FrontEnd,
        "the front-end endpoint of the workspace, from the networks of its users",
        "browsers and tools of users wait for a page that never comes",
    ),
];

impl Need {
    /// The need of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        NEEDS.iter().find(|need| need.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::{NEEDS, Need};

    #[test]
    fn every_need_has_a_name_of_its_own() {
        for need in NEEDS {
            assert!(std::ptr::eq(Need::named(need.name).unwrap(), need), "{} twice", need.name);
            assert!(need.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            assert!(!need.title.is_empty() && !need.breaks.ends_with('.'));
        }
    }
}
