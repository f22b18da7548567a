//! What a policy gives to strangers.
//!
//! Input: a policy. Output: whether it filters anything at all, and whether somebody who is
//! not named, from an account, organisation and network that are not named, may do something.
//! A *limiting* condition is one that a stranger cannot meet. The table below follows what S3
//! counts as non-public (a fixed value of one of these keys), extended by KMS's and the newer
//! global keys. Everything else does not limit: `aws:PrincipalTag/…`, `kms:ViaService`,
//! `sts:ExternalId`, `s3:ResourceAccount`, `aws:SecureTransport` and `aws:VpcSourceIp` are in
//! a stranger's own hands, and a test that an absent key passes (IfExists, ForAllValues,
//! Not…) limits nothing.

use std::collections::BTreeMap;

use super::condition::Scope;
use super::document::{Policy, Selector, Statement};
use super::operator::{Test, network};
use super::pattern::{Pattern, Token, arn_parts, has_wildcard, literal};
use super::principal::{Principal, Principals};
use super::truth::Match;

/// Character comparisons that holding every Allow against every Deny may cost. The largest
/// policy that AWS stores, 32 KiB, stays below; a hostile one would take many seconds.
const MAX_COMPARISONS: usize = 300_000_000;

/// Whether strangers may do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Openness {
    /// Nothing.
    Closed,
    /// This; the first such statement.
    Open(OpenStatement),
    /// It cannot be told; the text says why.
    Uncertain(String),
}

/// A statement that lets strangers in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenStatement {
    /// Its Sid, or `Statement[n]`.
    pub name: String,
    /// Its position, from 0.
    pub index: usize,
    /// The actions that strangers may take, as the policy writes them.
    pub actions: Vec<String>,
}

/// What of an operand must be fixed for its key to limit.
enum Pin {
    /// All of it: an account, an organisation, a VPC, an endpoint.
    Whole,
    /// The account; or, in an ARN without one, the bucket, whose name is globally unique (but
    /// a stranger may own one that begins like ours).
    Account,
    /// What stands before the first `/` or `:`: the organisation of a path, the unique id of a
    /// role's session.
    Head,
    /// A network no wider than S3 accepts as non-public: /8, or /32 of IPv6.
    Network,
}

fn pin(key: &str) -> Option<Pin> {
    Some(match key {
        "aws:principalaccount"
        | "aws:principalorgid"
        | "aws:sourceaccount"
        | "aws:sourceowner"
        | "aws:sourceorgid"
        | "aws:sourcevpc"
        | "aws:sourcevpce"
        | "aws:vpceaccount"
        | "aws:vpceorgid"
        | "kms:calleraccount"
        | "s3:dataaccesspointaccount" => Pin::Whole,
        "aws:principalarn" | "aws:sourcearn" | "aws:sourcevpcarn" | "s3:dataaccesspointarn" => Pin::Account,
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" | "aws:userid" => Pin::Head,
        "aws:sourceip" => Pin::Network,
        _ => return None,
    })
}

/// Whether a stranger cannot give `key` any value that agrees with `operand`.
pub(super) fn pins(key: &str, test: Test, operand: &Pattern) -> bool {
    let Some(pin) = pin(key) else { return false };
    let wildcards = matches!(test, Test::Like | Test::Arn);
    // A variable is as good as a fixed value only if the resource's owner decides it.
    let fixed = |tokens: &[Token]| {
        let owned = tokens.iter().all(|token| match token {
            Token::Variable(number) => operand
                .variable(*number)
                .is_some_and(|variable| matches!(variable.key.as_str(), "aws:resourceaccount" | "aws:resourceorgid")),
            _ => true,
        });
        owned && !tokens.is_empty() && !(wildcards && has_wildcard(tokens))
    };
    let head = |tokens: &[Token]| {
        let separator = |token: &Token| matches!(token, Token::Char('/' | ':'));
        tokens.split(separator).next().is_some_and(fixed)
    };
    let tokens = operand.tokens.as_slice();
    match pin {
        Pin::Whole => fixed(tokens),
        Pin::Account => arn_parts(tokens).is_some_and(|parts| match parts.as_slice() {
            [.., [], resource] => head(resource),
            [.., account, _] => fixed(account),
            _ => false,
        }),
        Pin::Head => head(tokens),
        Pin::Network => {
            network(&literal(tokens)).is_some_and(|block| block.prefix() >= if block.is_ipv4() { 8 } else { 32 })
        }
    }
}

impl Policy {
    /// Whether it filters nothing: an Allow of every action on every resource to everyone (or,
    /// in an identity policy, to its holder) without condition, and no Deny. This is what AWS
    /// puts on a VPC endpoint by default.
    #[must_use]
    pub fn admits_everything(&self) -> bool {
        let everything = |statement: &Statement| {
            let everyone =
                statement.principals == Principals::Holder || statement.principals.admits_strangers() == Match::Yes;
            everyone
                && !matches!(&statement.principals, Principals::Except(named) if !named.is_empty())
                && statement.actions.is_everything()
                && statement.resources.as_ref().is_none_or(Selector::is_everything)
                && statement.conditions.is_empty()
        };
        self.statements.iter().all(|statement| statement.allow) && self.statements.iter().any(everything)
    }

    /// This policy with its resources left out of the question: an Allow counts whatever it
    /// names, a Deny only where it names everything. Then a decision says whether a request is
    /// allowed on some resource.
    #[must_use]
    pub fn on_some_resource(mut self) -> Self {
        self.statements
            .retain(|statement| statement.allow || statement.resources.as_ref().is_none_or(Selector::is_everything));
        for statement in &mut self.statements {
            statement.resources = None;
        }
        self
    }

