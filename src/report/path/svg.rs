//! A reply as a drawing that every browser shows: a row of boxes for the request, one below for
//! the reply, per group of pairs.
//!
//! Input: a reply. Output: one SVG document without scripts, links, fonts or images of its own, on
//! a background of its own, so that it reads the same on dark and on light pages. Every text is
//! escaped, and what XML cannot hold is shown as its number.

use std::fmt::Write as _;
use std::io;

use super::{codes, headline, hops, title};
use crate::reach::question::{Case, Reply};
use crate::reach::{Hop, Leg, Passage};
use crate::report::{escape, wrapped};

const MARGIN: usize = 24;
const BOX: (usize, usize) = (196, 100);
const STEP: usize = 228;
const LINE: usize = 14;
/// Characters that fit into a line of a box.
const ROOM: usize = 30;
/// Characters of a code that fit, with room for the spaces that break it.
const CODE: usize = 28;
/// Lines of a decision; the rest stands in the title of the box.
const DECISION: usize = 3;
/// Hops of a row; a path that is longer goes on in the next.
const ROW: usize = 8;

const INK: &str = "#1f2328";
const QUIET: &str = "#57606a";
const RED: &str = "#cf222e";
const VIOLET: &str = "#8250df";

/// Writes the drawing.
pub fn write(reply: &Reply, out: &mut impl io::Write) -> io::Result<()> {
    let mut canvas = Canvas { y: MARGIN + LINE, ..Canvas::default() };
    canvas.text(MARGIN, INK, 15, true, &headline(reply));
    canvas.y += 2 * LINE;
    for group in reply.groups() {
        let Some(case) = group.cases.first() else { continue };
        canvas.text(MARGIN, INK, 12, true, &title(&group));
        canvas.y += LINE / 2;
        for leg in [Leg::Forward, Leg::Return] {
            canvas.row(case, leg);
        }
        canvas.y += LINE;
    }
    let (width, height) = (canvas.width + MARGIN, canvas.y + MARGIN);
    let name = escaped(&headline(reply));
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" font-family=\"sans-serif\">"
    )?;
    writeln!(out, "<title>{name}</title>")?;
    writeln!(out, "<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>")?;
    writeln!(
        out,
        "<defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"{QUIET}\"/></marker></defs>"
    )?;
    out.write_all(canvas.body.as_bytes())?;
    writeln!(out, "</svg>")
}

#[derive(Default)]
struct Canvas {
    body: String,
    y: usize,
    width: usize,
}

impl Canvas {
    /// A line of text at the current height, which it moves down.
    fn text(&mut self, x: usize, colour: &str, size: usize, bold: bool, text: &str) {
        let weight = if bold { " font-weight=\"bold\"" } else { "" };
        // a wide letter is about six tenths of its size
        self.width = self.width.max(x + text.chars().count() * size * 6 / 10);
        let y = self.y;
        let _ = writeln!(
            self.body,
            "<text x=\"{x}\" y=\"{y}\" fill=\"{colour}\" font-size=\"{size}\"{weight}>{}</text>",
            escaped(text)
        );
        self.y += LINE;
    }

    /// The hops of one way.
    fn row(&mut self, case: &Case, leg: Leg) {
        let hops = hops(case, leg);
        let (codes, elsewhere) = codes(case, leg);
        if hops.is_empty() && elsewhere.is_empty() {
            return;
        }
        self.y += LINE;
        self.text(MARGIN, QUIET, 11, false, leg.word());
        let top = self.y - LINE / 2;
        for (number, (hop, codes)) in hops.iter().zip(&codes).enumerate() {
            let (x, y) = (MARGIN + number % ROW * STEP, top + number / ROW * (BOX.1 + LINE));
            let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
            self.hop(x, y, hop, &names.join(", "));
            let way = match (number, number % ROW) {
                (0, _) => continue,
                // on from the end of the row above
                (_, 0) => {
                    let (from, middle) = (MARGIN + (ROW - 1) * STEP + BOX.0 / 2, y - LINE / 2);
                    format!("M{from} {}V{middle}H{}V{y}", y - LINE, x + BOX.0 / 2)
                }
                _ => format!("M{} {}H{x}", x - (STEP - BOX.0), y + BOX.1 / 2),
            };
            let _ =
                writeln!(self.body, "<path d=\"{way}\" stroke=\"{QUIET}\" fill=\"none\" marker-end=\"url(#end)\"/>");
        }
        let rows = hops.len().div_ceil(ROW);
        self.y = top + rows * (BOX.1 + LINE) + LINE;
        for blocker in elsewhere {
            self.text(MARGIN, RED, 11, true, &format!("{} {}", blocker.resource, blocker.code.name()));
        }
    }

    fn hop(&mut self, x: usize, y: usize, hop: &Hop, codes: &str) {
        let (stroke, extra) = match hop.passage {
            Passage::Passed => (QUIET, ""),
            Passage::Blocked => (RED, " stroke-width=\"2\""),
            Passage::Unknown => (VIOLET, " stroke-dasharray=\"5 3\""),
        };
        let (width, height) = BOX;
        self.width = self.width.max(x + width);
        let whole = [hop.component.word(), &hop.resource, &hop.decision, hop.passage.word(), codes];
        let whole: Vec<&str> = whole.into_iter().filter(|part| !part.is_empty()).collect();
        let _ = writeln!(self.body, "<g><title>{}</title>", escaped(&whole.join("; ")));
        let _ = writeln!(
            self.body,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"#f6f8fa\" stroke=\"{stroke}\"{extra}/>"
        );
        let (left, bottom) = (x + 8, self.y);
        self.y = y + 16;
        let lines = wrapped(shown(&hop.decision).trim_start(), ROOM);
        self.text(left, QUIET, 10, false, &cut(hop.component.word(), ROOM));
        self.text(left, INK, 10, true, &cut(&shown(&hop.resource), ROOM));
        for (number, line) in lines.iter().take(DECISION).enumerate() {
            let more = number + 1 == DECISION && lines.len() > DECISION;
            let line = if more { format!("{}…", cut(line, ROOM - 1)) } else { cut(line, ROOM) };
            self.text(left, INK, 10, false, &line);
        }
        // a code is one long word, and breaks behind an underscore
        let lines = wrapped(&codes.replace('_', "_ "), CODE);
        let lines: Vec<String> = lines.iter().map(|line| line.replace("_ ", "_")).collect();
        for (number, line) in lines.iter().filter(|line| !line.is_empty()).rev().take(2).enumerate() {
            self.y = y + height - 6 - number * 10;
            self.text(left, RED, 9, true, line);
        }
        self.y = bottom;
        let _ = writeln!(self.body, "</g>");
    }
}

/// At most so many characters.
fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

/// What would act is visible; noncharacters, which XML cannot hold, too.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in escape::line(text).chars() {
        if u32::from(c) & 0xFFFE == 0xFFFE {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Text of an element.
fn escaped(text: &str) -> String {
    shown(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{cut, escaped};

    #[test]
    fn no_text_is_markup() {
        assert_eq!(escaped("<a&\"b\">\u{1}\u{ffff}"), r"&lt;a&amp;&quot;b&quot;&gt;\u{1}\u{ffff}");
        assert_eq!(cut("abcdef", 4), "abc…");
    }
}
