//! Databricks answers to rows. Lists come bare, `null`, empty objects or wrapped; a zero value
//! is left out by the API, so that `{}` is an empty list and not a broken one.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::answer::{Answer, Attribution, Content};
use super::assembly::{Assembly, Pick, Seen};
use super::json;
use super::list::{self, Kind};
use super::owned::{Said, Trouble};
use super::place::Near;
use crate::estate::databricks as d;
use crate::estate::{Operation, Reason};

/// The members that wrap a list.
const WRAPPERS: &[&str] = &["items", "ip_access_lists", "clusters", "warehouses", "log_delivery_configurations"];
/// The members that may stand beside it, or alone when it is empty.
const PAGING: &[&str] = &["next_page_token", "prev_page_token", "has_more"];

impl<'a> Assembly<'a> {
    /// Reads an answer of Databricks.
    pub(super) fn databricks(&mut self, answer: &Answer<'a>, at: &Attribution) {
        match at.operation {
            Operation::ListWorkspaces => {
                let id = |workspace: &d::Workspace| positive(workspace.workspace_id);
                self.rows(answer, at, &Kind { table: |e| &mut e.databricks.workspaces, key: "workspace_id", id });
            }
            Operation::ListNetworks => {
                let id = |network: &d::Network| network.network_id.clone();
                self.rows(answer, at, &Kind { table: |e| &mut e.databricks.networks, key: "network_id", id });
            }
            Operation::ListRegistrations => {
                let id = |registration: &d::Registration| registration.vpc_endpoint_id.clone();
                self.rows(answer, at, &Kind { table: |e| &mut e.databricks.registrations, key: "vpc_endpoint_id", id });
            }
            Operation::ListPrivateAccessSettings => {
                let id = |settings: &d::PrivateAccessSettings| settings.private_access_settings_id.clone();
                let kind = Kind {
                    table: |e| &mut e.databricks.private_access_settings,
                    key: "private_access_settings_id",
                    id,
                };
                self.rows(answer, at, &kind);
            }
            Operation::ListKeyConfigurations => {
                let id = |keys: &d::KeyConfiguration| keys.customer_managed_key_id.clone();
                self.rows(
                    answer,
                    at,
                    &Kind { table: |e| &mut e.databricks.key_configurations, key: "customer_managed_key_id", id },
                );
            }
            Operation::ListCredentials => {
                let id = |credential: &d::Credential| credential.credentials_id.clone();
                self.rows(answer, at, &Kind { table: |e| &mut e.databricks.credentials, key: "credentials_id", id });
            }
            Operation::ListStorageConfigurations => {
                let id = |storage: &d::StorageConfiguration| storage.storage_configuration_id.clone();
                let kind =
                    Kind { table: |e| &mut e.databricks.storage_configurations, key: "storage_configuration_id", id };
                self.rows(answer, at, &kind);
            }
            Operation::ListNccs => {
                let id = |ncc: &d::Ncc| ncc.network_connectivity_config_id.clone();
                self.rows(
                    answer,
                    at,
                    &Kind { table: |e| &mut e.databricks.nccs, key: "network_connectivity_config_id", id },
                );
            }
            Operation::ListLogDelivery => {
                let id = |delivery: &d::LogDelivery| delivery.config_id.clone();
                self.rows(answer, at, &Kind { table: |e| &mut e.databricks.log_deliveries, key: "config_id", id });
            }
            Operation::ListNetworkPolicies => {
                let id = |policy: &d::NetworkPolicy| policy.network_policy_id.clone();
                let account = at.place.account.clone();
                self.prefixed(answer, at, account, |e| &mut e.databricks.network_policies, "network_policy_id", id);
            }
            Operation::ListClusters => {
                let id = |cluster: &d::Cluster| cluster.cluster_id.clone();
                let workspace = at.place.region.clone();
                self.prefixed(answer, at, workspace, |e| &mut e.databricks.clusters, "cluster_id", id);
            }
            Operation::ListWarehouses => {
                let id = |warehouse: &d::Warehouse| warehouse.id.clone();
                let workspace = at.place.region.clone();
                self.prefixed(answer, at, workspace, |e| &mut e.databricks.warehouses, "id", id);
            }
            Operation::ListAccountIpAccessLists => self.ip_lists(answer, at, |e| &mut e.databricks.account_ip_lists),
            Operation::ListWorkspaceIpAccessLists => self.ip_lists(answer, at, |e| &mut e.databricks.ip_lists),
            Operation::GetWorkspaceConf => {
                self.whole::<d::WorkspaceConf>(answer, at, |e| &mut e.databricks.workspace_confs, None)
            }
            Operation::GetWorkspaceNetwork => {
                self.whole::<d::WorkspaceNetwork>(answer, at, |e| &mut e.databricks.workspace_networks, None);
            }
            Operation::GetAccountSetting => {
                self.whole(answer, at, |e| &mut e.databricks.account_settings, Some(d::Setting::new()));
            }
            Operation::GetWorkspaceSetting => {
                self.whole(answer, at, |e| &mut e.databricks.workspace_settings, Some(d::Setting::new()));
            }
            _ => {}
        }
    }

