//! The questions that functions of rules ask of filters, policies and names: each takes a
//! [`Call`] and answers with a fact, or with the gap in its place.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::facts::{self, Fact, Read, Ref};
use super::function::Call;
use crate::estate::aws::{VpcEndpoint, arn_account};
use crate::estate::net::AddressSet;
use crate::estate::policy::{Decision, Missing, Policy, Principal, Request};
use crate::estate::{Estate, Gap, Known, Operation, Place, Reason};
use crate::reach::group::{self, Peer};
use crate::reach::{Direction, Ports, Protocol, acl};

// ------------------------------------------------------------------ security groups

fn endpoint(e: &Estate, r: Ref) -> Known<(&VpcEndpoint, &Place)> {
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
    Protocol::named(call.text(index)).unwrap_or(Protocol::TCP)
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
    let direction = Direction::named(call.text(0)).unwrap_or(Direction::Ingress);
    let flow = (direction, protocol(call, 1), Ports::ALL);
    let admits = |peer: &Peer| facts::group_set_admits(e, &place, &network.security_group_ids, flow, peer);
    // by reference to a group it does not matter where the nodes are
    if admits(&peer) == Ok(true) {
        return Ok(Fact::Bool(true));
    }
    let mut missing = None;
    for id in &network.subnet_ids {
        match e.aws.subnets.body(id, &place) {
            Ok(subnet) => {
                peer.addresses.insert(&subnet.cidr_block);
            }
            Err(gap) => missing = Some(gap),
        }
    }
    match (admits(&peer), missing) {
        // what not even the known subnets pass, all of them do not
        (Ok(true), Some(gap)) => Err(gap),
        (answer, _) => answer.map(Fact::Bool),
    }
}

pub(super) fn network_lets_out_to_endpoint(call: &Call<'_>) -> Read {
    let e = call.estate;
    let network = facts::network(e, call.receiver)?;
    let place = facts::place_of_network(e, call.receiver);
    let target = call.record(3).unwrap_or(call.receiver);
    let flow = (Direction::Egress, protocol(call, 0), ports(call, 1, 2));
    lets_out_to(e, &place, &network.security_group_ids, flow, target).map(Fact::Bool)
}

fn lets_out_to(
    e: &Estate,
    place: &Place,
    groups: &[String],
    flow: (Direction, Protocol, Ports),
    target: Ref,
) -> Known<bool> {
    let (endpoint, endpoint_place) = endpoint(e, target)?;
    let mut peer = Peer {
        groups: endpoint.groups.iter().map(|pair| pair.group_id.clone()).collect::<BTreeSet<_>>(),
        ..Peer::default()
    };
    let mut missing = None;
    for id in &endpoint.network_interface_ids {
        match e.aws.interfaces.body(id, endpoint_place) {
            Ok(interface) => interface.private_ip_address.iter().for_each(|address| {
                peer.addresses.insert(address);
            }),
            Err(gap) => missing = Some(gap),
        }
    }
    if missing.is_none() && peer.addresses.is_empty() {
        let scope = endpoint_place.scope().of(&endpoint.vpc_endpoint_id);
        missing = Some(
            Gap::new(Operation::DescribeVpcEndpoints, scope, Reason::NotCollected)
                .because("no interface of this endpoint is named")
                .shared(),
        );
    }
    let Some(gap) = missing else { return facts::group_set_admits(e, place, groups, flow, &peer) };
    // interfaces that nobody listed lie somewhere in the subnets of the endpoint
    for id in &endpoint.subnet_ids {
        let subnet = e.aws.subnets.body(id, endpoint_place).map_err(|_| Arc::clone(&gap))?;
        peer.addresses.insert(&subnet.cidr_block);
    }
    if facts::group_set_admits(e, place, groups, flow, &peer)? { Ok(true) } else { Err(gap) }
}

/// The regional prefix list of S3, which routes and groups name for its gateway endpoints.
fn s3_list(e: &Estate, place: &Place) -> Known<String> {
    let wanted = place.region.as_ref().map(|region| format!("com.amazonaws.{region}.s3"));
    let named = |name: &String| wanted.as_ref() == Some(name);
    let mut rows = e.aws.prefix_lists.rows().iter();
    match rows.find(|row| row.body.known().is_ok_and(named)) {
        Some(row) => Ok(row.id.clone()),
        None => {
            e.aws.prefix_lists.complete(place)?;
            let gap = Gap::new(Operation::DescribePrefixLists, place.scope(), Reason::NotCollected);
            Err(gap.because("no answer names the prefix list of S3").shared())
        }
    }
}

