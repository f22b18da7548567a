//! Hostile input, for a bounded time: rule files, expressions, settings and baselines of any
//! shape are refused or accepted, and never take the tool down. Evidence and policies have
//! their own in `sources` and `estate::policy`.

use plaudit::engine::{environment, load};
use plaudit::finding::baseline::Baseline;
use proptest::prelude::*;

const RULE: &str = include_str!("../../rules/plb/relay-endpoint-closed.yaml");

/// Pieces that make expressions which nearly parse.
fn expression() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("ws"),
        Just("ws.network"),
        Just(".subnets"),
        Just(".all(s, "),
        Just(".exists(e, "),
        Just(")"),
        Just("("),
        Just("["),
        Just("]"),
        Just("{"),
        Just("}"),
        Just(" && "),
        Just(" || "),
        Just("!"),
        Just(" == "),
        Just("null"),
        Just("true"),
        Just("1"),
        Just("'a'"),
        Just("\\"),
        Just("?"),
        Just(":"),
        Just("in"),
        Just("size("),
        Just("has("),
        Just("𝒳"),
        Just("\u{202e}"),
        Just("e.admits("),
        Just(", "),
        Just("0x"),
        Just("1e999"),
        Just("9223372036854775808"),
        Just("-"),
        Just(".?f"),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_as_a_rule_file(text in any::<String>()) {
        let _ = load(&environment(), [("rules/xxx/x.yaml", text.as_str())]);
    }

    #[test]
    fn any_expression_in_a_rule(text in expression()) {
        let quoted = serde_json::Value::from(text).to_string();
        let rule = RULE.replacen("ws.network.subnets.all(s, relay.exists(e, e.admits(\"tcp\", port, port, s)))", &quoted, 1);
        let _ = load(&environment(), [("rules/plb/relay-endpoint-closed.yaml", rule.as_str())]);
    }

    #[test]
    fn any_message_in_a_rule(text in expression()) {
        let start = RULE.find("message: ").unwrap();
        let end = start + RULE[start..].find('\n').unwrap();
        let rule = format!("{}message: {}{}", &RULE[..start], serde_json::Value::from(text), &RULE[end..]);
        let _ = load(&environment(), [("rules/plb/relay-endpoint-closed.yaml", rule.as_str())]);
    }

    #[test]
    fn a_rule_file_cut_anywhere(cut in 0..RULE.len()) {
        if RULE.is_char_boundary(cut) {
            let _ = load(&environment(), [("rules/plb/relay-endpoint-closed.yaml", &RULE[..cut])]);
        }
    }

    #[test]
    fn any_text_as_settings(text in any::<String>()) {
        let _ = toml::from_str::<plaudit::settings::SettingsFile>(&text);
    }

    #[test]
    fn any_text_as_a_baseline(text in any::<String>()) {
        let _ = Baseline::parse(&text);
    }
}

#[test]
fn deep_expressions_and_yaml_bombs_are_refused() {
    let deep = format!("{}ws{}", "(".repeat(5000), ")".repeat(5000));
    let rule = RULE.replacen("ws.network.subnets.all(s, relay.exists(e, e.admits(\"tcp\", port, port, s)))", &deep, 1);
    assert!(load(&environment(), [("rules/plb/relay-endpoint-closed.yaml", rule.as_str())]).is_err());
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n";
    assert!(load(&environment(), [("rules/xxx/bomb.yaml", bomb)]).is_err());
    let flat = "[".repeat(100_000);
    assert!(load(&environment(), [("rules/xxx/flat.yaml", flat.as_str())]).is_err());
}
