//! Reports: an [`Outcome`](crate::finding::Outcome) as bytes, one module a format.
//!
//! Input: an outcome in order, and options. Output: the same bytes every time, into any
//! `impl Write`. Nothing here judges, reads files, asks for the time or knows about terminals.

pub mod catalogue;
pub mod escape;
pub mod json;
pub mod path;
pub mod permissions;
pub mod sarif;
pub mod text;

use crate::estate::{Operation, Reason};

/// Home page of the project, an `https` URL; `informationUri` of the tool in SARIF.
pub const HOME: Option<&str> = None;

/// `1 file`, `2 files`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = match noun {
        _ if number == 1 => "",
        _ if noun.ends_with("ss") || noun.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{number} {noun}{plural}")
}

/// The first few of many: `a, b and 3 more`.
pub(crate) fn some_of<'a>(items: impl IntoIterator<Item = &'a str>, limit: usize) -> String {
    let items: Vec<&str> = items.into_iter().collect();
    let shown = items.iter().take(limit).copied().collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(limit) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Breaks a line at spaces; words that are too long stay whole, so that ids and paths can be
/// copied. An indented line keeps its indentation.
pub(crate) fn wrapped(line: &str, width: usize) -> Vec<String> {
    let body = line.trim_start();
    let margin = &line[..line.len() - body.len()];
    let mut lines = Vec::new();
    let mut current = String::from(margin);
    for word in body.split(' ').filter(|word| !word.is_empty()) {
        let empty = current.len() == margin.len();
        if !empty && current.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut current, margin.to_owned()));
        } else if !empty {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
    lines
}

/// What would close a gap: the permission and the file.
pub(crate) fn needs(operation: Operation, reason: Reason) -> String {
    let (name, file) = (operation.name(), operation.file());
    match reason {
        Reason::NotCollected | Reason::Skipped | Reason::Throttled | Reason::TimedOut | Reason::Absent => {
            format!("an answer to {name}, in {file}")
        }
        Reason::AccessDenied => format!("permission for {name}, or its answer in {file}"),
        Reason::Undecodable => format!("a readable answer to {name}, in {file}"),
        Reason::KnownAfterApply => format!("an audit after the apply, with an answer to {name} in {file}"),
        Reason::Disagreement => format!("one answer to {name} in {file}, instead of two that differ"),
        Reason::Undetermined => "a look at what decides there: no answer of AWS says it".to_owned(),
        Reason::RuleFault => "a repair of the rule: this is a fault of the rule, not of the estate".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_long_words_stay_whole() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a arn:aws:ec2:eu-central-1 b", 6), ["a", "arn:aws:ec2:eu-central-1", "b"]);
        assert_eq!(wrapped("a subnet-0123456789abcdef b", 6), ["a", "subnet-0123456789abcdef", "b"]);
        assert_eq!(wrapped("  - one two", 7), ["  - one", "  two"]);
        assert_eq!(wrapped("", 7), [""]);
        assert_eq!(wrapped("zu Zürich", 9), ["zu Zürich"]);
    }

    #[test]
    fn plurals() {
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
        assert_eq!(count(2, "pass"), "2 passes");
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        assert_eq!(some_of(["a", "b"], 2), "a, b");
        assert_eq!(some_of(["a", "b", "c", "d"], 2), "a, b and 2 more");
    }
}
