//! IP access lists and log delivery.

use super::{Kind, Record, Ref, Schema, TEXTS, bool, field, text, texts, unsaid};
use crate::estate::databricks::{IpAccessList, LogDelivery};
use crate::estate::net::{AddressSet, is_ipv6, is_private};
use crate::estate::{Estate, Known, Table};

/// The flag in the part number that marks a list of the account console, whose rows live in
/// another table than those of workspaces.
pub(super) const OF_ACCOUNT: u32 = 1 << 31;

pub(super) static IP_ACCESS_LIST: Schema = Schema {
    name: "IpAccessList",
    doc: "An IP access list, of a workspace or of the account console.",
    fields: &[
        field("id", Kind::Text, "Databricks id.", |e, r| text(&list(e, r)?.list_id)),
        field("name", Kind::Text, "Its label.", |e, r| text(&list(e, r)?.label)),
        field("allow", Kind::Bool, "Whether it is an ALLOW list.", |e, r| {
            bool(list(e, r)?.list_type.eq_ignore_ascii_case("ALLOW"))
        }),
        field("block", Kind::Bool, "Whether it is a BLOCK list; those are evaluated first.", |e, r| {
            bool(list(e, r)?.list_type.eq_ignore_ascii_case("BLOCK"))
        }),
        field("enabled", Kind::Bool, "Whether it is evaluated, once lists are enforced at all.", |e, r| {
            bool(list(e, r)?.enabled)
        }),
        field("addresses", TEXTS, "Addresses and blocks.", |e, r| texts(&list(e, r)?.ip_addresses)),
        field(
            "private_addresses",
            TEXTS,
            "Those that never appear on the public path: RFC 1918 and the like.",
            |e, r| texts(list(e, r)?.ip_addresses.iter().filter(|block| is_private(block))),
        ),
        field("ipv6_addresses", TEXTS, "Those that are IPv6, which lists do not support.", |e, r| {
            texts(list(e, r)?.ip_addresses.iter().filter(|block| is_ipv6(block)))
        }),
        field(
            "admits_everyone",
            Kind::Bool,
            "Whether it covers the internet at large, in one block or in halves.",
            |e, r| bool(AddressSet::of(list(e, r)?.ip_addresses.iter().map(String::as_str)).is_internet()),
        ),
    ],
};

pub(super) static LOG_DELIVERY: Schema = Schema {
    name: "LogDelivery",
    doc: "A log delivery configuration of the account.",
    fields: &[
        field("id", Kind::Text, "Databricks id.", |e, r| text(&e.databricks.log_deliveries.row(r.row).id)),
        field("log_type", Kind::Text, "`AUDIT_LOGS` or `BILLABLE_USAGE`.", |e, r| text(&delivery(e, r)?.log_type)),
        field("enabled", Kind::Bool, "Whether it delivers.", |e, r| bool(delivery(e, r)?.status == "ENABLED")),
    ],
};

fn delivery(e: &Estate, r: Ref) -> Known<&LogDelivery> {
    e.databricks.log_deliveries.row(r.row).body.known()
}

fn list(e: &Estate, r: Ref) -> Known<&IpAccessList> {
    let (table, part) = table_of(e, r);
    table.row(r.row).body.known()?.get(part).ok_or_else(|| unsaid(table, r.row, "this list"))
}

fn table_of(e: &Estate, r: Ref) -> (&Table<Vec<IpAccessList>>, usize) {
    let of_account = r.part & OF_ACCOUNT != 0;
    let table = if of_account { &e.databricks.account_ip_lists } else { &e.databricks.ip_lists };
    (table, (r.part & !OF_ACCOUNT) as usize)
}

/// The lists of one answer as facts.
pub(super) fn lists(table: &Table<Vec<IpAccessList>>, row: u32, flag: u32) -> super::Read {
    let count = u32::try_from(table.row(row).body.known()?.len()).unwrap_or(u32::MAX);
    let part = |part| super::Fact::Record(Ref { kind: Record::IpAccessList, row, part: part | flag });
    Ok(super::Fact::List((0..count).map(part).collect()))
}
