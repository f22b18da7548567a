//! Required paths: what a workspace needs of the network, and whether it has it.

use std::sync::Arc;

use super::{Fact, Kind, Read, Record, Ref, Schema, TEXTS, bool, field, record, text, texts};
use crate::estate::{Estate, Gap, Operation, Reason};
use crate::reach::required::{Exit, Required, RequiredPath};
use crate::reach::{Blocker, Leg, Ports, Verdict, World};

pub(super) static REQUIRED_PATH: Schema = Schema {
    name: "RequiredPath",
    doc: "A path that a workspace needs, predicted from its cluster subnets (or its users) to what serves the need: over every subnet, address and port together.",
    fields: &[
        field("id", Kind::Text, "`<workspace id>/<name>`.", |e, r| of(e, r, |path| text(id(e, path)))),
        field(
            "name",
            Kind::Text,
            "The need: `rest`, `internal-api`, `unity-catalog`, `extendability`, `relay`, `relay-fips`, `s3-root`, `s3-artifacts`, `s3-logs`, `s3-system-tables`, `sts`, `kinesis`, `kms`, `nodes`, `nodes-udp`, `dns`, `dns-tcp`, `front-end`.",
            |e, r| of(e, r, |path| text(path.name)),
        ),
        field("title", Kind::Text, "What it leads to, in words.", |e, r| of(e, r, |path| text(path.title))),
        field("breaks", Kind::Text, "What stops working without it.", |e, r| of(e, r, |path| text(path.breaks))),
        field("trust", Kind::Text, "How well the need is known: `documented`, `reference` or `unverified`.", |e, r| {
            of(e, r, |path| text(path.trust.word()))
        }),
        field("protocol", Kind::Text, "`tcp` or `udp`.", |e, r| of(e, r, |path| text(path.protocol.to_string()))),
        field("ports", Kind::Text, "Destination ports: `6666`, `8445-8451`, `0-65535`.", |e, r| {
            of(e, r, |path| text(ports(&path.ports)))
        }),
        field("hosts", TEXTS, "Host names that lead there; empty for nodes and name servers.", |e, r| {
            of(e, r, |path| texts(&path.hosts))
        }),
        field("workspace", Kind::Record(Record::Workspace), "The workspace.", |e, r| {
            of(e, r, |path| record(Record::Workspace, path.workspace))
        }),
        field("network", Kind::Record(Record::Network), "Its network configuration.", |e, r| {
            of(e, r, |path| record(Record::Network, path.network))
        }),
        field("private_link", Kind::Bool, "Whether the network has both back-end endpoints.", |e, r| {
            of(e, r, |path| bool(super::network::back_end(e, Ref::row(Record::Network, path.network))?))
        }),
        field("reachable", Kind::Bool, "Whether requests arrive and replies return, all of them.", |e, r| {
            of(e, r, |path| match path.verdict {
                Verdict::Reachable => bool(true),
                Verdict::Unreachable => bool(false),
                Verdict::Unknown => Err(gap(e, path)),
            })
        }),
        field(
            "request_arrives",
            Kind::Bool,
            "Whether the requests arrive, whatever becomes of the replies.",
            |e, r| {
                of(e, r, |path| match path.verdict {
                    _ if stopped(path) => bool(false),
                    Verdict::Reachable => bool(true),
                    Verdict::Unreachable if path.gaps.is_empty() => bool(true),
                    Verdict::Unreachable | Verdict::Unknown => Err(gap(e, path)),
                })
            },
        ),
        field("request_stopped", Kind::Bool, "Whether something certainly stops a request; never unknown.", |e, r| {
            of(e, r, |path| bool(stopped(path)))
        }),
        field("blockers", TEXTS, "What stops it, in the order of the path: `CODE resource: detail`.", |e, r| {
            of(e, r, |path| texts(path.blockers.iter().map(words)))
        }),
        field("codes", TEXTS, "The explanation codes of what stops it, each once.", |e, r| {
            of(e, r, |path| {
                let mut codes: Vec<&str> = path.blockers.iter().map(|blocker| blocker.code.name()).collect();
                codes.sort_unstable();
                codes.dedup();
                texts(codes)
            })
        }),
        field(
            "first_blocker",
            Kind::Text,
            "What stops it first: on the way there, else on the way back; null when nothing does.",
            |e, r| {
                of(e, r, |path| {
                    let first = path.blockers.iter().find(|blocker| blocker.leg == Leg::Forward);
                    first.or_else(|| path.blockers.first()).map_or(Ok(Fact::Null), |blocker| text(words(blocker)))
                })
            },
        ),
        field("blocked_subnets", TEXTS, "Subnets from which it fails.", |e, r| {
            of(e, r, |path| texts(&path.blocked_subnets))
        }),
        field("blocked_ports", Kind::Text, "Ports that fail: those of the need, when all do.", |e, r| {
            of(e, r, |path| {
                text(if path.blocked_ports.is_empty() { ports(&path.ports) } else { path.blocked_ports.clone() })
            })
        }),
        field(
            "exits",
            TEXTS,
            "Where its packets leave: `inside`, `endpoint`, `gateway-endpoint`, `nat`, `internet`, `inspected` (by a firewall, then the internet), `other-vpc`, `on-premises`.",
            |e, r| of(e, r, |path| exits(e, path, |_| true)),
        ),
        field(
            "internet_exits",
            TEXTS,
            "Those of its exits that lead to the internet; unknown only when none is known, and nothing certainly stops the requests.",
            |e, r| {
                of(e, r, |path| {
                    let open = |exit: Exit| matches!(exit, Exit::Nat | Exit::Internet | Exit::Inspected);
                    if stopped(path) || path.exits.iter().any(|exit| open(*exit)) {
                        return texts(path.exits.iter().filter(|exit| open(**exit)).map(|exit| exit.word()));
                    }
                    exits(e, path, open)
                })
            },
        ),
    ],
};

