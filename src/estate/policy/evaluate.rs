//! The decision of one policy, or of the several identity policies of one role.
//!
//! Input: policies and a [`Request`]. Output: a [`Decision`]. An explicit Deny wins, else an
//! Allow, else nothing was granted.

use std::collections::BTreeMap;

use super::condition::{Condition, Scope};
use super::document::{Policy, Selector, Statement};
use super::pattern::{Pattern, matches, matches_arn};
use super::principal::Principal;
use super::truth::Match;

/// What somebody wants to do.
///
/// AWS derives some context from the principal: `aws:PrincipalAccount`, `aws:PrincipalArn`,
/// `aws:PrincipalIsAWSService` and `kms:CallerAccount` are known from it unless `context` says
/// otherwise. (A session's `aws:PrincipalArn` is its role's ARN with the path, so it is not.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// One action, such as `kms:Decrypt`, in any case.
    pub action: String,
    /// The ARN of one resource, or `*` for actions that have none.
    pub resource: String,
    /// Condition keys in lower case. A key with no values is known to be absent.
    pub context: BTreeMap<String, Vec<String>>,
}

/// What a condition key is that the request's context does not give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Absent, exactly as AWS evaluates: "is *this* request allowed?"
    Absent,
    /// Whatever lets an Allow match and a Deny not match: "could this ever be allowed?" Each
    /// condition is suited on its own, so the answer errs to "allowed". For
    /// [`Principal::Anyone`] this stops at the keys that pin an account, an organisation or a
    /// network (see [`Policy::open_to_everyone`]): a stranger is in none of those named.
    Favourable,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Allowed, and not denied.
    Allowed,
    /// Denied by a statement.
    Denied,
    /// Neither allowed nor denied, which is a denial unless another policy allows.
    NotAllowed,
    /// A statement that would change the answer may or may not match; the text says why. A
    /// Deny that may match counts even where nothing is allowed, because [`Self::Denied`] also
    /// binds the policies that this one is read together with.
    Uncertain(String),
}

impl Request {
    /// A request whose context holds nothing yet.
    #[must_use]
    pub fn new(principal: Principal, action: &str, resource: &str) -> Self {
        Self { principal, action: action.to_owned(), resource: resource.to_owned(), context: BTreeMap::new() }
    }

    /// Adds a value of a condition key.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.context.entry(key.to_lowercase()).or_default().push(value.to_owned());
        self
    }

    /// Says that a condition key is absent, whatever [`Missing`] says of the others.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.context.insert(key.to_lowercase(), Vec::new());
        self
    }
}

impl Policy {
    /// What this policy says to `request`.
    #[must_use]
    pub fn decide(&self, request: &Request, missing: Missing) -> Decision {
        Self::decide_all(std::slice::from_ref(self), request, missing)
    }

    /// What several policies of one type say together, as the identity policies of one role do.
    /// Policies of different types do not simply add up, and must be asked one by one.
    #[must_use]
    pub fn decide_all(policies: &[Self], request: &Request, missing: Missing) -> Decision {
        let outcome = |allow| {
            Match::any(
                policies
                    .iter()
                    .flat_map(|policy| &policy.statements)
                    .filter(|statement| statement.allow == allow)
                    .map(|statement| statement.matches(request, missing)),
            )
        };
        match outcome(false) {
            Match::Yes => Decision::Denied,
            Match::Unsure(why) => Decision::Uncertain(why),
            Match::No => match outcome(true) {
                Match::Yes => Decision::Allowed,
                Match::Unsure(why) => Decision::Uncertain(why),
                Match::No => Decision::NotAllowed,
            },
        }
    }
}

impl Policy {
    /// The policy with every Allow cut down to what it gives by name: an account in Principal
    /// no longer stands for its users and roles. That is how a gateway endpoint reads its
    /// policy, and what of a key policy needs no identity policy beside it.
    #[must_use]
    pub fn by_name(&self) -> Self {
        let mut policy = self.clone();
        policy
            .statements
            .iter_mut()
            .filter(|statement| statement.allow)
            .for_each(|statement| statement.principals.drop_accounts());
        policy
    }
}

impl Statement {
    fn matches(&self, request: &Request, missing: Missing) -> Match {
        let scope = Scope {
            principal: &request.principal,
            context: &request.context,
            want: (missing == Missing::Favourable).then_some(self.allow),
        };
        // Lazily and cheapest first, so that most statements are settled by their principal.
        let parts: [&dyn Fn() -> Match; 4] = [
            &|| self.principals.matches(&request.principal),
            &|| self.actions.matches_action(&request.action),
            &|| match &self.resources {
                Some(resources) => resources.matches_resource(&request.resource, scope),
                None => Match::Yes,
            },
            &|| self.conditions_hold(scope),
        ];
        self.explain(Match::all(parts.iter().map(|part| part())))
    }

    /// Whether every condition holds.
    pub(super) fn conditions_hold(&self, scope: Scope<'_>) -> Match {
        Match::all(self.conditions.iter().map(|condition: &Condition| condition.holds(scope)))
    }

    /// Puts the statement's name before a reason.
    pub(super) fn explain(&self, matched: Match) -> Match {
        match matched {
            Match::Unsure(why) => Match::Unsure(format!("{}: {why}", self.label)),
            sure => sure,
        }
    }
}

impl Selector {
    fn matches_action(&self, action: &str) -> Match {
        let action = action.to_ascii_lowercase();
        let matched = self.patterns.iter().any(|pattern| matches(&pattern.tokens, &action));
        (matched != self.except).into()
    }

    fn matches_resource(&self, resource: &str, scope: Scope<'_>) -> Match {
        let one = |pattern: &Pattern| {
            scope.resolved(pattern, self.except, |tokens| {
                // What is not written as an ARN is a bare wildcard, or a short form that we
                // match as a whole rather than not at all.
                matches_arn(tokens, resource).unwrap_or_else(|| matches(tokens, resource)).into()
            })
        };
        Match::any(self.patterns.iter().map(one)).negated_if(self.except)
    }
}
