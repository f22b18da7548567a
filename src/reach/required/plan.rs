//! What a need means for one workspace: whether it applies, on which ports, and to which hosts.

use std::sync::Arc;

use super::need::{Bucket, Need, To};
use super::site::Site;
use crate::estate::databricks::{PrivateAccessSettings, StorageConfiguration};
use crate::estate::region::{Region, Service};
use crate::estate::{Gap, Known};
use crate::reach::names::private_names;
use crate::reach::traffic::Ports;

/// A need of one workspace.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) ports: Option<Ports>,
    /// Host names to resolve; none for nodes, name servers and front ends.
    pub(super) hosts: Vec<String>,
    /// What a private answer must be.
    pub(super) expect: Expect,
    /// Why the hosts are not known, as far as they are not.
    pub(super) gaps: Vec<Arc<Gap>>,
    /// Why it is not known whether the workspace has this need at all.
    pub(super) doubt: Option<Arc<Gap>>,
    /// Databricks ids of the front-end endpoints.
    pub(super) front: Vec<String>,
}

/// What a private answer to a host name must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Expect {
    /// Anything.
    #[default]
    Anything,
    /// An endpoint that the network configuration names for this service.
    Registered(Service),
    /// An endpoint to this service of AWS, or no endpoint at all.
    Aws(&'static str),
}

impl Site<'_, '_> {
    /// The need in this workspace; none when it does not have it.
    pub(super) fn plan(&self, need: &Need) -> Option<Plan> {
        let plan = match need.to {
            To::Workspace => self.workspace_plan(),
            To::Relay => self.relay_plan(false),
            To::FipsRelay => self.fips_plan()?,
            To::Bucket(Bucket::Root) => self.root_plan()?,
            To::Bucket(bucket) => self.bucket_plan(bucket),
            To::Service(label, endpoint) => self.service_plan(label, endpoint)?,
            To::Nodes | To::Resolver => Plan::default(),
            To::FrontEnd => self.front_plan()?,
        };
        Some(plan)
    }

    fn workspace_plan(&self) -> Plan {
        let domain = if self.is_gov() { "cloud.databricks.us" } else { "cloud.databricks.com" };
        let host = self.body.deployment_name.as_deref().filter(|name| !name.is_empty());
        Plan {
            hosts: host.map(|name| format!("{name}.{domain}")).into_iter().collect(),
            gaps: if host.is_none() { vec![self.unsaid("its deployment name")] } else { Vec::new() },
            expect: self.expect(Service::Workspace),
            ..Plan::default()
        }
    }

    /// Over PrivateLink the relay has a name and a port of its own.
    fn relay_plan(&self, fips: bool) -> Plan {
        let expect = self.expect(Service::Relay);
        let (host, port) = if expect == Expect::Anything {
            (self.region.and_then(|region| region.scc_relay_hostname.clone()), 443)
        } else {
            (self.private_relay(), self.region.map_or(6666, Region::relay_port))
        };
        let gaps = if host.is_none() { vec![self.unpublished("the name of the relay")] } else { Vec::new() };
        let ports = (!fips).then(|| Ports::one(port));
        Plan { hosts: host.into_iter().collect(), gaps, expect, ports, ..Plan::default() }
    }

    /// The private name of the relay: as published, else as the registered endpoint itself says.
    fn private_relay(&self) -> Option<String> {
        let region = self.region?;
        let candidate = region.scc_relay_privatelink_hostname_pattern_candidate.as_ref();
        let published = region.scc_relay_privatelink_hostname.as_ref().or(candidate).cloned();
        let own = || {
            let mut rows = self.registered(Service::Relay).iter().filter_map(|id| self.endpoint_behind(id).ok());
            rows.find_map(|row| private_names(self.estate().aws.vpc_endpoints.row(row).body.known().ok()?).next())
        };
        published.or_else(own)
    }

    /// In GovCloud the relay has no other port.
    fn fips_plan(&self) -> Option<Plan> {
        let (wanted, doubt) = match self.compliance() {
            Ok(on) => (on, None),
            Err(gap) => (true, Some(gap)),
        };
        (wanted && !self.is_gov()).then(|| Plan { doubt, ..self.relay_plan(true) })
    }

    /// Whether the workspace has the compliance security profile.
    fn compliance(&self) -> Known<bool> {
        let databricks = &self.estate().databricks;
        let row = databricks.workspaces.row(self.workspace);
        let id = format!("{}/shield_csp_enablement_ws_db", row.id);
        let setting = databricks.workspace_settings.body(&id, &row.place)?;
        let inner = setting.values().filter_map(|value| value.as_object());
        let keys = ["value", "is_enabled", "enabled", "is_enforced"];
        let switches = inner.flat_map(|inner| keys.into_iter().filter_map(|key| inner.get(key)));
        Ok(switches.into_iter().find_map(serde_json::Value::as_bool).unwrap_or(false))
    }

    fn root_plan(&self) -> Option<Plan> {
        let bucket = self.root_bucket()?;
        let aws = &self.estate().aws;
        let named = bucket.map(|bucket| {
            let told = aws.bucket_regions.body(bucket, &Default::default()).ok().map(String::as_str);
            told.or_else(|| self.region_name()).map(|region| bucket_host(bucket, region))
        });
        let (hosts, gaps) = match named {
            Ok(Some(host)) => (vec![host], Vec::new()),
            Ok(None) => (Vec::new(), vec![self.unsaid("its region")]),
            Err(gap) => (Vec::new(), vec![gap]),
        };
        Some(Plan { hosts, gaps, expect: Expect::Aws("s3"), ..Plan::default() })
    }

