//! Findings with a path, in every report.

use plaudit::finding::{Blame, Finding, Outcome, Severity, Step, Verdict};
use plaudit::reach::{Leg, Passage};
use plaudit::report::{json, text};
use serde_json::Value;

use super::sample::{at, finding, outcome, rule};
use super::{as_json, as_sarif, as_text, assert_sound, parsed};

const GROUPS: &str = "evidence/aws/111122223333/eu-central-1/describe-security-groups.json";
const ACLS: &str = "evidence/aws/111122223333/eu-central-1/describe-network-acls.json";

fn step(component: &str, resource: &str, direction: Leg, decision: &str, passage: Passage) -> Step {
    Step {
        component: component.to_owned(),
        resource: resource.to_owned(),
        direction,
        decision: decision.to_owned(),
        passage,
        location: None,
    }
}

/// A reply that a network ACL drops.
fn blocked(severity: Severity) -> Finding {
    let relay = rule("PTH002", "required-path-blocked", severity);
    let mut failure = finding(&relay, Verdict::Fail, "required path", "prod relay", &["prod"]);
    failure.path = vec![
        Step {
            location: Some(at(GROUPS, 40)),
            ..step("security group", "sg-1", Leg::Forward, "egress rule admits tcp/6666", Passage::Passed)
        },
        step("internet", "internet", Leg::Forward, "", Passage::Passed),
        Step {
            location: Some(at(ACLS, 9)),
            ..step("network ACL", "acl-1", Leg::Return, "entry 90 denies tcp/1024-65535", Passage::Blocked)
        },
        step("security group", "sg-1", Leg::Return, "the reply is tracked", Passage::Unknown),
    ];
    failure.blame = vec![Blame {
        label: "SUBNET_ACL_RESTRICTION acl-1: entry 90 denies tcp/1024-65535".to_owned(),
        location: at(ACLS, 9),
    }];
    failure
}

fn of(finding: Finding) -> Outcome {
    let described = rule(&finding.rule, &finding.name, finding.severity);
    outcome(vec![described], vec![finding])
}

/// A failure whose path passes through `hops` route tables.
fn long(hops: usize) -> Finding {
    let mut failure = blocked(Severity::High);
    let table = |at| step("route table", &format!("rtb-{at}"), Leg::Forward, "local", Passage::Passed);
    failure.path = (0..hops).map(table).collect();
    failure
}

/// For the validator of Microsoft.
pub(crate) fn with_path() -> Outcome {
    of(blocked(Severity::Critical))
}

#[test]
fn sarif_tells_a_path_as_a_code_flow() {
    let log = parsed(&as_sarif(&with_path()));
    assert_sound(&log);
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["codeFlows"][0]["message"]["text"], "The way of the packet: 4 hops.");
    let hops = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    // by hand: one location a hop, in order, and the one that blocks stands out
    let column = |pointer: &str| hops.iter().map(|hop| hop.pointer(pointer).unwrap().clone()).collect::<Vec<_>>();
    assert_eq!(column("/executionOrder"), [1, 2, 3, 4]);
    assert_eq!(column("/importance"), ["important", "important", "essential", "important"]);
    assert_eq!(column("/state/direction/text"), ["forward", "forward", "return", "return"]);
    let line = "/location/physicalLocation/region/startLine";
    // what stands in no file stands where the finding does
    assert_eq!(column(line), [40, 12, 9, 12]);
    assert_eq!(
        column("/location/message/text"),
        [
            "security group sg-1: egress rule admits tcp/6666 (forward, passed).",
            "internet (forward, passed).",
            "network ACL acl-1: entry 90 denies tcp/1024-65535 (return, blocked).",
            "security group sg-1: the reply is tracked (return, unknown).",
        ]
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&hops[2]).unwrap(), @r#"
    {
      "executionOrder": 3,
      "importance": "essential",
      "kinds": [
        "network-acl"
      ],
      "location": {
        "logicalLocations": [
          {
            "fullyQualifiedName": "acl-1",
            "kind": "resource",
            "name": "acl-1"
          }
        ],
        "message": {
          "text": "network ACL acl-1: entry 90 denies tcp/1024-65535 (return, blocked)."
        },
        "physicalLocation": {
          "artifactLocation": {
            "index": 1,
            "uri": "evidence/aws/111122223333/eu-central-1/describe-network-acls.json"
          },
          "region": {
            "endLine": 29,
            "startColumn": 5,
            "startLine": 9
          }
        }
      },
      "state": {
        "direction": {
          "text": "return"
        },
        "passage": {
          "text": "blocked"
        }
      }
    }
    "#);
    assert_eq!(
        result["relatedLocations"][0]["message"]["text"],
        "SUBNET_ACL_RESTRICTION acl-1: entry 90 denies tcp/1024-65535."
    );
}

