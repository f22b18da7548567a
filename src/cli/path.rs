//! The command line of `plaudit path`: clap types only.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::output;

const PATH_EXIT_CODES: &str = "Exit codes:
   0  reachable; with --expect, as expected; flows and --reachable: answered
   1  unreachable; with --expect, not as expected
   2  usage error, unreadable evidence, a word that names nothing; nothing was asked
   3  unknown: the evidence that is missing is named
  70  a bug in plaudit";

/// Flags of `path`.
#[derive(Debug, Args)]
#[command(after_help = PATH_EXIT_CODES)]
pub struct PathArgs {
    /// Evidence: directories and files. Several are merged; answers that disagree are a gap.
    #[arg(required = true, value_name = "EVIDENCE", value_hint = clap::ValueHint::AnyPath)]
    pub evidence: Vec<PathBuf>,

    /// Source: a workspace (name, id or deployment name), subnet-…, eni-…, i-…, vpce-…,
    /// sg-…@subnet-…, sg-…@vpc-…, internet, vgw-… or tgw-attach-….
    #[arg(long, value_name = "SOURCE", help_heading = "Question", required_unless_present = "flows")]
    pub from: Option<String>,

    /// Destination: an address, CIDR block or host name, eni-…, i-…, vpce-…, subnet-…, a
    /// workspace, internet, or what the workspace of the source needs (relay, rest …).
    #[arg(long, value_name = "DESTINATION", help_heading = "Question", required_unless_present_any = ["flows", "reachable"])]
    pub to: Option<String>,

    /// Destination port; for ICMP 256 times the type plus the code [default: 443, an echo
    /// request, or what the destination needs].
    #[arg(long, value_name = "PORT", help_heading = "Question")]
    pub port: Option<u16>,

    /// tcp, udp, icmp, or the number of a protocol.
    #[arg(long, value_name = "PROTOCOL", default_value = "tcp", help_heading = "Question")]
    pub protocol: String,

    /// Source port [default: any of 1024-65535].
    #[arg(long, value_name = "PORT", help_heading = "Question")]
    pub source_port: Option<u16>,

    /// Address of the source, when it has several or stands for a network.
    #[arg(long, value_name = "ADDRESS", help_heading = "Question")]
    pub from_ip: Option<String>,

    /// Answer the flows of a JSON file (`-` for standard input) instead, as a JSON array in the same
    /// order. A flow is {"from", "from_ip", "to", "protocol", "port", "source_port"}, in the words of
    /// the flags; all but from and to may be absent.
    #[arg(
        long, value_name = "FILE", help_heading = "Question", value_hint = clap::ValueHint::FilePath,
        conflicts_with_all = ["from", "to", "port", "protocol", "source_port", "from_ip", "reachable", "expect"],
    )]
    pub flows: Option<PathBuf>,

    /// Say everything that the source reaches, instead of asking for one destination.
    #[arg(long, help_heading = "Question", conflicts_with_all = ["to", "port", "protocol", "source_port", "expect"])]
    pub reachable: bool,

    /// What the verdict must be. `unreachable` holds when no source reaches any part of the
    /// destination.
    #[arg(long, value_name = "VERDICT", help_heading = "Gate")]
    pub expect: Option<Expect>,

    /// Format of the report on standard output [default: text, or none when -o is given; json for
    /// flows].
    #[arg(short, long, value_name = "FORMAT", help_heading = "Output")]
    pub format: Option<PathFormat>,

    /// Write a report to a file too, as FORMAT=FILE; may be repeated.
    #[arg(short, long, value_name = "FORMAT=FILE", value_parser = output::<PathFormat>, help_heading = "Output")]
    pub output: Vec<(PathFormat, PathBuf)>,

    /// Marks and arrows of the text in ASCII.
    #[arg(long, help_heading = "Output")]
    pub ascii: bool,
}

/// A verdict that someone expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Expect {
    /// Request and reply get through.
    Reachable,
    /// Nothing gets through.
    Unreachable,
}

/// A format of `path`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PathFormat {
    /// For people.
    Text,
    /// plaudit-path/1.
    Json,
    /// A drawing for Graphviz.
    Dot,
    /// A drawing for browsers.
    Svg,
}