    fn rows<T: DeserializeOwned>(&mut self, answer: &Answer<'a>, at: &Attribution, kind: &Kind<T>) {
        if let Some(items) = self.wrapped(answer, at, None) {
            self.list(answer, at, kind, &items);
        }
    }

    /// Rows whose ids are unique only inside an account or a workspace: `<owner>/<id>`.
    fn prefixed<T: DeserializeOwned>(
        &mut self,
        answer: &Answer<'a>,
        at: &Attribution,
        owner: Option<String>,
        table: Pick<T>,
        key: &'static str,
        id: fn(&T) -> String,
    ) {
        let Some(items) = self.wrapped(answer, at, None) else { return };
        let owner = owner.unwrap_or_default();
        let mut rows = Vec::new();
        for item in items {
            let text = item.get();
            let seen = Seen { document: answer.document, text, near: Near::default() };
            let hints = list::hints(at, text, None);
            match json::decode::<T>(text) {
                Ok(body) if !id(&body).is_empty() => {
                    let id = format!("{owner}/{}", id(&body));
                    rows.push(self.add(table, &id, hints, seen, crate::estate::Evidence::Known(body)));
                }
                Ok(_) => {
                    let detail = format!("{}: no `{key}`", self.cite(answer.document, text));
                    self.unreadable(at, None, Reason::Undecodable, detail);
                }
                Err(error) => {
                    let detail = self.explain(answer.document, text, &error);
                    let named = json::members(text).ok().and_then(|members| json::text_of(&members, key));
                    let Some(named) = named.map(|named| format!("{owner}/{named}")) else {
                        self.unreadable(at, None, Reason::Undecodable, detail);
                        continue;
                    };
                    let scope = at.place.scope().of(&named);
                    let gap = crate::estate::Gap::new(at.operation, scope, Reason::Undecodable).because(detail);
                    rows.push(self.add(table, &named, hints, seen, crate::estate::Evidence::Unknown(gap.shared())));
                }
            }
        }
        self.end_list(answer, at, rows);
    }

    fn ip_lists(&mut self, answer: &Answer<'a>, at: &Attribution, table: Pick<Vec<d::IpAccessList>>) {
        let id = at.owner.clone().unwrap_or_default();
        if let Ok(Content::Object(members)) = &answer.content
            && list::is_page(members)
        {
            let detail = format!("{}: {}", self.cite(answer.document, answer.text), list::PAGE);
            return self.unreadable(at, Some(&id), Reason::Skipped, detail);
        }
        let Some(items) = self.wrapped(answer, at, Some(&id)) else { return };
        let lists: Result<Vec<_>, Trouble<'_>> = items.into_iter().map(super::owned::one).collect();
        let lists = lists.map_err(|trouble| self.tell(answer.document, &trouble));
        self.own(at, table, &id, Seen { document: answer.document, text: answer.text, near: Near::default() }, lists);
    }

    /// An answer that is one object; `absent` is what "not found" means, if it means anything.
    fn whole<T: DeserializeOwned>(&mut self, answer: &Answer<'a>, at: &Attribution, table: Pick<T>, absent: Option<T>) {
        let id = at.owner.clone().unwrap_or_default();
        let body = match (self.said(answer, at, &id), absent) {
            (None, _) | (Some(Said::None), None) => return,
            (Some(Said::None), Some(absent)) => Ok(absent),
            (Some(Said::Members(_)), _) => {
                json::decode(answer.text).map_err(|error| self.explain(answer.document, answer.text, &error))
            }
        };
        self.own(at, table, &id, Seen { document: answer.document, text: answer.text, near: Near::default() }, body);
    }

    /// The items of a list in any of its wrappings; notes why when there is no list.
    fn wrapped(&mut self, answer: &Answer<'a>, at: &Attribution, resource: Option<&str>) -> Option<Vec<&'a RawValue>> {
        let (text, items) = match &answer.content {
            Ok(Content::Null) => return Some(Vec::new()),
            Ok(Content::List) => (answer.text, json::items(answer.text)),
            Ok(Content::Object(members)) => {
                let list = WRAPPERS.iter().find_map(|key| json::member(members, key));
                match list {
                    Some(list) => (list.get(), json::items(list.get())),
                    None if members.iter().all(|(key, _)| PAGING.contains(&key.as_str())) => return Some(Vec::new()),
                    None => {
                        let detail = self.broken(answer, "expected a list, or an object with `items`");
                        self.unreadable(at, resource, Reason::Undecodable, detail);
                        return None;
                    }
                }
            }
            Ok(Content::Failure(failure)) => {
                self.failed(answer, at, resource, failure);
                return None;
            }
            Err(broken) => {
                let detail = self.broken(answer, &broken.detail);
                self.unreadable(at, resource, broken.reason, detail);
                return None;
            }
        };
        match items {
            Ok(items) => Some(items),
            Err(error) => {
                let detail = self.explain(answer.document, text, &error);
                self.unreadable(at, resource, Reason::Undecodable, detail);
                None
            }
        }
    }
}

fn positive(id: i64) -> String {
    if id > 0 { id.to_string() } else { String::new() }
}
