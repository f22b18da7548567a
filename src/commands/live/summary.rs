//! What is missing, for people: gaps of one call and one reason in one line, with the permission
//! that would close them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::estate::operation::Answer;
use crate::estate::{Gap, Operation, Reason};
use crate::exit::Exit;

/// More places than this are counted, not named.
const PLACES: usize = 4;

/// One line a kind of gap.
pub(super) fn lines(gaps: &[Gap]) -> Vec<String> {
    let mut kinds: BTreeMap<(Reason, &str), (BTreeSet<String>, &str)> = BTreeMap::new();
    for gap in gaps {
        let (places, detail) = kinds.entry((gap.reason, call(gap))).or_insert_with(|| (BTreeSet::new(), &gap.detail));
        places.insert(gap.scope.to_string());
        *detail = (*detail).min(gap.detail.as_str());
    }
    let mut lines = Vec::new();
    if !gaps.is_empty() {
        let (count, them) =
            if gaps.len() == 1 { ("1 gap".to_owned(), "it") } else { (format!("{} gaps", gaps.len()), "them") };
        lines.push(format!("{count}; what leans on {them} will be unknown, not pass:"));
    }
    for ((reason, call), (places, detail)) in &kinds {
        let named: Vec<&str> =
            places.iter().map(String::as_str).filter(|place| !place.is_empty()).take(PLACES).collect();
        let more = places.len().saturating_sub(named.len());
        let more = if more > 0 && !named.is_empty() { format!(" and {more} more") } else { String::new() };
        let place = if named.is_empty() { String::new() } else { format!(" in {}{more}", named.join(", ")) };
        let why = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
        lines.push(format!("  {}: {call}{place}{why}", reason.describe()));
    }
    if kinds.keys().any(|(reason, _)| *reason == Reason::AccessDenied) {
        lines.push("`plaudit permissions` prints what to grant".to_owned());
    }
    lines
}

/// Permissions that nothing called for, so that nobody knows whether they are granted.
pub(super) fn untried(tried: &BTreeSet<Operation>) -> Vec<String> {
    let asked = |operation: &&Operation| operation.is_asked() && !matches!(operation.answer(), Answer::None);
    let left = Operation::ALL.iter().filter(asked).filter(|operation| !tried.contains(operation));
    let mut names: Vec<&str> = left.map(|operation| operation.name()).collect();
    names.dedup();
    if names.is_empty() { Vec::new() } else { vec![format!("not tried, nothing called for it: {}", names.join(", "))] }
}

/// The end of a check.
pub(super) fn verdict(exit: Exit) -> &'static str {
    match exit {
        Exit::Clean => "every permission was tried and is granted\n",
        Exit::Failed => "permissions are missing\n",
        _ => "nothing was denied, but not everything could be tried\n",
    }
}

/// The permission that is missing: of the call that was refused, which need not be the gap's own.
fn call(gap: &Gap) -> &str {
    let first = gap.detail.split(": ").next().unwrap_or_default();
    let is_call = first.split_once(':').is_some_and(|(service, action)| {
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        plain(service) && plain(action)
    });
    if is_call { first } else { gap.operation.name() }
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::estate::{Gap, Operation, Reason, Scope};

    fn gap(operation: Operation, account: &str, detail: &str) -> Gap {
        let scope = Scope { account: Some(account.to_owned()), region: Some("eu-west-1".to_owned()), resource: None };
        Gap::new(operation, scope, Reason::AccessDenied).because(detail)
    }

    #[test]
    fn gaps_are_told_by_the_permission_that_is_missing() {
        let gaps = [
            gap(Operation::DescribeSubnets, "111122223333", "sts:AssumeRole: AccessDenied: no"),
            gap(Operation::DescribeVpcs, "111122223333", "sts:AssumeRole: AccessDenied: no"),
            gap(Operation::DescribeVpcs, "444455556666", "UnauthorizedOperation: You are not authorized"),
        ];
        assert_eq!(
            lines(&gaps),
            [
                "3 gaps; what leans on them will be unknown, not pass:",
                "  access denied: ec2:DescribeVpcs in 444455556666/eu-west-1 (UnauthorizedOperation: You are not authorized)",
                "  access denied: sts:AssumeRole in 111122223333/eu-west-1 (sts:AssumeRole: AccessDenied: no)",
                "`plaudit permissions` prints what to grant",
            ]
        );
        assert!(lines(&[]).is_empty());
    }
}
