//! JSON without a tree: the members of an object and the items of a list as slices of the
//! text, so that every resource keeps its exact place and is decoded straight into its type.
//!
//! It refuses texts that nest deeper than [`NESTING`](super::limits::NESTING) and objects that
//! hold a key twice, because two readers would take different values from them.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::limits::NESTING;

/// The members of an object, in the order of the text.
pub(super) type Members<'a> = Vec<(String, &'a RawValue)>;

/// The members of the object that `text` holds.
pub(super) fn members(text: &str) -> Result<Members<'_>, serde_json::Error> {
    struct Object;
    impl<'de> Visitor<'de> for Object {
        type Value = Members<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members: Self::Value = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            let mut keys = HashSet::new();
            match members.iter().find(|(key, _)| !keys.insert(key.as_str())) {
                Some((key, _)) => Err(serde::de::Error::custom(format_args!("`{key}` is there twice"))),
                None => Ok(members),
            }
        }
    }
    let mut source = serde_json::Deserializer::from_str(text);
    let members = source.deserialize_map(Object)?;
    source.end()?;
    Ok(members)
}

/// The items of the list that `text` holds; none for `null`.
pub(super) fn items(text: &str) -> Result<Vec<&RawValue>, serde_json::Error> {
    serde_json::from_str::<Option<Vec<&RawValue>>>(text).map(Option::unwrap_or_default)
}

/// A member by its key.
pub(super) fn member<'a>(members: &Members<'a>, key: &str) -> Option<&'a RawValue> {
    members.iter().find(|(name, _)| name == key).map(|(_, value)| *value)
}

/// A member that is text, and not empty.
pub(super) fn text_of(members: &Members<'_>, key: &str) -> Option<String> {
    let text = serde_json::from_str::<String>(member(members, key)?.get()).ok()?;
    (!text.is_empty()).then_some(text)
}

/// Decodes an object. `null` stands for an absent member wherever the type has no other
/// meaning for it, because both APIs have encoders that write it so.
pub(super) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    if !text.starts_with('{') {
        // serde would read a list as a struct too, field by field.
        return Err(serde_json::from_str::<serde_json::Map<String, Value>>(text).err().unwrap_or_else(shapeless));
    }
    let error = match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let without = serde_json::from_str::<Value>(text).ok().filter(|_| text.contains("null")).map(without_nulls);
    without.and_then(|value| T::deserialize(value).ok()).ok_or(error)
}

fn shapeless() -> serde_json::Error {
    serde::de::Error::custom("expected an object")
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

/// Whether objects and lists nest deeper than is read. Strings are skipped.
pub(super) fn too_deep(text: &str) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > NESTING {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// What serde said, without the position.
pub(super) fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{decode, items, members, too_deep};

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default)]
    struct Thing {
        names: Vec<String>,
        id: String,
    }

    #[test]
    fn members_keep_their_text() {
        let found = members("{ \"a\": [1, 2 ], \"b\":{}}").unwrap();
        assert_eq!(found[0].1.get(), "[1, 2 ]");
        assert!(members("{\"a\":1,\"a\":2}").unwrap_err().to_string().starts_with("`a` is there twice"));
        assert!(members("{} {}").is_err());
        assert_eq!(items("null").unwrap().len(), 0);
    }

    #[test]
    fn null_is_an_absent_member() {
        let thing: Thing = decode("{\"names\": null, \"id\": \"x\"}").unwrap();
        assert_eq!(thing, Thing { names: Vec::new(), id: "x".to_owned() });
        assert!(decode::<Thing>("{\"names\": 3}").is_err());
        assert!(decode::<Thing>("[[], \"x\"]").is_err());
    }

    #[test]
    fn depth_counts_brackets_outside_strings() {
        assert!(!too_deep(&format!("\"{}\"", "[".repeat(500))));
        assert!(too_deep(&"[".repeat(101)));
        assert!(!too_deep(&"[]".repeat(500)));
    }
}
