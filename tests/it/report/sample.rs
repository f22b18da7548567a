//! An outcome with a bit of everything: two failures of a workspace, one of two workspaces, one
//! of none, a waived one, undecided ones that wait for the same permission, and quiet verdicts.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::date;
use plaudit::estate::{Gap, Location, Operation, Reason, Scope};
use plaudit::finding::fingerprint::fingerprint;
use plaudit::finding::{
    Blame, Collected, Finding, Framework, Outcome, Profile, Remediation, RuleInfo, Severity, Subject, Verdict, Waived,
};

pub(crate) fn at(file: &str, line: u32) -> Location {
    Location { file: file.to_owned(), line, column: 5, end_line: line + 20 }
}

pub(crate) fn rule(id: &str, name: &str, severity: Severity) -> RuleInfo {
    RuleInfo {
        id: id.to_owned(),
        name: name.to_owned(),
        title: format!("Title of {name}"),
        severity,
        profile: Profile::Managed,
        since: "0.1.0".to_owned(),
        each: "workspaces".to_owned(),
        rationale: "Clusters reach the relay over this endpoint.\nWithout it they do not start.".to_owned(),
        remediation: Remediation {
            summary: "Admit tcp/6666 from the cluster subnets to the security group of the relay endpoint.".to_owned(),
            terraform: Some("from_port = 6666\n".to_owned()),
            cli: None,
        },
        references: vec!["https://docs.databricks.com/aws/en/security/network/classic/privatelink".to_owned()],
        compliance: BTreeMap::from([("nist-800-53-r5".to_owned(), vec!["SC-7".to_owned()])]),
        failure_modes: vec![1],
        tags: Vec::new(),
    }
}

pub(crate) fn finding(rule: &RuleInfo, verdict: Verdict, kind: &str, id: &str, workspaces: &[&str]) -> Finding {
    Finding {
        rule: rule.id.clone(),
        name: rule.name.clone(),
        verdict,
        severity: rule.severity,
        profile: rule.profile,
        subject: Arc::new(Subject {
            kind: kind.to_owned(),
            id: id.to_owned(),
            name: id.to_owned(),
            workspaces: workspaces.iter().map(|&name| name.to_owned()).collect(),
            arn: None,
        }),
        message: format!("{id}: what {} found", rule.name),
        locations: vec![at("evidence/aws/111122223333/eu-central-1/describe-vpc-endpoints.json", 12)],
        blame: Vec::new(),
        path: Vec::new(),
        gaps: Vec::new(),
        waived: None,
        baseline: None,
        fingerprint: fingerprint(&rule.id, kind, id),
    }
}

pub(crate) fn gap(operation: Operation, reason: Reason, resource: &str) -> Gap {
    let place =
        Scope { account: Some("111122223333".to_owned()), region: Some("eu-central-1".to_owned()), resource: None };
    Gap::new(operation, place.of(resource), reason)
}

pub(crate) fn frameworks() -> Vec<Framework> {
    vec![Framework {
        id: "nist-800-53-r5".to_owned(),
        name: "NIST SP 800-53".to_owned(),
        version: "Revision 5".to_owned(),
        organization: "NIST".to_owned(),
        url: "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final".to_owned(),
        controls: [("SC-7", "Boundary Protection"), ("SC-8", "Never used")]
            .map(|(id, title)| (id.to_owned(), title.to_owned()))
            .into(),
    }]
}

pub(crate) fn outcome(rules: Vec<RuleInfo>, mut findings: Vec<Finding>) -> Outcome {
    findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Outcome {
        findings,
        rules,
        frameworks: frameworks(),
        profile: Profile::Hardened,
        switched_off: Vec::new(),
        collected: vec![Collected {
            operation: "ec2:DescribeVpcs".to_owned(),
            account: Some("111122223333".to_owned()),
            region: Some("eu-central-1".to_owned()),
        }],
        gaps: Vec::new(),
        inputs: vec!["evidence".to_owned()],
    }
}

/// The outcome with everything in it.
pub(crate) fn sample() -> Outcome {
    let relay = rule("PLB004", "relay-endpoint-closed", Severity::Critical);
    let routes = rule("RTE001", "cluster-subnet-on-internet-gateway", Severity::Critical);
    let rotation = rule("KMS004", "rotation-off", Severity::Medium);
    let bucket = rule("S3B001", "public-access-not-blocked", Severity::High);
    let mask = RuleInfo { tags: vec!["weak".to_owned()], ..rule("VPC005", "subnet-mask-at-limit", Severity::Low) };

    let mut closed = finding(&relay, Verdict::Fail, "workspace", "3817264950183746", &["prod"]);
    Arc::make_mut(&mut closed.subject).name = "prod".to_owned();
    Arc::make_mut(&mut closed.subject).arn = Some("accounts/75a6eb99/workspaces/3817264950183746".to_owned());
    closed.message =
        "prod: no relay endpoint admits tcp/6666 from every cluster subnet, so clusters do not start".to_owned();
    closed.blame = vec![Blame {
        label: "security group sg-0a1b".to_owned(),
        location: at("evidence/aws/111122223333/eu-central-1/describe-security-groups.json", 40),
    }];
    let mut accepted = finding(&bucket, Verdict::Fail, "bucket", "prod-root", &["prod"]);
    accepted.waived = Some(Waived { reason: "Blocked for the whole account".to_owned(), expires: date(2027, 1, 31) });
    let undecided = ["subnet-1", "subnet-2"].map(|id| {
        let mut finding = finding(&routes, Verdict::Unknown, "subnet", id, &["prod"]);
        finding.gaps = vec![gap(Operation::DescribeRouteTables, Reason::AccessDenied, id)];
        finding
    });
    let mut findings = vec![
        closed,
        accepted,
        finding(&rotation, Verdict::Fail, "key configuration", "key-1", &["dev", "prod"]),
        finding(&mask, Verdict::Fail, "subnet", "subnet-9", &[]),
        finding(&routes, Verdict::Pass, "subnet", "subnet-3", &["prod"]),
        finding(&relay, Verdict::NotApplicable, "workspace", "77", &["dev"]),
    ];
    findings.extend(undecided);
    let mut outcome = outcome(vec![rotation, relay, routes, bucket, mask], findings);
    outcome.switched_off = vec!["PEE006".to_owned()];
    outcome.gaps = vec![Gap::new(
        Operation::DescribeRouteTables,
        Scope { account: Some("111122223333".to_owned()), region: Some("eu-central-1".to_owned()), resource: None },
        Reason::AccessDenied,
    )];
    outcome
}
