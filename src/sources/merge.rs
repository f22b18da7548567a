//! Two answers about one resource. Equal as JSON values, they are one; otherwise neither is
//! believed, and the first difference is named. The order of lists means nothing: AWS gives
//! the same list in another order from one call to the next.

use serde_json::Value;

/// Members that differ from call to call, or from caller to caller (`SHARED_WITH_ME`), and say
/// nothing of the resource.
const ENVELOPE: &[&str] = &["ResponseMetadata", "UpdateToken", "ShareStatus"];
/// Tags of a shared resource: each account sees its own.
const TAGS: &[&str] = &["Tags", "TagSet"];
/// Resolver rules that AWS defines under one id in every region.
const EVERYWHERE: &str = "rslvr-autodefined-rr-";

/// The members in which two answers about `id` may differ; `shared` when two accounts gave them.
pub(super) fn ignored(id: &str, shared: bool) -> &'static [&'static str] {
    if id.starts_with(EVERYWHERE) {
        &["Arn", "OwnerId"]
    } else if shared {
        TAGS
    } else {
        &[]
    }
}

/// The path of the first difference of two JSON texts, outermost members in `ignored` aside.
pub(super) fn difference(first: &str, second: &str, ignored: &[&str]) -> Option<String> {
    if first == second {
        return None;
    }
    let parse = |text| {
        let mut value = serde_json::from_str::<Value>(text).ok()?;
        if let Value::Object(members) = &mut value {
            members.retain(|key, _| !ENVELOPE.contains(&key.as_str()) && !ignored.contains(&key.as_str()));
        }
        Some(value)
    };
    match (parse(first), parse(second)) {
        (Some(first), Some(second)) => compare(&first, &second, ""),
        _ => Some("the text".to_owned()),
    }
}

fn compare(first: &Value, second: &Value, path: &str) -> Option<String> {
    match (first, second) {
        _ if first == second => None,
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            keys.into_iter().find_map(|key| {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), &path)
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let (a, b) = (sorted(a), sorted(b));
            let unlike = a.iter().zip(&b).position(|(a, b)| a.0 != b.0)?;
            let item = format!("{path}[{unlike}]");
            let deeper = if a.len() == 1 { compare(a[0].1, b[0].1, &item) } else { None };
            Some(deeper.unwrap_or(item))
        }
        _ => Some(if path.is_empty() { "the whole".to_owned() } else { path.to_owned() }),
    }
}

/// Items by their text, with lists inside in order too.
fn sorted(items: &[Value]) -> Vec<(String, &Value)> {
    let mut keyed: Vec<(String, &Value)> = items.iter().map(|item| (canonical(item), item)).collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    keyed
}

fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = sorted(items).into_iter().map(|(text, _)| text).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(key, value)| format!("{key:?}:{}", canonical(value))).collect();
            format!("{{{}}}", members.join(","))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{difference, ignored};

    #[test]
    fn order_and_blanks_are_no_difference() {
        assert_eq!(difference("{\"a\":1,\"b\":[1,2]}", "{ \"b\": [2, 1], \"a\": 1 }", &[]), None);
        assert_eq!(difference("{\"a\":[[1,2],[3]]}", "{\"a\":[[3],[2,1]]}", &[]), None);
    }

    #[test]
    fn the_first_difference_is_named() {
        let differ = |a, b| difference(a, b, &[]);
        assert_eq!(differ("{\"a\":{\"b\":1}}", "{\"a\":{\"b\":2}}").as_deref(), Some("a.b"));
        assert_eq!(differ("{\"a\":[{\"b\":1}]}", "{\"a\":[{\"b\":2}]}").as_deref(), Some("a[0].b"));
        assert_eq!(differ("{\"a\":[1]}", "{\"a\":[1,2]}").as_deref(), Some("a"));
        assert_eq!(differ("{\"a\":1}", "{}").as_deref(), Some("a"));
    }

    #[test]
    fn two_accounts_see_their_own_tags() {
        assert_eq!(difference("{\"a\":1,\"Tags\":[1]}", "{\"a\":1,\"Tags\":[]}", ignored("x", true)), None);
        assert!(difference("{\"Tags\":[1]}", "{\"Tags\":[]}", ignored("x", false)).is_some());
    }
}