/// Reads the path that a record stands for.
fn of<T>(e: &Estate, r: Ref, read: impl FnOnce(&RequiredPath) -> T) -> T {
    let required = World::of(e).required();
    read(path(&required, r))
}

fn path(required: &Required, r: Ref) -> &RequiredPath {
    &required.paths[r.row as usize]
}

/// Something of the path that a record stands for; none for records of another kind.
pub(in crate::engine) fn required_path<T>(e: &Estate, r: Ref, read: impl FnOnce(&RequiredPath) -> T) -> Option<T> {
    (r.kind == Record::RequiredPath).then(|| of(e, r, read))
}

/// The row of the workspace that needs it.
pub(super) fn workspace_of(e: &Estate, r: Ref) -> u32 {
    of(e, r, |path| path.workspace)
}

/// What people call that workspace.
pub(super) fn workspace_name(e: &Estate, r: Ref) -> String {
    super::workspace::name(e, Ref::row(Record::Workspace, workspace_of(e, r)))
}

/// What people call the path: `prod/relay`.
pub(super) fn full_name(e: &Estate, r: Ref) -> String {
    of(e, r, |path| format!("{}/{}", workspace_name(e, r), path.name))
}

/// The paths of one workspace.
pub(super) fn of_workspace(e: &Estate, row: u32) -> Read {
    let required = World::of(e).required();
    if let Some((_, gap)) = required.unknown.iter().find(|(workspace, _)| *workspace == row) {
        return Err(Arc::clone(gap));
    }
    let first = required.paths.partition_point(|path| path.workspace < row);
    let own = (0u32..).zip(&required.paths).skip(first).take_while(|(_, path)| path.workspace == row);
    super::records(Record::RequiredPath, own.map(|(number, _)| number))
}

fn id(e: &Estate, path: &RequiredPath) -> String {
    format!("{}/{}", e.databricks.workspaces.row(path.workspace).id, path.name)
}

fn stopped(path: &RequiredPath) -> bool {
    path.blockers.iter().any(|blocker| blocker.leg == Leg::Forward)
}

fn words(blocker: &Blocker) -> String {
    format!("{} {}: {}", blocker.code.name(), blocker.resource, blocker.detail)
}

fn ports(ranges: &[Ports]) -> String {
    let one = |ports: &Ports| {
        if ports.from == ports.to { ports.from.to_string() } else { format!("{}-{}", ports.from, ports.to) }
    };
    ranges.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Why a verdict is not known; whoever says so has a reason.
fn gap(e: &Estate, path: &RequiredPath) -> Arc<Gap> {
    path.gaps.first().cloned().unwrap_or_else(|| {
        let row = e.databricks.workspaces.row(path.workspace);
        Gap::new(Operation::ListWorkspaces, row.place.scope().of(&row.id), Reason::Undetermined).shared()
    })
}

/// Where packets leave, as far as `wanted`; what is not known of the path may hide another way out.
fn exits(e: &Estate, path: &RequiredPath, wanted: fn(Exit) -> bool) -> Read {
    if path.exits.contains(&Exit::Unknown) || path.verdict == Verdict::Unknown || !path.gaps.is_empty() {
        return Err(gap(e, path));
    }
    texts(path.exits.iter().filter(|exit| wanted(**exit)).map(|exit| exit.word()))
}
