//! Keys, buckets and policy documents: answers whose region, or whose absence, is told
//! elsewhere than in the answer itself.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer::{Answer, Attribution, Content};
use super::assembly::{Assembly, Pick, Seen};
use super::json;
use super::owned::{Said, Trouble, one, plain};
use super::place::Near;
use crate::estate::aws::{self as a, arn_account, arn_region};
use crate::estate::policy::{Policy, PolicyError};
use crate::estate::{Place, Reason, key};

impl<'a> Assembly<'a> {
    /// A key, whose ARN tells the region of every answer beside this one.
    pub(super) fn key(&mut self, answer: &Answer<'a>, at: &Attribution) {
        let folder = at.owner.clone();
        let unknown = key::row_id(at.place.region.as_deref(), folder.as_deref().unwrap_or_default());
        let Some(Said::Members(members)) = self.said(answer, at, &unknown) else { return };
        let Some(value) = json::member(members, "KeyMetadata") else {
            return self.wrong_shape(answer, at, "KeyMetadata");
        };
        let body = match one::<a::KmsKey>(value) {
            Ok(body) => body,
            Err(trouble) => {
                let detail = self.tell(answer.document, &trouble);
                return self.unreadable(at, Some(&unknown), Reason::Undecodable, detail);
            }
        };
        let own = Place {
            account: arn_account(&body.arn).map(str::to_owned),
            region: arn_region(&body.arn).map(str::to_owned),
        };
        let at = Attribution { place: at.place.clone().or(&own), ..at.clone() };
        let name = if body.key_id.is_empty() { folder.unwrap_or_default() } else { body.key_id.clone() };
        let id = key::row_id(at.place.region.as_deref(), &name);
        if let Some((_, folders)) = answer.segments.split_last() {
            self.keys.insert(folders.to_vec(), id.clone());
        }
        let seen = Seen { document: answer.document, text: value.get(), near: Near::default() };
        self.own(&at, |e| &mut e.aws.keys, &id, seen, Ok(body));
    }

    /// An answer about a key: its policy, its rotation, its grants.
    pub(super) fn about_key<T>(
        &mut self,
        answer: &Answer<'a>,
        at: &Attribution,
        table: Pick<T>,
        key: &str,
        read: impl FnOnce(&'a RawValue) -> Result<T, Trouble<'a>>,
    ) {
        let folders = answer.segments.split_last().map_or(&[][..], |(_, folders)| folders);
        let known = self.keys.get(folders).cloned();
        let id =
            known.unwrap_or_else(|| key::row_id(at.place.region.as_deref(), at.owner.as_deref().unwrap_or_default()));
        let region = id.split_once('/').map(|(region, _)| region.to_owned());
        let place = at.place.clone().or(&Place { account: None, region });
        let at = Attribution { place, owner: Some(id.clone()), ..at.clone() };
        self.member(answer, &at, table, &id, key, read);
    }

    /// An answer about a bucket, which may be that it has none.
    pub(super) fn about_bucket<T>(
        &mut self,
        answer: &Answer<'a>,
        at: &Attribution,
        table: Pick<Option<T>>,
        key: &str,
        read: impl FnOnce(&'a RawValue) -> Result<Option<T>, Trouble<'a>>,
    ) {
        let id = at.owner.clone().unwrap_or_default();
        if let Ok(Content::Failure(_)) = answer.content {
            if let Some(Said::None) = self.said(answer, at, &id) {
                self.own(
                    at,
                    table,
                    &id,
                    Seen { document: answer.document, text: answer.text, near: Near::default() },
                    Ok(None),
                );
            }
            return;
        }
        self.member(answer, at, table, &id, key, read);
    }
}

/// A policy document: an object, or text that holds one, URL-encoded or not.
pub(super) fn policy(value: &RawValue) -> Result<Policy, Trouble<'_>> {
    let text = value.get();
    let other = |error: PolicyError| Trouble::Other(text, error.to_string());
    if !text.starts_with('"') {
        return Policy::parse(text).map_err(other);
    }
    let document = plain::<String>(value)?;
    let decoded = if document.trim_start().starts_with('%') { percent_decoded(&document) } else { document };
    Policy::parse(&decoded).map_err(other)
}

/// `%7B` → `{`, as IAM's own API encodes documents. What is no escape stays.
pub(super) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escape = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let value = escape.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        decoded.push(value.unwrap_or(*byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// S3 has no name for its first region, and an old one for another.
pub(super) fn region(constraint: Option<&str>) -> String {
    match constraint {
        None | Some("") => "us-east-1",
        Some("EU") => "eu-west-1",
        Some(region) => region,
    }
    .to_owned()
}

/// `ServerSideEncryptionConfiguration`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct EncryptionRules {
    rules: Vec<EncryptionRule>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct EncryptionRule {
    apply_server_side_encryption_by_default: Option<Encryption>,
}

#[derive(Debug, Deserialize)]
struct Encryption {
    #[serde(rename = "SSEAlgorithm")]
    algorithm: String,
    #[serde(rename = "KMSMasterKeyID")]
    key: Option<String>,
}

impl EncryptionRules {
    /// The rule that applies; S3 keeps one.
    pub(super) fn first(self) -> Option<a::BucketEncryption> {
        let encryption = self.rules.into_iter().next()?.apply_server_side_encryption_by_default?;
        Some(a::BucketEncryption { algorithm: encryption.algorithm, key: encryption.key })
    }
}

#[cfg(test)]
mod tests {
    use super::{percent_decoded, region};

    #[test]
    fn escapes_are_undone_and_other_text_stays() {
        assert_eq!(percent_decoded("%7B%22a%22%3A1%7D"), "{\"a\":1}");
        assert_eq!(percent_decoded("%zz%4%"), "%zz%4%");
        assert_eq!(percent_decoded("%é1"), "%é1");
    }

    #[test]
    fn no_constraint_is_the_first_region() {
        assert_eq!([region(None), region(Some("")), region(Some("EU"))], ["us-east-1", "us-east-1", "eu-west-1"]);
    }
}
