//! IAM roles and their policies. The policies of a role are one list: when one of them is
//! denied or broken, the list is unknown, because the missing one may allow anything. That a role
//! has none is an answer too: two empty lists, as the calls that name the policies give them.

use super::answer::{Answer, Attribution};
use super::assembly::{Assembly, Seen, set};
use super::guard::policy;
use super::json;
use super::owned::{Said, Trouble};
use super::place::{Hints, Near};
use crate::estate::aws as a;
use crate::estate::policy::Policy;
use crate::estate::{Evidence, Gap, Place, Reason, Scope};

/// The name of the answer that says that a role has no policy: no policy can have it.
#[cfg_attr(not(feature = "live"), expect(dead_code, reason = "the collector writes such answers"))]
pub(super) const NO_POLICY: &str = "(none)";

impl<'a> Assembly<'a> {
    /// One role with its trust policy.
    pub(super) fn role(&mut self, answer: &Answer<'a>, at: &Attribution) {
        let folder = at.owner.clone().unwrap_or_default();
        let Some(Said::Members(members)) = self.said(answer, at, &folder) else { return };
        let Some(value) = json::member(members, "Role") else { return self.wrong_shape(answer, at, "Role") };
        let text = value.get();
        let role = json::members(text).map_err(|error| Trouble::Json(text, error)).and_then(|members| {
            let name = json::text_of(&members, "RoleName").unwrap_or_else(|| folder.clone());
            let arn = json::text_of(&members, "Arn").unwrap_or_default();
            let missing = || Trouble::Other(text, "no `AssumeRolePolicyDocument`".to_owned());
            let trust = policy(json::member(&members, "AssumeRolePolicyDocument").ok_or_else(missing)?)?;
            Ok(a::Role { arn, name, trust })
        });
        let role = role.map_err(|trouble| self.tell(answer.document, &trouble));
        let id = role.as_ref().map_or(folder, |role| role.name.clone());
        let account = role.as_ref().ok().and_then(|role| a::arn_account(&role.arn)).map(str::to_owned);
        let place = at.place.clone().or(&Place { account, region: None });
        let at = Attribution { place, ..at.clone() };
        self.own(&at, |e| &mut e.aws.roles, &id, Seen { document: answer.document, text, near: Near::default() }, role);
    }

    /// One policy of a role, inline (`get-role-policy`) or attached (`get-policy-version`).
    pub(super) fn role_policy(&mut self, answer: &Answer<'a>, at: &Attribution) {
        let role = at.owner.clone().unwrap_or_default();
        let noted = self.estate.aws.role_policies.gaps().count();
        let Some(Said::Members(members)) = self.said(answer, at, &role) else {
            // What was noted for the role is also why its list is unknown.
            let gap = self.estate.aws.role_policies.gaps().nth(noted).map(|gap| (**gap).clone());
            return gap.map_or((), |gap| self.extend(answer, at, &role, Evidence::Unknown(gap.shared())));
        };
        let inner = json::member(members, "PolicyVersion").and_then(|version| json::members(version.get()).ok());
        let document = json::member(members, "PolicyDocument");
        let document = document.or_else(|| json::member(inner.as_ref()?, "Document"));
        let unknown = |assembly: &mut Self, detail: String| {
            let scope = Scope { resource: Some(role.clone()), ..at.place.scope() };
            let gap = Gap::new(at.operation, scope, Reason::Undecodable).because(detail);
            assembly.extend(answer, at, &role, Evidence::Unknown(gap.shared()));
        };
        let empty = |key| json::member(members, key).is_some_and(|list| list.get() == "[]");
        if document.is_none() && empty("PolicyNames") && empty("AttachedPolicies") {
            return self.no_policy(answer, at, &role);
        }
        let Some(document) = document else {
            let detail = format!("{}: no `PolicyDocument`", self.cite(answer.document, answer.text));
            return unknown(self, detail);
        };
        match policy(document) {
            Ok(policy) => {
                let seen = Seen { document: answer.document, text: document.get(), near: Near::default() };
                let name = answer.segments.last().cloned().unwrap_or_default();
                let name = name.split_once('~').map_or(name.as_str(), |(name, _)| name).to_owned();
                match self.policies.get(&(role.clone(), name.clone())).cloned() {
                    None => {
                        self.policies.insert((role.clone(), name), seen);
                        self.extend(answer, at, &role, Evidence::Known(policy));
                    }
                    Some(first) => {
                        if let Some(gap) = self.disagreement(at.operation, &role, &at.place, &first, &seen, false) {
                            self.extend(answer, at, &role, Evidence::Unknown(gap.shared()));
                        }
                    }
                }
            }
            Err(trouble) => {
                let detail = self.tell(answer.document, &trouble);
                unknown(self, detail);
            }
        }
    }

    /// That a role has no policy.
    fn no_policy(&mut self, answer: &Answer<'a>, at: &Attribution, role: &str) {
        let table = &mut self.estate.aws.role_policies;
        match table.existing(role).map(|row| &row.body) {
            None => {
                let hints = Hints { place: at.place.clone(), near: Near::default() };
                let seen = Seen { document: answer.document, text: answer.text, near: Near::default() };
                self.add(|e| &mut e.aws.role_policies, role, hints, seen, Evidence::Known(Vec::new()));
            }
            Some(Evidence::Known(list)) if !list.is_empty() => {
                let gap = self.some_and_none(answer, at, role);
                set(&mut self.estate.aws.role_policies, role, gap);
            }
            Some(_) => {}
        }
    }

    /// One answer has a policy of a role, and another says that there is none.
    fn some_and_none<T>(&self, answer: &Answer<'a>, at: &Attribution, role: &str) -> Evidence<T> {
        let scope = Scope { resource: Some(role.to_owned()), ..at.place.scope() };
        let detail =
            format!("{} and another answer differ at whether it has policies", self.cite(answer.document, answer.text));
        Evidence::Unknown(Gap::new(at.operation, scope, Reason::Disagreement).because(detail).shared())
    }

    /// Appends a policy to the list of a role; a gap makes the whole list unknown for good.
    fn extend(&mut self, answer: &Answer<'a>, at: &Attribution, role: &str, policy: Evidence<Policy>) {
        let denied = self.some_and_none(answer, at, role);
        let table = &mut self.estate.aws.role_policies;
        match (table.existing(role).map(|row| &mut row.body), policy) {
            (None, policy) => {
                let body = match policy {
                    Evidence::Known(policy) => Evidence::Known(vec![policy]),
                    Evidence::Unknown(gap) => Evidence::Unknown(gap),
                };
                let hints = Hints { place: at.place.clone(), near: Near::default() };
                let seen = Seen { document: answer.document, text: answer.text, near: Near::default() };
                self.add(|e| &mut e.aws.role_policies, role, hints, seen, body);
            }
            (Some(Evidence::Known(list)), Evidence::Known(_)) if list.is_empty() => set(table, role, denied),
            (Some(Evidence::Known(list)), Evidence::Known(policy)) => list.push(policy),
            (Some(Evidence::Known(_)), Evidence::Unknown(gap)) => set(table, role, Evidence::Unknown(gap)),
            (Some(Evidence::Unknown(_)), _) => {}
        }
    }
}
