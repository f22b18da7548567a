//! The text report.

use plaudit::estate::{Operation, Reason};
use plaudit::finding::{Severity, Verdict};
use plaudit::report::text;

use super::as_text;
use super::sample::{finding, gap, outcome, rule, sample};

#[test]
fn text_of_everything() {
    let report = as_text(&sample(), &text::Options::default());
    // by hand: the critical failure leads, and the last line counts what was not said too
    assert_eq!(report.lines().next(), Some("workspace prod"));
    assert_eq!(
        report.lines().last(),
        Some(
            "3 failed (1 critical, 1 medium, 1 low), 2 unknown, 1 passed, 1 not applicable; 1 waived; 1 rule switched off"
        )
    );
    insta::assert_snapshot!(report, @r"
    workspace prod

      critical PLB004 relay-endpoint-closed
        workspace prod (3817264950183746)
        prod: no relay endpoint admits tcp/6666 from every cluster subnet, so
        clusters do not start
        at    evidence/aws/111122223333/eu-central-1/describe-vpc-endpoints.json:12
        with  security group sg-0a1b,
              evidence/aws/111122223333/eu-central-1/describe-security-groups.json:40
        fix   Admit tcp/6666 from the cluster subnets to the security group of the
              relay endpoint.

    shared by dev, prod

      medium KMS004 rotation-off
        key configuration key-1
        key-1: what rotation-off found
        at    evidence/aws/111122223333/eu-central-1/describe-vpc-endpoints.json:12
        fix   Admit tcp/6666 from the cluster subnets to the security group of the
              relay endpoint.

    no workspace

      low VPC005 subnet-mask-at-limit
        subnet subnet-9
        subnet-9: what subnet-mask-at-limit found
        at    evidence/aws/111122223333/eu-central-1/describe-vpc-endpoints.json:12
        fix   Admit tcp/6666 from the cluster subnets to the security group of the
              relay endpoint.

    Undecided for want of evidence: 2 verdicts
      ec2:DescribeRouteTables in 111122223333/eu-central-1: access denied
        holds 2 verdicts, up to critical: RTE001 ×2
        for   subnet-1, subnet-2
        needs permission for ec2:DescribeRouteTables, or its answer in
              describe-route-tables.json

    Waived
      high S3B001 public-access-not-blocked: bucket prod-root
        until 2027-01-31: Blocked for the whole account

    Evidence: 1 answer from evidence, of 111122223333/eu-central-1
    Not collected: 1 call (ec2:DescribeRouteTables in 111122223333/eu-central-1:
    access denied)
    3 failed (1 critical, 1 medium, 1 low), 2 unknown, 1 passed, 1 not applicable; 1 waived; 1 rule switched off
    ");
}

#[test]
fn verbose_text_says_why_and_where_to_read() {
    let report = as_text(&sample(), &text::Options { verbose: true, width: 100, ..Default::default() });
    assert!(
        report.contains("    why   Clusters reach the relay over this endpoint.\n          Without it"),
        "{report}"
    );
    assert!(report.contains("    see   https://docs.databricks.com/aws/en/security"), "{report}");
    assert!(report.contains("    asks  RTE001 subnet-1: what cluster-subnet-on-internet-gateway found"), "{report}");
}

#[test]
fn lines_keep_to_the_width() {
    for width in [0, 40, 80, 100, 500] {
        let report = as_text(&sample(), &text::Options { width, ..Default::default() });
        let limit = width.clamp(40, 100);
        // a word that is longer than a line stays whole, so that it can be copied
        let fits = |line: &str| line.chars().count() <= limit || line.split_whitespace().any(|w| w.len() > limit / 2);
        // and so does the tally, so that it can be found
        let tally = report.lines().last().unwrap();
        assert!(report.lines().all(|line| line == tally || fits(line)), "{report}");
    }
}

#[test]
fn colour_is_only_where_it_was_asked_for_and_carries_no_word() {
    let plain = as_text(&sample(), &text::Options::default());
    let styled = as_text(&sample(), &text::Options { styles: text::Styles::coloured(), ..Default::default() });
    assert!(!plain.contains('\u{1b}'));
    assert!(styled.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&styled).to_string(), plain);
}

#[test]
fn a_run_without_failures_says_what_it_judged() {
    let relay = rule("PLB004", "relay-endpoint-closed", Severity::Critical);
    let mut clean = outcome(vec![relay.clone()], vec![finding(&relay, Verdict::Pass, "workspace", "1", &["prod"])]);
    insta::assert_snapshot!(as_text(&clean, &text::Options::default()), @r"
    Evidence: 1 answer from evidence, of 111122223333/eu-central-1
    No failure (1 rule on 1 subject).
    0 failed, 0 unknown, 1 passed, 0 not applicable
    ");
    assert!(as_text(&clean, &text::Options::default()).contains("No failure (1 rule on 1 subject)."));

    let mut open = finding(&relay, Verdict::Unknown, "workspace", "2", &[]);
    open.gaps = vec![gap(Operation::DescribeVpcs, Reason::NotCollected, "vpc-1")];
    clean.findings.insert(0, open);
    let report = as_text(&clean, &text::Options::default());
    assert!(report.contains("No failure, but not a pass"), "{report}");

    clean.findings.clear();
    let report = as_text(&clean, &text::Options::default());
    assert!(report.contains("Nothing was judged: 1 rule found no subject in the evidence."), "{report}");
}

#[test]
fn every_reason_says_what_would_decide() {
    let relay = rule("PLB004", "relay-endpoint-closed", Severity::Critical);
    for (reason, needs) in [
        (Reason::NotCollected, "an answer to ec2:DescribeVpcs, in describe-vpcs.json"),
        (Reason::AccessDenied, "permission for ec2:DescribeVpcs, or its answer in describe-vpcs.json"),
        (Reason::Undecodable, "a readable answer to ec2:DescribeVpcs, in describe-vpcs.json"),
        (Reason::RuleFault, "a repair of the rule"),
    ] {
        let mut open = finding(&relay, Verdict::Unknown, "workspace", "1", &[]);
        open.gaps = vec![gap(Operation::DescribeVpcs, reason, "vpc-1").because("as it said")];
        let report = as_text(&outcome(vec![relay.clone()], vec![open]), &text::Options::default());
        assert!(report.contains(needs) && report.contains("as it said"), "{report}");
    }
}
