//! The facts that rules read: for each kind of record a table of fields with type, words and a
//! reader over the estate. One table serves evaluation, the check of rule files at load, and the
//! vocabulary page of `plaudit rules schema`.
//!
//! A reader answers with a fact or with the gap in its place. It never answers from a list that
//! nobody collected: see [`crate::estate::Table`].

mod access;
mod account;
mod compute;
mod describe;
mod dns;
mod endpoint;
mod exposure;
mod filter;
mod gap;
mod gateway;
mod guard;
mod network;
mod path;
mod serverless;
mod subject;
mod vpc;
mod walk;
mod workspace;

use std::sync::Arc;

use crate::estate::{Estate, Gap, Known, Operation, Place, Reason, Scope, Table};

pub use describe::{describe, workspaces_of};
pub(super) use dns::vpc_answers;
pub use filter::{group_set_admits, peer_of};
pub(super) use guard::{arn as key_arn, bucket_arn, endpoint_policy, identity_policies, policy_of, role_arn, trust_of};
pub(super) use network::{network, place_of as place_of_network};
pub(super) use path::required_path;
pub use subject::{Collection, Described, collection, collections};
pub(super) use workspace::conf as workspace_conf;

/// A row of the estate, or a part of one, as rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ref {
    /// What it is.
    pub kind: Record,
    /// Row number in the table of its kind.
    pub row: u32,
    /// Index of the part within the row; 0 for a whole row.
    pub part: u32,
}

impl Ref {
    /// A whole row.
    pub fn row(kind: Record, row: u32) -> Self {
        Self { kind, row, part: 0 }
    }

    /// A part of a row.
    pub fn part(kind: Record, row: u32, part: usize) -> Self {
        Self { kind, row, part: u32::try_from(part).unwrap_or(u32::MAX) }
    }
}

/// A value that a field or a function gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The API answered: none.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
    /// Another record.
    Record(Ref),
    /// Several facts.
    List(Vec<Self>),
    /// An element of a list that is known to exist and is otherwise unknown: reading it is
    /// unknown, counting it is not.
    Missing(Arc<Gap>),
}

/// A fact, or the gap in its place.
pub type Read = Known<Fact>;

/// The type of a field, a parameter or an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// true, false.
    Bool,
    /// A whole number.
    Int,
    /// A text.
    Text,
    /// A record.
    Record(Record),
    /// A list of one type.
    List(&'static Self),
    /// A map literal.
    Map,
    /// null.
    Null,
    /// Any type; not checked.
    Any,
}

/// A list of texts.
pub const TEXTS: Kind = Kind::List(&Kind::Text);

/// One field of a record.
pub struct Field {
    /// Name in rules.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// What it says, for rule authors.
    pub doc: &'static str,
    /// Reads it.
    pub read: fn(&Estate, Ref) -> Read,
}

