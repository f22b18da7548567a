//! Who asks, and whom a statement names.
//!
//! Input: the Principal or NotPrincipal element, read by `document`, and the principal of a
//! request. Output: whether the element matches.
//!
//! An account in a policy (`123456789012` or its `:root` ARN) stands for the account and,
//! because the account may delegate, for each of its users, roles and sessions: such a match
//! says that the resource trusts the account, and the role still needs an identity policy of
//! its own. (VPC *gateway* endpoint policies are an exception that AWS documents: there an
//! account means its root user alone, which is why they use `aws:PrincipalAccount`.) A role
//! in a policy stands for its sessions.

use super::truth::Match;

/// The principal of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A user, role, session or root ARN.
    Aws(String),
    /// An account as such, by its twelve digits, in whichever partition.
    Account(String),
    /// An AWS service, such as `ec2.amazonaws.com`.
    Service(String),
    /// A stranger: somebody anonymous, or of an account that the policy does not name.
    Anyone,
}

/// One value of a Principal element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// `*`
    Everyone,
    /// An account, with the partition if it was written as an ARN.
    Account { partition: Option<String>, id: String },
    /// Any other AWS value. The unique id that AWS leaves behind for a deleted principal is
    /// among them, and matches nobody, as it should.
    Arn(String),
    /// A service.
    Service(String),
    /// An S3 canonical user id, from which no ARN can be told.
    CanonicalUser(String),
    /// An identity provider; no [`Principal`] is one.
    Federated,
    /// A type of principal that we do not know.
    Other(String),
}

/// The Principal or NotPrincipal of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Principals {
    /// Neither element: an identity policy, which speaks of whoever holds it.
    Holder,
    /// Principal.
    Only(Vec<Named>),
    /// NotPrincipal.
    Except(Vec<Named>),
}

impl Principal {
    /// The account of the principal, if it has one.
    pub(super) fn account(&self) -> Option<&str> {
        match self {
            Self::Aws(arn) => Arn::parse(arn).map(|arn| arn.account),
            Self::Account(id) => Some(id),
            Self::Service(_) | Self::Anyone => None,
        }
    }

    /// What AWS puts into `aws:PrincipalArn`. None for a session, whose ARN lacks its role's path.
    pub(super) fn arn(&self) -> Option<&str> {
        match self {
            Self::Aws(arn) if Arn::parse(arn).is_some_and(|arn| arn.service == "iam") => Some(arn),
            _ => None,
        }
    }
}

impl Named {
    /// Reads a value of type `kind` (`AWS`, `Service` …).
    pub(super) fn parse(kind: &str, value: &str) -> Self {
        match kind.to_ascii_lowercase().as_str() {
            "aws" => Self::aws(value),
            "service" => Self::Service(value.to_owned()),
            "federated" => Self::Federated,
            "canonicaluser" => Self::CanonicalUser(value.to_owned()),
            _ => Self::Other(kind.to_owned()),
        }
    }

    fn aws(value: &str) -> Self {
        if value == "*" {
            return Self::Everyone;
        }
        if is_account(value) {
            return Self::Account { partition: None, id: value.to_owned() };
        }
        match Arn::parse(value) {
            Some(arn) if arn.is_root() => {
                Self::Account { partition: Some(arn.partition.to_owned()), id: arn.account.to_owned() }
            }
            _ => Self::Arn(value.to_owned()),
        }
    }

    fn matches(&self, principal: &Principal) -> Match {
        match (self, principal) {
            (Self::Everyone, _) => Match::Yes,
            (Self::Account { partition, id }, Principal::Aws(arn)) => Arn::parse(arn)
                .is_some_and(|arn| arn.account == id && partition.as_deref().is_none_or(|p| p == arn.partition))
                .into(),
            (Self::Account { id, .. }, Principal::Account(account)) => (id == account).into(),
            (Self::Arn(named), Principal::Aws(arn)) => (named == arn || is_session_of(arn, named)).into(),
            (Self::Service(named), Principal::Service(service)) => {
                (named == "*" || named.eq_ignore_ascii_case(service)).into()
            }
            (Self::CanonicalUser(id), Principal::Aws(_) | Principal::Account(_)) => {
                Match::Unsure(format!("canonical user {id} may or may not be the principal"))
            }
            (Self::Other(kind), _) => Match::Unsure(format!("unknown principal type {kind}")),
            _ => Match::No,
        }
    }
}

