//! One answer: a JSON text at a path, and the call that it answers.
//!
//! Input: the segments of the path (folders, then the file name without `.json`; nested keys in
//! an evidence file) and the text. Output: the operation, the folder's place, and the resource
//! that the path names. It does not decode resources.

use serde_json::value::RawValue;

use super::failure::Failure;
use super::json::{self, Members};
use super::place::{self, DATABRICKS, is_uuid, is_workspace};
use crate::estate::operation::Answer as Layout;
use crate::estate::{Operation, Place, Reason};

/// Why a text is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) reason: Reason,
    pub(super) detail: String,
}

impl Broken {
    pub(super) fn unreadable(detail: impl Into<String>) -> Self {
        Self { reason: Reason::Undecodable, detail: detail.into() }
    }
}

/// What a text holds.
#[derive(Clone, Debug)]
pub(super) enum Content<'a> {
    /// An object.
    Object(Members<'a>),
    /// A bare list.
    List,
    /// `null`.
    Null,
    /// An error in place of an answer.
    Failure(Failure),
}

/// One answer.
#[derive(Clone, Debug)]
pub(super) struct Answer<'a> {
    /// Number of the document that holds it.
    pub(super) document: u32,
    /// The path.
    pub(super) segments: Vec<String>,
    /// The text, a slice of the document.
    pub(super) text: &'a str,
    /// What it holds.
    pub(super) content: Result<Content<'a>, Broken>,
}

/// Reads the outermost layer of a text.
pub(super) fn content(text: &str) -> Result<Content<'_>, Broken> {
    if text.is_empty() {
        return Err(Broken::unreadable("the file is empty"));
    }
    if json::too_deep(text) {
        return Err(Broken::unreadable("objects and lists nest too deep"));
    }
    outermost(text)
}

/// The same of a text that is known not to be empty nor to nest too deep.
pub(super) fn outermost(text: &str) -> Result<Content<'_>, Broken> {
    let not_json = |error: serde_json::Error| Broken::unreadable(format!("not JSON: {error}"));
    match text.as_bytes()[0] {
        b'{' => {
            let members = json::members(text).map_err(not_json)?;
            Ok(Failure::of_object(&members).map_or(Content::Object(members), Content::Failure))
        }
        b'[' => serde_json::from_str::<&RawValue>(text).map(|_| Content::List).map_err(not_json),
        _ if text == "null" => Ok(Content::Null),
        _ => match Failure::of_text(text) {
            Some(failure) => Ok(Content::Failure(failure)),
            None => match serde_json::from_str::<&RawValue>(text) {
                Ok(_) => Err(Broken::unreadable("neither an object nor a list")),
                Err(error) => Err(not_json(error)),
            },
        },
    }
}

/// What the path and the outermost layer tell of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribution {
    /// The call.
    pub(super) operation: Operation,
    /// What the folders say.
    pub(super) place: Place,
    /// The resource that the path names, as its table keys it (but for keys, whose region may
    /// come from elsewhere).
    pub(super) owner: Option<String>,
}

impl Answer<'_> {
    /// The call that this answers, if plaudit reads it.
    pub(super) fn attribution(&self) -> Option<Attribution> {
        attribution(&self.segments, self.content.as_ref().ok())
    }

    /// The path, for a message.
    pub(super) fn path(&self) -> String {
        self.segments.join("/")
    }
}

/// See [`Answer::attribution`].
pub(super) fn attribution(segments: &[String], content: Option<&Content<'_>>) -> Option<Attribution> {
    let mut segments = segments.to_vec();
    if let Some(last) = segments.last_mut() {
        // A second answer at the same path of an evidence file is `<name>~2`.
        let kept = last.rsplit_once('~').filter(|(_, copy)| copy.bytes().all(|byte| byte.is_ascii_digit()));
        *last = kept.map_or_else(|| last.clone(), |(name, _)| name.to_owned());
    }
    databricks(&segments).or_else(|| aws_path(&segments)).or_else(|| {
        let operation = by_key(content).or_else(|| by_name(segments.last()?)).or_else(|| match content? {
            Content::Failure(failure) => failure.operation(),
            _ => None,
        })?;
        let folders = segments.split_last().map_or(&[][..], |(_, folders)| folders);
        Some(Attribution { operation, place: place::of_folders(folders, operation), owner: None })
    })
}

