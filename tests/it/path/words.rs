//! The words of questions: who is meant, which part of it, and what is said of words that mean
//! nothing.

use plaudit::reach::World;
use plaudit::reach::question::{Asker, Question};
use plaudit::sources;
use proptest::prelude::*;
use serde_json::json;

use super::world::{place_of, route, world};
use super::{ask, parsed};

#[test]
fn words_mean_what_they_say() {
    let place = world(|_| {});
    for (args, verdict, from, to) in [
        (["--from", "1001", "--to", "eni-rest-a"], "reachable", "node in subnet-a", "eni-rest-a"),
        (["--from", "dbc-prod", "--to", "10.0.8.4"], "reachable", "node in subnet-a", "10.0.8.4"),
        (
            ["--from", "subnet-b", "--to", "10.0.8.0/24"],
            "reachable",
            "node in subnet-b",
            "10.0.8.0/24 (only 10.0.8.4/31)",
        ),
        (["--from", "i-node", "--to", "eni-rest-b"], "reachable", "i-node (eni-node)", "eni-rest-b"),
        (
            ["--from", "sg-nodes@vpc-1", "--to", "vpce-rest"],
            "reachable",
            "node in subnet-a with sg-nodes",
            "vpce-rest (eni-rest-a)",
        ),
        (
            ["--from", "sg-other@subnet-a", "--to", "vpce-rest"],
            "unreachable",
            "node in subnet-a with sg-other",
            "vpce-rest (eni-rest-a)",
        ),
        (["--from", "internet", "--to", "prod"], "unreachable", "internet", "node in subnet-a"),
        (["--from", "vgw-1", "--to", "eni-rest-a"], "unreachable", "on premises behind vgw-1", "eni-rest-a"),
        (["--from", "prod", "--to", "subnet-a"], "unreachable", "node in subnet-a", "node in subnet-a"),
        (
            ["--from", "prod", "--to", "frankfurt.privatelink.cloud.databricks.com"],
            "reachable",
            "node in subnet-a",
            "frankfurt.privatelink.cloud.databricks.com (10.0.8.4)",
        ),
    ] {
        let run = place.ask(&[args.as_slice(), &["-f", "json"]].concat());
        let json = parsed(&run);
        let pair = &json["pairs"][0];
        assert_eq!([&json["verdict"], &pair["from"], &pair["to"]], [verdict, from, to], "{args:?}: {json:#}");
    }
    let run = place.ask(&["--from", "subnet-public", "--to", "eni-rest-a"]);
    assert!(run.out.contains("note: subnet-public: no security group is judged"), "{}", run.out);
}

#[test]
fn nodes_of_one_subnet_are_two_nodes() {
    let place = world(|w| {
        let group = &mut place_of(w)["describe-security-groups"]["SecurityGroups"][0];
        let rule = json!([{"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "UserIdGroupPairs": [{"GroupId": "sg-nodes"}]}]);
        (group["IpPermissions"], group["IpPermissionsEgress"]) = (rule.clone(), rule);
    });
    for to in ["subnet-a", "prod"] {
        let run = place.ask(&["--from", "subnet-a", "--to", to, "--port", "7077"]);
        assert_eq!(run.code, 0, "{}", run.out);
    }
    // an address that someone names is not that of the node that asks
    let run = place.ask(&["--from", "subnet-a", "--to", "10.0.1.4", "--port", "7077"]);
    assert!(!run.out.contains("one address"), "{}", run.out);
}

#[test]
fn a_block_is_reached_where_some_address_of_it_is() {
    let place = world(|w| route(w, "rtb-b", "0.0.0.0/0", "NatGatewayId", "nat-1"));
    for (from, to, verdict, part) in [
        ("subnet-b", "8.0.0.0/7", "reachable", "8.0.0.0/7"),
        // private addresses are not on the internet
        ("subnet-b", "8.0.0.0/6", "reachable", "8.0.0.0/6 (only 8.0.0.0/7, 11.0.0.0/8)"),
        ("subnet-a", "0.0.0.0/0", "unreachable", "0.0.0.0/0"),
        ("subnet-b", "10.0.8.0/29", "unreachable", "10.0.8.0/29"),
    ] {
        let json = parsed(&place.ask(&["--from", from, "--to", to, "--port", "8443", "-f", "json"]));
        assert_eq!([&json["verdict"], &json["pairs"][0]["to"]], [verdict, part], "{json:#}");
    }
}

#[test]
fn what_a_workspace_needs_is_asked_for_by_name() {
    let place = world(|_| {});
    // without private access settings the name leads to the control plane, and no route does
    let run = place.ask(&["--from", "prod", "--to", "rest"]);
    assert_eq!(run.code, 1, "{}", run.out);
    for expected in [
        "unreachable: prod → rest (tcp/443)",
        "unreachable: every node of prod → rest, the REST API of the workspace\n",
        "note: it fails from subnet-a, subnet-b",
    ] {
        assert!(run.out.contains(expected), "{expected}: {}", run.out);
    }
    // of one subnet, the hosts alone
    let one = parsed(&place.ask(&["--from", "subnet-a", "--to", "unity-catalog", "-f", "json"]));
    assert_eq!([&one["pairs"][0]["from"], &one["pairs"][0]["service"]], ["node in subnet-a", "tcp/8444"], "{one:#}");
    let run = place.ask(&["--from", "subnet-public", "--to", "rest"]);
    assert_eq!(run.code, 2, "nobody there needs it: {}", run.out);
}

#[test]
fn unknown_words_come_with_a_hint() {
    for (args, hints) in [
        (
            ["--from", "prod1", "--to", "internet"],
            vec!["the source `prod1` is not in the evidence", "did you mean `prod`?", "a source is "],
        ),
        (["--from", "prod", "--to", "subnet-aa"], vec!["did you mean `subnet-a`?", "a destination is "]),
        (["--from", "vpc-1", "--to", "internet"], vec!["sg-…@vpc-…"]),
        (["--from", "internet", "--to", "a.example"], vec!["names are resolved in the VPC of the source"]),
    ] {
        let run = ask(&args);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(hints.iter().all(|hint| run.err.contains(hint)), "{args:?}: {}", run.err);
    }
}

/// Words that nearly mean something.
fn word() -> impl Strategy<Value = String> {
    let known = [
        "prod",
        "1001",
        "internet",
        "subnet-a",
        "eni-node",
        "i-node",
        "vpce-rest",
        "vgw-1",
        "sg-nodes@vpc-1",
        "sg-nodes@",
        "@",
        "tgw-attach-",
        "relay",
        "rest",
        "nodes",
        "a.b.example",
        "10.0.1.4",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "::/0",
        "ffff::/127",
        "\u{202e}",
        "..",
        "/",
        "i-",
        "sg-@sg-@",
    ];
    prop_oneof![
        proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        (proptest::sample::select(known.to_vec()), any::<String>()).prop_map(|(word, more)| format!("{word}{more}")),
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_words_are_answered_or_refused(
        from in word(), to in word(), protocol in "tcp|udp|icmp|47|-1|", port in any::<Option<u16>>(), ip in "(10.0.1.9|::1|x)?",
    ) {
        let place = world(|_| {});
        let estate = sources::read(&[place.folder().join("world.json")]).unwrap();
        let world = World::of(&estate);
        let question = Question { from, to, protocol, port, source_port: None, from_ip: Some(ip) };
        if let Ok(reply) = Asker::new(&world).ask(&question) {
            prop_assert!(!reply.cases.is_empty());
            prop_assert!(!reply.groups().is_empty() && reply.decisive().is_some());
        }
    }
}