impl Principals {
    /// Whether the element matches `principal`.
    pub(super) fn matches(&self, principal: &Principal) -> Match {
        match self {
            Self::Holder => Match::Yes,
            Self::Only(named) => Match::any(named.iter().map(|named| named.matches(principal))),
            Self::Except(named) => except(named, principal),
        }
    }

    /// Takes the accounts out of Principal; NotPrincipal stays as it is.
    pub(super) fn drop_accounts(&mut self) {
        if let Self::Only(named) = self {
            named.retain(|named| !matches!(named, Named::Account { .. }));
        }
    }

    /// Whether it names strangers explicitly, as `*` or by naming all but some.
    pub(super) fn admits_strangers(&self) -> Match {
        match self {
            Self::Holder => Match::No,
            named => named.matches(&Principal::Anyone),
        }
    }
}

/// Whether NotPrincipal leaves `principal` in. AWS checks the account, the role and the session
/// one after the other, and says that listing only some of them *might* not exempt the
/// principal; so exempt are those whose every level is listed, and the rest is unsure.
fn except(named: &[Named], principal: &Principal) -> Match {
    let listed = |test: &dyn Fn(&Named) -> bool| named.iter().any(test);
    if named.contains(&Named::Everyone) {
        return Match::No;
    }
    let account = listed(&|named| matches!(named, Named::Account { .. }) && named.matches(principal) == Match::Yes);
    let levels = match principal {
        Principal::Aws(arn) => {
            let itself = listed(&|named| matches!(named, Named::Arn(listed) if listed == arn));
            let role = listed(&|named| matches!(named, Named::Arn(role) if is_session_of(arn, role)));
            match Arn::parse(arn) {
                Some(parsed) if parsed.is_root() => vec![account],
                Some(parsed) if parsed.session_role().is_some() => vec![account, role, itself],
                _ => vec![account, itself],
            }
        }
        Principal::Account(_) => vec![account],
        Principal::Service(_) | Principal::Anyone => {
            vec![listed(&|named| named.matches(principal) == Match::Yes)]
        }
    };
    if levels.iter().all(|listed| *listed) {
        return Match::No;
    }
    if levels.iter().any(|listed| *listed) {
        return Match::Unsure("NotPrincipal lists only some of the principal's account, role and session".to_owned());
    }
    // Nobody we can tell is listed; a value that we cannot tell may still be the principal.
    Match::any(named.iter().map(|named| named.matches(principal))).negated_if(true)
}

/// Whether `session` is an STS session of the IAM role `role`. A session's ARN has no path, and
/// role names are unique in their account whatever the path.
fn is_session_of(session: &str, role: &str) -> bool {
    let (Some(session), Some(role)) = (Arn::parse(session), Arn::parse(role)) else {
        return false;
    };
    role.service == "iam"
        && role.account == session.account
        && role.partition == session.partition
        && role.resource.strip_prefix("role/").and_then(|path| path.rsplit('/').next()) == session.session_role()
        && session.session_role().is_some()
}

/// The parts of an IAM or STS ARN.
struct Arn<'a> {
    partition: &'a str,
    service: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let (partition, service, _region) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { partition, service, account: parts.next()?, resource: parts.next()? })
    }

    fn is_root(&self) -> bool {
        self.service == "iam" && self.resource == "root" && is_account(self.account)
    }

    /// The role's name, if this is a session of one.
    fn session_role(&self) -> Option<&'a str> {
        let name = self.resource.strip_prefix("assumed-role/").filter(|_| self.service == "sts")?;
        name.split('/').next()
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
