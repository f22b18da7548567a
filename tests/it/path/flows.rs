//! Files of flows: as many answers as flows, in their order, whatever the lines hold.

use std::fs;

use serde_json::{Value, json};

use super::world::{place_of, world};

/// The answers to flows in the small world.
fn answers(flows: &Value) -> Vec<Value> {
    let place = world(|_| {});
    let run = place.ask_with(&["--flows", "-"], &flows.to_string());
    assert_eq!(run.code, 0, "{}", run.err);
    serde_json::from_str(&run.out).unwrap()
}

#[test]
fn every_flow_has_its_answer_in_its_place() {
    let flows = json!([
        {"from": "eni-node", "to": "10.0.8.4", "protocol": "tcp", "port": 443},
        {"from": "eni-node", "to": "eni-rest-a", "port": 6666},
        {"from": "eni-node", "to": "eni-rest-b", "protocol": 6, "port": null, "from_ip": null, "source_port": 40000},
        {"from": "eni-gone", "to": "10.0.8.4"},
        {"from": "eni-node", "to": "eni-gone"},
        {"from": "eni-node"},
        {"from": "eni-node", "to": "10.0.8.4", "port": 70000},
        {"from": "eni-node", "to": "10.0.8.4", "protocol": "telnet"},
        "nonsense",
        {"from": "eni-node", "to": "10.0.8.4", "protocol": "icmp"},
        {"from": "prod", "to": "vpce-rest"},
        {"from": "lambda-gone", "to": "vpce-rest"},
        {"from": "i-node", "to": "10.0.8.4", "from_ip": "10.0.1.99"},
    ]);
    let answers = answers(&flows);
    let verdicts: Vec<&str> = answers.iter().map(|answer| answer["verdict"].as_str().unwrap()).collect();
    let expected = [
        "reachable",
        "unreachable",
        "reachable",
        "unreachable",
        "unreachable",
        "unknown",
        "unknown",
        "unknown",
        "unknown",
        "unreachable",
        "reachable",
        "unreachable",
        "unreachable",
    ];
    assert_eq!(verdicts, expected, "{answers:#?}");
    let code = |at: usize| answers[at]["blockers"][0]["code"].as_str().unwrap();
    assert_eq!(code(1), "ENI_SG_RULES_MISMATCH");
    assert_eq!((code(3), code(4)), ("NO_SOURCE_OR_DESTINATION", "UNKNOWN_DESTINATION"));
    assert_eq!(code(12), "ENI_SOURCE_DEST_CHECK_RESTRICTION");
    assert!(answers[5]["gaps"][0].as_str().unwrap().contains("`to`"));
    assert!(answers[7]["gaps"][0].as_str().unwrap().contains("telnet"));
    let validator = jsonschema::validator_for(&plaudit::report::path::flows::schema()).unwrap();
    assert!(validator.is_valid(&json!(answers)));
    let hop = &answers[0]["hops"][1];
    for (key, value) in
        [("component", "security group"), ("resource", "sg-nodes"), ("direction", "forward"), ("passage", "passed")]
    {
        assert_eq!(hop[key], value, "{hop:#}");
    }
}

#[test]
fn what_nobody_collected_is_unknown_and_not_unreachable() {
    let place = world(|w| {
        place_of(w)["describe-network-interfaces"] = Value::Null;
        w["databricks"] = json!({});
    });
    let flows = json!([{"from": "eni-node", "to": "10.0.8.4"}, {"from": "subnet-a", "to": "eni-gone"}, {"from": "prod", "to": "internet"}]);
    let run = place.ask_with(&["--flows", "-"], &flows.to_string());
    let answers: Vec<Value> = serde_json::from_str(&run.out).unwrap();
    for (answer, call) in answers.iter().zip(["DescribeNetworkInterfaces", "DescribeNetworkInterfaces", "/workspaces"])
    {
        assert_eq!(answer["verdict"], "unknown", "{answer:#}");
        assert!(answer["gaps"].to_string().contains(call), "{answer:#}");
    }
}

#[test]
fn only_what_is_no_list_is_refused() {
    let place = world(|_| {});
    for text in ["", "{", "{\"from\": 1}", "[1", "null"] {
        let run = place.ask_with(&["--flows", "-"], text);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{text}");
        assert!(run.err.contains("help:"), "{}", run.err);
    }
    let run = place.ask_with(&["--flows", "-"], "[]");
    assert_eq!((run.code, run.out.trim()), (0, "[]"));
    fs::write(place.folder().join("flows.json"), "[{\"from\": \"internet\", \"to\": \"internet\"}]").unwrap();
    let run = place.ask(&["--flows", "flows.json", "-f", "json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&run.out).unwrap().len(), 1);
}

#[test]
fn many_flows_are_answered_in_a_moment() {
    let flow = |n: usize| json!({"from": if n.is_multiple_of(2) { "eni-node" } else { "subnet-b" }, "to": format!("10.0.{}.{}", n % 10, n % 250), "port": n % 7000});
    let flows: Vec<Value> = (0..2_000).map(flow).collect();
    assert_eq!(answers(&json!(flows)).len(), 2_000);
}
