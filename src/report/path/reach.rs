//! What a source reaches, by zone and service, in the fewest blocks; what is not certain apart.

use std::collections::BTreeMap;
use std::io;

use anstyle::Style;
use schemars::JsonSchema;
use serde::Serialize;

use super::layout::Page;
use super::text::{Options, missing};
use crate::reach::question::Sphere;
use crate::reach::{FlowSet, Zone};
use crate::report::escape;
use crate::report::json::Gap;

/// The value of `format`.
pub const FORMAT: &str = "plaudit-reachable/1";

/// What is to be said of one question.
#[derive(Clone, Copy, Debug)]
pub struct Spheres<'a> {
    /// The source as it was asked for.
    pub from: &'a str,
    /// What each start of it reaches.
    pub spheres: &'a [Sphere],
    /// What was assumed.
    pub notes: &'a [String],
}

/// A line: services with blocks.
type Lines = BTreeMap<String, Vec<(String, String)>>;

/// Writes the spheres for people; starts that reach the same stand together.
pub fn write_text(all: &Spheres<'_>, options: &Options, out: &mut impl io::Write) -> io::Result<()> {
    let page = &mut Page::new(options, out);
    page.line(0, page.styles.heading, &format!("{} reaches", all.from.trim()))?;
    let mut groups: Vec<(Vec<&str>, &Sphere)> = Vec::new();
    for sphere in all.spheres {
        match groups.iter_mut().find(|(_, known)| {
            written(known, true) == written(sphere, true) && written(known, false) == written(sphere, false)
        }) {
            Some((labels, _)) => labels.push(&sphere.from),
            None => groups.push((vec![&sphere.from], sphere)),
        }
    }
    for (labels, sphere) in groups {
        page.space()?;
        page.item(0, "from ", page.styles.dim, &labels.join(", "))?;
        let certain = written(sphere, true);
        if certain.is_empty() {
            page.item(2, "", Style::new(), "nothing for certain")?;
        }
        lines(page, &certain)?;
        let perhaps = written(sphere, false);
        if !perhaps.is_empty() {
            page.item(2, "", page.styles.unknown, "not certain")?;
            lines(page, &perhaps)?;
        }
    }
    for note in all.notes {
        page.space()?;
        page.item(0, "note: ", Style::new(), note)?;
    }
    missing(page, all.spheres.iter().flat_map(|sphere| &sphere.reach.gaps).map(AsRef::as_ref))
}

/// The parts of a sphere by zone, in words.
fn written(sphere: &Sphere, certain: bool) -> Lines {
    let mut zones = Lines::new();
    for (zone, set) in sets(sphere, certain) {
        for (services, addresses) in set.pieces() {
            let blocks: Vec<String> = addresses.blocks().iter().map(ToString::to_string).collect();
            zones.entry(zone.clone()).or_default().push((services, blocks.join(", ")));
        }
    }
    zones
}

/// The sets of a sphere by zone: those that are certain, or the others.
fn sets(sphere: &Sphere, certain: bool) -> Vec<(String, &FlowSet)> {
    let parts = sphere.reach.parts.iter();
    let mut sets: Vec<(String, &FlowSet)> =
        parts.map(|part| (words(&part.zone), if certain { &part.sure } else { &part.unsure })).collect();
    if !certain {
        sets.push(("where nobody knows".to_owned(), &sphere.reach.lost));
    }
    sets.retain(|(_, set)| !set.is_empty());
    sets
}

fn words(zone: &Zone) -> String {
    match zone {
        Zone::Vpc(id) => format!("in {id}"),
        Zone::Internet => "internet".to_owned(),
        Zone::OnPremises(id) => format!("on premises behind {id}"),
        Zone::Service(id) => format!("service behind {id}"),
    }
}

fn lines<W: io::Write>(page: &mut Page<'_, W>, zones: &Lines) -> io::Result<()> {
    for (zone, parts) in zones {
        page.line(2, page.styles.heading, zone)?;
        for (services, blocks) in parts {
            page.item(4, "", Style::new(), services)?;
            page.item(6, "", page.styles.dim, blocks)?;
        }
    }
    Ok(())
}

/// What a source reaches.
#[derive(Serialize, JsonSchema)]
struct Report<'a> {
    /// `plaudit-reachable/1`.
    format: &'static str,
    /// The source as it was asked for.
    from: &'a str,
    /// Its starts.
    sources: Vec<Source<'a>>,
    /// What was assumed or left out.
    notes: &'a [String],
}

/// One start.
#[derive(Serialize, JsonSchema)]
struct Source<'a> {
    from: &'a str,
    parts: Vec<Part>,
    /// What is not known, in words.
    gaps: Vec<String>,
    /// The calls that would close the gaps.
    missing: Vec<Gap<'a>>,
}

/// Some services at some addresses.
#[derive(Serialize, JsonSchema)]
struct Part {
    /// Where they lie.
    zone: String,
    /// `tcp/443`, `tcp/1024-65535`, `all` …
    services: String,
    /// The fewest blocks that make them up.
    blocks: Vec<String>,
    /// False where evidence is missing that may take them away.
    certain: bool,
}

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}

/// Writes the spheres for programs.
pub fn write_json(all: &Spheres<'_>, out: &mut impl io::Write) -> io::Result<()> {
    let sources = all.spheres.iter().map(Source::of).collect();
    escape::write_json(&Report { format: FORMAT, from: all.from, sources, notes: all.notes }, out)
}

impl<'a> Source<'a> {
    fn of(sphere: &'a Sphere) -> Self {
        let gaps = &sphere.reach.gaps;
        Self {
            from: &sphere.from,
            parts: [true, false].into_iter().flat_map(|certain| parts(sphere, certain)).collect(),
            gaps: gaps.iter().map(ToString::to_string).collect(),
            missing: gaps.iter().map(|gap| Gap::of(gap)).collect(),
        }
    }
}

fn parts(sphere: &Sphere, certain: bool) -> Vec<Part> {
    let pieces = sets(sphere, certain).into_iter().flat_map(|(zone, set)| {
        set.pieces().into_iter().map(move |(services, addresses)| (zone.clone(), services, addresses))
    });
    let part = |(zone, services, addresses): (String, String, crate::reach::IpSet)| {
        let blocks = addresses.blocks().iter().map(ToString::to_string).collect();
        Part { zone, services, blocks, certain }
    };
    pieces.map(part).collect()
}
