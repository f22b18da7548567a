//! Where to look: which VPCs matter to Databricks, in which account and region they lie, and
//! which VPCs lie next to them. Input: what was collected so far. Output: sets of ids by place.
//! Pure. It follows peering and transit gateways by one step, never further.

use std::collections::{BTreeMap, BTreeSet};

use crate::estate::aws::{PeeringSide, Tag, arn_account, tag};
use crate::estate::graph::known;
use crate::estate::{Estate, Place};

/// Ids by the place that they are asked for in.
pub(super) type Ids = BTreeMap<Place, BTreeSet<String>>;

/// What the caller wants, and who that is.
#[derive(Clone, Debug, Default)]
pub(super) struct Bounds {
    /// The caller's own AWS account, when there are credentials.
    pub(super) own_account: Option<String>,
    /// The region of the caller's configuration.
    pub(super) home_region: String,
    /// Accounts that were asked for, those of the organization included.
    pub(super) accounts: BTreeSet<String>,
    /// Regions that were asked for.
    pub(super) regions: BTreeSet<String>,
    /// Regions by account, with `--all-regions`.
    pub(super) all_regions: BTreeMap<String, BTreeSet<String>>,
    /// Everything in those places.
    pub(super) whole_account: bool,
    /// The Databricks account, when there are credentials.
    pub(super) databricks: Option<String>,
    /// The workspace that the credentials are of, when they are of one.
    pub(super) workspace: Option<String>,
}

/// Where to look.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Every place that is asked anything about networks.
    pub(super) places: BTreeSet<Place>,
    /// VPCs that Databricks uses.
    pub(super) core: Ids,
    /// VPCs next to them.
    pub(super) near: Ids,
    /// Endpoints that are registered with Databricks.
    pub(super) endpoints: Ids,
    /// Places in which VPCs have to be found first.
    pub(super) search: BTreeSet<Place>,
}

impl Scope {
    /// The scope, as far as it is known.
    pub(super) fn of(estate: &Estate, bounds: &Bounds) -> Self {
        let mut scope = Self::default();
        scope.name_workspaces(estate, bounds);
        scope.name_requested(estate, bounds);
        scope.name_networks(estate);
        scope.name_found(estate);
        scope.name_neighbours(estate);
        scope.settle(estate);
        scope
    }

    /// The VPCs of a place, neighbours included.
    pub(super) fn vpcs(&self, place: &Place) -> BTreeSet<String> {
        [&self.core, &self.near].into_iter().filter_map(|ids| ids.get(place)).flatten().cloned().collect()
    }

    /// Whether a VPC that was found is in scope.
    pub(super) fn holds(&self, place: &Place, vpc: &str) -> bool {
        [&self.core, &self.near].into_iter().any(|ids| ids.get(place).is_some_and(|vpcs| vpcs.contains(vpc)))
    }

    /// Workspaces: their region, in the account of their role.
    fn name_workspaces(&mut self, estate: &Estate, bounds: &Bounds) {
        for (_, workspace) in known(&estate.databricks.workspaces) {
            let Some(place) = place_of(estate, bounds, workspace) else { continue };
            let network = workspace.network_id.as_deref().map(|id| estate.databricks.networks.number(id));
            let network = network.map(|number| number.map(|number| &estate.databricks.networks.row(number).body));
            match network {
                Some(Some(body)) => {
                    let vpc = body.known().ok().and_then(|network| network.vpc_id.clone());
                    self.core.entry(place.clone()).or_default().extend(vpc);
                }
                // Databricks made the VPC, or its network could not be read
                _ => drop(self.search.insert(place.clone())),
            }
            self.places.insert(place);
        }
        for (_, registration) in known(&estate.databricks.registrations) {
            let (Some(endpoint), Some(region)) = (&registration.aws_vpc_endpoint_id, &registration.region) else {
                continue;
            };
            let account = registration.aws_account_id.as_ref().or(bounds.own_account.as_ref());
            if let Some(account) = account {
                let place = Place::new(account, region);
                self.places.insert(place.clone());
                self.endpoints.entry(place).or_default().insert(endpoint.clone());
            }
        }
    }

    /// What the caller asked for by name; with nobody else to tell, the caller's own account.
    fn name_requested(&mut self, estate: &Estate, bounds: &Bounds) {
        let mut accounts: BTreeSet<&String> = bounds.accounts.iter().collect();
        if bounds.databricks.is_none() && accounts.is_empty() {
            accounts.extend(&bounds.own_account);
        }
        let named: BTreeSet<String> = self.places.iter().filter_map(|place| place.account.clone()).collect();
        let elsewhere = !bounds.regions.is_empty() || !bounds.all_regions.is_empty();
        accounts.extend(named.iter().filter(|_| elsewhere));
        let of_databricks: BTreeSet<String> =
            known(&estate.databricks.workspaces).filter_map(|(_, workspace)| workspace.aws_region.clone()).collect();
        let home = BTreeSet::from([bounds.home_region.clone()]);
        for account in accounts {
            let regions = [Some(&bounds.regions), bounds.all_regions.get(account)];
            let mut regions: BTreeSet<&String> = regions.into_iter().flatten().flatten().collect();
            if regions.is_empty() {
                regions.extend(if of_databricks.is_empty() { &home } else { &of_databricks });
            }
            for region in regions {
                let place = Place::new(account, region);
                self.search.insert(place.clone());
                self.places.insert(place);
            }
        }
    }

    /// Network configurations that no workspace uses lie in any of the places.
    fn name_networks(&mut self, estate: &Estate) {
        for (_, network) in known(&estate.databricks.networks) {
            let used = estate.graph.workspaces_of_network.contains_key(&network.network_id);
            if let Some(vpc) = network.vpc_id.as_ref().filter(|_| !used) {
                for place in &self.places {
                    self.core.entry(place.clone()).or_default().insert(vpc.clone());
                }
            }
        }
    }

