//! Policies of endpoints, as components that a path passes. Asked as rules ask them: an account is
//! whoever it lets act, in a gateway endpoint by name alone, and what the request does not say is
//! favourable. Only a policy that certainly refuses stops a path.
//!
//! Source of the requests: Databricks' Terraform reference architecture, `privatelink.tf`, policies
//! of the S3, STS and Kinesis endpoints.

use std::borrow::Cow;
use std::sync::Arc;

use super::need::{Bucket, Need, To};
use super::plan::buckets;
use super::site::Site;
use crate::estate::aws::VpcEndpoint;
use crate::estate::policy::{Decision, Missing, Policy, Principal, Request};
use crate::estate::region::Region;
use crate::estate::{Gap, Known, Operation, Reason, Row};
use crate::reach::World;
use crate::reach::code::Code;
use crate::reach::flow::{Blocker, Component, Hop, Leg, Passage};

/// What the policy of an endpoint makes of a need.
#[derive(Clone, Debug, Default)]
pub struct Vetted {
    /// The policy as a component on the way; none where no policy is asked.
    pub hops: Vec<Hop>,
    /// What it certainly refuses.
    pub blockers: Vec<Blocker>,
    /// Why it cannot be told.
    pub gaps: Vec<Arc<Gap>>,
}

/// What a need asks of a service: somebody must be let do each action on one of the resources.
struct Use {
    callers: Vec<String>,
    actions: &'static [&'static str],
    /// Any of them will do; an empty one stands for some resource.
    resources: Vec<String>,
    /// Account that owns the resource.
    owner: Option<String>,
}

impl World<'_> {
    /// What the policy of an endpoint (row) makes of a need of a workspace (row); nothing for needs
    /// and endpoints without policies.
    pub fn policy_hops(&self, need: &str, workspace: u32, endpoint: u32) -> Vetted {
        let site = Site::of(self, workspace);
        match (Need::named(need), site) {
            (Some(need), Ok(Some(site))) => site.vet(need, endpoint),
            (_, Err(gap)) => Vetted { gaps: vec![gap], ..Vetted::default() },
            _ => Vetted::default(),
        }
    }
}

impl Site<'_, '_> {
    /// See [`World::policy_hops`].
    pub(super) fn vet(&self, need: &Need, endpoint: u32) -> Vetted {
        let row = self.estate().aws.vpc_endpoints.row(endpoint);
        let Ok(body) = row.body.known() else { return Vetted::default() };
        let uses = match self.uses(need, row) {
            Ok(uses) => uses,
            Err(gap) => return Vetted { gaps: vec![gap], ..Vetted::default() },
        };
        if uses.is_empty() {
            return Vetted::default();
        }
        let (leg, component, resource, origin) = (Leg::Forward, Component::EndpointPolicy, row.id.clone(), row.origin);
        let hop = |passage, decision| Hop { leg, component, resource: resource.clone(), decision, passage, origin };
        let undecodable = |why: String| {
            let gap = Gap::new(Operation::DescribeVpcEndpoints, row.place.scope().of(&row.id), Reason::Undecodable);
            gap.because(why).shared()
        };
        let policy = match body.policy() {
            None => {
                return Vetted { hops: vec![hop(Passage::Passed, "it has no policy".to_owned())], ..Vetted::default() };
            }
            Some(Ok(policy)) => policy,
            Some(Err(problem)) => {
                let gaps = vec![undecodable(format!("its policy: {problem}"))];
                return Vetted { hops: vec![hop(Passage::Unknown, problem.to_owned())], gaps, ..Vetted::default() };
            }
        };
        let policy = as_read(policy, body);
        let (mut refused, mut unsure) = (Vec::new(), None);
        for asked in &uses {
            for action in asked.actions {
                match asked.verdict(&policy, action) {
                    Ok(true) => {}
                    Ok(false) => refused.push(asked.words(action)),
                    Err(why) => unsure = Some(why),
                }
            }
        }
        if !refused.is_empty() {
            let detail = format!("its policy does not let {}", refused.join(", nor "));
            let blocker =
                Blocker { code: Code::EndpointPolicy, resource: row.id.clone(), leg, detail: detail.clone(), origin };
            return Vetted { hops: vec![hop(Passage::Blocked, detail)], blockers: vec![blocker], gaps: Vec::new() };
        }
        if let Some(why) = unsure {
            let gaps = vec![undecodable(format!("the policy cannot be decided: {why}"))];
            return Vetted { hops: vec![hop(Passage::Unknown, why)], gaps, ..Vetted::default() };
        }
        let admitted: Vec<String> =
            uses.iter().flat_map(|asked| asked.actions.iter().map(|action| asked.words(action))).collect();
        Vetted {
            hops: vec![hop(Passage::Passed, format!("its policy lets {}", admitted.join(", and ")))],
            ..Vetted::default()
        }
    }

