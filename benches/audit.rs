//! What an audit costs beside a bare parse of the same file. Nothing here is asserted: the
//! figures are printed, for people to compare.
//!
//! ```text
//! cargo bench                     estates of 100, 1,000 and 4,000 workspaces
//! cargo bench -- 100-workspaces   only the sampled benches of that name
//! ```
#![expect(clippy::disallowed_methods, reason = "a bench reads what it measures")]

mod common;

use std::fs;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::{Result, estate};
use criterion::{Criterion, Throughput};
use plaudit::commands::catalogue;
use plaudit::engine;
use plaudit::finding::{Outcome, Profile};
use plaudit::{report, sources};
use serde_json::Value;

const SIZES: [usize; 3] = [100, 1_000, 4_000];

/// Above this many workspaces one run is timed instead of many.
const SAMPLED: usize = 1_000;

fn main() -> Result<()> {
    // `cargo test --all-targets` runs benches too, to see that they start.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let mut criterion = Criterion::default().configure_from_args();
    for workspaces in SIZES {
        let file = estate(workspaces)?;
        if workspaces <= SAMPLED {
            sample(&mut criterion, workspaces, &file)?;
        }
        compare(workspaces, &file)?;
    }
    criterion.final_summary();
    Ok(())
}

fn sample(criterion: &mut Criterion, workspaces: usize, file: &Path) -> Result<()> {
    let bytes = fs::metadata(file)?.len();
    let mut group = criterion.benchmark_group(format!("{workspaces}-workspaces"));
    group.throughput(Throughput::Bytes(bytes)).sample_size(10).measurement_time(Duration::from_secs(10));
    group.bench_function("parse", |bencher| bencher.iter(|| parse(file)));
    group.bench_function("read", |bencher| bencher.iter(|| read(file)));
    group.bench_function("audit", |bencher| bencher.iter(|| audit(file)));
    group.finish();
    Ok(())
}

/// serde_json's own tree of the file: the least that any tool would do.
fn parse(file: &Path) -> Result<()> {
    black_box(serde_json::from_str::<Value>(&fs::read_to_string(file)?)?);
    Ok(())
}

fn read(file: &Path) -> Result<()> {
    black_box(sources::read(&[file.to_path_buf()])?);
    Ok(())
}

/// From the file to the bytes of a SARIF report; tells how many findings were made.
fn audit(file: &Path) -> Result<(usize, usize)> {
    let pack = catalogue(&[]).map_err(|error| error.to_string())?;
    let estate = Arc::new(sources::read(&[file.to_path_buf()])?);
    let rules: Vec<_> = pack.rules.iter().collect();
    let outcome = Outcome {
        findings: engine::run(&pack.env, &rules, &estate, &Profile::Hardened),
        rules: pack.rules.iter().map(|rule| rule.info.clone()).collect(),
        frameworks: pack.frameworks,
        profile: Profile::Hardened,
        switched_off: Vec::new(),
        collected: Vec::new(),
        gaps: estate.noted.iter().map(|(gap, _)| gap.clone()).collect(),
        inputs: vec![file.display().to_string()],
    };
    let options = report::sarif::Options { base: String::new(), category: None, all_results: false };
    let mut sarif = Vec::new();
    report::sarif::write(&outcome, &options, &mut sarif)?;
    Ok((outcome.findings.len(), black_box(sarif).len()))
}

/// One run of each, as ratios to the parse, and the peak memory of the binary.
fn compare(workspaces: usize, file: &Path) -> Result<()> {
    let bytes = fs::metadata(file)?.len();
    let (parse, _) = timed(|| parse(file))?;
    let (read, _) = timed(|| read(file))?;
    let (audit, (findings, sarif)) = timed(|| audit(file))?;
    let ratio = |time: Duration| time.as_secs_f64() / parse.as_secs_f64();
    let memory = peak(file)?
        .map_or_else(|| "not known".to_owned(), |peak| format!("{:.1}x the file", peak as f64 / bytes as f64));
    let mut stdout = std::io::stdout().lock();
    writeln!(
        stdout,
        "{workspaces} workspaces, {:.1} MB, {findings} verdicts, {:.1} MB of SARIF",
        megabytes(bytes),
        megabytes(sarif as u64)
    )?;
    writeln!(stdout, "  parse {parse:.2?}")?;
    writeln!(stdout, "  read  {read:.2?}, {:.1}x the parse", ratio(read))?;
    writeln!(stdout, "  audit {audit:.2?}, {:.1}x the parse", ratio(audit))?;
    writeln!(stdout, "  peak memory of the binary: {memory}")?;
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(Duration, T)> {
    let start = Instant::now();
    let result = work()?;
    Ok((start.elapsed(), result))
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The peak memory of `plaudit audit` in bytes, as Linux counts it.
fn peak(file: &Path) -> Result<Option<u64>> {
    let sarif = file.with_extension("sarif");
    let mut plaudit = Command::new(env!("CARGO_BIN_EXE_plaudit"));
    let plaudit = plaudit.arg("audit").arg(file).arg("--exit-zero").arg("-o").arg(format!("sarif={}", sarif.display()));
    let mut child = plaudit.stderr(Stdio::null()).spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while child.try_wait()?.is_none() {
        // VmHWM only grows, so that the last look tells
        let text = fs::read_to_string(&status).unwrap_or_default();
        let kilobytes =
            text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = kilobytes.map(|kilobytes| kilobytes * 1024).or(peak);
        sleep(Duration::from_millis(2));
    }
    Ok(peak)
}
