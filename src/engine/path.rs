//! The path that a rule names for its failures: the hops of the worst flow, and what stops it.
//!
//! Input: a record of a kind in [`KINDS`]. Output: steps and blame for the finding. A record of
//! another kind has neither; the check at load refuses a rule that names one.

use super::facts::{Record, Ref};
use crate::estate::{Estate, Location};
use crate::finding::{Blame, Step};
use crate::reach::World;
use crate::reach::required::RequiredPath;

/// The kinds of records that are paths.
pub const KINDS: &[Record] = &[];

/// The hops of a path: how its names resolved, then the flow that shows the worst of it, forward
/// first.
pub fn steps(estate: &Estate, record: Ref) -> Vec<Step> {
    required(estate, record).map(|path| walked(estate, path)).unwrap_or_default()
}

/// What stops a path, in its order; `elsewhere` is the place of what stands in no file.
pub fn blockers(estate: &Estate, record: Ref, elsewhere: &Location) -> Vec<Blame> {
    let path = required(estate, record);
    path.into_iter().flat_map(|path| &path.blockers).map(|blocker| Blame::of(estate, blocker, elsewhere)).collect()
}

/// The required path that a record stands for.
fn required(_estate: &Estate, _record: Ref) -> Option<&RequiredPath> {
    None
}

/// The hops of a path, its names first.
fn walked(estate: &Estate, path: &RequiredPath) -> Vec<Step> {
    let answer = path.example.as_ref().map(|flow| World::of(estate).ask(flow));
    let hops = path.names.iter().chain(answer.iter().flat_map(|answer| &answer.hops));
    hops.map(|hop| Step::of(estate, hop)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Origin;
    use crate::reach::{Component, Hop, Leg, Passage, Protocol, Verdict};
    use crate::reach::required::Trust;

    #[test]
    fn a_path_without_a_flow_still_tells_its_names() {
        let resolved = Hop {
            leg: Leg::Forward,
            component: Component::Resolver,
            resource: "vpc-1".to_owned(),
            decision: "no zone has the name".to_owned(),
            passage: Passage::Blocked,
            origin: Origin::default(),
        };
        let path = RequiredPath {
            workspace: 0,
            network: 0,
            name: "rest",
            title: "the REST API",
            breaks: "clusters do not start",
            trust: Trust::Documented,
            protocol: Protocol::TCP,
            ports: Vec::new(),
            hosts: Vec::new(),
            verdict: Verdict::Unreachable,
            blockers: Vec::new(),
            gaps: Vec::new(),
            exits: std::collections::BTreeSet::new(),
            blocked_subnets: Vec::new(),
            blocked_ports: String::new(),
            names: vec![resolved],
            example: None,
        };
        let steps = walked(&Estate::default(), &path);
        assert_eq!(steps.len(), 1);
        assert_eq!(steps[0].words(), "resolver vpc-1: no zone has the name");
    }

    #[test]
    fn other_records_have_no_path() {
        let (estate, workspace) = (Estate::default(), Ref::row(Record::Workspace, 0));
        let elsewhere = Location { file: String::new(), line: 1, column: 1, end_line: 1 };
        assert_eq!(steps(&estate, workspace), []);
        assert_eq!(blockers(&estate, workspace, &elsewhere), []);
    }
}