/// The fields of a kind of record.
pub struct Schema {
    /// Name in documents.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

impl Schema {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

const fn field(name: &'static str, kind: Kind, doc: &'static str, read: fn(&Estate, Ref) -> Read) -> Field {
    Field { name, kind, doc, read }
}

macro_rules! records {
    ($($(#[doc = $doc:literal])* $variant:ident = $schema:expr, $singular:literal;)*) => {
        /// A kind of record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Record { $($(#[doc = $doc])* $variant,)* }

        impl Record {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its fields.
            pub fn schema(self) -> &'static Schema {
                match self { $(Self::$variant => &$schema,)* }
            }

            /// What people call one of them.
            pub fn singular(self) -> &'static str {
                match self { $(Self::$variant => $singular,)* }
            }
        }
    };
}

records! {
    /// A Databricks account.
    Account = account::ACCOUNT, "account";
    /// A workspace.
    Workspace = workspace::WORKSPACE, "workspace";
    /// A network configuration.
    Network = network::NETWORK, "network configuration";
    /// A registered VPC endpoint.
    Registration = network::REGISTRATION, "endpoint registration";
    /// Private access settings.
    PrivateAccessSettings = network::PRIVATE_ACCESS_SETTINGS, "private access settings";
    /// A VPC.
    Vpc = vpc::VPC, "vpc";
    /// A subnet.
    Subnet = vpc::SUBNET, "subnet";
    /// A route table.
    RouteTable = vpc::ROUTE_TABLE, "route table";
    /// A route.
    Route = vpc::ROUTE, "route";
    /// A security group.
    SecurityGroup = filter::SECURITY_GROUP, "security group";
    /// A permission of a security group.
    Permission = filter::PERMISSION, "security group rule";
    /// A network ACL.
    NetworkAcl = filter::NETWORK_ACL, "network acl";
    /// A NAT gateway.
    NatGateway = gateway::NAT_GATEWAY, "nat gateway";
    /// A peering connection.
    Peering = gateway::PEERING, "peering connection";
    /// A transit gateway.
    TransitGateway = gateway::TRANSIT_GATEWAY, "transit gateway";
    /// A VPC attachment of a transit gateway.
    TransitAttachment = gateway::TRANSIT_ATTACHMENT, "transit gateway attachment";
    /// A VPC endpoint.
    VpcEndpoint = endpoint::VPC_ENDPOINT, "vpc endpoint";
    /// An endpoint service of the customer.
    EndpointService = endpoint::ENDPOINT_SERVICE, "endpoint service";
    /// A hosted zone.
    HostedZone = dns::HOSTED_ZONE, "hosted zone";
    /// A record of a hosted zone.
    DnsRecord = dns::DNS_RECORD, "dns record";
    /// A resolver endpoint.
    ResolverEndpoint = dns::RESOLVER_ENDPOINT, "resolver endpoint";
    /// An instance.
    Instance = compute::INSTANCE, "instance";
    /// A cluster.
    Cluster = compute::CLUSTER, "cluster";
    /// A SQL warehouse.
    Warehouse = compute::WAREHOUSE, "sql warehouse";
    /// A key configuration.
    KeyConfiguration = guard::KEY_CONFIGURATION, "key configuration";
    /// A root bucket.
    Bucket = guard::BUCKET, "bucket";
    /// A cross-account role.
    Role = guard::ROLE, "iam role";
    /// A flow log.
    FlowLog = guard::FLOW_LOG, "flow log";
    /// An IP access list.
    IpAccessList = access::IP_ACCESS_LIST, "ip access list";
    /// A log delivery configuration.
    LogDelivery = access::LOG_DELIVERY, "log delivery";
    /// A network connectivity configuration.
    Ncc = serverless::NCC, "network connectivity configuration";
    /// A private endpoint rule.
    NccRule = serverless::NCC_RULE, "private endpoint rule";
    /// A network policy.
    NetworkPolicy = serverless::NETWORK_POLICY, "network policy";
    /// A path that a workspace needs.
    RequiredPath = path::REQUIRED_PATH, "required path";
    /// What the nodes of a network configuration are exposed to.
    Exposure = exposure::EXPOSURE, "network exposure";
    /// Something that the evidence lacks.
    Gap = gap::GAP, "evidence";
}

// ------------------------------------------------------------------ how readers write facts

fn text(value: impl AsRef<str>) -> Read {
    Ok(Fact::Text(value.as_ref().to_owned()))
}

fn maybe_text(value: Option<impl AsRef<str>>) -> Read {
    Ok(value.map_or(Fact::Null, |value| Fact::Text(value.as_ref().to_owned())))
}

fn bool(value: bool) -> Read {
    Ok(Fact::Bool(value))
}

fn int(value: i64) -> Read {
    Ok(Fact::Int(value))
}

fn texts<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Read {
    Ok(Fact::List(values.into_iter().map(|value| Fact::Text(value.as_ref().to_owned())).collect()))
}

fn record(kind: Record, row: u32) -> Read {
    Ok(Fact::Record(Ref::row(kind, row)))
}

fn records(kind: Record, rows: impl IntoIterator<Item = u32>) -> Read {
    Ok(Fact::List(rows.into_iter().map(|row| Fact::Record(Ref::row(kind, row))).collect()))
}

/// The rows that `ids` name; an id without a row is a missing element, never a shorter list.
fn find_all<'a, T>(kind: Record, table: &Table<T>, place: &Place, ids: impl IntoIterator<Item = &'a String>) -> Read {
    let find = |id: &'a String| match table.find(id, place) {
        Ok(row) => Fact::Record(Ref::row(kind, row)),
        Err(gap) => Fact::Missing(gap),
    };
    Ok(Fact::List(ids.into_iter().map(find).collect()))
}

/// The row that `id` names, null when the API names none.
fn find_one<T>(kind: Record, table: &Table<T>, place: &Place, id: Option<&String>) -> Read {
    match id.filter(|id| !id.is_empty()) {
        None => Ok(Fact::Null),
        Some(id) => record(kind, table.find(id, place)?),
    }
}

/// The gap of a field that the answer left out though it should hold it.
fn unsaid<T>(table: &Table<T>, row: u32, what: &str) -> Arc<Gap> {
    let row = table.row(row);
    let scope = Scope { resource: Some(row.id.clone()), ..row.place.scope() };
    Gap::new(table.operation(), scope, Reason::NotCollected).because(format!("the answer does not say {what}")).shared()
}

/// A gap for a call that nobody made for `resource`.
fn not_collected(operation: Operation, place: &Place, resource: &str) -> Arc<Gap> {
    Gap::new(operation, place.scope().of(resource), Reason::NotCollected).shared()
}

#[cfg(test)]
mod tests {
    use super::Record;

    #[test]
    fn fields_are_named_once_and_documented() {
        for record in Record::ALL {
            let schema = record.schema();
            let mut names: Vec<_> = schema.fields.iter().map(|field| field.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), schema.fields.len(), "{} names a field twice", schema.name);
            for field in schema.fields {
                assert!(field.doc.ends_with('.'), "{}.{}: document it in a sentence", schema.name, field.name);
                assert!(
                    field.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
                    "{}.{}",
                    schema.name,
                    field.name
                );
            }
        }
    }
}