#[test]
fn sarif_cuts_an_endless_path_and_says_so() {
    for (hops, kept, said) in [
        (10_000, 10_000, "The way of the packet: 10000 hops."),
        (10_001, 10_000, "The way of the packet: the first 10000 of 10001 hops are here."),
    ] {
        let log = parsed(&as_sarif(&of(long(hops))));
        let flow = &log["runs"][0]["results"][0]["codeFlows"][0];
        assert_eq!(flow["message"]["text"], said);
        assert_eq!(flow["threadFlows"][0]["locations"].as_array().unwrap().len(), kept);
        assert_eq!(super::github::breaches(&log), [""; 0]);
    }
}

#[test]
fn a_finding_without_a_path_has_no_code_flow() {
    let mut without = blocked(Severity::High);
    without.path.clear();
    let log = parsed(&as_sarif(&of(without.clone())));
    assert_eq!(log["runs"][0]["results"][0].get("codeFlows"), None);
    assert_eq!(parsed(&as_json(&of(without.clone()), false))["findings"][0]["path"], Value::Array(Vec::new()));
    assert!(!as_text(&of(without), &text::Options::default()).contains("1. security group"));
}

#[test]
fn json_lists_the_hops_and_holds_to_its_schema() {
    let report = parsed(&as_json(&with_path(), false));
    let path = report["findings"][0]["path"].as_array().unwrap();
    assert_eq!(path.len(), 4);
    assert_eq!(path[1]["location"], Value::Null);
    insta::assert_snapshot!(path[2].to_string(), @r#"{"component":"network ACL","decision":"entry 90 denies tcp/1024-65535","direction":"return","location":{"column":5,"end_line":29,"file":"evidence/aws/111122223333/eu-central-1/describe-network-acls.json","line":9},"passage":"blocked","resource":"acl-1"}"#);
    let schema = json::schema();
    let errors: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn text_shows_a_path_up_to_what_blocks() {
    insta::assert_snapshot!(as_text(&with_path(), &text::Options { width: 100, ..Default::default() }), @r"
    workspace prod

      critical PTH002 required-path-blocked
        required path prod relay
        prod relay: what required-path-blocked found
        at    evidence/aws/111122223333/eu-central-1/describe-vpc-endpoints.json:12
        path  1. security group sg-1: egress rule admits tcp/6666
              2. internet
              3. network ACL acl-1: entry 90 denies tcp/1024-65535 (return, blocked)
              and 1 more hop: plaudit path shows the whole way
        with  SUBNET_ACL_RESTRICTION acl-1: entry 90 denies tcp/1024-65535,
              evidence/aws/111122223333/eu-central-1/describe-network-acls.json:9
        fix   Admit tcp/6666 from the cluster subnets to the security group of the relay endpoint.

    Evidence: 1 answer from evidence, of 111122223333/eu-central-1
    1 failed (1 critical), 0 unknown, 0 passed, 0 not applicable
    ");
}

#[test]
fn text_shows_the_path_of_small_failures_only_when_asked() {
    let report = |severity, verbose| as_text(&of(blocked(severity)), &text::Options { verbose, ..Default::default() });
    assert!(!report(Severity::Medium, false).contains("1. security group"));
    assert!(report(Severity::High, false).contains("and 1 more hop: plaudit path shows the whole way"));
    let verbose = report(Severity::Medium, true);
    assert!(verbose.contains("4. security group sg-1: the reply is tracked (return, unknown)"), "{verbose}");
    assert!(!verbose.contains("more hop"), "{verbose}");
}

#[test]
fn text_of_a_long_path_stays_short() {
    let report = as_text(&of(long(30)), &text::Options::default());
    assert_eq!(report.matches("route table rtb-").count(), 6);
    assert!(report.contains("and 24 more hops: plaudit path shows the whole way"), "{report}");
}

#[test]
fn a_path_does_not_change_who_a_finding_is() {
    let (with, mut without) = (blocked(Severity::High), blocked(Severity::High));
    without.path.clear();
    assert_eq!(with.fingerprint, without.fingerprint);
    // and a baseline does not hold it: it is read from the evidence of each run
    let earlier = plaudit::finding::baseline::Baseline::parse(&as_sarif(&of(with))).unwrap();
    let mut now = vec![without];
    plaudit::finding::baseline::compare(&earlier, &mut now);
    assert_eq!(now[0].baseline, Some(plaudit::finding::BaselineState::Unchanged));
}
