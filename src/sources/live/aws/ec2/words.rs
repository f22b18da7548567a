//! What the SDK's types have in common: everything is optional, and words are enums.

use aws_sdk_ec2::types as t;

use crate::estate::aws as a;

/// A list that may be missing, item by item.
pub(super) fn each<T, U>(items: Option<Vec<T>>, read: impl Fn(T) -> U) -> Vec<U> {
    items.unwrap_or_default().into_iter().map(read).collect()
}

/// A word as the service writes it, also one that the SDK does not know.
pub(super) fn word(word: Option<impl AsRef<str>>) -> Option<String> {
    word.map(|word| word.as_ref().to_owned())
}

/// The same, empty when it is missing.
pub(super) fn text(text: Option<impl AsRef<str>>) -> String {
    word(text).unwrap_or_default()
}

/// Tags.
pub(super) fn tags(tags: Option<Vec<t::Tag>>) -> Vec<a::Tag> {
    each(tags, |tag| a::Tag { key: text(tag.key), value: text(tag.value) })
}

/// A security group as interfaces and instances name it.
pub(super) fn group(group: t::GroupIdentifier) -> a::GroupPair {
    a::GroupPair {
        group_id: text(group.group_id),
        user_id: None,
        vpc_id: None,
        vpc_peering_connection_id: None,
        peering_status: None,
    }
}