fn databricks(segments: &[String]) -> Option<Attribution> {
    let root = segments.iter().rposition(|name| name == DATABRICKS).map(|index| index + 1);
    let root = root.or_else(|| segments.iter().position(|name| is_uuid(name)))?;
    let (account, rest) = segments.get(root..)?.split_first()?;
    let fits = |operation: &&Operation| match operation.answer() {
        Layout::Path(pattern) => {
            operation.is_databricks()
                && pattern.len() == rest.len()
                && pattern.iter().zip(rest).enumerate().all(|(index, (part, name))| match *part {
                    "*" if index == 0 => is_workspace(name),
                    "*" => true,
                    part => part == name,
                })
        }
        _ => false,
    };
    let operation = *Operation::ALL.iter().find(fits)?;
    let mut place = Place { account: Some(account.clone()), region: None };
    let owner = match (operation, rest) {
        (Operation::ListAccountIpAccessLists, _) => Some(account.clone()),
        (Operation::GetAccountSetting, [_, kind]) => Some(format!("{account}/{kind}")),
        (Operation::GetWorkspaceSetting, [workspace, _, kind]) => Some(format!("{workspace}/{kind}")),
        (Operation::ListClusters | Operation::ListWarehouses, [workspace, _]) => {
            place.region = Some(workspace.clone());
            None
        }
        (_, [workspace, _]) => Some(workspace.clone()),
        _ => None,
    };
    Some(Attribution { operation, place, owner })
}

fn aws_path(segments: &[String]) -> Option<Attribution> {
    Operation::ALL.iter().filter(|operation| !operation.is_databricks()).find_map(|operation| {
        let Layout::Path(pattern) = operation.answer() else { return None };
        let start = segments.len().checked_sub(pattern.len())?;
        let (folders, tail) = segments.split_at(start);
        let fits = pattern.iter().zip(tail).all(|(part, name)| *part == "*" || part == name);
        let owner = pattern.iter().zip(tail).find(|(part, _)| **part == "*").map(|(_, name)| name.clone());
        fits.then(|| Attribution { operation: *operation, place: place::of_folders(folders, *operation), owner })
    })
}

/// By the top-level key of the AWS CLI.
pub(super) fn by_key(content: Option<&Content<'_>>) -> Option<Operation> {
    let Some(Content::Object(members)) = content else { return None };
    let keyed = members.iter().find_map(|(key, _)| listed_as(key));
    // Answers that name their resource themselves need no path.
    keyed.or_else(|| members.iter().find_map(|(key, _)| described_as(key)))
}

/// The call whose answer has this key at the top, when it has a list of its own.
fn listed_as(key: &str) -> Option<Operation> {
    let keyed = |operation: &Operation| matches!(operation.answer(), Layout::Key(known) if known == key);
    Operation::ALL.iter().copied().find(keyed)
}

/// The same when it describes one resource.
fn described_as(key: &str) -> Option<Operation> {
    match key {
        "KeyMetadata" => Some(Operation::DescribeKey),
        "HostedZone" => Some(Operation::GetHostedZone),
        "Role" => Some(Operation::GetRole),
        "Firewall" => Some(Operation::DescribeFirewall),
        _ => None,
    }
}

/// By the name of its key, `Vpcs`, else by the longest file name of an answer that is part of
/// the name: `prod-describe-vpcs`.
pub(super) fn by_name(name: &str) -> Option<Operation> {
    let keyed = Operation::ALL.iter().filter(|operation| matches!(operation.answer(), Layout::Key(_)));
    let stems = keyed.map(|operation| (operation.file().trim_end_matches(".json"), *operation));
    let longest = stems.filter(|(stem, _)| name.contains(stem)).max_by_key(|(stem, _)| stem.len());
    listed_as(name).or_else(|| longest.map(|(_, operation)| operation))
}

