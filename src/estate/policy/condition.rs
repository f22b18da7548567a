//! One condition: an operator, a key and its operands.
//!
//! Input: the condition and a [`Scope`], which is what is known of the request. Output:
//! whether the condition holds.
//!
//! A key that the request lacks is absent, as AWS evaluates it, or it takes whatever value
//! suits the statement, as `Missing` asks. Each condition is suited on its own: two conditions
//! that want different values of one key are both granted theirs, so "could be allowed" errs
//! to yes and never to no.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::exposure::pins;
use super::operator::{Operator, Quantifier, Test, boolean, network};
use super::pattern::{Pattern, Token, Variable, arn_parts, is_everything, literal};
use super::principal::Principal;
use super::truth::Match;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) operator: Operator,
    /// In lower case.
    pub(super) key: String,
    pub(super) operands: Vec<Pattern>,
}

/// What is known of a request while one statement is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) principal: &'a Principal,
    pub(super) context: &'a BTreeMap<String, Vec<String>>,
    /// How a key outside the context is to turn out: not at all (absent), or so that the
    /// statement does (Allow) or does not (Deny) match.
    pub(super) want: Option<bool>,
}

impl<'a> Scope<'a> {
    /// The values of a key; empty when it is known to be absent; None when nothing is known.
    fn values(&self, key: &str) -> Option<Cow<'a, [String]>> {
        if let Some(values) = self.context.get(key) {
            return Some(Cow::Borrowed(values));
        }
        if let Some(value) = self.implied(key) {
            return Some(Cow::Owned(vec![value]));
        }
        self.want.is_none().then_some(Cow::Borrowed(&[]))
    }

    /// The keys that AWS derives from the principal itself.
    fn implied(&self, key: &str) -> Option<String> {
        match key {
            "aws:principalaccount" | "kms:calleraccount" => self.principal.account().map(Into::into),
            "aws:principalarn" => self.principal.arn().map(Into::into),
            "aws:principalisawsservice" => match self.principal {
                Principal::Service(_) => Some("true".to_owned()),
                Principal::Aws(_) | Principal::Account(_) => Some("false".to_owned()),
                // Absent when the request is anonymous.
                Principal::Anyone => None,
            },
            _ => None,
        }
    }

    /// Whether a pattern outside conditions agrees with something. `negated` says that it
    /// stands in a Not element, which turns the suitable answer round.
    pub(super) fn resolved(&self, pattern: &Pattern, negated: bool, agrees: impl FnOnce(&[Token]) -> Match) -> Match {
        match (pattern.resolve(|variable| self.variable(variable)), self.want) {
            (Ok(tokens), _) => agrees(&tokens),
            (Err(key), None) => Match::Unsure(format!("the request gives no value for ${{{key}}}")),
            (Err(_), Some(want)) => (want != negated).into(),
        }
    }

    fn variable(&self, variable: &Variable) -> Result<String, String> {
        match self.values(&variable.key).as_deref() {
            Some([value]) => Ok(value.clone()),
            Some([]) => variable.default.clone().ok_or_else(|| variable.key.clone()),
            // AWS does not resolve a key with several values.
            Some(_) | None => Err(variable.key.clone()),
        }
    }
}

impl Condition {
    pub(super) fn new(operator: &str, key: &str, operands: Vec<Pattern>) -> Self {
        Self { operator: Operator::parse(operator), key: key.to_lowercase(), operands }
    }

    /// Whether the condition holds.
    pub(super) fn holds(&self, scope: Scope<'_>) -> Match {
        if self.operator.test == Test::Unknown {
            return Match::Unsure(format!("unknown condition operator {}", self.operator.name));
        }
        match (scope.values(&self.key), scope.want) {
            (Some(values), _) if values.is_empty() => self.absent(),
            (Some(values), _) => self.present(scope, &values),
            (None, want) => self.suited(scope, want.unwrap_or(false)),
        }
    }

    /// With the key absent.
    fn absent(&self) -> Match {
        let Operator { quantifier, if_exists, negated, test, .. } = self.operator;
        match (test, quantifier) {
            (Test::Null, _) => self.null(true),
            // No value is there to fail.
            (_, Quantifier::All) => Match::Yes,
            // The IAM reference says that IfExists holds; tests of AWS that others published
            // say that ForAnyValue comes first and fails.
            (_, Quantifier::Any) if if_exists => {
                Match::Unsure(format!("{} is absent, for which {} is not well defined", self.key, self.operator.name))
            }
            (_, Quantifier::Any) => Match::No,
            (_, Quantifier::Single) => (if_exists || negated).into(),
        }
    }

    /// With the key present, with at least one value.
    fn present(&self, scope: Scope<'_>, values: &[String]) -> Match {
        if self.operator.test == Test::Null {
            return self.null(false);
        }
        let agrees = values.iter().map(|value| self.agrees(scope, value));
        match self.operator.quantifier {
            Quantifier::All => Match::all(agrees),
            Quantifier::Any => Match::any(agrees),
            // AWS leaves several values without a quantifier undefined. We take the natural
            // reading: one is among the operands, or none is.
            Quantifier::Single if self.operator.negated => Match::all(agrees),
            Quantifier::Single => Match::any(agrees),
        }
    }

    /// One value against all operands, of which one must agree, or none if negated.
    fn agrees(&self, scope: Scope<'_>, value: &str) -> Match {
        let Operator { negated, test, .. } = self.operator;
        let operand = |operand| scope.resolved(operand, negated, |tokens| test.agrees(tokens, value));
        Match::any(self.operands.iter().map(operand)).negated_if(negated)
    }

    fn null(&self, absent: bool) -> Match {
        Match::any(self.operands.iter().map(|operand| match boolean(&operand.text) {
            Some(wanted) => (wanted == absent).into(),
            None => Match::Unsure(format!("Null: {:?} is not true or false", operand.text)),
        }))
    }

    /// With a key of unknown value: `want` if some value, or absence, makes it so.
    fn suited(&self, scope: Scope<'_>, want: bool) -> Match {
        let absent = self.absent();
        if absent == want.into() {
            return absent;
        }
        let stranger = *scope.principal == Principal::Anyone;
        if stranger && self.key == "aws:principalisawsservice" {
            return self.present(scope, &["false".to_owned()]);
        }
        let possible = if self.operator.test == Test::Null {
            self.null(false) == want.into()
        } else if want == self.operator.negated {
            // A value is needed that agrees with no operand.
            !self.is_total()
        } else {
            // A value is needed that agrees with one. A stranger cannot come from the account,
            // the organisation or the network that the operand names.
            let reachable = |operand| !stranger || !pins(&self.key, self.operator.test, operand);
            self.operands.iter().any(reachable)
        };
        if possible { want.into() } else { (!want).into() }
    }

    /// Whether every value agrees with some operand.
    fn is_total(&self) -> bool {
        let any = |test: &dyn Fn(&Pattern) -> bool| self.operands.iter().any(test);
        match self.operator.test {
            Test::Like => any(&Pattern::is_everything),
            Test::Arn => any(&|operand| {
                arn_parts(&operand.tokens).is_some_and(|parts| parts.into_iter().skip(1).all(is_everything))
            }),
            Test::Bool => [true, false].iter().all(|value| any(&|operand| boolean(&operand.text) == Some(*value))),
            Test::Ip => [true, false].iter().all(|v4| {
                any(&|operand| {
                    network(&literal(&operand.tokens))
                        .is_some_and(|block| block.prefix() == 0 && block.is_ipv4() == *v4)
                })
            }),
            _ => false,
        }
    }
}
