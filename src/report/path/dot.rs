//! A reply as a drawing for Graphviz: a cluster a group of pairs, the request above, the reply
//! below.
//!
//! Every text is escaped twice: what steers a terminal is shown, and quotes and backslashes cannot
//! end a string. Labels are plain text, never HTML.

use std::io::{self, Write};

use super::{codes, headline, hops, title};
use crate::reach::question::{Case, Reply};
use crate::reach::{Hop, Leg, Passage};
use crate::report::escape;

/// Writes the drawing.
pub fn write(reply: &Reply, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "digraph path {{")?;
    writeln!(out, "  rankdir=LR; compound=true; bgcolor=\"white\"; fontname=\"sans-serif\";")?;
    writeln!(out, "  label={}; labelloc=t; labeljust=l;", quoted(&[&headline(reply)]))?;
    writeln!(
        out,
        "  node [shape=box, style=\"rounded,filled\", fillcolor=\"white\", color=\"#57606a\", fontname=\"sans-serif\", fontsize=10];"
    )?;
    writeln!(out, "  edge [color=\"#57606a\", fontname=\"sans-serif\", fontsize=9];")?;
    for (number, group) in reply.groups().iter().enumerate() {
        let Some(case) = group.cases.first() else { continue };
        writeln!(out, "  subgraph cluster_{number} {{")?;
        writeln!(out, "    label={}; color=\"#d0d7de\";", quoted(&[&title(group)]))?;
        for leg in [Leg::Forward, Leg::Return] {
            path(case, leg, number, out)?;
        }
        writeln!(out, "  }}")?;
    }
    writeln!(out, "}}")
}

fn path(case: &Case, leg: Leg, group: usize, out: &mut impl Write) -> io::Result<()> {
    let hops = hops(case, leg);
    let (codes, elsewhere) = codes(case, leg);
    let name = |number: usize| format!("{}_{group}_{number}", leg.word());
    for (number, (hop, codes)) in hops.iter().zip(&codes).enumerate() {
        let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
        let lines = [hop.component.word(), &hop.resource, &hop.decision, &names.join(", ")];
        writeln!(out, "    {} [label={}{}];", name(number), quoted(&lines), look(hop))?;
        if number > 0 {
            let label = if number == 1 { format!(" [label={}]", quoted(&[leg.word()])) } else { String::new() };
            writeln!(out, "    {} -> {}{label};", name(number - 1), name(number))?;
        }
    }
    for (number, blocker) in elsewhere.iter().enumerate() {
        let label = quoted(&[leg.word(), &blocker.resource, blocker.code.name()]);
        let name = format!("{}_{group}_elsewhere_{number}", leg.word());
        writeln!(out, "    {name} [label={label}, color=\"#cf222e\", fontcolor=\"#cf222e\", penwidth=2];")?;
    }
    Ok(())
}

fn look(hop: &Hop) -> &'static str {
    match hop.passage {
        Passage::Passed => "",
        Passage::Blocked => ", color=\"#cf222e\", fontcolor=\"#cf222e\", penwidth=2",
        Passage::Unknown => ", style=\"rounded,filled,dashed\"",
    }
}

/// A quoted string of lines; empty ones are left out.
fn quoted(lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().filter(|line| !line.is_empty()).map(|line| escaped(line)).collect();
    format!("\"{}\"", lines.join("\\n"))
}

fn escaped(text: &str) -> String {
    escape::line(text).replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn nothing_ends_a_string() {
        assert_eq!(quoted(&["a\"];x[\\", "", "b\n"]), r#""a\"];x[\\\nb\\u{a}""#);
    }
}
