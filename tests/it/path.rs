//! `plaudit path`: exit codes, both streams, the shape of every format, flows in their places, and
//! names that mean harm.

mod drawing;
mod flows;
mod words;
mod world;

use serde_json::Value;

use crate::fixtures::folder;
use world::{Run, place_of, plaudit, world};

/// A question to the small world.
fn ask(args: &[&str]) -> Run {
    world(|_| {}).ask(args)
}

fn parsed(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", run.out, run.err))
}

#[test]
fn exit_codes_follow_the_verdict() {
    let unknown = world(|w| place_of(w)["describe-route-tables"] = Value::Null);
    let place = world(|_| {});
    for (evidence, args, code) in [
        (&place, vec!["--from", "prod", "--to", "vpce-rest"], 0),
        (&place, vec!["--from", "prod", "--to", "vpce-rest", "--port", "6666"], 1),
        (&place, vec!["--from", "prod", "--to", "internet"], 1),
        (&unknown, vec!["--from", "prod", "--to", "vpce-rest"], 3),
        (&place, vec!["--from", "prod", "--to", "internet", "--expect", "unreachable"], 0),
        (&place, vec!["--from", "prod", "--to", "internet", "--expect", "reachable"], 1),
        (&place, vec!["--from", "prod", "--to", "vpce-rest", "--expect", "unreachable"], 1),
        (&unknown, vec!["--from", "prod", "--to", "vpce-rest", "--expect", "unreachable"], 3),
        (&place, vec!["--from", "prod", "--reachable"], 0),
        (&place, vec!["--from", "prod"], 2),
        (&place, vec!["--to", "internet"], 2),
        (&place, vec!["--from", "prodd", "--to", "internet"], 2),
        (&place, vec!["--from", "subnet-zzz", "--to", "internet"], 2),
        (&place, vec!["--from", "sg-nodes", "--to", "internet"], 2),
        (&place, vec!["--from", "10.0.1.10", "--to", "internet"], 2),
        (&place, vec!["--from", "prod", "--to", "internet", "--protocol", "telnet"], 2),
        (&place, vec!["--from", "prod", "--to", "internet", "--port", "70000"], 2),
        (&place, vec!["--from", "prod", "--to", "internet", "--from-ip", "192.0.2.1"], 2),
        (&place, vec!["--from", "prod", "--to", "internet", "--flows", "x.json"], 2),
        (&place, vec!["--flows", "no/such/file"], 2),
        (&place, vec!["--from", "prod", "--reachable", "-f", "svg"], 2),
    ] {
        let run = evidence.ask(&args);
        assert_eq!(run.code, code, "{args:?}\n{}\n{}", run.out, run.err);
        assert!(!run.err.contains("panicked"), "{}", run.err);
        assert_eq!(run.out.is_empty(), code == 2, "{args:?}: {}", run.out);
    }
}

