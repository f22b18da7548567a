//! Condition operators: what their names mean, and the test of one value against one operand.
//!
//! Input: the name as written, then an operand and a value. Output: whether they agree. An
//! operand that its operator cannot read (a network that is not a CIDR, a pattern that is not
//! an ARN) is unsure, because AWS services differ in what they do with it; a *value* that
//! cannot be read simply does not match.

use std::cmp::Ordering;
use std::str::FromStr;

use ipnetwork::IpNetwork;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::pattern::{Token, literal, matches, matches_arn};
use super::truth::Match;

/// An operator, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Operator {
    /// As written, for explanations.
    pub(super) name: String,
    pub(super) quantifier: Quantifier,
    /// The IfExists suffix: an absent key is fine.
    pub(super) if_exists: bool,
    /// Not…: the value must agree with none of the operands.
    pub(super) negated: bool,
    pub(super) test: Test,
}

/// How many of a key's values must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// No prefix: the key has one value.
    Single,
    /// ForAllValues.
    All,
    /// ForAnyValue.
    Any,
}

/// What an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Exact,
    IgnoreCase,
    Like,
    /// ArnEquals and ArnLike, which AWS documents as the same.
    Arn,
    Number(Compare),
    Date(Compare),
    Bool,
    Ip,
    Binary,
    /// Whether the key is absent.
    Null,
    /// An operator that we do not know.
    Unknown,
}

/// The value's order relative to the operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// Never fails: an unknown name is [`Test::Unknown`].
    pub(super) fn parse(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        let (quantifier, rest) = if let Some(rest) = lower.strip_prefix("forallvalues:") {
            (Quantifier::All, rest)
        } else if let Some(rest) = lower.strip_prefix("foranyvalue:") {
            (Quantifier::Any, rest)
        } else {
            (Quantifier::Single, lower.as_str())
        };
        let (base, if_exists) = match rest.strip_suffix("ifexists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (mut test, negated) = test(base);
        // IAM rules out NullIfExists, and does not say what a quantified Null would be.
        if test == Test::Null && (if_exists || quantifier != Quantifier::Single) {
            test = Test::Unknown;
        }
        Self { name: name.to_owned(), quantifier, if_exists, negated, test }
    }
}

/// The test that a bare operator name asks for, and whether it is negated.
fn test(base: &str) -> (Test, bool) {
    match base {
        "stringequals" => (Test::Exact, false),
        "stringnotequals" => (Test::Exact, true),
        "stringequalsignorecase" => (Test::IgnoreCase, false),
        "stringnotequalsignorecase" => (Test::IgnoreCase, true),
        "stringlike" => (Test::Like, false),
        "stringnotlike" => (Test::Like, true),
        "arnequals" | "arnlike" => (Test::Arn, false),
        "arnnotequals" | "arnnotlike" => (Test::Arn, true),
        "numericequals" => (Test::Number(Compare::Equal), false),
        "numericnotequals" => (Test::Number(Compare::Equal), true),
        "numericlessthan" => (Test::Number(Compare::Less), false),
        "numericlessthanequals" => (Test::Number(Compare::LessOrEqual), false),
        "numericgreaterthan" => (Test::Number(Compare::Greater), false),
        "numericgreaterthanequals" => (Test::Number(Compare::GreaterOrEqual), false),
        "dateequals" => (Test::Date(Compare::Equal), false),
        "datenotequals" => (Test::Date(Compare::Equal), true),
        "datelessthan" => (Test::Date(Compare::Less), false),
        "datelessthanequals" => (Test::Date(Compare::LessOrEqual), false),
        "dategreaterthan" => (Test::Date(Compare::Greater), false),
        "dategreaterthanequals" => (Test::Date(Compare::GreaterOrEqual), false),
        "bool" => (Test::Bool, false),
        "ipaddress" => (Test::Ip, false),
        "notipaddress" => (Test::Ip, true),
        "binaryequals" => (Test::Binary, false),
        "null" => (Test::Null, false),
        _ => (Test::Unknown, false),
    }
}

impl Test {
    /// Whether `value` agrees with a resolved operand.
    pub(super) fn agrees(self, operand: &[Token], value: &str) -> Match {
        match self {
            Self::Exact => (literal(operand) == value).into(),
            Self::IgnoreCase => (literal(operand).to_lowercase() == value.to_lowercase()).into(),
            Self::Like => matches(operand, value).into(),
            Self::Arn => matches_arn(operand, value)
                .map_or_else(|| Match::Unsure(format!("{:?} is not an ARN", literal(operand))), Match::from),
            Self::Number(compare) => read(operand, value, "a number", number)
                .map_or_else(|unsure| unsure, |(operand, value)| compare.holds(&value, &operand)),
            Self::Date(compare) => read(operand, value, "a date", date)
                .map_or_else(|unsure| unsure, |(operand, value)| compare.holds(&value, &operand)),
            Self::Bool => read(operand, value, "true or false", boolean)
                .map_or_else(|unsure| unsure, |(operand, value)| (operand == value).into()),
            Self::Ip => read(operand, value, "an address or CIDR block", network)
                .map_or_else(|unsure| unsure, |(operand, value)| contains(operand, value).into()),
            // Base64 of the same bytes is the same text, but for the padding.
            Self::Binary => (literal(operand).trim_end_matches('=') == value.trim_end_matches('=')).into(),
            Self::Null | Self::Unknown => Match::No,
        }
    }
}

impl Compare {
    fn holds<T: PartialOrd>(self, value: &T, operand: &T) -> Match {
        let Some(order) = value.partial_cmp(operand) else { return Match::No };
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        }
        .into()
    }
}

/// Reads both sides; the error is the match that an unreadable side amounts to.
fn read<T>(operand: &[Token], value: &str, what: &str, reader: fn(&str) -> Option<T>) -> Result<(T, T), Match> {
    let operand = literal(operand);
    let operand = reader(&operand).ok_or_else(|| Match::Unsure(format!("{operand:?} is not {what}")))?;
    Ok((operand, reader(value).ok_or(Match::No)?))
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Seconds since the epoch, or ISO 8601: a moment, or a day that begins at midnight UTC.
fn date(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse() {
        return Timestamp::from_second(seconds).ok();
    }
    Timestamp::from_str(text).ok().or_else(|| {
        let midnight = Date::from_str(text).ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(midnight.timestamp())
    })
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

pub(super) fn network(text: &str) -> Option<IpNetwork> {
    text.parse().ok()
}

/// Whether all of `inner` lies in `outer`; never, if they are of different families.
fn contains(outer: IpNetwork, inner: IpNetwork) -> bool {
    outer.prefix() <= inner.prefix() && outer.contains(inner.ip())
}
