//! What never enters an evidence file: tokens, passwords, user data, environment variables,
//! keys, and texts that look like any of them.
//!
//! Members are dropped by their name; texts and tag values by how they look, with a mark in
//! their place. A policy in which a secret was found is dropped whole, so that its rules are
//! unknown and never half of the truth.

use serde_json::{Map, Value};

/// Members that are dropped, lower-case and without `_` and `-`.
const MEMBERS: &[&str] = &[
    "userdata",
    "token",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "sessiontoken",
    "secret",
    "clientsecret",
    "secretkey",
    "secretaccesskey",
    "secretstring",
    "apikey",
    "password",
    "passphrase",
    "privatekey",
    "sshprivatekey",
    "keymaterial",
    "sparkenvvars",
    "sparkconf",
    "initscripts",
    "environment",
];
/// Words in the key of a tag whose value is then dropped.
const TAG_WORDS: &[&str] =
    &["password", "passwd", "secret", "token", "apikey", "api_key", "api-key", "credential", "private"];
/// Members that map tag keys to values.
const TAG_MAPS: &[&str] = &["customtags", "defaulttags", "tags"];
/// What stands where a secret was.
const DROPPED: &str = "[dropped by plaudit]";

/// Drops what looks like a secret.
pub(super) fn drop_secrets(value: &mut Value) {
    match value {
        Value::String(text) if looks_secret(text) => *value = DROPPED.into(),
        Value::Array(items) => items.iter_mut().for_each(drop_secrets),
        Value::Object(members) => {
            members.retain(|key, _| !names_one_of(key, MEMBERS));
            drop_tag(members);
            for (key, value) in members.iter_mut() {
                match value {
                    // keys of tags are the customer's words: `environment` is no environment here
                    Value::Object(tags) if names_one_of(key, TAG_MAPS) => drop_tags(tags),
                    value => drop_secrets(value),
                }
            }
        }
        _ => {}
    }
}

/// `{"Key": "db-password", "Value": …}`.
fn drop_tag(members: &mut Map<String, Value>) {
    for (key, value) in [("Key", "Value"), ("key", "value")] {
        let secret = members.get(key).and_then(Value::as_str).is_some_and(names_secret);
        if let Some(value) = members.get_mut(value).filter(|value| secret && value.is_string()) {
            *value = DROPPED.into();
        }
    }
}

/// `{"db-password": …}`.
fn drop_tags(tags: &mut Map<String, Value>) {
    for (key, value) in tags.iter_mut() {
        if names_secret(key) && value.is_string() {
            *value = DROPPED.into();
        } else {
            drop_secrets(value);
        }
    }
}

/// Whether a key is one of `names`, however it is written.
fn names_one_of(key: &str, names: &[&str]) -> bool {
    let plain = || key.bytes().filter(|byte| *byte != b'_' && *byte != b'-').map(|byte| byte.to_ascii_lowercase());
    names.iter().any(|name| plain().eq(name.bytes()))
}

fn names_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    TAG_WORDS.iter().any(|word| key.contains(word))
}

/// Whether a text has the form of a credential somewhere.
pub(super) fn looks_secret(text: &str) -> bool {
    let follows = |mark: &str, least: usize, is: fn(u8) -> bool| {
        text.match_indices(mark)
            .any(|(at, _)| text.as_bytes()[at + mark.len()..].iter().take_while(|byte| is(**byte)).count() >= least)
    };
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let hex = |byte: u8| byte.is_ascii_hexdigit();
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let assigned = ["password=", "passwd=", "secret=", "token=", "password:"];
    let lower = || text.to_ascii_lowercase();
    follows("AKIA", 16, upper)
        || follows("ASIA", 16, upper)
        || follows("dapi", 32, hex)
        || follows("dose", 32, hex)
        || ["ghp_", "gho_", "ghs_", "github_pat_", "xoxb-", "xoxp-"].iter().any(|mark| follows(mark, 16, word))
        || (follows("eyJ", 16, word) && text.contains(".eyJ"))
        || text.contains("PRIVATE KEY-----")
        || (text.contains(['=', ':']) && assigned.iter().any(|mark| lower().contains(mark)))
}

#[cfg(test)]
mod tests {
    use super::{DROPPED, drop_secrets, looks_secret};
    use serde_json::json;

    #[test]
    fn secrets_are_dropped_and_the_rest_stays() {
        let mut value = json!({
            "NextToken": "page-2", "UserData": "x", "client_secret": "x", "spark_env_vars": {"A": "b"},
            "Tags": [{"Key": "db-password", "Value": "hunter2"}, {"Key": "team", "Value": "data"}],
            "custom_tags": {"db_password": "x", "team": "data"},
            "Description": "login with password=hunter2",
            "ssh_public_keys": ["ssh-rsa AAAA"],
        });
        drop_secrets(&mut value);
        assert_eq!(
            value,
            json!({
                "NextToken": "page-2",
                "Tags": [{"Key": "db-password", "Value": DROPPED}, {"Key": "team", "Value": "data"}],
                "custom_tags": {"db_password": DROPPED, "team": "data"},
                "Description": DROPPED,
                "ssh_public_keys": ["ssh-rsa AAAA"],
            })
        );
    }

    #[test]
    fn credentials_are_known_by_their_form() {
        for text in
            ["AKIAABCDEFGHIJKLMNOP", "x dapi0123456789abcdef0123456789abcdef", "ghp_0123456789abcdefghij", "Password=x"]
        {
            assert!(looks_secret(text), "{text}");
        }
        for text in ["AKIA", "arn:aws:kms:eu-west-1:111122223333:key/1", "dapibus", "https://x.cloud.databricks.com"] {
            assert!(!looks_secret(text), "{text}");
        }
    }
}
