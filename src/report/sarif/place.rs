//! Places in SARIF: GitHub refuses a whole file for one URI that is absolute, empty or not
//! encoded, so every path becomes a relative URI here.
//!
//! Input: the path of a location. Output: a relative URI with forward slashes. It refuses to
//! let a path outside the base into the file: of such a path only the part below the input
//! stays.

use std::fmt::Write as _;

/// Makes URIs relative to a base.
pub(super) struct Places {
    base: Vec<String>,
    /// The inputs as segments from the root, longest first.
    inputs: Vec<Vec<String>>,
}

impl Places {
    /// `base` is the absolute path that relative paths start from; inputs are as the user gave
    /// them.
    pub(super) fn new(base: &str, inputs: &[String]) -> Self {
        let mut base = resolved(&[], base);
        if base.is_empty() {
            // a segment that no path has: without a base, absolute paths are outside
            base.push(String::new());
        }
        let mut inputs: Vec<_> = inputs.iter().map(|input| resolved(&base, input)).collect();
        inputs.sort_by_key(|input| std::cmp::Reverse(input.len()));
        Self { base, inputs }
    }

    /// The relative URI of a path.
    pub(super) fn uri(&self, path: &str) -> String {
        let full = resolved(&self.base, path);
        let below_input = || {
            let input = self.inputs.iter().find(|input| full.starts_with(input))?;
            // the last segment of the input stays, so that a file that is the input has a name
            full.get(input.len().saturating_sub(1)..)
        };
        let last = full.len().saturating_sub(1);
        let segments = full.strip_prefix(self.base.as_slice()).or_else(below_input).unwrap_or_else(|| &full[last..]);
        let encoded: Vec<String> = segments.iter().map(|segment| encoded(segment)).collect();
        if encoded.is_empty() { "unknown".to_owned() } else { encoded.join("/") }
    }
}

/// The segments of a path from the root, without `.` and `..`.
fn resolved(base: &[String], path: &str) -> Vec<String> {
    let separator = |c: char| c == '/' || (cfg!(windows) && c == '\\');
    let absolute = path.starts_with(separator) || (cfg!(windows) && path.get(1..2) == Some(":"));
    let mut segments = if absolute { Vec::new() } else { base.to_vec() };
    for segment in path.split(separator) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment.to_owned()),
        }
    }
    segments
}

/// A path segment in RFC 3986 form; `:` too is encoded, because a first segment with one would
/// read as a scheme.
fn encoded(segment: &str) -> String {
    let mut uri = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'=' | b'@' | b'+' | b',' => {
                uri.push(char::from(byte));
            }
            // writing to a String cannot fail
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_relative_to_the_base() {
        let places = Places::new("/home/ann/repo", &["evidence".into(), "/srv/answers".into(), "../plan.json".into()]);
        for (path, uri) in [
            ("evidence/aws/vpcs.json", "evidence/aws/vpcs.json"),
            ("./evidence//a.json", "evidence/a.json"),
            ("/home/ann/repo/evidence/a.json", "evidence/a.json"),
            ("evidence/../plan.json", "plan.json"),
            ("/srv/answers/eu/vpcs.json", "answers/eu/vpcs.json"),
            ("../plan.json", "plan.json"),
            ("/etc/passwd", "passwd"),
            ("../../..", "unknown"),
            ("", "unknown"),
            ("evidence/50 % of é#?.json", "evidence/50%20%25%20of%20%C3%A9%23%3F.json"),
            ("arn:aws:x.json", "arn%3Aaws%3Ax.json"),
            ("evidence/a\u{202e}b\n.json", "evidence/a%E2%80%AEb%0A.json"),
        ] {
            assert_eq!(places.uri(path), uri, "{path}");
        }
    }

    #[test]
    fn without_a_base_absolute_paths_stay_out() {
        for base in ["", "/"] {
            let places = Places::new(base, &["/srv/answers".into()]);
            assert_eq!(places.uri("evidence/a.json"), "evidence/a.json");
            assert_eq!(places.uri("/srv/answers/a.json"), "answers/a.json");
            assert_eq!(places.uri("/home/ann/a.json"), "a.json");
        }
    }
}