    /// Whether a stranger may do something: an Allow to `*` (or to all but some) whose
    /// conditions a stranger can meet, and that no Deny takes back. What strangers can meet is
    /// decided per condition key; these limit, if every value is fixed where it must be and
    /// the key must be present:
    ///
    /// * `aws:PrincipalAccount`, `aws:PrincipalOrgID`, `aws:SourceAccount`, `aws:SourceOwner`,
    ///   `aws:SourceOrgID`, `aws:SourceVpc`, `aws:SourceVpce`, `aws:VpceAccount`,
    ///   `aws:VpceOrgID`, `kms:CallerAccount`, `s3:DataAccessPointAccount`: no wildcard;
    /// * `aws:PrincipalArn`, `aws:SourceArn`, `aws:SourceVpcArn`, `s3:DataAccessPointArn`: no
    ///   wildcard in the account, or in the bucket of an ARN that has no account;
    /// * `aws:PrincipalOrgPaths`, `aws:SourceOrgPaths`, `aws:VpceOrgPaths`, `aws:userid`: no
    ///   wildcard in the organisation or the unique id;
    /// * `aws:SourceIp`: /8 or narrower, /32 or narrower for IPv6.
    ///
    /// An identity policy, whose statements name no principal, is never open.
    #[must_use]
    pub fn open_to_everyone(&self) -> Openness {
        let size = |allow| -> usize {
            self.statements.iter().filter(|statement| statement.allow == allow).map(Statement::size).sum()
        };
        if size(true).saturating_mul(size(false)) > MAX_COMPARISONS {
            return Openness::Uncertain("the policy is too large to hold its Allow against its Deny".to_owned());
        }
        let mut uncertain = None;
        for statement in self.statements.iter().filter(|statement| statement.allow) {
            match self.open(statement) {
                Ok(open) if !open.actions.is_empty() => return Openness::Open(open),
                Ok(_) => {}
                Err(why) => uncertain = uncertain.or(Some(why)),
            }
        }
        uncertain.map_or(Openness::Closed, Openness::Uncertain)
    }

    /// What one Allow gives to strangers, or why that cannot be told.
    fn open(&self, statement: &Statement) -> Result<OpenStatement, String> {
        let mut open = OpenStatement { name: statement.label.clone(), index: statement.index, actions: Vec::new() };
        let entered = statement.explain(statement.admits_strangers());
        if entered == Match::No {
            return Ok(open);
        }
        // Denials that a stranger may or may not escape make the actions they cover uncertain.
        let denials: Vec<(&Statement, Match)> = self
            .statements
            .iter()
            .filter(|denial| !denial.allow && denial.covers_resources_of(statement))
            .map(|denial| (denial, denial.explain(denial.admits_strangers())))
            .filter(|(_, denied)| *denied != Match::No)
            .collect();
        let mut uncertain = None;
        for (covered, text) in statement.actions.subjects() {
            let denied = Match::any(
                denials.iter().filter(|(denial, _)| denial.actions.covers(covered)).map(|(_, denied)| denied.clone()),
            );
            match Match::all([denied.negated_if(true), entered.clone()]) {
                Match::Yes => open.actions.push(text),
                Match::Unsure(why) => uncertain = Some(why),
                Match::No => {}
            }
        }
        match uncertain {
            Some(why) if open.actions.is_empty() => Err(why),
            _ => Ok(open),
        }
    }
}

impl Statement {
    /// Whether an Allow lets a stranger in, or a Deny cannot be escaped by one.
    fn admits_strangers(&self) -> Match {
        let scope = Scope { principal: &Principal::Anyone, context: &BTreeMap::new(), want: Some(self.allow) };
        // A Deny without a principal is malformed in a resource policy; it takes nothing back.
        let named = self.principals.admits_strangers();
        if named == Match::No { named } else { Match::all([named, self.conditions_hold(scope)]) }
    }

    /// The length of its actions and resources.
    fn size(&self) -> usize {
        let selectors = [Some(&self.actions), self.resources.as_ref()].into_iter().flatten();
        selectors.flat_map(|selector| &selector.patterns).map(|pattern| pattern.tokens.len()).sum()
    }

    fn covers_resources_of(&self, other: &Self) -> bool {
        let Some(ours) = &self.resources else { return true };
        match &other.resources {
            Some(theirs) if !theirs.except => theirs.patterns.iter().all(|pattern| ours.covers(Some(pattern))),
            _ => ours.covers(None),
        }
    }
}

impl Selector {
    /// Whether it selects everything.
    fn is_everything(&self) -> bool {
        self.covers(None)
    }

    /// Whether it selects all that `pattern` does, or everything if there is none. Errs to no.
    fn covers(&self, pattern: Option<&Pattern>) -> bool {
        match pattern {
            _ if self.except => self.patterns.is_empty(),
            Some(pattern) => self.patterns.iter().any(|ours| ours.covers(pattern)),
            // Every action has a service, so `*:*` leaves none out.
            None => self.patterns.iter().any(|ours| ours.is_everything() || ours.text == "*:*"),
        }
    }

    /// What it selects, part by part: a pattern (None for "all but …") and how to write it.
    fn subjects(&self) -> Vec<(Option<&Pattern>, String)> {
        if !self.except {
            return self.patterns.iter().map(|p| (Some(p), p.text.clone())).collect();
        }
        let listed: Vec<&str> = self.patterns.iter().map(|p| p.text.as_str()).collect();
        vec![(None, format!("all but {}", listed.join(", ")))]
    }
}
