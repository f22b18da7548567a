//! What GitHub asks of a SARIF file, and what no other validator tells: it rejects a whole
//! upload for one result with an absolute URI, and shows nothing of a rule that it cannot find.

use std::collections::BTreeSet;

use serde_json::Value;

/// Every breach of the rules, as path and complaint.
pub(crate) fn breaches(log: &Value) -> Vec<String> {
    let mut found = Vec::new();
    no_blanks("$", log, &mut found);
    let mut check = |ok: bool, what: String| {
        if !ok {
            found.push(what);
        }
    };
    check(log["version"] == "2.1.0", "version".to_owned());
    check(log["$schema"].as_str().is_some_and(|s| s.starts_with("https://")), "$schema".to_owned());
    let runs = list(&log["runs"]);
    check((1..=20).contains(&runs.len()), "number of runs".to_owned());
    for run in runs {
        let driver = &run["tool"]["driver"];
        let (rules, results, artifacts) = (list(&driver["rules"]), list(&run["results"]), list(&run["artifacts"]));
        check(text(&driver["name"]).len() > 1, "tool name".to_owned());
        check(rules.len() <= 25_000 && results.len() <= 25_000, "number of rules or results".to_owned());
        check(text(&run["automationDetails"]["id"]).ends_with('/'), "category".to_owned());
        for rule in rules {
            let id = text(&rule["id"]);
            let properties = &rule["properties"];
            let tags = list(&properties["tags"]);
            for description in ["shortDescription", "fullDescription"] {
                let length = text(&rule[description]["text"]).encode_utf16().count();
                check((2..=1_024).contains(&length), format!("{id} {description} has {length}"));
            }
            check(text(&rule["help"]["text"]).len() > 1, format!("{id} help.text"));
            check(text(&rule["help"]["markdown"]).len() > 1, format!("{id} help.markdown"));
            let severity = properties["security-severity"].as_str().and_then(|s| s.parse::<f64>().ok());
            check(severity.is_some_and(|s| (0.1..=10.0).contains(&s)), format!("{id} security-severity"));
            check(tags.len() <= 10 && tags.contains(&Value::from("security")), format!("{id} tags"));
            check(["high", "medium"].contains(&text(&properties["precision"])), format!("{id} precision"));
            let problem = text(&properties["problem.severity"]);
            check(["error", "warning", "recommendation"].contains(&problem), format!("{id} problem.severity"));
            let level = text(&rule["defaultConfiguration"]["level"]);
            check(["error", "warning", "note"].contains(&level), format!("{id} level"));
        }
        let mut seen = BTreeSet::new();
        for (at, result) in results.iter().enumerate() {
            let rule = result["ruleIndex"].as_u64().and_then(|i| rules.get(usize::try_from(i).unwrap()));
            check(rule.is_some_and(|rule| rule["id"] == result["ruleId"]), format!("{at}: ruleId and ruleIndex"));
            check(text(&result["message"]["text"]).ends_with('.'), format!("{at}: message"));
            check((result["kind"] == "fail") == (result["level"] != "none"), format!("{at}: kind and level"));
            let hash = text(&result["partialFingerprints"]["primaryLocationLineHash"]);
            check(!hash.is_empty(), format!("{at}: primaryLocationLineHash"));
            check(seen.insert(hash), format!("{at}: primaryLocationLineHash twice"));
            let locations = list(&result["locations"]);
            check((1..=1_000).contains(&locations.len()), format!("{at}: number of locations"));
            let flows = list(&result["codeFlows"]).iter().flat_map(|flow| list(&flow["threadFlows"]));
            let hops: Vec<&Value> = flows.flat_map(|thread| list(&thread["locations"])).collect();
            check(hops.len() <= 10_000, format!("{at}: number of hops"));
            check(result.get("codeFlows").is_none() || !hops.is_empty(), format!("{at}: a code flow without a hop"));
            for (order, hop) in (1..).zip(&hops) {
                check(hop["executionOrder"] == order, format!("{at}: order of hop {order}"));
                check(
                    text(&hop["location"]["message"]["text"]).ends_with('.'),
                    format!("{at}: message of hop {order}"),
                );
            }
            let hops = hops.into_iter().map(|hop| &hop["location"]);
            for location in locations.iter().chain(list(&result["relatedLocations"])).chain(hops) {
                let place = &location["physicalLocation"];
                let uri = text(&place["artifactLocation"]["uri"]);
                check(is_relative(uri), format!("{at}: uri {uri}"));
                let artifact = place["artifactLocation"]["index"].as_u64();
                let artifact = artifact.and_then(|i| artifacts.get(usize::try_from(i).unwrap()));
                check(artifact.is_some_and(|a| a["location"]["uri"] == uri), format!("{at}: artifact index"));
                let line = |name: &str| place["region"][name].as_u64().unwrap_or(0);
                check(line("startLine") >= 1 && line("endLine") >= line("startLine"), format!("{at}: region"));
                check(line("startColumn") >= 1, format!("{at}: column"));
            }
            for taxon in list(&result["taxa"]) {
                let index = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
                let taxonomy = &run["taxonomies"][index(&taxon["toolComponent"]["index"])];
                check(taxonomy["name"] == taxon["toolComponent"]["name"], format!("{at}: taxonomy"));
                check(taxonomy["taxa"][index(&taxon["index"])]["id"] == taxon["id"], format!("{at}: taxon"));
            }
        }
    }
    found
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A relative reference of RFC 3986 without dot segments.
fn is_relative(uri: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~%/=@+,".contains(c);
    !uri.is_empty()
        && !uri.starts_with('/')
        && uri.chars().all(allowed)
        && uri.split('/').all(|segment| !segment.is_empty() && segment != "." && segment != "..")
}

fn no_blanks(path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Null => found.push(format!("{path} is null")),
        Value::String(text) if text.is_empty() => found.push(format!("{path} is empty")),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| no_blanks(&format!("{path}[{i}]"), item, found))
        }
        Value::Object(map) => map.iter().for_each(|(key, item)| no_blanks(&format!("{path}.{key}"), item, found)),
        _ => {}
    }
}
