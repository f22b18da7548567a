//! The questions that functions of rules ask of filters, policies and names: each takes a
//! [`Call`] and answers with a fact, or with the gap in its place.

use std::collections::BTreeSet;

use super::facts::{self, Fact, Read, Ref};
use super::function::Call;
use crate::estate::aws::VpcEndpoint;
use crate::estate::net::AddressSet;
use crate::estate::policy::{Decision, Missing, Policy, Principal, Request};
use crate::estate::{Estate, Gap, Known, Operation, Place, Reason};
use crate::reach::group::{self, Peer};
use crate::reach::{Direction, Ports, Protocol, acl};

// ------------------------------------------------------------------ security groups

fn endpoint<'a>(e: &'a Estate, r: Ref) -> Known<(&'a VpcEndpoint, &'a Place)> {
    let row = e.aws.vpc_endpoints.row(r.row);
    Ok((row.body.known()?, &row.place))
}

/// The ports of a call, from its arguments `from` and `to`.
fn ports(call: &Call<'_>, from: usize, to: usize) -> Ports {
    let port = |index| u16::try_from(call.int(index)).unwrap_or(u16::MAX);
    Ports { from: port(from), to: port(to) }
}

/// The protocol of a call; a rule that misspells it is refused by its own tests.
fn protocol(call: &Call<'_>, index: usize) -> Protocol {
    Protocol::named(call.text(index)).unwrap_or(Protocol::Tcp)
}

fn subnet<'a>(call: &Call<'a>, index: usize) -> Known<&'a crate::estate::aws::Subnet> {
    let row = call.record(index).map_or(0, |record| record.row);
    call.estate.aws.subnets.row(row).body.known()
}

pub(super) fn endpoint_admits(call: &Call<'_>) -> Read {
    let (endpoint, place) = endpoint(call.estate, call.receiver)?;
    let peer = facts::peer_of(call.estate, subnet(call, 3)?)?;
    let flow = (Direction::Ingress, protocol(call, 0), ports(call, 1, 2));
    let groups = endpoint.groups.iter().map(|pair| &pair.group_id);
    facts::group_set_admits(call.estate, place, groups, flow, &peer).map(Fact::Bool)
}

pub(super) fn endpoint_admits_any(call: &Call<'_>) -> Read {
    let (endpoint, place) = endpoint(call.estate, call.receiver)?;
    let (protocol, wanted) = (protocol(call, 0), ports(call, 1, 1));
    let mut missing = None;
    for pair in &endpoint.groups {
        match call.estate.aws.security_groups.body(&pair.group_id, place) {
            Ok(group) => {
                let admits = group.ip_permissions.iter().any(|permission| {
                    let peers = permission.ip_ranges.len() + permission.ipv6_ranges.len();
                    let peers = peers + permission.user_id_group_pairs.len() + permission.prefix_list_ids.len();
                    peers > 0 && protocol.is(&permission.ip_protocol) && group::ports_of(permission).covers(wanted)
                });
                if admits {
                    return Ok(Fact::Bool(true));
                }
            }
            Err(gap) => missing = Some(gap),
        }
    }
    missing.map_or(Ok(Fact::Bool(false)), Err)
}

pub(super) fn network_admits_itself(call: &Call<'_>) -> Read {
    let e = call.estate;
    let network = facts::network(e, call.receiver)?;
    let place = facts::place_of_network(e, call.receiver);
    let mut peer = Peer { groups: network.security_group_ids.iter().cloned().collect(), ..Peer::default() };
    for id in &network.subnet_ids {
        if let Ok(subnet) = e.aws.subnets.body(id, &place) {
            peer.addresses.insert(&subnet.cidr_block);
        }
    }
    let direction = Direction::named(call.text(0)).unwrap_or(Direction::Ingress);
    let flow = (direction, protocol(call, 1), Ports::ALL);
    facts::group_set_admits(e, &place, &network.security_group_ids, flow, &peer).map(Fact::Bool)
}

pub(super) fn network_lets_out_to_endpoint(call: &Call<'_>) -> Read {
    let e = call.estate;
    let network = facts::network(e, call.receiver)?;
    let place = facts::place_of_network(e, call.receiver);
    let target = call.record(3).unwrap_or(call.receiver);
    let (endpoint, endpoint_place) = endpoint(e, target)?;
    let mut peer = Peer { groups: endpoint.groups.iter().map(|pair| pair.group_id.clone()).collect::<BTreeSet<_>>(), ..Peer::default() };
    for id in &endpoint.network_interface_ids {
        let interface = e.aws.interfaces.body(id, endpoint_place)?;
        if let Some(address) = &interface.private_ip_address {
            peer.addresses.insert(address);
        }
    }
    let flow = (Direction::Egress, protocol(call, 0), ports(call, 1, 2));
    facts::group_set_admits(e, &place, &network.security_group_ids, flow, &peer).map(Fact::Bool)
}

