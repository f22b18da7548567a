//! The JSON report.

use std::collections::BTreeSet;

use plaudit::report::json;

use super::sample::sample;
use super::{as_json, parsed};

#[test]
fn json_of_everything() {
    let report = parsed(&as_json(&sample(), false));
    assert_eq!(report["format"], "plaudit-findings/1");
    assert_eq!(report["summary"]["by_severity"]["critical"], serde_json::json!({ "failed": 1, "unknown": 2 }));
    // by hand: passes are counted, not listed
    let verdicts: BTreeSet<&str> =
        report["findings"].as_array().unwrap().iter().map(|f| f["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, BTreeSet::from(["fail", "unknown"]));
    assert_eq!(report["summary"]["passed"], 1);
    insta::assert_snapshot!(serde_json::to_string_pretty(&report["findings"][0]).unwrap(), @r#"
    {
      "baseline": null,
      "blame": [
        {
          "label": "security group sg-0a1b",
          "location": {
            "column": 5,
            "end_line": 60,
            "file": "evidence/aws/111122223333/eu-central-1/describe-security-groups.json",
            "line": 40
          }
        }
      ],
      "fingerprint": "940d7f32f00bc62712245ecc6c02ba0ce3115e0a2690a3e6d4c02645da7cf4c9",
      "gaps": [],
      "locations": [
        {
          "column": 5,
          "end_line": 32,
          "file": "evidence/aws/111122223333/eu-central-1/describe-vpc-endpoints.json",
          "line": 12
        }
      ],
      "message": "prod: no relay endpoint admits tcp/6666 from every cluster subnet, so clusters do not start",
      "name": "relay-endpoint-closed",
      "path": [],
      "profile": "managed",
      "rule": "PLB004",
      "severity": "critical",
      "stops": [],
      "subject": {
        "arn": "accounts/75a6eb99/workspaces/3817264950183746",
        "id": "3817264950183746",
        "kind": "workspace",
        "name": "prod",
        "workspace": "prod",
        "workspaces": [
          "prod"
        ]
      },
      "verdict": "fail",
      "waived": null
    }
    "#);
    insta::assert_snapshot!(serde_json::to_string(&report["coverage"]).unwrap(), @r#"{"collected":[{"account":"111122223333","operation":"ec2:DescribeVpcs","region":"eu-central-1"}],"gaps":[{"account":"111122223333","detail":"","file":"describe-route-tables.json","operation":"ec2:DescribeRouteTables","reason":"access-denied","region":"eu-central-1","resource":null}],"inputs":["evidence"],"rules":["KMS004","PLB004","RTE001","S3B001","VPC005"],"switched_off":["PEE006"]}"#);
}

#[test]
fn json_lists_every_verdict_when_asked() {
    let report = parsed(&as_json(&sample(), true));
    assert_eq!(report["findings"].as_array().unwrap().len(), sample().findings.len());
}

#[test]
fn json_holds_to_its_own_schema() {
    let schema = json::schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for all_results in [false, true] {
        let report = parsed(&as_json(&sample(), all_results));
        let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}
