//! The path that a rule names for its failures: the hops of the worst flow, and what stops it.
//!
//! Input: a record of a kind in [`KINDS`]. Output: steps and blame for the finding. A record of
//! another kind has neither; the check at load refuses a rule that names one.

use super::facts::{Record, Ref, required_path};
use crate::estate::{Estate, Location};
use crate::finding::{Blame, Step};
use crate::reach::required::RequiredPath;
use crate::reach::{Hop, Leg, World};

/// The kinds of records that are paths.
pub const KINDS: &[Record] = &[Record::RequiredPath];

/// The hops of a path: how its names resolved, then the flow that shows the worst of it.
pub fn steps(estate: &Estate, record: Ref) -> Vec<Step> {
    required(estate, record, |path| {
        let hops = path.example.as_ref().map(|flow| World::of(estate).ask(flow).hops).unwrap_or_default();
        ordered(&path.names, &hops, &path.policies).map(|hop| Step::of(estate, hop)).collect()
    })
    .unwrap_or_default()
}

/// What stops a path, in its order; `elsewhere` is the place of what stands in no file.
pub fn blockers(estate: &Estate, record: Ref, elsewhere: &Location) -> Vec<Blame> {
    let blame = |path: &RequiredPath| path.blockers.iter().map(|b| Blame::of(estate, b, elsewhere)).collect();
    required(estate, record, blame).unwrap_or_default()
}

/// Something of the required path that a record stands for; none for records of another kind.
fn required<T>(estate: &Estate, record: Ref, read: impl FnOnce(&RequiredPath) -> T) -> Option<T> {
    required_path(estate, record, read)
}

/// Names are resolved before anything is sent, and the policy of an endpoint is asked where the
/// request ends.
fn ordered<'h>(names: &'h [Hop], hops: &'h [Hop], policies: &'h [Hop]) -> impl Iterator<Item = &'h Hop> {
    let back = hops.iter().position(|hop| hop.leg == Leg::Return).unwrap_or(hops.len());
    let (forward, back) = hops.split_at(back);
    names.iter().chain(forward).chain(policies).chain(back)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Origin;
    use crate::reach::{Component, Passage};

    fn hops(legs: &[(Leg, &str)]) -> Vec<Hop> {
        let hop = |(leg, resource): &(Leg, &str)| Hop {
            leg: *leg,
            component: Component::RouteTable,
            resource: (*resource).to_owned(),
            decision: String::new(),
            passage: Passage::Passed,
            origin: Origin::default(),
        };
        legs.iter().map(hop).collect()
    }

    #[test]
    fn a_policy_stands_where_the_request_ends() {
        use Leg::{Forward, Return};
        let (names, policies) = (hops(&[(Forward, "name")]), hops(&[(Forward, "policy")]));
        let order = |legs: &[(Leg, &str)]| {
            let flow = hops(legs);
            ordered(&names, &flow, &policies).map(|hop| hop.resource.clone()).collect::<Vec<_>>()
        };
        assert_eq!(order(&[(Forward, "a"), (Return, "b")]), ["name", "a", "policy", "b"]);
        assert_eq!(order(&[(Forward, "a")]), ["name", "a", "policy"]);
        assert_eq!(order(&[]), ["name", "policy"]);
    }

    #[test]
    fn other_records_have_no_path() {
        let (estate, workspace) = (Estate::default(), Ref::row(Record::Workspace, 0));
        let elsewhere = Location { file: String::new(), line: 1, column: 1, end_line: 1 };
        assert_eq!(steps(&estate, workspace), []);
        assert_eq!(blockers(&estate, workspace, &elsewhere), []);
    }
}
