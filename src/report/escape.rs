//! Names, tags and messages come from accounts that others write to. Whatever could steer a
//! terminal or disguise the text around it is shown, not obeyed.
//!
//! Input: any text. Output: text in which control, bidirectional and invisible characters are
//! visible (`\u{202e}`), or JSON in which they are escaped and read back unchanged. It refuses
//! to drop anything: two different names never look the same.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

/// One line of text; a line break in it is shown too.
pub fn line(text: &str) -> Cow<'_, str> {
    escape(text, &[])
}

/// Text of several lines; line breaks and tabs stay.
pub fn block(text: &str) -> Cow<'_, str> {
    escape(text, &['\n', '\t'])
}

fn escape<'a>(text: &'a str, kept: &[char]) -> Cow<'a, str> {
    let hostile = |c: char| is_hostile(c) && !kept.contains(&c);
    if !text.contains(hostile) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hostile(c) {
            escaped.extend(c.escape_unicode());
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// Characters that act instead of being seen.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}'
            // fillers that are letters without a shape
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}'
            | '\u{180b}'..='\u{180f}'
            // zero width, direction marks, line and paragraph separators, embeddings and overrides
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            // tags and variation selectors, which can carry a whole hidden text
            | '\u{e0000}'..='\u{e0fff}')
}

/// Writes a value as indented JSON that is safe to show in a terminal, with a final line break.
pub fn write_json(value: &impl Serialize, out: &mut impl io::Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Safe(PrettyFormatter::new()));
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// The pretty formatter, with hostile characters as `\u202e`.
struct Safe(PrettyFormatter<'static>);

macro_rules! delegate {
    ($($name:ident($($arg:ident: $ty:ty)?);)*) => {
        $(fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $arg: $ty)?) -> io::Result<()> {
            self.0.$name(writer $(, $arg)?)
        })*
    };
}

impl Formatter for Safe {
    delegate! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if !fragment.contains(is_hostile) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut safe = String::with_capacity(fragment.len() + 16);
        for c in fragment.chars() {
            if is_hostile(c) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // writing to a String cannot fail
                    let _ = write!(safe, "\\u{unit:04x}");
                }
            } else {
                safe.push(c);
            }
        }
        writer.write_all(safe.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_shown() {
        assert_eq!(line("a\u{1b}[31mb"), r"a\u{1b}[31mb");
        assert_eq!(line("\u{202e}txt\u{200b}"), r"\u{202e}txt\u{200b}");
        assert_eq!(line("two\nlines\r"), r"two\u{a}lines\u{d}");
        assert_eq!(block("two\n\tlines\r"), "two\n\tlines\\u{d}");
    }

    #[test]
    fn letters_of_every_script_stay() {
        for text in ["prod-eu", "Zürich", "東京", "القاهرة", "🦀", "50 % \"off\""] {
            assert!(matches!(line(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn json_is_safe_and_reads_back_unchanged() {
        let name = "\u{202e}\u{e0041}\u{7f}\u{9b}31m\u{1b}\"\\é";
        let mut bytes = Vec::new();
        write_json(&[name], &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains(|c: char| is_hostile(c) && c != '\n'), "{text}");
        assert!(text.contains(r"\u202e\udb40\udc41\u007f\u009b31m"), "{text}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&text).unwrap(), [name]);
    }
}
