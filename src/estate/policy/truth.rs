//! Three-valued logic for matches: yes, no, or unsure with the reason.
//!
//! Input: matches. Output: their conjunction, disjunction or negation, after Kleene: an
//! unsure part that cannot change the answer is dropped.

/// Whether something matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Match {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// What we know leaves it open; the text says what is missing.
    Unsure(String),
}

impl Match {
    /// Every part must match. Stops at the first that does not.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::fold(parts, Self::Yes, &Self::No)
    }

    /// One part must match. Stops at the first that does.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::fold(parts, Self::No, &Self::Yes)
    }

    /// `neutral` is the answer when nothing speaks against it, `decisive` ends the search.
    fn fold(parts: impl IntoIterator<Item = Self>, neutral: Self, decisive: &Self) -> Self {
        let mut answer = neutral;
        for part in parts {
            if part == *decisive {
                return part;
            }
            // The first reason is kept: it names the earliest place to look at.
            if matches!(part, Self::Unsure(_)) && !matches!(answer, Self::Unsure(_)) {
                answer = part;
            }
        }
        answer
    }

    /// The opposite, if `negate`; unsure stays unsure.
    pub(super) fn negated_if(self, negate: bool) -> Self {
        match (self, negate) {
            (Self::Yes, true) => Self::No,
            (Self::No, true) => Self::Yes,
            (same, _) => same,
        }
    }
}

impl From<bool> for Match {
    fn from(matched: bool) -> Self {
        if matched { Self::Yes } else { Self::No }
    }
}