pub(super) fn network_lets_out(call: &Call<'_>) -> Read {
    let e = call.estate;
    let network = facts::network(e, call.receiver)?;
    let place = facts::place_of_network(e, call.receiver);
    let peer = Peer { addresses: AddressSet::of([call.text(3)]), ..Peer::default() };
    let flow = (Direction::Egress, protocol(call, 0), ports(call, 1, 2));
    facts::group_set_admits(e, &place, &network.security_group_ids, flow, &peer).map(Fact::Bool)
}

// ------------------------------------------------------------------ network ACLs

fn acl_of<'a>(e: &'a Estate, subnet: &str, place: &Place) -> Known<&'a crate::estate::aws::NetworkAcl> {
    match e.graph.acl_of_subnet.get(subnet) {
        Some(row) => e.aws.network_acls.row(*row).body.known(),
        None => {
            e.aws.network_acls.complete(place)?;
            let scope = place.scope().of(subnet);
            Err(Gap::new(Operation::DescribeNetworkAcls, scope, Reason::NotCollected).because("no answer names the ACL of this subnet").shared())
        }
    }
}

pub(super) fn subnet_acl_refusal(call: &Call<'_>) -> Read {
    let row = call.estate.aws.subnets.row(call.receiver.row);
    let acl = acl_of(call.estate, &row.id, &row.place)?;
    let direction = Direction::named(call.text(0)).unwrap_or(Direction::Ingress);
    let peer = AddressSet::of([call.text(4)]);
    Ok(match acl::refusal(acl, direction, protocol(call, 1), ports(call, 2, 3), &peer) {
        None => Fact::Null,
        Some(acl::Refusal::Entry(entry)) => Fact::Text(format!("entry {}", entry.rule_number)),
        Some(acl::Refusal::Default) => Fact::Text("the final deny".to_owned()),
    })
}

pub(super) fn endpoint_acl_passes(call: &Call<'_>) -> Read {
    let e = call.estate;
    let (endpoint, place) = endpoint(e, call.receiver)?;
    let from = subnet(call, 1)?;
    let peer = AddressSet::of([from.cidr_block.as_str()]);
    let ephemeral = Ports { from: 1024, to: u16::MAX };
    let mut missing = None;
    // a packet inside one subnet passes no ACL
    for id in endpoint.subnet_ids.iter().filter(|id| **id != from.subnet_id) {
        match acl_of(e, id, place) {
            Ok(acl) => {
                let enters = acl::refusal(acl, Direction::Ingress, Protocol::Tcp, ports(call, 0, 0), &peer);
                let leaves = acl::refusal(acl, Direction::Egress, Protocol::Tcp, ephemeral, &peer);
                if enters.is_some() || leaves.is_some() {
                    return Ok(Fact::Bool(false));
                }
            }
            Err(gap) => missing = Some(gap),
        }
    }
    missing.map_or(Ok(Fact::Bool(true)), Err)
}

// ------------------------------------------------------------------ policies

fn principal(text: &str) -> Principal {
    match text {
        "*" => Principal::Anyone,
        account if account.chars().all(|c| c.is_ascii_digit()) => Principal::Account(account.to_owned()),
        arn if arn.starts_with("arn:") => Principal::Aws(arn.to_owned()),
        service => Principal::Service(service.to_owned()),
    }
}

fn request(call: &Call<'_>, who: &str, action: &str, resource: &str) -> Request {
    let request = Request::new(principal(who), action, resource);
    let pairs = call.context().iter().flat_map(|(key, values)| values.iter().map(move |value| (key, value)));
    pairs.fold(request, |request, (key, value)| request.with(key, value))
}

/// A decision as a truth value; what the policy leaves open is a gap that says why.
fn decided(decision: Decision, operation: Operation, resource: &str) -> Read {
    match decision {
        Decision::Allowed => Ok(Fact::Bool(true)),
        Decision::Denied | Decision::NotAllowed => Ok(Fact::Bool(false)),
        Decision::Uncertain(why) => {
            let scope = Place::default().scope().of(resource);
            Err(Gap::new(operation, scope, Reason::Undecodable).because(format!("the policy cannot be decided: {why}")).shared())
        }
    }
}

