//! The shape of a word, before anyone looks it up.

use super::error::{QuestionError, Side};
use crate::reach::address::{Block, Ip};

/// No word of the evidence is longer; a host name ends at 253.
const LONGEST: usize = 1024;

/// What a word looks like. Ids are looked up later; a workspace may have any name, also one that
/// looks like an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// Anyone outside.
    Internet,
    /// An id by its prefix.
    Id(Kind, &'a str),
    /// `sg-…@subnet-…` or `sg-…@vpc-…`: group and place.
    GroupAt(&'a str, &'a str),
    /// An address.
    Address(Ip),
    /// A block of more than one address.
    Block(Block),
    /// A workspace, a required destination or a host.
    Name(&'a str),
}

/// Kinds of ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Subnet,
    Interface,
    Instance,
    Endpoint,
    VpnGateway,
    Attachment,
    Group,
    Vpc,
}

const PREFIXES: &[(&str, Kind)] = &[
    ("subnet-", Kind::Subnet),
    ("eni-", Kind::Interface),
    ("i-", Kind::Instance),
    ("vpce-", Kind::Endpoint),
    ("vgw-", Kind::VpnGateway),
    ("tgw-attach-", Kind::Attachment),
    ("sg-", Kind::Group),
    ("vpc-", Kind::Vpc),
];

impl<'a> Word<'a> {
    /// The shape of a word.
    pub(super) fn parse(side: Side, text: &'a str) -> Result<Self, QuestionError> {
        let word = text.trim();
        if word.is_empty() {
            return Err(QuestionError::unusable(side, word, "it is empty"));
        }
        if word.len() > LONGEST {
            let start: String = word.chars().take(40).collect();
            return Err(QuestionError::unusable(
                side,
                &format!("{start}…"),
                format!("it is longer than {LONGEST} bytes"),
            ));
        }
        if word.eq_ignore_ascii_case("internet") {
            return Ok(Self::Internet);
        }
        if let Some((group, place)) = word.split_once('@').filter(|(group, _)| group.starts_with("sg-")) {
            return Ok(Self::GroupAt(group, place));
        }
        if let Some((_, kind)) = PREFIXES.iter().find(|(prefix, _)| word.starts_with(prefix)) {
            return Ok(Self::Id(*kind, word));
        }
        if let Some(ip) = Ip::parse(word) {
            return Ok(Self::Address(ip));
        }
        match Block::parse(word) {
            Some(block) if block.first == block.last => Ok(Self::Address(block.first)),
            Some(block) => Ok(Self::Block(block)),
            None => Ok(Self::Name(word)),
        }
    }
}

/// Whether a name can be one of a host: labels of letters, digits, hyphens and underscores.
pub(super) fn is_host(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let label = |label: &str| (1..=63).contains(&label.len()) && label.chars().all(letter);
    name.len() <= 253 && name.contains('.') && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Word, is_host};
    use crate::reach::address::{Block, Ip};
    use crate::reach::question::Side;

    #[test]
    fn a_word_is_known_by_its_shape() {
        let parse = |text| Word::parse(Side::To, text).unwrap();
        assert_eq!(parse(" Internet "), Word::Internet);
        assert_eq!(parse("subnet-1"), Word::Id(Kind::Subnet, "subnet-1"));
        assert_eq!(parse("sg-1@vpc-1"), Word::GroupAt("sg-1", "vpc-1"));
        assert_eq!(parse("10.0.0.1/32"), Word::Address(Ip::parse("10.0.0.1").unwrap()));
        assert_eq!(parse("10.0.0.0/8"), Word::Block(Block::parse("10.0.0.0/8").unwrap()));
        assert_eq!(parse("prod"), Word::Name("prod"));
        assert_eq!(parse("ops@example"), Word::Name("ops@example"));
        assert!(Word::parse(Side::To, " ").is_err() && Word::parse(Side::To, &"a".repeat(2000)).is_err());
    }

    #[test]
    fn a_host_name_has_labels() {
        assert!(is_host("dbc-1.cloud.databricks.com") && is_host("a.b.") && is_host("_x.example"));
        for name in ["prod", "a..b", ".", "a b.c", "<script>.x", "a.b/c", ""] {
            assert!(!is_host(name), "{name}");
        }
    }
}
