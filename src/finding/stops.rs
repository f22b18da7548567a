//! Which predicted paths a finding's resources stop: one closed group may be named by a rule of
//! its own and stand in the way of several paths. The finding then points at the paths instead of
//! telling them again.
//!
//! Input: all findings of a run. Output: by fingerprint the paths, each as `PTH002 <subject>`. It
//! joins by resource and workspace alone, and says nothing of findings that did not fail.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Finding, Verdict};
use crate::reach::Passage;

/// By fingerprint, the paths that the resources of a failed finding stop; sorted.
pub fn of(findings: &[Finding]) -> BTreeMap<&str, Vec<String>> {
    let failed = || findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    let mut stopped: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for path in failed().filter(|finding| !finding.path.is_empty()) {
        let blocked = path.path.iter().filter(|step| step.passage == Passage::Blocked);
        let resources: BTreeSet<&str> = blocked.flat_map(|step| step.resource.split(", ")).collect();
        for resource in resources {
            stopped.entry(resource).or_default().push(path);
        }
    }
    let mut stops = BTreeMap::new();
    for finding in failed().filter(|finding| finding.path.is_empty()) {
        let blamed = finding.blame.iter().filter_map(|blame| blame.label.rsplit(' ').next());
        let named = blamed.chain([finding.subject.id.as_str()]);
        let paths = named.flat_map(|resource| stopped.get(resource).into_iter().flatten());
        let shared = paths.filter(|path| share_workspace(finding, path));
        let words: BTreeSet<String> = shared.map(|path| format!("{} {}", path.rule, path.subject.id)).collect();
        if !words.is_empty() {
            stops.insert(finding.fingerprint.as_str(), words.into_iter().collect());
        }
    }
    stops
}

fn share_workspace(one: &Finding, other: &Finding) -> bool {
    let (one, other) = (&one.subject.workspaces, &other.subject.workspaces);
    one.is_empty() || other.is_empty() || one.iter().any(|workspace| other.contains(workspace))
}
