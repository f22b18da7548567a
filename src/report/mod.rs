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

#[cfg(test)]
mod tests {
    use super::*;

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