#[test]
fn a_reachable_path_is_traced_both_ways() {
    let run = ask(&["--from", "eni-node", "--to", "eni-rest-a"]);
    // by hand: group out, ACL out, route, ACL in, group in, interface; back past ACLs and a route
    let forward = run.out.lines().position(|line| line.trim() == "forward").unwrap();
    let back = run.out.lines().position(|line| line.trim() == "return").unwrap();
    assert!(run.out.starts_with("reachable: eni-node → eni-rest-a (tcp/443)\n") && forward < back, "{}", run.out);
    assert_eq!(run.out.matches('✗').count(), 0, "{}", run.out);
    insta::assert_snapshot!(run.out, @r"
    reachable: eni-node → eni-rest-a (tcp/443)

      forward
        ✓ network interface eni-node: sends from 10.0.1.10
        ✓ security group sg-nodes: admits tcp/443 out to 10.0.0.0/16
        ✓ network ACL acl-1: entry 100 admits all out to 0.0.0.0/0
        ✓ route table rtb-a: route 10.0.0.0/16 → local
        ✓ network ACL acl-1: entry 100 admits all in from 0.0.0.0/0
        ✓ security group sg-rest: admits tcp/443 in from 10.0.0.0/16
        ✓ endpoint eni-rest-a: vpce-rest, to com.amazonaws.vpce.eu-central-1.vpce-svc-081f78503812597f7
      return
        ✓ network ACL acl-1: replies out to 10.0.1.10 pass
        ✓ route table rtb-endpoint: route 10.0.0.0/16 → local
        ✓ network ACL acl-1: replies in from 10.0.8.4 pass
        ✓ network interface eni-node: takes the reply at 10.0.1.10
    ");
    let ascii = ask(&["--from", "eni-node", "--to", "eni-rest-a", "--ascii"]).out;
    assert!(ascii.is_ascii(), "{ascii}");
}

#[test]
fn what_blocks_is_named_with_its_place_and_what_to_do() {
    let run = ask(&["--from", "prod", "--to", "vpce-rest", "--port", "6666"]);
    for expected in [
        "unreachable: prod → vpce-rest (tcp/6666)",
        "[ENI_SG_RULES_MISMATCH]",
        "What blocks it",
        "1. ENI_SG_RULES_MISMATCH sg-nodes, forward: ",
        "world.json:",
        "What to do",
        "Add a rule for the flow to a security group of the interface.",
    ] {
        assert!(run.out.contains(expected), "{expected}: {}", run.out);
    }
    // two subnets and two interfaces, but one trace for all that is alike
    assert!(run.out.matches("What to do").count() == 1 && run.out.matches("Add a rule").count() == 1);
    insta::assert_snapshot!(run.out, @r"
    unreachable: prod → vpce-rest (tcp/6666)

    unreachable: node in subnet-a → vpce-rest (eni-rest-a) (tcp/6666), and 3 pairs alike
      from node in subnet-a, node in subnet-b
      to   vpce-rest (eni-rest-a), vpce-rest (eni-rest-b)
      forward
        ✓ subnet subnet-a: a node sends from 10.0.1.4
        ✗ security group sg-nodes: a node in subnet-a: no rule admits tcp/6666 out to 10.0.8.4
          [ENI_SG_RULES_MISMATCH]
        ✓ network ACL acl-1: entry 100 admits all out to 0.0.0.0/0
        ✓ route table rtb-a: route 10.0.0.0/16 → local
        ✓ network ACL acl-1: entry 100 admits all in from 0.0.0.0/0
        ✗ security group sg-rest: eni-rest-a: no rule admits tcp/6666 in from 10.0.1.4
          [ENI_SG_RULES_MISMATCH]
        ✓ endpoint eni-rest-a: vpce-rest, to com.amazonaws.vpce.eu-central-1.vpce-svc-081f78503812597f7
      return
        ✓ network ACL acl-1: replies out to 10.0.1.4 pass
        ✓ route table rtb-endpoint: route 10.0.0.0/16 → local
        ✓ network ACL acl-1: replies in from 10.0.8.4 pass
        ✓ subnet subnet-a: a node takes it at 10.0.1.4

    What blocks it
      1. ENI_SG_RULES_MISMATCH sg-nodes, forward: a node in subnet-a: no rule admits tcp/6666 out to
         10.0.8.4
         also a node in subnet-a: no rule admits tcp/6666 out to 10.0.8.5
         also a node in subnet-b: no rule admits tcp/6666 out to 10.0.8.4
         also a node in subnet-b: no rule admits tcp/6666 out to 10.0.8.5
         at   world.json:286
      2. ENI_SG_RULES_MISMATCH sg-rest, forward: eni-rest-a: no rule admits tcp/6666 in from 10.0.1.4
         also eni-rest-b: no rule admits tcp/6666 in from 10.0.1.4
         also eni-rest-a: no rule admits tcp/6666 in from 10.0.2.4
         also eni-rest-b: no rule admits tcp/6666 in from 10.0.2.4
         at   world.json:323

    What to do
      - Add a rule for the flow to a security group of the interface.
    ");
}

#[test]
fn what_stands_in_no_file_has_no_place() {
    let question = ["--from", "internet", "--to", "10.0.1.10"];
    let text = ask(&question).out;
    assert!(text.contains("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS") && !text.contains("world.json"), "{text}");
    let report: Value = serde_json::from_str(&ask(&[&question[..], &["-f", "json"]].concat()).out).unwrap();
    assert_eq!(report["blockers"][0]["location"], Value::Null, "{report}");
}

#[test]
fn what_is_not_known_names_the_call_and_the_file() {
    let place = world(|w| place_of(w)["describe-network-acls"] = Value::Null);
    let run = place.ask(&["--from", "prod", "--to", "vpce-rest"]);
    for expected in
        ["unknown: prod → vpce-rest", "What is not known", "ec2:DescribeNetworkAcls", "describe-network-acls.json"]
    {
        assert!(run.out.contains(expected), "{expected}: {}", run.out);
    }
}

#[test]
fn one_leak_of_many_breaks_the_expectation() {
    // the second subnet gets a NAT gateway: as a whole the workspace does not reach the internet,
    // but who expects that nothing gets out must hear of it
    let leak = world(|w| world::route(w, "rtb-b", "0.0.0.0/0", "NatGatewayId", "nat-1"));
    let args = ["--from", "prod", "--to", "internet", "--port", "8443"];
    let run = leak.ask(&args);
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.out.starts_with("unreachable: prod → internet (tcp/8443), 1 of 2 get through\n"), "{}", run.out);
    let run = leak.ask(&[args.as_slice(), &["--expect", "unreachable"]].concat());
    assert_eq!(run.code, 1, "{}", run.out);
}

#[test]
fn json_has_its_shape_and_its_schema() {
    let schema = plaudit::report::path::json::schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let reach = jsonschema::validator_for(&plaudit::report::path::reach::schema()).unwrap();
    for port in ["443", "6666"] {
        let json = parsed(&ask(&["--from", "prod", "--to", "vpce-rest", "--port", port, "-f", "json"]));
        let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert_eq!(json["format"], "plaudit-path/1");
        assert_eq!(json["question"]["to"], "vpce-rest");
        // two subnets, two interfaces
        assert_eq!(json["pairs"].as_array().unwrap().len(), 4);
    }
    let blocked = parsed(&ask(&["--from", "prod", "--to", "vpce-rest", "--port", "6666", "-f", "json"]));
    assert_eq!(blocked["blockers"][0]["code"], "ENI_SG_RULES_MISMATCH");
    assert_eq!(blocked["blockers"][0]["direction"], "forward");
    assert!(blocked["blockers"][0]["location"]["line"].as_u64().unwrap() > 1);
    assert_eq!(blocked["hops"][0]["passage"], "passed");
    let all = parsed(&ask(&["--from", "prod", "--reachable", "-f", "json"]));
    assert!(reach.is_valid(&all), "{all:#}");
    let parts = all["sources"][0]["parts"].as_array().unwrap();
    let https = parts.iter().find(|part| part["services"] == "tcp/443").unwrap();
    assert_eq!(https["zone"], "in vpc-1");
    assert_eq!(https["blocks"], serde_json::json!(["10.0.8.4/31"]), "{all:#}");
}

#[test]
fn schemas_that_are_generated_are_current() {
    use plaudit::report::path::{flows, json, reach};
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let write = std::env::var_os("PLAUDIT_WRITE_GENERATED").is_some();
    for (name, schema) in [("path", json::schema()), ("flows", flows::schema()), ("reachable", reach::schema())] {
        let (file, text) = (root.join(format!("{name}.schema.json")), format!("{schema:#}\n"));
        if write {
            std::fs::write(&file, text).unwrap();
        } else {
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(kept == text, "stale: {}; `just generate` writes it", file.display());
        }
    }
}

#[test]
fn the_fixtures_are_answered() {
    let (isolated, leaky) = (folder("isolated").display().to_string(), folder("leaky").display().to_string());
    for (evidence, from, to, code) in [
        (&isolated, "heron-prod", "internet", 1),
        (&isolated, "heron-prod", "frankfurt.privatelink.cloud.databricks.com", 0),
        (&isolated, "internet", "heron-prod", 1),
        (&leaky, "prod", "internet", 1),
        (&leaky, "lab", "internet", 2),
    ] {
        let run = plaudit(std::path::Path::new("."), &[evidence, "--from", from, "--to", to], "");
        assert_eq!(run.code, code, "{from} → {to}\n{}\n{}", run.out, run.err);
    }
}

#[test]
fn the_same_question_gives_the_same_bytes() {
    let place = world(|_| {});
    for format in ["text", "json", "dot", "svg"] {
        let args = ["--from", "prod", "--to", "vpce-rest", "--port", "6666", "-f", format];
        assert_eq!(place.ask(&args).out, place.ask(&args).out, "{format}");
    }
}
