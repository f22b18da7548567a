//! Which IAM action a request is, whose it is and where it goes: from its signature, its form,
//! its target header or its path, as each of AWS's protocols says it.

use std::collections::BTreeMap;

use super::http::{Call, header};

/// A request that went by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// The IAM action: `ec2:DescribeVpcs`; the path where nothing is known of it.
    pub(crate) action: String,
    /// The account of the credentials, if somebody said so.
    pub(crate) account: Option<String>,
    /// The region that it is signed for.
    pub(crate) region: String,
    /// The service that it is signed for.
    pub(crate) service: String,
    /// The parameters of the query protocol.
    pub(crate) form: BTreeMap<String, String>,
    /// Path and query.
    pub(crate) target: String,
}

pub(super) fn request(call: &Call, accounts: &BTreeMap<String, String>) -> Request {
    // AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/ec2/aws4_request, SignedHeaders=…
    let signed = header(&call.headers, "authorization").unwrap_or_default();
    let scope = signed.split("Credential=").nth(1).unwrap_or_default();
    let scope: Vec<&str> = scope.split([',', ' ']).next().unwrap_or_default().split('/').collect();
    let part = |index: usize| scope.get(index).copied().unwrap_or_default().to_owned();
    let (key, region, service) = (part(0), part(2), part(3));
    let form = form(&String::from_utf8_lossy(&call.body));
    let action = action(call, &service, &form).unwrap_or_else(|| call.target.clone());
    Request { action, account: accounts.get(&key).cloned(), region, service, form, target: call.target.clone() }
}

fn action(call: &Call, service: &str, form: &BTreeMap<String, String>) -> Option<String> {
    let name = match service {
        "s3" => s3(&call.target)?,
        "route53" => route53(&call.target)?,
        _ => match header(&call.headers, "x-amz-target") {
            Some(target) => target.rsplit('.').next()?,
            None => form.get("Action")?,
        },
    };
    Some(format!("{service}:{name}"))
}

/// The permission, which is not always named like the call.
fn s3(target: &str) -> Option<&'static str> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let asked = |name: &str| query.split('&').any(|part| part.split('=').next() == Some(name));
    let known = [
        ("policy", "GetBucketPolicy"),
        ("encryption", "GetEncryptionConfiguration"),
        ("publicAccessBlock", "GetBucketPublicAccessBlock"),
        ("location", "GetBucketLocation"),
    ];
    known.into_iter().find(|(name, _)| asked(name)).map(|(_, action)| action)
}

fn route53(target: &str) -> Option<&'static str> {
    let path = target.split('?').next().unwrap_or_default().trim_end_matches('/');
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').skip(1).collect();
    match parts.as_slice() {
        ["hostedzone"] => Some("ListHostedZones"),
        ["hostedzonesbyvpc"] => Some("ListHostedZonesByVPC"),
        ["hostedzone", _] => Some("GetHostedZone"),
        ["hostedzone", _, "rrset"] => Some("ListResourceRecordSets"),
        _ => None,
    }
}

/// The parameters of a form.
pub(super) fn form(body: &str) -> BTreeMap<String, String> {
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (decode(key), decode(value))).collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).unwrap_or(b'?')
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Access key and account of an assumed role.
pub(super) fn assumed(answer: &str) -> Option<(String, String)> {
    let between = |tag: &str| answer.split(&format!("<{tag}>")).nth(1)?.split('<').next();
    // arn:aws:sts::444455556666:assumed-role/…
    let account = between("Arn")?.split(':').nth(4)?;
    Some((between("AccessKeyId")?.to_owned(), account.to_owned()))
}