/// Whether members are files that bear the names of their keys, and not the keys of one answer:
/// `{"Vpcs": {"Vpcs": […]}, "Subnets": …}`. Where an answer has a list, a file is an object; where
/// an answer has an object, a file has one of the same name in it, or an error.
pub(super) fn are_files(members: &Members<'_>) -> bool {
    members.iter().filter(|(_, value)| value.get().starts_with('{')).any(|(name, value)| {
        let list = listed_as(name).map(|operation| operation != Operation::DescribeVpcBlockPublicAccess);
        let inner = || json::members(value.get()).unwrap_or_default();
        match list.or_else(|| described_as(name).map(|_| false)) {
            Some(list) => list || inner().iter().any(|(key, _)| key == name || key == "Error"),
            None => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Attribution, attribution, content};
    use crate::estate::{Operation, Place};

    fn of(path: &str, text: &str) -> Option<Attribution> {
        let segments: Vec<String> = path.split('/').map(str::to_owned).collect();
        attribution(&segments, content(text).ok().as_ref())
    }

    #[test]
    fn paths_name_call_place_and_resource() {
        let key = of("aws/111122223333/eu-west-1/kms/1234/get-key-policy", "").unwrap();
        assert_eq!(key.operation, Operation::GetKeyPolicy);
        assert_eq!((key.place, key.owner.as_deref()), (Place::new("111122223333", "eu-west-1"), Some("1234")));
        let clusters = of("databricks/acct/42/clusters", "").unwrap();
        assert_eq!((clusters.operation, clusters.place), (Operation::ListClusters, Place::new("acct", "42")));
        let setting = of("databricks/acct/settings/clusters", "").unwrap();
        assert_eq!(
            (setting.operation, setting.owner.as_deref()),
            (Operation::GetAccountSetting, Some("acct/clusters"))
        );
        assert_eq!(of("x/networks", "[]"), None);
    }

    #[test]
    fn the_key_decides_before_the_file_name() {
        assert_eq!(of("describe-vpcs", "{\"Subnets\":[]}").unwrap().operation, Operation::DescribeSubnets);
        assert_eq!(of("eu-describe-vpc-endpoints~2", "{").unwrap().operation, Operation::DescribeVpcEndpoints);
        assert_eq!(of("x", "{\"Foo\":[]}"), None);
        let denied = "An error occurred (AccessDenied) when calling the ListFirewalls operation: no";
        assert_eq!(of("x", denied).unwrap().operation, Operation::ListFirewalls);
        assert_eq!(of("in/NatGateways", "{").unwrap().operation, Operation::DescribeNatGateways);
    }

    #[test]
    fn files_that_bear_the_names_of_keys_are_no_answer() {
        let files = |text| super::are_files(&crate::sources::json::members(text).unwrap());
        assert!(files("{\"Vpcs\":{\"Vpcs\":[]}}") && files("{\"a\":{},\"Vpcs\":{\"Error\":{}}}"));
        assert!(!files("{\"Vpcs\":[]}") && !files("{\"Role\":{\"RoleName\":\"x\"}}") && !files("{}"));
        let options = "{\"VpcBlockPublicAccessOptions\":{\"AwsRegion\":\"eu-west-1\"}}";
        assert!(!files(options) && files(&format!("{{\"VpcBlockPublicAccessOptions\":{options}}}")));
    }

    #[test]
    fn hostile_texts_are_broken_not_fatal() {
        for text in ["", "{", "[", "3", "\"x\"", "hello", &"[".repeat(1_000_000), "{\"a\":1}x"] {
            assert!(content(text).is_err(), "{}", &text[..text.len().min(10)]);
        }
    }
}
