//! The functions that rules call beside CEL's own: what filters admit, what policies allow,
//! sets of addresses. One table gives the check at load, the vocabulary page and the calls.

use std::sync::Arc;

use cel::common::types::DYN_TYPE;
use cel::common::value::CowVal;
use cel::{Env, ExecutionError};

use super::facts::{Fact, Kind, Read, Record, Ref, TEXTS};
use super::question;
use super::value::{Trace, text_map, trace_of};
use crate::estate::Estate;
use crate::estate::net::AddressSet;

/// A function, or one of several of the same name with different receivers.
pub struct Function {
    /// Name in rules.
    pub name: &'static str,
    /// The record before the dot; none for a plain function.
    pub receiver: Option<Record>,
    /// Names and types of the parameters.
    pub parameters: &'static [(&'static str, Kind)],
    /// Type of the answer.
    pub result: Kind,
    /// What it answers, for rule authors.
    pub doc: &'static str,
    call: fn(&Call<'_>) -> Read,
}

/// The arguments of a call.
pub(super) struct Call<'a> {
    /// The estate; a plain function over texts has none to look at.
    pub estate: &'a Estate,
    /// The record before the dot.
    pub receiver: Ref,
    arguments: &'a [Fact],
    context: Vec<(String, Vec<String>)>,
}

impl Call<'_> {
    /// A text argument; the check at load guarantees the type.
    pub(super) fn text(&self, index: usize) -> &str {
        match self.arguments.get(index) {
            Some(Fact::Text(text)) => text,
            _ => "",
        }
    }

    /// A number argument.
    pub(super) fn int(&self, index: usize) -> i64 {
        match self.arguments.get(index) {
            Some(Fact::Int(number)) => *number,
            _ => 0,
        }
    }

    /// A record argument.
    pub(super) fn record(&self, index: usize) -> Option<Ref> {
        match self.arguments.get(index) {
            Some(Fact::Record(record)) => Some(*record),
            _ => None,
        }
    }

    /// A list argument of texts.
    pub(super) fn texts(&self, index: usize) -> Vec<&str> {
        let Some(Fact::List(facts)) = self.arguments.get(index) else { return Vec::new() };
        facts.iter().filter_map(|fact| if let Fact::Text(text) = fact { Some(text.as_str()) } else { None }).collect()
    }

    /// The condition keys of a policy question.
    pub(super) fn context(&self) -> &[(String, Vec<String>)] {
        &self.context
    }
}

const T: Kind = Kind::Text;
const I: Kind = Kind::Int;

const POLICY_QUESTION: &str = "Whether its policy allows `principal` (an ARN, an account, or `*` for a stranger) the action, with exactly these condition keys.";
const POLICY_HOPE: &str = "Whether its policy could allow `principal` the action, if every condition key that is not given had a suitable value; a key given an empty list is absent.";

