//! Databricks accounts.

use super::workspace::{enabled, switch};
use super::{Kind, Record, Ref, Schema, bool, field, find_one, records, text};
use crate::estate::databricks::Setting;
use crate::estate::net::AddressSet;
use crate::estate::{Estate, Known, Place};

pub(super) static ACCOUNT: Schema = Schema {
    name: "Account",
    doc: "A Databricks account.",
    fields: &[
        field("id", Kind::Text, "Account id.", |e, r| text(account(e, r))),
        field(
            "ip_access_lists",
            Kind::List(&Kind::Record(Record::IpAccessList)),
            "Lists of the account console.",
            |e, r| {
                let row = e.databricks.account_ip_lists.find(account(e, r), &place_of_account(e, r))?;
                super::access::lists(&e.databricks.account_ip_lists, row, super::access::OF_ACCOUNT)
            },
        ),
        field("ip_lists_enforced", Kind::Bool, "acct_ip_acl_enable; on unless it was switched off.", |e, r| {
            let setting = account_setting(e, r, "acct_ip_acl_enable")?;
            bool(switch(setting).unwrap_or(true))
        }),
        field(
            "lists_admit_everyone",
            Kind::Bool,
            "Whether its enabled ALLOW lists together cover the internet at large.",
            |e, r| {
                let lists = e.databricks.account_ip_lists.body(account(e, r), &place_of_account(e, r))?;
                bool(AddressSet::of(enabled(lists, "ALLOW")).is_internet())
            },
        ),
        field(
            "legacy_features_disabled",
            Kind::Bool,
            "disable_legacy_features; off unless it was switched on.",
            |e, r| bool(switch(account_setting(e, r, "disable_legacy_features")?).unwrap_or(false)),
        ),
        field(
            "log_deliveries",
            Kind::List(&Kind::Record(Record::LogDelivery)),
            "Log delivery configurations.",
            |e, r| {
                let place = place_of_account(e, r);
                e.databricks.log_deliveries.complete(&place)?;
                let rows = (0u32..)
                    .zip(e.databricks.log_deliveries.rows())
                    .filter(|(_, row)| row.place.account == place.account);
                records(Record::LogDelivery, rows.map(|(number, _)| number))
            },
        ),
        field(
            "default_policy",
            Kind::Record(Record::NetworkPolicy),
            "The network policy of every workspace that has no other.",
            |e, r| {
                let id = format!("{}/default-policy", account(e, r));
                find_one(Record::NetworkPolicy, &e.databricks.network_policies, &place_of_account(e, r), Some(&id))
            },
        ),
        field("workspaces", Kind::List(&Kind::Record(Record::Workspace)), "Its workspaces.", |e, r| {
            let place = place_of_account(e, r);
            e.databricks.workspaces.complete(&place)?;
            let rows =
                (0u32..).zip(e.databricks.workspaces.rows()).filter(|(_, row)| row.place.account == place.account);
            records(Record::Workspace, rows.map(|(number, _)| number))
        }),
    ],
};

pub(super) fn account(e: &Estate, r: Ref) -> &str {
    e.graph.accounts.get(r.row as usize).map_or("", String::as_str)
}

fn place_of_account(e: &Estate, r: Ref) -> Place {
    Place { account: Some(account(e, r).to_owned()), region: None }
}

fn account_setting<'e>(e: &'e Estate, r: Ref, kind: &str) -> Known<&'e Setting> {
    let place = place_of_account(e, r);
    e.databricks.account_settings.body(&format!("{}/{kind}", account(e, r)), &place)
}
