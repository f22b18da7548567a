//! What the evidence lacks, as facts.

use super::{Kind, Ref, Schema, field, maybe_text, text};
use crate::estate::{Estate, Gap};

pub(super) static GAP: Schema = Schema {
    name: "Gap",
    doc: "Something that the evidence lacks, as the sources noted it.",
    fields: &[
        field("operation", Kind::Text, "The call.", |e, r| text(gap(e, r).operation.name())),
        field(
            "reason",
            Kind::Text,
            "`disagreement`, `undecodable`, `access-denied`, `not-collected` and others.",
            |e, r| {
                text(
                    serde_json::to_value(gap(e, r).reason)
                        .ok()
                        .and_then(|value| value.as_str().map(str::to_owned))
                        .unwrap_or_default(),
                )
            },
        ),
        field("scope", Kind::Text, "Account, region and resource.", |e, r| text(gap(e, r).scope.to_string())),
        field("detail", Kind::Text, "What the source said; null when it said nothing.", |e, r| {
            maybe_text(Some(&gap(e, r).detail).filter(|detail| !detail.is_empty()))
        }),
    ],
};

/// The gap of a reference.
pub(super) fn gap(e: &Estate, r: Ref) -> &Gap {
    &e.noted[r.row as usize].0
}