/// Every function.
pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "admits",
        receiver: Some(Record::VpcEndpoint),
        parameters: &[("protocol", T), ("from_port", I), ("to_port", I), ("subnet", Kind::Record(Record::Subnet))],
        result: Kind::Bool,
        doc: "Whether the endpoint's security groups admit the ports from every node of the subnet.",
        call: question::endpoint_admits,
    },
    Function {
        name: "admits_any",
        receiver: Some(Record::VpcEndpoint),
        parameters: &[("protocol", T), ("port", I)],
        result: Kind::Bool,
        doc: "Whether the endpoint's security groups admit the port from anyone at all.",
        call: question::endpoint_admits_any,
    },
    Function {
        name: "acl_passes",
        receiver: Some(Record::VpcEndpoint),
        parameters: &[("port", I), ("subnet", Kind::Record(Record::Subnet))],
        result: Kind::Bool,
        doc: "Whether the network ACLs of the endpoint's subnets pass TCP from the subnet to the port, and the replies.",
        call: question::endpoint_acl_passes,
    },
    Function {
        name: "admits_itself",
        receiver: Some(Record::Network),
        parameters: &[("direction", T), ("protocol", T)],
        result: Kind::Bool,
        doc: "Whether the groups of the nodes admit every port of the protocol between the nodes themselves; direction is `ingress` or `egress`.",
        call: question::network_admits_itself,
    },
    Function {
        name: "lets_out_to",
        receiver: Some(Record::Network),
        parameters: &[
            ("protocol", T),
            ("from_port", I),
            ("to_port", I),
            ("endpoint", Kind::Record(Record::VpcEndpoint)),
        ],
        result: Kind::Bool,
        doc: "Whether the groups of the nodes let the ports out to the endpoint's interfaces.",
        call: question::network_lets_out_to_endpoint,
    },
    Function {
        name: "lets_out",
        receiver: Some(Record::Network),
        parameters: &[("protocol", T), ("from_port", I), ("to_port", I), ("block", T)],
        result: Kind::Bool,
        doc: "Whether the groups of the nodes let the ports out to every address of the block.",
        call: question::network_lets_out,
    },
    Function {
        name: "acl_refusal",
        receiver: Some(Record::Subnet),
        parameters: &[("direction", T), ("protocol", T), ("from_port", I), ("to_port", I), ("block", T)],
        result: Kind::Text,
        doc: "The entry of the subnet's network ACL that turns some of the flow away, as `entry 100`, or `the final deny`; null when all of it passes.",
        call: question::subnet_acl_refusal,
    },
    Function {
        name: "allows",
        receiver: Some(Record::KeyConfiguration),
        parameters: &[("principal", T), ("action", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: POLICY_QUESTION,
        call: question::key_allows,
    },
    Function {
        name: "may_allow",
        receiver: Some(Record::KeyConfiguration),
        parameters: &[("principal", T), ("action", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: POLICY_HOPE,
        call: question::key_may_allow,
    },
    Function {
        name: "allows",
        receiver: Some(Record::Bucket),
        parameters: &[("principal", T), ("action", T), ("key", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: "Whether the bucket policy allows `principal` the action on the object `key` (empty for the bucket itself), with exactly these condition keys.",
        call: question::bucket_allows,
    },
    Function {
        name: "may_allow",
        receiver: Some(Record::Bucket),
        parameters: &[("principal", T), ("action", T), ("key", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: "Whether the bucket policy could allow it, if every condition key that is not given had a suitable value.",
        call: question::bucket_may_allow,
    },
    Function {
        name: "denies",
        receiver: Some(Record::Bucket),
        parameters: &[("principal", T), ("action", T), ("key", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: "Whether a Deny of the bucket policy hits the request, with exactly these condition keys.",
        call: question::bucket_denies,
    },
    Function {
        name: "allows",
        receiver: Some(Record::VpcEndpoint),
        parameters: &[("principal", T), ("action", T), ("resource", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: "Whether the endpoint policy lets `principal` do the action on the resource (empty for some resource or other), with exactly these condition keys; an endpoint without a policy lets everything through.",
        call: question::endpoint_allows,
    },
    Function {
        name: "may_allow",
        receiver: Some(Record::VpcEndpoint),
        parameters: &[("principal", T), ("action", T), ("resource", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: "Whether the endpoint policy could let it through (an empty resource for some resource or other), if every condition key that is not given had a suitable value.",
        call: question::endpoint_may_allow,
    },
    Function {
        name: "trusts",
        receiver: Some(Record::Role),
        parameters: &[("principal", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: "Whether the trust policy lets `principal` assume the role, with exactly these condition keys.",
        call: question::role_trusts,
    },
    Function {
        name: "may_trust",
        receiver: Some(Record::Role),
        parameters: &[("principal", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: "Whether the trust policy could let `principal` assume the role, if every condition key that is not given had a suitable value.",
        call: question::role_may_trust,
    },
    Function {
        name: "can",
        receiver: Some(Record::Role),
        parameters: &[("action", T), ("resource", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: "Whether the role's own policies allow the action on the resource, with exactly these condition keys.",
        call: question::role_can,
    },
    Function {
        name: "could",
        receiver: Some(Record::Role),
        parameters: &[("action", T), ("resource", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: "Whether the role's own policies could allow the action, if every condition key that is not given had a suitable value.",
        call: question::role_could,
    },
    Function {
        name: "conf",
        receiver: Some(Record::Workspace),
        parameters: &[("key", T)],
        result: Kind::Text,
        doc: "A value of workspace-conf; null when it was never set.",
        call: question::workspace_conf,
    },
    Function {
        name: "answers_for",
        receiver: Some(Record::Vpc),
        parameters: &[("host", T)],
        result: Kind::Bool,
        doc: "Whether a private zone that the VPC sees answers for the host name.",
        call: question::vpc_answers_for,
    },
    Function {
        name: "covers",
        receiver: None,
        parameters: &[("blocks", TEXTS), ("block", T)],
        result: Kind::Bool,
        doc: "Whether the blocks together hold every address of the block.",
        call: |call| {
            let block = AddressSet::of([call.text(1)]);
            Ok(Fact::Bool(!block.is_empty() && AddressSet::of(call.texts(0)).covers(&block)))
        },
    },
    Function {
        name: "overlaps",
        receiver: None,
        parameters: &[("blocks", TEXTS), ("block", T)],
        result: Kind::Bool,
        doc: "Whether some address is in the block and in one of the blocks.",
        call: |call| Ok(Fact::Bool(AddressSet::of(call.texts(0)).overlaps(&AddressSet::of([call.text(1)])))),
    },
    Function {
        name: "distinct",
        receiver: None,
        parameters: &[("values", TEXTS)],
        result: TEXTS,
        doc: "The texts, each once, sorted.",
        call: |call| {
            let set: std::collections::BTreeSet<&str> = call.texts(0).into_iter().collect();
            Ok(Fact::List(set.into_iter().map(|text| Fact::Text(text.to_owned())).collect()))
        },
    },
    Function {
        name: "lets_out_to_s3",
        receiver: Some(Record::Network),
        parameters: &[],
        result: Kind::Bool,
        doc: "Whether the groups of the nodes let tcp/443 out to S3 of the region: to its prefix list, or to an interface endpoint.",
        call: question::network_lets_out_to_s3,
    },
    Function {
        name: "acl_shuts_out",
        receiver: Some(Record::Subnet),
        parameters: &[("direction", T), ("protocol", T), ("from_port", I), ("to_port", I)],
        result: Kind::Text,
        doc: "What in the subnet's network ACL turns the internet at large away, as `entry 100`, or `the final deny`; null when it passes, a few denied blocks aside.",
        call: question::subnet_acl_shuts_out,
    },
    Function {
        name: "grants",
        receiver: Some(Record::KeyConfiguration),
        parameters: &[("principal", T), ("action", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: "Whether its policy could allow the action to `principal` by name, with no need of an identity policy; what it gives to an account as a whole is left out.",
        call: question::key_grants,
    },
    Function {
        name: "refuses",
        receiver: Some(Record::Bucket),
        parameters: &[("principal", T), ("action", T), ("key", T), ("context", Kind::Map)],
        result: Kind::Bool,
        doc: "Whether a Deny of the bucket policy hits the request, whatever the condition keys are that are not given.",
        call: question::bucket_refuses,
    },
];

/// Adds every function to an environment.
pub fn declare(env: &mut Env) -> Result<(), cel::DeclarationError> {
    let mut names: Vec<(&str, usize, bool)> =
        FUNCTIONS.iter().map(|f| (f.name, f.parameters.len(), f.receiver.is_some())).collect();
    names.sort_unstable();
    names.dedup();
    for (name, parameters, member) in names {
        let Some(first) = FUNCTIONS.iter().position(|f| f.name == name) else { continue };
        let call = CALLS[first];
        let types = (0..parameters).map(|_| DYN_TYPE).collect();
        let id = format!("{name}_{parameters}_{member}");
        if member {
            env.add_member_overload(name, &id, DYN_TYPE, types, call)?;
        } else {
            env.add_overload(name, &id, types, call)?;
        }
    }
    Ok(())
}

/// The function of this name for a receiver.
pub fn find(name: &str, receiver: Option<Record>) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name && function.receiver == receiver)
}

type Raw = for<'b, 'v> fn(Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError>;

/// CEL takes plain function pointers, which cannot carry data; the index of the function in the
/// table is therefore a type parameter.
fn call<'b, 'v, const INDEX: usize>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    invoke(FUNCTIONS[INDEX].name, &arguments)
}

static CALLS: [Raw; 28] = [
    call::<0>, call::<1>, call::<2>, call::<3>, call::<4>, call::<5>, call::<6>, call::<7>, call::<8>, call::<9>,
    call::<10>, call::<11>, call::<12>, call::<13>, call::<14>, call::<15>, call::<16>, call::<17>, call::<18>,
    call::<19>, call::<20>, call::<21>, call::<22>, call::<23>, call::<24>, call::<25>, call::<26>, call::<27>,
];

fn invoke<'b>(name: &str, values: &[CowVal<'_, '_>]) -> Result<CowVal<'b, 'static>, ExecutionError> {
    let trace = trace_of(values).unwrap_or_else(|| Trace::new(&Arc::default()));
    let mut context = Vec::new();
    let mut facts = Vec::new();
    for value in values {
        match text_map(value.as_ref()) {
            Some(map) => context = map,
            None => facts.push(trace.fact(value.as_ref())?),
        }
    }
    let receiver = match facts.first() {
        Some(Fact::Record(record)) if find(name, Some(record.kind)).is_some() => Some(*record),
        _ => None,
    };
    let function = find(name, receiver.map(|receiver| receiver.kind)).ok_or_else(|| ExecutionError::FunctionError {
        function: name.to_owned(),
        message: "called on a value that has no such function".to_owned(),
    })?;
    let arguments = if receiver.is_some() { &facts[1..] } else { &facts[..] };
    let receiver = receiver.unwrap_or_else(|| Ref::row(Record::Gap, 0));
    let answer = (function.call)(&Call { estate: trace.estate(), receiver, arguments, context });
    trace.value(answer)
}

#[cfg(test)]
mod tests {
    use super::{CALLS, FUNCTIONS};

    #[test]
    fn every_function_has_a_call() {
        assert!(FUNCTIONS.len() <= CALLS.len(), "add call::<{}> to CALLS", FUNCTIONS.len() - 1);
    }
}