    /// The root bucket; none with default storage.
    pub(super) fn root_bucket(&self) -> Option<Known<&str>> {
        let id = self.body.storage_configuration_id.as_deref().filter(|id| !id.is_empty())?;
        let storage: Known<&StorageConfiguration> =
            self.estate().databricks.storage_configurations.body(id, self.databricks);
        Some(storage.map(|storage| storage.root_bucket_info.bucket_name.as_str()))
    }

    fn bucket_plan(&self, bucket: Bucket) -> Plan {
        let names = self.region.map(|region| buckets(region, bucket)).unwrap_or_default();
        let gaps = if names.is_empty() { vec![self.unpublished("the bucket")] } else { Vec::new() };
        let here = self.region_name().unwrap_or_default();
        let hosts = names.iter().map(|name| bucket_host(name, home(name, here))).collect();
        Plan { hosts, gaps, expect: Expect::Aws("s3"), ..Plan::default() }
    }

    fn service_plan(&self, label: &str, endpoint: &'static str) -> Option<Plan> {
        if label == "kms" && !self.has_endpoint_to_kms() {
            return None;
        }
        let region = match (label, self.region_name()) {
            // Databricks' streams for us-west-1 are in us-west-2
            ("kinesis", Some("us-west-1")) => Some("us-west-2"),
            (_, region) => region,
        };
        let gaps = if region.is_none() { vec![self.unsaid("its region")] } else { Vec::new() };
        let hosts = region.map(|region| format!("{label}.{region}.amazonaws.com")).into_iter().collect();
        Some(Plan { hosts, gaps, expect: Expect::Aws(endpoint), ..Plan::default() })
    }

    /// Whether the workspace has a key for its storage, and its VPC an endpoint to use it by.
    fn has_endpoint_to_kms(&self) -> bool {
        let keyed = self.body.storage_customer_managed_key_id.as_deref().is_some_and(|id| !id.is_empty());
        let estate = self.estate();
        let vpc = self.config.vpc_id.as_ref().and_then(|vpc| estate.graph.endpoints_of_vpc.get(vpc));
        let leads = |row: &u32| {
            let body = estate.aws.vpc_endpoints.row(*row).body.known();
            body.is_ok_and(|endpoint| endpoint.private_dns_enabled && endpoint.service_name.ends_with(".kms"))
        };
        keyed && vpc.is_some_and(|rows| rows.iter().any(leads))
    }

    /// Front ends: registrations of the workspace service in the region of the workspace that serve
    /// no network configuration, as far as its private access settings admit them.
    fn front_plan(&self) -> Option<Plan> {
        let settings = self.settings()?;
        let (databricks, graph) = (&self.estate().databricks, &self.estate().graph);
        let rows = graph.spare_registrations.iter().map(|row| databricks.registrations.row(*row));
        let front: Vec<String> = rows
            .filter(|row| row.place.account == self.databricks.account)
            .filter(|row| {
                let body = row.body.known();
                body.is_ok_and(|body| {
                    body.service() == Some(Service::Workspace) && body.region.as_deref() == self.region_name()
                })
            })
            .filter(|row| settings.as_ref().map_or(true, |settings| admits(settings, &row.id)))
            .map(|row| row.id.clone())
            .collect();
        let hosts = self.workspace_plan().hosts;
        (!front.is_empty()).then(|| Plan { front, hosts, doubt: settings.err(), ..Plan::default() })
    }

    /// The private access settings; none when the workspace has none.
    pub(super) fn settings(&self) -> Option<Known<&PrivateAccessSettings>> {
        let id = self.body.private_access_settings_id.as_deref().filter(|id| !id.is_empty())?;
        Some(self.estate().databricks.private_access_settings.body(id, self.databricks))
    }

    fn expect(&self, service: Service) -> Expect {
        if self.registered(service).is_empty() { Expect::Anything } else { Expect::Registered(service) }
    }
}

/// Whether private access settings admit a registered endpoint of the account.
pub(super) fn admits(settings: &PrivateAccessSettings, registration: &str) -> bool {
    settings.private_access_level.as_deref() != Some("ENDPOINT")
        || settings.allowed_vpc_endpoint_ids.iter().any(|id| id == registration)
}

/// Buckets of Databricks in a region.
pub(super) fn buckets(region: &Region, bucket: Bucket) -> Vec<String> {
    match bucket {
        Bucket::Root => Vec::new(),
        Bucket::Artifacts => region.artifact_buckets.clone().unwrap_or_default(),
        Bucket::Logs => region.log_bucket.clone().into_iter().collect(),
        Bucket::SystemTables => region.system_tables_bucket.clone().into_iter().collect(),
    }
}

/// Where a bucket of Databricks is: us-west-1 shares some of us-west-2.
fn home<'a>(bucket: &str, region: &'a str) -> &'a str {
    let shared = bucket.ends_with("-us-west-2") || bucket.ends_with("-oregon");
    if region == "us-west-1" && shared { "us-west-2" } else { region }
}

fn bucket_host(bucket: &str, region: &str) -> String {
    format!("{bucket}.s3.{region}.amazonaws.com")
}