fn ask_key(call: &Call<'_>, missing: Missing) -> Read {
    let arn = facts::key_arn(call.estate, call.receiver)?;
    let request = request(call, call.text(0), call.text(1), arn);
    let decision = facts::policy_of(call.estate, call.receiver)?.map_or(Decision::NotAllowed, |policy| policy.decide(&request, missing));
    decided(decision, Operation::GetKeyPolicy, arn)
}

pub(super) fn key_allows(call: &Call<'_>) -> Read {
    ask_key(call, Missing::Absent)
}

pub(super) fn key_may_allow(call: &Call<'_>) -> Read {
    ask_key(call, Missing::Favourable)
}

fn decide_bucket(call: &Call<'_>, missing: Missing) -> Known<(Decision, String)> {
    let arn = facts::bucket_arn(call.estate, call.receiver)?;
    let resource = if call.text(2).is_empty() { arn } else { format!("{arn}/{}", call.text(2)) };
    let request = request(call, call.text(0), call.text(1), &resource);
    let policy = facts::policy_of(call.estate, call.receiver)?;
    Ok((policy.map_or(Decision::NotAllowed, |policy| policy.decide(&request, missing)), resource))
}

pub(super) fn bucket_allows(call: &Call<'_>) -> Read {
    let (decision, resource) = decide_bucket(call, Missing::Absent)?;
    decided(decision, Operation::GetBucketPolicy, &resource)
}

pub(super) fn bucket_may_allow(call: &Call<'_>) -> Read {
    let (decision, resource) = decide_bucket(call, Missing::Favourable)?;
    decided(decision, Operation::GetBucketPolicy, &resource)
}

pub(super) fn bucket_denies(call: &Call<'_>) -> Read {
    let (decision, resource) = decide_bucket(call, Missing::Absent)?;
    match decision {
        Decision::Denied => Ok(Fact::Bool(true)),
        Decision::Allowed | Decision::NotAllowed => Ok(Fact::Bool(false)),
        uncertain @ Decision::Uncertain(_) => decided(uncertain, Operation::GetBucketPolicy, &resource),
    }
}

fn ask_endpoint(call: &Call<'_>, missing: Missing) -> Read {
    let policy: Option<Policy> = facts::endpoint_policy(call.estate, call.receiver)?;
    let request = request(call, call.text(0), call.text(1), call.text(2));
    let decision = policy.map_or(Decision::Allowed, |policy| policy.decide(&request, missing));
    decided(decision, Operation::DescribeVpcEndpoints, &call.estate.aws.vpc_endpoints.row(call.receiver.row).id)
}

pub(super) fn endpoint_allows(call: &Call<'_>) -> Read {
    ask_endpoint(call, Missing::Absent)
}

pub(super) fn endpoint_may_allow(call: &Call<'_>) -> Read {
    ask_endpoint(call, Missing::Favourable)
}

fn ask_trust(call: &Call<'_>, missing: Missing) -> Read {
    let arn = facts::role_arn(call.estate, call.receiver)?;
    let request = request(call, call.text(0), "sts:AssumeRole", arn);
    decided(facts::trust_of(call.estate, call.receiver)?.decide(&request, missing), Operation::GetRole, arn)
}

pub(super) fn role_trusts(call: &Call<'_>) -> Read {
    ask_trust(call, Missing::Absent)
}

pub(super) fn role_may_trust(call: &Call<'_>) -> Read {
    ask_trust(call, Missing::Favourable)
}

fn ask_role(call: &Call<'_>, missing: Missing) -> Read {
    let arn = facts::role_arn(call.estate, call.receiver)?;
    let request = request(call, arn, call.text(0), call.text(1));
    let policies = facts::identity_policies(call.estate, call.receiver)?;
    decided(Policy::decide_all(policies, &request, missing), Operation::GetRolePolicies, arn)
}

pub(super) fn role_can(call: &Call<'_>) -> Read {
    ask_role(call, Missing::Absent)
}

pub(super) fn role_could(call: &Call<'_>) -> Read {
    ask_role(call, Missing::Favourable)
}

// ------------------------------------------------------------------ names and settings

pub(super) fn workspace_conf(call: &Call<'_>) -> Read {
    let value = facts::workspace_conf(call.estate, call.receiver, call.text(0))?;
    Ok(value.map_or(Fact::Null, |value| Fact::Text(value.to_owned())))
}

pub(super) fn vpc_answers_for(call: &Call<'_>) -> Read {
    facts::vpc_answers(call.estate, call.receiver, call.text(0)).map(Fact::Bool)
}