    /// VPCs that something of Databricks was found in.
    fn name_found(&mut self, estate: &Estate) {
        let is_databricks = |tags: &[Tag]| tag(tags, "Vendor") == Some("Databricks");
        let aws = &estate.aws;
        let vpcs = known(&aws.vpcs).filter(|(_, vpc)| is_databricks(&vpc.tags)).map(|(_, vpc)| &vpc.vpc_id);
        let instances = known(&aws.instances).filter(|(_, instance)| is_databricks(&instance.tags));
        let instances = instances.filter_map(|(_, instance)| instance.vpc_id.as_ref());
        let found: BTreeSet<&String> = vpcs.chain(instances).chain(&estate.graph.databricks_vpcs).collect();
        let mut places: BTreeMap<&String, &Place> = BTreeMap::new();
        for row in aws.vpc_endpoints.rows() {
            if let Ok(endpoint) = row.body.known() {
                places.insert(&endpoint.vpc_id, &row.place);
            }
        }
        for row in aws.instances.rows() {
            if let Some(vpc) = row.body.known().ok().and_then(|instance| instance.vpc_id.as_ref()) {
                places.insert(vpc, &row.place);
            }
        }
        places.extend(aws.vpcs.rows().iter().map(|row| (&row.id, &row.place)));
        for vpc in found {
            if let Some(place) = places.get(vpc) {
                self.core.entry((*place).clone()).or_default().insert(vpc.clone());
            }
        }
    }

    /// The other ends of peering connections, and what hangs on the same transit gateways.
    fn name_neighbours(&mut self, estate: &Estate) {
        let core: BTreeSet<&String> = self.core.values().flatten().collect();
        let mut near = Ids::new();
        for (_, peering) in known(&estate.aws.peerings) {
            if matches!(peering.status.code.as_str(), "deleted" | "rejected" | "failed" | "expired" | "deleting") {
                continue;
            }
            let sides = [&peering.requester_vpc_info, &peering.accepter_vpc_info];
            let in_core = |side: &PeeringSide| side.vpc_id.as_ref().is_some_and(|vpc| core.contains(vpc));
            if let [true, false] | [false, true] = sides.map(in_core) {
                for side in sides.into_iter().filter(|side| !in_core(side)) {
                    if let (Some(vpc), Some(account), Some(region)) = (&side.vpc_id, &side.owner_id, &side.region) {
                        near.entry(Place::new(account, region)).or_default().insert(vpc.clone());
                    }
                }
            }
        }
        let gateways: BTreeSet<&String> = core_gateways(estate, &core).collect();
        for row in estate.aws.transit_vpc_attachments.rows() {
            let Ok(attachment) = row.body.known() else { continue };
            if gateways.contains(&attachment.transit_gateway_id) && !core.contains(&attachment.vpc_id) {
                let account = attachment.vpc_owner_id.clone().or_else(|| row.place.account.clone());
                let place = Place { account, region: row.place.region.clone() };
                near.entry(place).or_default().insert(attachment.vpc_id.clone());
            }
        }
        self.near = near;
    }

    /// A VPC that was found lies where it was found, and nowhere else.
    fn settle(&mut self, estate: &Estate) {
        let vpcs = &estate.aws.vpcs;
        for ids in [&mut self.core, &mut self.near] {
            for (place, vpcs_here) in ids.iter_mut() {
                vpcs_here.retain(|vpc| vpcs.number(vpc).is_none_or(|row| vpcs.row(row).place == *place));
            }
            ids.retain(|_, vpcs| !vpcs.is_empty());
        }
        self.places.extend(self.core.keys().chain(self.near.keys()).cloned());
    }
}

/// The transit gateways that VPCs of Databricks hang on.
pub(super) fn core_gateways<'e>(
    estate: &'e Estate,
    core: &'e BTreeSet<&String>,
) -> impl Iterator<Item = &'e String> + 'e {
    let attachments = known(&estate.aws.transit_vpc_attachments).map(|(_, attachment)| attachment);
    let here = attachments.filter(move |attachment| core.contains(&attachment.vpc_id));
    here.filter(|attachment| !attachment.state.starts_with("delet")).map(|attachment| &attachment.transit_gateway_id)
}

/// Where a workspace lives: the account of its role, else that of its endpoints, else the caller's.
pub(super) fn place_of(
    estate: &Estate,
    bounds: &Bounds,
    workspace: &crate::estate::databricks::Workspace,
) -> Option<Place> {
    let databricks = &estate.databricks;
    let region = workspace.aws_region.as_deref()?;
    let role = || {
        let number = databricks.credentials.number(workspace.credentials_id.as_deref()?)?;
        let credential = databricks.credentials.row(number).body.known().ok()?;
        arn_account(&credential.aws_credentials.sts_role.role_arn).map(str::to_owned)
    };
    let endpoint = || {
        let network = databricks.networks.number(workspace.network_id.as_deref()?)?;
        let network = databricks.networks.row(network).body.known().ok()?;
        let endpoints = network.vpc_endpoints.as_ref()?;
        let mut ids = endpoints.rest_api.iter().chain(&endpoints.dataplane_relay);
        ids.find_map(|id| {
            let registration = databricks.registrations.number(id)?;
            databricks.registrations.row(registration).body.known().ok()?.aws_account_id.clone()
        })
    };
    let account = role().or_else(endpoint).or_else(|| bounds.own_account.clone())?;
    Some(Place::new(&account, region))
}
