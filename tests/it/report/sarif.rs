//! The SARIF report.

use std::collections::BTreeSet;
use std::io::Write as _;

use plaudit::finding::{Finding, Severity, Verdict};
use plaudit::report::{sarif, text};
use serde_json::Value;

use super::github::breaches;
use super::path::with_path;
use super::sample::{finding, outcome, rule, sample};
use super::{as_json, as_sarif, as_text, assert_sound, parsed, sarif_options};

#[test]
fn sarif_of_everything() {
    let log = parsed(&as_sarif(&sample()));
    assert_sound(&log);
    let run = &log["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "plaudit/hardened/");
    let results = run["results"].as_array().unwrap();
    let of = |rule: &str| results.iter().find(|result| result["ruleId"] == rule).unwrap();
    // by hand
    assert_eq!((of("PLB004")["kind"].as_str(), of("PLB004")["level"].as_str()), (Some("fail"), Some("error")));
    assert_eq!((of("RTE001")["kind"].as_str(), of("RTE001")["level"].as_str()), (Some("open"), Some("none")));
    assert_eq!(
        of("S3B001")["suppressions"][0]["justification"],
        "Blocked for the whole account. Accepted until 2027-01-31."
    );
    let notifications = &run["invocations"][0];
    assert_eq!(notifications["toolExecutionNotifications"][0]["level"], "warning");
    assert_eq!(notifications["toolConfigurationNotifications"][0]["message"]["text"], "Rule PEE006 is switched off.");
    // each taxon once, and only those in use
    assert_eq!(run["taxonomies"][0]["taxa"].as_array().unwrap().len(), 1);
    insta::assert_snapshot!(serde_json::to_string_pretty(of("PLB004")).unwrap(), @r#"
    {
      "fingerprints": {
        "plaudit/v1": "940d7f32f00bc62712245ecc6c02ba0ce3115e0a2690a3e6d4c02645da7cf4c9"
      },
      "kind": "fail",
      "level": "error",
      "locations": [
        {
          "logicalLocations": [
            {
              "fullyQualifiedName": "accounts/75a6eb99/workspaces/3817264950183746",
              "kind": "resource",
              "name": "prod"
            }
          ],
          "physicalLocation": {
            "artifactLocation": {
              "index": 0,
              "uri": "evidence/aws/111122223333/eu-central-1/describe-vpc-endpoints.json"
            },
            "region": {
              "endLine": 32,
              "startColumn": 5,
              "startLine": 12
            }
          }
        }
      ],
      "message": {
        "text": "prod: no relay endpoint admits tcp/6666 from every cluster subnet, so clusters do not start."
      },
      "partialFingerprints": {
        "primaryLocationLineHash": "940d7f32f00bc627:1"
      },
      "properties": {
        "name": "relay-endpoint-closed",
        "profile": "managed",
        "severity": "critical",
        "subject": {
          "arn": "accounts/75a6eb99/workspaces/3817264950183746",
          "id": "3817264950183746",
          "kind": "workspace",
          "name": "prod",
          "workspaces": [
            "prod"
          ]
        }
      },
      "relatedLocations": [
        {
          "id": 1,
          "message": {
            "text": "security group sg-0a1b."
          },
          "physicalLocation": {
            "artifactLocation": {
              "index": 1,
              "uri": "evidence/aws/111122223333/eu-central-1/describe-security-groups.json"
            },
            "region": {
              "endLine": 60,
              "startColumn": 5,
              "startLine": 40
            }
          }
        }
      ],
      "ruleId": "PLB004",
      "ruleIndex": 1,
      "taxa": [
        {
          "id": "SC-7",
          "index": 0,
          "toolComponent": {
            "index": 0,
            "name": "NIST SP 800-53"
          }
        }
      ]
    }
    "#);
    insta::assert_snapshot!(serde_json::to_string_pretty(&run["tool"]["driver"]["rules"][1]).unwrap(), @r#"
    {
      "defaultConfiguration": {
        "level": "error",
        "rank": 95.0
      },
      "fullDescription": {
        "text": "Clusters reach the relay over this endpoint. Without it they do not start."
      },
      "help": {
        "markdown": "Title of relay-endpoint-closed.\n\nClusters reach the relay over this endpoint.\nWithout it they do not start.\n\n**What to do.** Admit tcp/6666 from the cluster subnets to the security group of the relay endpoint.\n\n```hcl\nfrom_port = 6666\n```\n\n- <https://docs.databricks.com/aws/en/security/network/classic/privatelink>",
        "text": "Title of relay-endpoint-closed.\n\nClusters reach the relay over this endpoint.\nWithout it they do not start.\n\nWhat to do: Admit tcp/6666 from the cluster subnets to the security group of the relay endpoint.\n\nfrom_port = 6666\n\nhttps://docs.databricks.com/aws/en/security/network/classic/privatelink"
      },
      "helpUri": "https://docs.databricks.com/aws/en/security/network/classic/privatelink",
      "id": "PLB004",
      "name": "RelayEndpointClosed",
      "properties": {
        "precision": "high",
        "problem.severity": "error",
        "profile": "managed",
        "security-severity": "9.5",
        "since": "0.1.0",
        "tags": [
          "security",
          "PLB",
          "managed"
        ]
      },
      "relationships": [
        {
          "kinds": [
            "relevant"
          ],
          "target": {
            "id": "SC-7",
            "index": 0,
            "toolComponent": {
              "index": 0,
              "name": "NIST SP 800-53"
            }
          }
        }
      ],
      "shortDescription": {
        "text": "Title of relay-endpoint-closed."
      }
    }
    "#);
}

#[test]
fn sarif_lists_every_verdict_when_asked() {
    let mut bytes = Vec::new();
    let options = sarif::Options { all_results: true, category: Some("eu/prod/".to_owned()), ..sarif_options() };
    sarif::write(&sample(), &options, &mut bytes).unwrap();
    let log: Value = serde_json::from_slice(&bytes).unwrap();
    assert_sound(&log);
    assert_eq!(log["runs"][0]["automationDetails"]["id"], "eu/prod/");
    let kinds: BTreeSet<&str> =
        log["runs"][0]["results"].as_array().unwrap().iter().map(|r| r["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["fail", "open", "pass", "notApplicable"]));
}

#[test]
fn sarif_of_nothing_is_sound() {
    let mut nothing = outcome(Vec::new(), Vec::new());
    nothing.inputs.clear();
    assert_sound(&parsed(&as_sarif(&nothing)));
}

#[test]
fn sarif_keeps_the_worst_results_and_says_what_it_left_out() {
    let low = rule("VPC005", "subnet-mask-at-limit", Severity::Low);
    let relay = rule("PLB004", "relay-endpoint-closed", Severity::Critical);
    let mut findings: Vec<Finding> =
        (0..25_999).map(|i| finding(&low, Verdict::Fail, "subnet", &format!("subnet-{i:017x}"), &["prod"])).collect();
    findings.push(finding(&relay, Verdict::Fail, "workspace", "1", &["prod"]));
    let text = as_sarif(&outcome(vec![low, relay], findings));
    let log = parsed(&text);
    assert_sound(&log);
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 25_000);
    assert_eq!(run["results"][0]["ruleId"], "PLB004");
    assert_eq!(
        run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"],
        "1000 results left out: a run holds 25000 at most, and the worst are kept."
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    let size = gzip.finish().unwrap().len();
    assert!(size <= 10 << 20, "{size} bytes");
}

#[test]
fn reports_are_the_same_bytes_every_time() {
    assert_eq!(as_sarif(&sample()), as_sarif(&sample()));
    assert_eq!(as_json(&sample(), true), as_json(&sample(), true));
    assert_eq!(as_text(&sample(), &text::Options::default()), as_text(&sample(), &text::Options::default()));
}

#[test]
fn the_checker_of_github_rules_sees_breaches() {
    let uri = "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri";
    let hop = "/runs/0/results/0/codeFlows/0/threadFlows/0/locations/0/executionOrder";
    for (pointer, value) in [
        (uri, Value::from("file:///etc/passwd")),
        (uri, Value::from("arn:aws:ec2")),
        (uri, Value::from("../up.json")),
        (uri, Value::from("")),
        ("/runs/0/results/0/ruleId", Value::from("XXX001")),
        ("/runs/0/results/0/ruleIndex", Value::from(99)),
        ("/runs/0/results/0/locations", Value::Array(Vec::new())),
        ("/runs/0/results/0/level", Value::from("none")),
        ("/runs/0/results/0/message/text", Value::from("no full stop")),
        ("/runs/0/tool/driver/rules/0/properties/security-severity", Value::from(9.5)),
        ("/runs/0/tool/driver/rules/0/fullDescription/text", Value::from("x".repeat(1_025))),
        ("/runs/0/language", Value::Null),
        (hop, Value::from(7)),
        ("/runs/0/results/0/codeFlows/0/threadFlows/0/locations", Value::Array(Vec::new())),
        ("/runs/0/results/0/codeFlows/0/threadFlows/0/locations/0/location", Value::from("nowhere")),
    ] {
        let mut log = parsed(&as_sarif(&with_path()));
        *log.pointer_mut(pointer).unwrap() = value;
        assert!(!breaches(&log).is_empty(), "{pointer}");
    }
}
