//! Credentials: texts that nothing shows, and messages that hold none.

use std::fmt;

use crate::sources::secret::looks_secret;

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

/// What stands where a secret was.
pub(super) const MASK: &str = "***";
/// The longest message that is kept, in characters.
const LONGEST: usize = 500;

impl Secret {
    /// Hides a text.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the header that needs it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// A message of a service in one line, without the secrets that were sent to it and without
/// anything that looks like one.
pub(super) fn plain(message: &str, secrets: &[&Secret]) -> String {
    let mut message = message.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.0.is_empty()) {
        message = message.replace(&secret.0, MASK);
    }
    let words: Vec<&str> =
        message.split_whitespace().map(|word| if looks_secret(word) { MASK } else { word }).collect();
    words.join(" ").chars().filter(|char| !char.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::{Secret, plain};

    #[test]
    fn secrets_are_never_shown() {
        let token = Secret::new("opaque");
        assert_eq!(format!("{token:?}"), "***");
        let message = "token opaque of\n\tdapi0123456789abcdef0123456789abcdef\u{7} is wrong";
        assert_eq!(plain(message, &[&token]), "token *** of *** is wrong");
        assert_eq!(plain(&"é ".repeat(600), &[]).chars().count(), 500);
    }
}