    fn uses(&self, need: &Need, endpoint: &Row<VpcEndpoint>) -> Known<Vec<Use>> {
        let region = endpoint.place.region.as_deref().unwrap_or_default();
        let partition = if region.starts_with("us-gov-") { "aws-us-gov" } else { "aws" };
        let mut databricks: Vec<String> =
            Region::shards(region).map(|region| region.databricks_aws_account_id.clone()).collect();
        if databricks.is_empty() {
            databricks = accounts(partition);
        }
        let own = endpoint.place.account.clone();
        let both: Vec<String> = databricks.iter().cloned().chain(own.clone()).collect();
        let objects =
            |names: Vec<String>| names.iter().map(|name| format!("arn:{partition}:s3:::{name}/object")).collect();
        let of_shards = |bucket| objects(Region::shards(region).flat_map(|region| buckets(region, bucket)).collect());
        Ok(match need.to {
            To::Bucket(Bucket::Root) => {
                let Some(bucket) = self.root_bucket() else { return Ok(Vec::new()) };
                let (callers, resources) = (accounts(partition), objects(vec![bucket?.to_owned()]));
                vec![Use { callers, actions: &["s3:GetObject", "s3:PutObject"], resources, owner: None }]
            }
            To::Bucket(Bucket::Artifacts) => {
                let names = self.region.map(|region| buckets(region, Bucket::Artifacts)).unwrap_or_default();
                let owner = self.region.map(|region| region.artifact_owner().to_owned());
                let one = |name: String| {
                    let (callers, resources, owner) = (both.clone(), objects(vec![name]), owner.clone());
                    Use { callers, actions: &["s3:GetObject"], resources, owner }
                };
                names.into_iter().map(one).collect()
            }
            To::Bucket(Bucket::Logs) => {
                vec![Use { callers: both, actions: &["s3:PutObject"], resources: of_shards(Bucket::Logs), owner: None }]
            }
            To::Bucket(Bucket::SystemTables) => {
                let resources = of_shards(Bucket::SystemTables);
                vec![Use { callers: both, actions: &["s3:GetObject"], resources, owner: None }]
            }
            To::Service("sts", _) => own.into_iter().map(role_use).collect(),
            To::Service("kinesis", _) => {
                let actions = &["kinesis:PutRecord", "kinesis:PutRecords"];
                let stream = |account: &String| format!("arn:{partition}:kinesis:{region}:{account}:stream/any");
                vec![Use {
                    resources: databricks.iter().map(stream).collect(),
                    callers: databricks,
                    actions,
                    owner: None,
                }]
            }
            To::Service("kms", _) => {
                let resources = self.storage_key().into_iter().map(str::to_owned).collect();
                vec![Use { callers: both, actions: &["kms:Decrypt"], resources, owner: None }]
            }
            _ => Vec::new(),
        })
    }

    /// ARN of the key of the workspace's storage; empty, for some key, while nobody collected it.
    fn storage_key(&self) -> Option<&str> {
        let id = self.body.storage_customer_managed_key_id.as_deref()?;
        let configuration = self.estate().databricks.key_configurations.body(id, self.databricks);
        Some(configuration.map_or("", |configuration| configuration.aws_key_info.key_arn.as_str()))
    }
}

fn role_use(account: String) -> Use {
    Use { callers: vec![account], actions: &["sts:AssumeRole"], resources: vec![String::new()], owner: None }
}

/// The policy as its endpoint reads it: in a gateway endpoint an account is its root user alone.
fn as_read<'a>(policy: &'a Policy, endpoint: &VpcEndpoint) -> Cow<'a, Policy> {
    let gateway = endpoint.vpc_endpoint_type.as_deref() == Some("Gateway");
    if gateway { Cow::Owned(policy.by_name()) } else { Cow::Borrowed(policy) }
}

/// Accounts that Databricks acts from in a partition.
fn accounts(partition: &str) -> Vec<String> {
    let regions = ["eu-west-1", "us-gov-west-1"].into_iter().filter_map(Region::named);
    let shards = regions.flat_map(|region| Region::shards(&region.region));
    shards
        .filter(|region| region.partition == partition)
        .map(|region| region.databricks_aws_account_id.clone())
        .collect()
}

impl Use {
    /// Whether somebody may do the action on one of the resources, or why that is open.
    fn verdict(&self, policy: &Policy, action: &str) -> Result<bool, String> {
        let mut unsure = None;
        for caller in &self.callers {
            for resource in &self.resources {
                let some = resource.is_empty().then(|| policy.clone().on_some_resource());
                let policy = some.as_ref().unwrap_or(policy);
                let mut request = Request::new(Principal::Account(caller.clone()), action, resource);
                if let Some(owner) = &self.owner {
                    request = request.with("aws:resourceaccount", owner).with("s3:resourceaccount", owner);
                }
                match policy.decide(&request, Missing::Favourable) {
                    Decision::Allowed => return Ok(true),
                    Decision::Denied | Decision::NotAllowed => {}
                    Decision::Uncertain(why) => unsure = Some(why),
                }
            }
        }
        unsure.map_or(Ok(self.callers.is_empty() || self.resources.is_empty()), Err)
    }

    fn words(&self, action: &str) -> String {
        let resources: Vec<&str> =
            self.resources.iter().filter(|resource| !resource.is_empty()).map(String::as_str).collect();
        let on =
            if resources.is_empty() { "on any resource".to_owned() } else { format!("on {}", resources.join(" or ")) };
        format!("{} call {action} {on}", self.callers.join(" or "))
    }
}
