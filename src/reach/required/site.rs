//! A workspace with the network that its nodes run in: rows, region, senders. What is missing
//! here leaves every path of the workspace unknown.

use std::sync::Arc;

use crate::estate::databricks::{Network, Workspace};
use crate::estate::region::{Region, Service};
use crate::estate::{Estate, Gap, Known, Operation, Place, Reason};
use crate::reach::World;
use crate::reach::address::Ip;
use crate::reach::flow::Node;

/// See the module.
pub(crate) struct Site<'w, 'e> {
    pub(crate) world: &'w World<'e>,
    pub(crate) workspace: u32,
    pub(crate) body: &'e Workspace,
    /// Of the workspace: what the Databricks account listed.
    pub(crate) databricks: &'e Place,
    pub(crate) network: u32,
    pub(crate) config: &'e Network,
    /// Row of the VPC.
    pub(crate) vpc: Known<u32>,
    /// Where the VPC lies.
    pub(crate) place: Place,
    /// What is published about its region.
    pub(crate) region: Option<&'static Region>,
    pub(crate) subnets: Vec<Cluster<'e>>,
    /// Why the senders are not known, as far as they are not.
    pub(crate) gaps: Vec<Arc<Gap>>,
}

/// A subnet that nodes run in.
pub(crate) struct Cluster<'e> {
    pub(crate) id: &'e str,
    /// One for each part of its block that some rule tells from the rest.
    pub(crate) nodes: Vec<Node>,
}

impl<'w, 'e> Site<'w, 'e> {
    /// The site of a workspace; none when no customer's network runs its nodes.
    pub(crate) fn of(world: &'w World<'e>, workspace: u32) -> Known<Option<Self>> {
        let estate = world.estate();
        let row = estate.databricks.workspaces.row(workspace);
        let body = row.body.known()?;
        let Some(id) = body.network_id.as_deref().filter(|id| !id.is_empty()) else { return Ok(None) };
        if body.compute_mode.as_deref() == Some("SERVERLESS") {
            return Ok(None);
        }
        let network = estate.databricks.networks.find(id, &row.place)?;
        let config = estate.databricks.networks.row(network).body.known()?;
        let Some(vpc_id) = config.vpc_id.as_deref() else { return Ok(None) };
        let place = place_of(estate, config, body.aws_region.as_deref());
        let vpc =
            estate.aws.vpcs.find(vpc_id, &place).and_then(|row| estate.aws.vpcs.row(row).body.known().map(|_| row));
        let (subnets, gaps) = senders(world, network, &place, body.is_no_public_ip_enabled)?;
        let name = body.aws_region.as_deref().or(place.region.as_deref());
        let region = name.and_then(|name| shard(estate, config, &row.place, name));
        let databricks = &row.place;
        Ok(Some(Self { world, workspace, body, databricks, network, config, vpc, place, region, subnets, gaps }))
    }

    pub(crate) fn estate(&self) -> &'e Estate {
        self.world.estate()
    }

    /// Its AWS region.
    pub(crate) fn region_name(&self) -> Option<&str> {
        self.body.aws_region.as_deref().or(self.place.region.as_deref())
    }

    pub(crate) fn is_gov(&self) -> bool {
        self.region_name().is_some_and(|region| region.starts_with("us-gov-"))
    }

    /// A gap in the answer about the workspace.
    pub(crate) fn unsaid(&self, what: &str) -> Arc<Gap> {
        let row = self.estate().databricks.workspaces.row(self.workspace);
        let gap = Gap::new(Operation::ListWorkspaces, row.place.scope().of(&row.id), Reason::NotCollected);
        gap.because(format!("the answer does not say {what}")).shared()
    }

    /// Something that no published source says about its region.
    pub(crate) fn unpublished(&self, what: &str) -> Arc<Gap> {
        let row = self.estate().databricks.workspaces.row(self.workspace);
        let region = self.region_name().unwrap_or("its region");
        let gap = Gap::new(Operation::ListWorkspaces, row.place.scope().of(&row.id), Reason::Undetermined);
        gap.because(format!("nobody publishes {what} in {region}")).shared()
    }

    /// The registrations in one list of the network configuration.
    pub(crate) fn registered(&self, service: Service) -> &'e [String] {
        let endpoints = self.config.vpc_endpoints.as_ref();
        let list = endpoints.map(|endpoints| match service {
            Service::Relay => &endpoints.dataplane_relay,
            _ => &endpoints.rest_api,
        });
        list.map(Vec::as_slice).unwrap_or_default()
    }
}

