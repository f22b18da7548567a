//! `plaudit permissions`, by the binary: what it prints is what AWS and Terraform take.

use serde_json::Value;

fn output(args: &[&str]) -> String {
    let output = assert_cmd::Command::cargo_bin("plaudit").unwrap().arg("permissions").args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
    String::from_utf8(output.stdout).unwrap()
}

fn actions(policy: &Value) -> Vec<String> {
    let statements = policy["Statement"].as_array().unwrap();
    let actions = statements.iter().flat_map(|statement| statement["Action"].as_array().unwrap());
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_policy_is_a_document_of_sorted_statements() {
    let policy: Value = serde_json::from_str(&output(&[])).unwrap();
    assert_eq!(policy["Version"], "2012-10-17");
    let sids: Vec<&str> = policy["Statement"].as_array().unwrap().iter().map(|s| s["Sid"].as_str().unwrap()).collect();
    let services = ["Ec2", "Iam", "Kms", "NetworkFirewall", "Route53", "Route53resolver", "S3"];
    assert_eq!(sids, services.map(|service| format!("Read{service}")));
    let actions = actions(&policy);
    assert!(actions.is_sorted(), "{actions:?}");
    // names that differ from the call's, checked by hand against the Service Authorization Reference
    for action in [
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeVpcAttribute",
        "iam:GetPolicyVersion",
        "kms:GetKeyRotationStatus",
        "network-firewall:DescribeFirewallPolicy",
        "route53:ListHostedZonesByVPC",
        "route53resolver:ListResolverRules",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetEncryptionConfiguration",
    ] {
        assert!(actions.iter().any(|known| known == action), "{action}");
    }
}

#[test]
fn the_hub_may_assume_one_role_and_list_accounts() {
    let policy: Value = serde_json::from_str(&output(&["--hub", "audit/plaudit"])).unwrap();
    assert_eq!(actions(&policy), ["organizations:ListAccounts", "sts:AssumeRole"]);
    assert_eq!(policy["Statement"][1]["Resource"], "arn:aws:iam::*:role/audit/plaudit");
    let default: Value = serde_json::from_str(&output(&["--hub"])).unwrap();
    assert_eq!(default["Statement"][1]["Resource"], "arn:aws:iam::*:role/plaudit");
}

#[test]
fn terraform_holds_the_same_actions() {
    for hub in [false, true] {
        let extra: &[&str] = if hub { &["--hub"] } else { &[] };
        let policy: Value = serde_json::from_str(&output(extra)).unwrap();
        let text = output(&[&["-f", "terraform"], extra].concat());
        let label = if hub { "plaudit_hub" } else { "plaudit" };
        assert!(text.starts_with(&format!(
            "data \"aws_iam_policy_document\" \"{label}\" {{\n  statement {{\n    sid    = \"Read"
        )));
        assert!(text.ends_with(&format!("  policy      = data.aws_iam_policy_document.{label}.json\n}}\n")));
        for (open, close) in [("{", "}"), ("[", "]")] {
            assert_eq!(text.matches(open).count(), text.matches(close).count());
        }
        let listed = text.lines().filter_map(|line| line.strip_prefix("      \"")?.strip_suffix("\","));
        assert_eq!(listed.collect::<Vec<_>>(), actions(&policy));
        assert_eq!(text.matches("  statement {").count(), policy["Statement"].as_array().unwrap().len());
    }
}

#[test]
fn the_page_names_every_request_and_what_it_is_for() {
    let page = output(&["-f", "markdown"]);
    for row in [
        "| `ec2:DescribeVpcs` | VPCs; Hosted zones that one VPC sees |",
        "| `iam:GetRole` | One role with its trust policy |",
        "| `sts:AssumeRole` | The role in another account |",
        "| `GET /accounts/{account}/workspaces` | Databricks workspaces |",
        "| `GET /clusters/list` | Clusters of a workspace |",
    ] {
        assert!(page.lines().any(|line| line == row), "{row} is not in:\n{page}");
    }
    let asked = plaudit::estate::Operation::ALL.iter().filter(|operation| operation.is_asked());
    for operation in asked.filter(|operation| operation.name() != "POST /oidc/v1/token") {
        assert!(page.contains(operation.name()), "{}", operation.name());
    }
    assert!(!page.contains("DescribeSecurityGroupRules"));
}

#[test]
fn a_role_that_is_none_is_refused() {
    let output = assert_cmd::Command::cargo_bin("plaudit").unwrap().args(["permissions", "--hub", "${x}"]).output();
    assert_eq!(output.unwrap().status.code(), Some(2));
}
