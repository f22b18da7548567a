//! The identity of a finding over time: SHA-256 of the rule id, the kind and the id of the
//! subject. Wording, severity, file names, line numbers, profile, order and tool version must
//! not change it, or every alert closes and reopens with each release.

use sha2::{Digest, Sha256};

/// The fingerprint of a finding: 64 hexadecimal digits.
pub fn fingerprint(rule: &str, subject_kind: &str, subject_id: &str) -> String {
    let mut hasher = Sha256::new();
    for part in ["plaudit/v1", rule, subject_kind, subject_id] {
        // the length keeps ("ab", "c") apart from ("a", "bc")
        hasher.update(part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    hasher.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