pub(super) fn network_lets_out_to_s3(call: &Call<'_>) -> Read {
    let e = call.estate;
    let network = facts::network(e, call.receiver)?;
    let place = facts::place_of_network(e, call.receiver);
    let flow = (Direction::Egress, Protocol::TCP, Ports::one(443));
    let mut missing = None;
    let mut ask = |answer: Known<bool>| {
        answer.unwrap_or_else(|gap| {
            missing = Some(gap);
            false
        })
    };
    let by_list = s3_list(e, &place).and_then(|list| {
        let names = |id: &String| {
            let group = e.aws.security_groups.body(id, &place);
            let mut permissions = group.iter().flat_map(|group| &group.ip_permissions_egress);
            permissions.any(|permission| {
                let lists = permission.prefix_list_ids.iter().any(|named| named.prefix_list_id == list);
                lists && flow.1.is(&permission.ip_protocol) && group::ports_of(permission).covers(flow.2)
            })
        };
        if network.security_group_ids.iter().any(names) {
            return Ok(true);
        }
        let blocks = e.aws.prefix_list_entries.body(&list, &place)?;
        let peer = Peer { addresses: AddressSet::of(blocks.iter().map(String::as_str)), ..Peer::default() };
        facts::group_set_admits(e, &place, &network.security_group_ids, flow, &peer)
    });
    if ask(by_list) {
        return Ok(Fact::Bool(true));
    }
    let vpc = network.vpc_id.clone().unwrap_or_default();
    for row in e.graph.endpoints_of_vpc.get(&vpc).into_iter().flatten() {
        let target = Ref::row(facts::Record::VpcEndpoint, *row);
        let interface = e
            .aws
            .vpc_endpoints
            .row(*row)
            .body
            .known()
            .is_ok_and(|endpoint| endpoint.service_name.ends_with(".s3") && !endpoint.subnet_ids.is_empty());
        if interface && ask(lets_out_to(e, &place, &network.security_group_ids, flow, target)) {
            return Ok(Fact::Bool(true));
        }
    }
    ask(e.aws.vpc_endpoints.complete_of(&vpc, &place).map(|()| false));
    missing.map_or(Ok(Fact::Bool(false)), Err)
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
            Err(Gap::new(Operation::DescribeNetworkAcls, scope, Reason::NotCollected)
                .because("no answer names the ACL of this subnet")
                .shared())
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

pub(super) fn subnet_acl_shuts_out(call: &Call<'_>) -> Read {
    let row = call.estate.aws.subnets.row(call.receiver.row);
    let acl = acl_of(call.estate, &row.id, &row.place)?;
    let direction = Direction::named(call.text(0)).unwrap_or(Direction::Ingress);
    Ok(match acl::shuts_out(acl, direction, protocol(call, 1), ports(call, 2, 3)) {
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
                let enters = acl::refusal(acl, Direction::Ingress, Protocol::TCP, ports(call, 0, 0), &peer);
                let leaves = acl::refusal(acl, Direction::Egress, Protocol::TCP, ephemeral, &peer);
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
        // somebody of the account, not its root user: the ARN of the asker is not known
        root if root.starts_with("arn:") && root.ends_with(":root") => {
            Principal::Account(arn_account(root).unwrap_or_default().to_owned())
        }
        arn if arn.starts_with("arn:") => Principal::Aws(arn.to_owned()),
        service => Principal::Service(service.to_owned()),
    }
}

fn request(call: &Call<'_>, who: &str, action: &str, resource: &str) -> Request {
    let request = Request::new(principal(who), action, resource);
    // a key with an empty list is known to be absent
    call.context().iter().fold(request, |request, (key, values)| match values.as_slice() {
        [] => request.without(key),
        values => values.iter().fold(request, |request, value| request.with(key, value)),
    })
}

/// A decision as a truth value; what the policy leaves open is a gap that says why.
fn decided(decision: Decision, operation: Operation, resource: &str) -> Read {
    match decision {
        Decision::Allowed => Ok(Fact::Bool(true)),
        Decision::Denied | Decision::NotAllowed => Ok(Fact::Bool(false)),
        Decision::Uncertain(why) => {
            let scope = Place::default().scope().of(resource);
            Err(Gap::new(operation, scope, Reason::Undecodable)
                .because(format!("the policy cannot be decided: {why}"))
                .shared())
        }
    }
}

fn ask_key(call: &Call<'_>, missing: Missing) -> Read {
    let arn = facts::key_arn(call.estate, call.receiver)?;
    let request = request(call, call.text(0), call.text(1), arn);
    let decision = facts::policy_of(call.estate, call.receiver)?
        .map_or(Decision::NotAllowed, |policy| policy.decide(&request, missing));
    decided(decision, Operation::GetKeyPolicy, arn)
}

pub(super) fn key_allows(call: &Call<'_>) -> Read {
    ask_key(call, Missing::Absent)
}

pub(super) fn key_may_allow(call: &Call<'_>) -> Read {
    ask_key(call, Missing::Favourable)
}

pub(super) fn key_grants(call: &Call<'_>) -> Read {
    let arn = facts::key_arn(call.estate, call.receiver)?;
    let request = request(call, call.text(0), call.text(1), arn);
    let policy = facts::policy_of(call.estate, call.receiver)?.map(Policy::by_name);
    let decision = policy.map_or(Decision::NotAllowed, |policy| policy.decide(&request, Missing::Favourable));
    decided(decision, Operation::GetKeyPolicy, arn)
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
    denied(decide_bucket(call, Missing::Absent)?)
}

pub(super) fn bucket_refuses(call: &Call<'_>) -> Read {
    denied(decide_bucket(call, Missing::Favourable)?)
}

fn denied((decision, resource): (Decision, String)) -> Read {
    match decision {
        Decision::Denied => Ok(Fact::Bool(true)),
        Decision::Allowed | Decision::NotAllowed => Ok(Fact::Bool(false)),
        uncertain @ Decision::Uncertain(_) => decided(uncertain, Operation::GetBucketPolicy, &resource),
    }
}

fn ask_endpoint(call: &Call<'_>, missing: Missing) -> Read {
    let mut policy = facts::endpoint_policy(call.estate, call.receiver)?.map(Cow::Borrowed);
    if call.text(2).is_empty() {
        policy = policy.map(|policy| Cow::Owned(policy.into_owned().on_some_resource()));
    }
    let request = request(call, call.text(0), call.text(1), call.text(2));
    let kind = &call.estate.aws.vpc_endpoints.row(call.receiver.row).body.known()?.vpc_endpoint_type;
    // there an account stands for its root user alone, who never asks
    if kind.as_deref() == Some("Gateway") {
        policy = policy.map(|policy| Cow::Owned(policy.by_name()));
    }
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
