//! Why a question cannot be asked: words that name nothing, or several things, or are no words.

use thiserror::Error;

/// Which end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The source.
    From,
    /// The destination.
    To,
}

impl Side {
    /// `source` or `destination`.
    pub fn word(self) -> &'static str {
        match self {
            Self::From => "source",
            Self::To => "destination",
        }
    }

    /// What may stand there.
    pub fn kinds(self) -> &'static str {
        match self {
            Self::From => {
                "a workspace (name, id or deployment name), subnet-…, eni-…, i-…, vpce-…, sg-…@subnet-…, \
                 sg-…@vpc-…, internet, vgw-… or tgw-attach-…"
            }
            Self::To => {
                "an address, a CIDR block, a host name, eni-…, i-…, vpce-…, subnet-…, a workspace, internet, or \
                 what the workspace of the source needs (relay, rest …)"
            }
        }
    }
}

/// Why a question cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QuestionError {
    /// A word that names nothing, although the list that it would stand in was collected.
    #[error("the {} `{word}` is not in the evidence", side.word())]
    Nothing {
        /// Which end.
        side: Side,
        /// The word.
        word: String,
    },
    /// A word that names several things.
    #[error("the {} `{word}` is not clear: it may be {}", side.word(), candidates.join(" or "))]
    Several {
        /// Which end.
        side: Side,
        /// The word.
        word: String,
        /// What it may mean.
        candidates: Vec<String>,
    },
    /// A word that no flow can start or end at.
    #[error("the {} `{word}` cannot be used: {reason}", side.word())]
    Unusable {
        /// Which end.
        side: Side,
        /// The word.
        word: String,
        /// Why not.
        reason: String,
    },
    /// No protocol of one number.
    #[error("`{0}` is no protocol: tcp, udp, icmp, or a number from 0 to 255")]
    Protocol(String),
    /// No address.
    #[error("`{0}` is no address")]
    Address(String),
    /// The source does not have this address.
    #[error("{address} lies in no subnet of the source `{word}`")]
    Elsewhere {
        /// The address.
        address: String,
        /// The source.
        word: String,
    },
}

impl QuestionError {
    pub(super) fn unusable(side: Side, word: &str, reason: impl Into<String>) -> Self {
        Self::Unusable { side, word: word.to_owned(), reason: reason.into() }
    }
}
