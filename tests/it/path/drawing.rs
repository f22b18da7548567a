//! DOT and SVG: well-formed whatever the names hold, and the blocked hop is told apart.

use serde_json::{Value, json};

use super::world::{place_of, world};

/// An id that tries to end strings, elements and lines.
const NASTY: &str = "acl-\"]; x -> y; <script>alert(1)</script>&\\\n\u{1b}[31m\u{202e}]]>";

fn draw(format: &str, port: &str, change: impl FnOnce(&mut Value)) -> String {
    let place = world(change);
    let run = place.ask(&["--from", "eni-node", "--to", "eni-rest-a", "--port", port, "-f", format]);
    assert!(run.code < 2, "{}", run.err);
    run.out
}

fn nasty(world: &mut Value) {
    place_of(world)["describe-network-acls"]["NetworkAcls"][0]["NetworkAclId"] = json!(NASTY);
}

/// Checks that a text is XML: elements nest, attributes are quoted, nothing acts.
fn assert_xml(text: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "a stray > in {}", &rest[..start]);
        let end = rest[start..].find('>').unwrap_or_else(|| panic!("an element does not end: {rest}"));
        let tag = &rest[start + 1..start + end];
        rest = &rest[start + end + 1..];
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        assert!(["svg", "title", "rect", "defs", "marker", "path", "g", "text"].contains(&name), "<{tag}>");
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => assert_eq!(open.pop(), Some(name)),
            (false, true) => {}
            (false, false) => open.push(name),
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
    let entity = |part: &str| ["amp;", "lt;", "gt;", "quot;"].iter().any(|name| part.starts_with(name));
    assert!(text.split('&').skip(1).all(entity));
    assert!(!text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text}");
}

/// Checks that DOT strings end where they should.
fn assert_dot(text: &str) {
    let (mut inside, mut escaped, mut depth) = (false, false, 0);
    for c in text.chars() {
        match (inside, c) {
            (true, _) if escaped => escaped = false,
            (true, '\\') => escaped = true,
            (_, '"') => inside = !inside,
            (true, '\n') => panic!("a string runs over a line: {text}"),
            (false, '{') => depth += 1,
            (false, '}') => depth -= 1,
            (false, '<') => panic!("an HTML label: {text}"),
            _ => {}
        }
    }
    assert!(!inside && depth == 0, "{text}");
    assert!(!text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text}");
}

#[test]
fn drawings_are_well_formed_and_show_what_blocks() {
    for (port, red) in [("443", false), ("6666", true)] {
        let (svg, dot) = (draw("svg", port, |_| {}), draw("dot", port, |_| {}));
        assert_xml(&svg);
        assert_dot(&dot);
        for drawing in [&svg, &dot] {
            assert_eq!(drawing.contains("ENI_SG_RULES_MISMATCH"), red, "{drawing}");
            assert_eq!(drawing.contains("#cf222e"), red, "{drawing}");
            assert!(drawing.contains("sg-nodes") && drawing.contains("forward"), "{drawing}");
        }
        // a background of its own, and nothing that is fetched or run
        assert!(svg.contains("fill=\"#ffffff\"") && !svg.contains("href") && !svg.contains("style="), "{svg}");
    }
    insta::assert_snapshot!(draw("dot", "443", |_| {}), @r##"
    digraph path {
      rankdir=LR; compound=true; bgcolor="white"; fontname="sans-serif";
      label="reachable: eni-node → eni-rest-a (tcp/443)"; labelloc=t; labeljust=l;
      node [shape=box, style="rounded,filled", fillcolor="white", color="#57606a", fontname="sans-serif", fontsize=10];
      edge [color="#57606a", fontname="sans-serif", fontsize=9];
      subgraph cluster_0 {
        label="reachable: eni-node → eni-rest-a (tcp/443)"; color="#d0d7de";
        forward_0_0 [label="network interface\neni-node\nsends from 10.0.1.10"];
        forward_0_1 [label="security group\nsg-nodes\nadmits tcp/443 out to 10.0.0.0/16"];
        forward_0_0 -> forward_0_1 [label="forward"];
        forward_0_2 [label="network ACL\nacl-1\nentry 100 admits all out to 0.0.0.0/0"];
        forward_0_1 -> forward_0_2;
        forward_0_3 [label="route table\nrtb-a\nroute 10.0.0.0/16 → local"];
        forward_0_2 -> forward_0_3;
        forward_0_4 [label="network ACL\nacl-1\nentry 100 admits all in from 0.0.0.0/0"];
        forward_0_3 -> forward_0_4;
        forward_0_5 [label="security group\nsg-rest\nadmits tcp/443 in from 10.0.0.0/16"];
        forward_0_4 -> forward_0_5;
        forward_0_6 [label="endpoint\neni-rest-a\nvpce-rest, to com.amazonaws.vpce.eu-central-1.vpce-svc-081f78503812597f7"];
        forward_0_5 -> forward_0_6;
        return_0_0 [label="network ACL\nacl-1\nreplies out to 10.0.1.10 pass"];
        return_0_1 [label="route table\nrtb-endpoint\nroute 10.0.0.0/16 → local"];
        return_0_0 -> return_0_1 [label="return"];
        return_0_2 [label="network ACL\nacl-1\nreplies in from 10.0.8.4 pass"];
        return_0_1 -> return_0_2;
        return_0_3 [label="network interface\neni-node\ntakes the reply at 10.0.1.10"];
        return_0_2 -> return_0_3;
      }
    }
    "##);
}

#[test]
fn hostile_names_stay_names() {
    for port in ["443", "6666"] {
        assert_xml(&draw("svg", port, nasty));
        assert_dot(&draw("dot", port, nasty));
        let text = draw("text", port, nasty);
        assert!(!text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text}");
        assert!(text.contains(r"\u{1b}[31m\u{202e}"), "{text}");
        let json: Value = serde_json::from_str(&draw("json", port, nasty)).unwrap();
        let hops = json["hops"].as_array().unwrap();
        assert!(hops.iter().any(|hop| hop["resource"] == NASTY), "{json:#}");
    }
    let place = world(|w| {
        w["databricks"]["00000000-0000-4000-8000-000000000001"]["workspaces"][0]["workspace_name"] =
            json!("pr\nod\u{1b}[2K")
    });
    let run = place.ask(&["--from", "prod", "--to", "<b>\u{7}&\"\n"]);
    assert_eq!(run.code, 2);
    assert!(!run.err.trim_end().contains(|c: char| c.is_control() && c != '\n'), "{}", run.err);
    let run = place.ask(&["--from", "pr\nod\u{1b}[2K", "--to", "internet", "-f", "svg"]);
    assert_xml(&run.out);
}