/// The subnets of a network (row) with the nodes that may run in them, and what is missing for
/// that. Whether nodes get public addresses is what the workspace says; where it is silent, the
/// subnet decides.
pub(crate) fn senders<'e>(
    world: &World<'e>,
    network: u32,
    place: &Place,
    no_public_ip: Option<bool>,
) -> Known<(Vec<Cluster<'e>>, Vec<Arc<Gap>>)> {
    let estate = world.estate();
    let row = estate.databricks.networks.row(network);
    let config = row.body.known()?;
    let mut gaps = Vec::new();
    let unsaid = |what: &str| {
        let gap = Gap::new(Operation::ListNetworks, row.place.scope().of(&row.id), Reason::NotCollected);
        gap.because(format!("the answer names no {what}")).shared()
    };
    if config.security_group_ids.is_empty() {
        gaps.push(unsaid("security group"));
    }
    if config.subnet_ids.is_empty() {
        gaps.push(unsaid("subnet"));
    }
    let ids: Vec<&str> = config.security_group_ids.iter().map(String::as_str).collect();
    let groups = world.group_set(&ids).filter(|_| !ids.is_empty());
    let stranger = Ip(world.internet().0 ^ 1);
    let mut clusters = Vec::new();
    for id in &config.subnet_ids {
        let mut nodes = Vec::new();
        match estate.aws.subnets.find(id, place).and_then(|row| Ok((row, estate.aws.subnets.row(row).body.known()?))) {
            Ok((row, subnet)) => {
                let private = no_public_ip.unwrap_or_else(|| subnet.map_public_ip_on_launch != Some(true));
                let public = (!private).then_some(stranger);
                nodes = world.nodes(row, groups);
                nodes.iter_mut().for_each(|node| node.public = public);
            }
            Err(gap) => gaps.push(gap),
        }
        clusters.push(Cluster { id, nodes });
    }
    Ok((clusters, gaps))
}

/// The AWS place of a network: that of its VPC, else that of a subnet, else its region.
pub(crate) fn place_of(estate: &Estate, config: &Network, region: Option<&str>) -> Place {
    let vpc = config.vpc_id.as_ref().and_then(|vpc| estate.aws.vpcs.number(vpc));
    if let Some(row) = vpc {
        return estate.aws.vpcs.row(row).place.clone();
    }
    let subnet = config.subnet_ids.iter().find_map(|subnet| estate.aws.subnets.number(subnet));
    match subnet {
        Some(row) => estate.aws.subnets.row(row).place.clone(),
        None => Place { account: None, region: region.map(str::to_owned) },
    }
}

/// The region's data; of several shards the one that the registered endpoints lead to.
fn shard(estate: &Estate, config: &Network, place: &Place, name: &str) -> Option<&'static Region> {
    let endpoints = config.vpc_endpoints.iter().flat_map(|both| both.rest_api.iter().chain(&both.dataplane_relay));
    let registered = endpoints.filter_map(|id| estate.databricks.registrations.body(id, place).ok());
    let mut ids = registered.filter_map(|registration| registration.aws_endpoint_service_id.as_deref());
    let told = ids.find_map(|id| Region::service(id).map(|(region, _)| region).filter(|region| region.region == name));
    told.or_else(|| Region::named(name))
}

/// The endpoint (row) behind a registration.
pub(crate) fn registered_endpoint(estate: &Estate, id: &str, place: &Place) -> Known<u32> {
    let row = estate.databricks.registrations.find(id, place)?;
    let registration = estate.databricks.registrations.row(row).body.known()?;
    let Some(aws) = registration.aws_vpc_endpoint_id.as_deref() else {
        let gap = Gap::new(Operation::ListRegistrations, place.scope().of(id), Reason::NotCollected);
        return Err(gap.because("the answer does not say the AWS endpoint id").shared());
    };
    let there = Place { account: registration.aws_account_id.clone(), region: registration.region.clone() };
    let row = estate.aws.vpc_endpoints.find(aws, &there)?;
    estate.aws.vpc_endpoints.row(row).body.known().map(|_| row)
}
