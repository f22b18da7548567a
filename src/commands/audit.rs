//! `plaudit audit`: evidence → estate → findings → reports → exit code.
#![expect(
    clippy::disallowed_methods,
    reason = "the baseline is a file, and paths are shown from where the process stands"
)]

mod assertion;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anstream::AutoStream;

use super::pack::{Pack, catalogue};
use super::{Error, live, say, stdout, write_whole};
use crate::cli::{AuditArgs, Format, LiveArgs};
use crate::engine::{Profiles, Rule, run as judge};
use crate::estate::Estate;
use crate::exit::Exit;
use crate::finding::baseline::{Baseline, compare};
use crate::finding::waiver::{self, ProblemKind};
use crate::finding::{BaselineState, Collected, Finding, Outcome, Profile, RuleInfo, Tally, Verdict, rule};
use crate::report;
use crate::settings::Settings;
use crate::sources;

/// A baseline is one of our own reports.
const BASELINE_BYTES: u64 = 512 << 20;

pub(super) fn run(args: &AuditArgs) -> Result<Exit, Error> {
    let settings = Settings::resolve(args)?;
    let pack = catalogue(&args.rules)?;
    settings.check_names(pack.rules.iter().map(|rule| &rule.info).chain(rule::own().iter()))?;
    let (estate, exit) = evidence(args)?;
    if let Some(exit) = exit {
        return Ok(exit);
    }
    let baseline = args.baseline.as_deref().map(read_baseline).transpose()?;
    let outcome = outcome(args, &settings, pack, &estate, baseline.as_ref())?;
    write_reports(args, &outcome)?;
    Ok(if args.exit_zero { Exit::Clean } else { verdict(args, &settings, &outcome) })
}

/// The evidence, collected first where that is asked for; an exit code when there is none.
fn evidence(args: &AuditArgs) -> Result<(Arc<Estate>, Option<Exit>), Error> {
    if !args.live {
        if args.ask != LiveArgs::default() {
            return Err(Error::Usage("flags of AWS, Databricks and limits need --live".to_owned()));
        }
        return Ok((Arc::new(sources::read(&args.evidence)?), None));
    }
    let collected = live::collect(&args.ask, None)?;
    collected.tell();
    if collected.is_empty() {
        say("nothing could be collected; nothing was judged");
        return Ok((Arc::default(), Some(Exit::NothingCollected)));
    }
    if let Some(file) = &args.keep_evidence {
        collected.save(file)?;
    }
    let name = args.keep_evidence.as_deref().unwrap_or_else(|| Path::new("live"));
    Ok((Arc::new(sources::read_with(&args.evidence, name, collected.text().to_owned())?), None))
}

impl Profiles for Settings {
    fn of(&self, workspaces: &[String]) -> Profile {
        self.profile_of(workspaces)
    }
}

/// Everything that the run says.
fn outcome(
    args: &AuditArgs,
    settings: &Settings,
    pack: Pack,
    estate: &Arc<Estate>,
    baseline: Option<&Baseline>,
) -> Result<Outcome, Error> {
    let Pack { env, mut rules, frameworks } = pack;
    for rule in &mut rules {
        rule.info.severity = settings.severity_of(&rule.info);
    }
    let (wanted, off): (Vec<&Rule>, Vec<&Rule>) = rules.iter().partition(|rule| settings.wants(&rule.info));
    let mut findings = judge(&env, &wanted, estate, settings);
    let mut asserted = crate::finding::assertion::rule();
    asserted.severity = settings.severity_of(&asserted);
    let asserts = settings.wants(&asserted);
    if asserts {
        findings.append(&mut assertion::judge(&settings.assertions, &asserted, estate)?);
    }
    let narrowed = !args.select.is_empty() || !args.ignore.is_empty() || !args.workspace.is_empty();
    keep_workspaces(args, &mut findings)?;
    for problem in waiver::apply(&settings.waivers, &mut findings, settings.today) {
        // a waiver of a rule that did not run may well be needed
        if !(narrowed && matches!(problem.kind, ProblemKind::Unused)) {
            findings.push(problem.finding());
        }
    }
    if let Some(baseline) = baseline {
        compare(baseline, &mut findings);
        findings.retain(|finding| finding.baseline != Some(BaselineState::Absent) || !narrowed);
    }
    findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    let (own, own_off): (Vec<RuleInfo>, Vec<RuleInfo>) = std::iter::once(asserted).partition(|_| asserts);
    let infos = wanted.iter().map(|rule| rule.info.clone()).chain(own).chain(waiver::rules());
    let mut infos: Vec<RuleInfo> = infos.collect();
    infos.sort_by(|a, b| a.id.cmp(&b.id));
    let off = off.iter().map(|rule| &rule.info).chain(&own_off).map(|info| info.id.clone());
    let mut switched_off: Vec<String> = off.collect();
    switched_off.sort();
    let collected = estate.collected().into_iter().map(|(operation, place)| Collected {
        operation: operation.name().to_owned(),
        account: place.account,
        region: place.region,
    });
    Ok(Outcome {
        findings,
        rules: infos,
        frameworks,
        profile: settings.profile,
        switched_off,
        collected: collected.collect(),
        gaps: estate.noted.iter().map(|(gap, _)| gap.clone()).collect(),
        inputs: args.evidence.iter().map(|path| path.display().to_string()).collect(),
    })
}

/// Keeps what serves the wanted workspaces, and what may serve any because it is unknown.
fn keep_workspaces(args: &AuditArgs, findings: &mut Vec<Finding>) -> Result<(), Error> {
    if args.workspace.is_empty() {
        return Ok(());
    }
    let workspaces = findings.iter().filter(|finding| finding.subject.kind == "workspace");
    let mut names: Vec<(String, String)> =
        workspaces.map(|finding| (finding.subject.name.clone(), finding.subject.id.clone())).collect();
    names.sort();
    names.dedup();
    let mut wanted = Vec::new();
    for asked in &args.workspace {
        let found = names.iter().find(|(name, id)| name == asked || id == asked);
        let Some((name, _)) = found else {
            let known: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
            return Err(Error::Usage(format!(
                "there is no workspace `{asked}` in the evidence\n  help: there are: {}",
                known.join(", ")
            )));
        };
        wanted.push(name.clone());
    }
    findings.retain(|finding| {
        let serves = finding.subject.workspaces.iter().any(|name| wanted.contains(name));
        serves || (finding.subject.workspaces.is_empty() && finding.verdict == Verdict::Unknown)
    });
    Ok(())
}

fn read_baseline(path: &Path) -> Result<Baseline, Error> {
    let name = path.display().to_string();
    let size = fs::metadata(path).map_err(Error::io("read", &name))?.len();
    if size > BASELINE_BYTES {
        return Err(Error::Usage(format!(
            "{name} is larger than {BASELINE_BYTES} bytes\n  help: is this a SARIF report of plaudit?"
        )));
    }
    let bytes = fs::read(path).map_err(Error::io("read", &name))?;
    let text = String::from_utf8_lossy(&bytes);
    Baseline::parse(&text).map_err(|source| Error::Baseline { file: name, source })
}

fn write_reports(args: &AuditArgs, outcome: &Outcome) -> Result<(), Error> {
    for (format, path) in &args.output {
        let bytes = render(args, outcome, *format, false)?;
        write_whole(path, &bytes)?;
    }
    let format = args.format.or_else(|| args.output.is_empty().then_some(Format::Text));
    if let Some(format) = format {
        let colour = AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
        stdout(&render(args, outcome, format, colour)?)?;
    }
    if format != Some(Format::Text) {
        let tally = Tally::of(&outcome.findings);
        say(&format!(
            "{} failed, {} unknown, {} passed, {} not applicable; {} waived",
            tally.failed, tally.unknown, tally.passed, tally.not_applicable, tally.waived
        ));
    }
    Ok(())
}

fn render(args: &AuditArgs, outcome: &Outcome, format: Format, colour: bool) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    match format {
        Format::Text => {
            let styles = if colour { report::text::Styles::coloured() } else { report::text::Styles::default() };
            let options = report::text::Options { width: 100, verbose: args.verbose, styles };
            report::text::write(outcome, &options, &mut bytes)
        }
        Format::Json => report::json::write(outcome, args.all_results, &mut bytes),
        Format::Sarif => {
            let base = std::env::current_dir().map(|path| path.display().to_string()).unwrap_or_default();
            let options = report::sarif::Options { base, category: None, all_results: args.all_results };
            report::sarif::write(outcome, &options, &mut bytes)
        }
    }
    .map_err(Error::io("write", "the report"))?;
    Ok(bytes)
}

/// The exit code of a judged estate.
fn verdict(args: &AuditArgs, settings: &Settings, outcome: &Outcome) -> Exit {
    let counts = |wanted: Verdict| {
        let mut findings = outcome.findings.iter().filter(|finding| finding.verdict == wanted);
        findings.any(|finding| finding.severity >= settings.fail_on && finding.counts(args.fail_on_new))
    };
    if counts(Verdict::Fail) {
        Exit::Failed
    } else if counts(Verdict::Unknown) && !args.allow_unknown {
        Exit::Unknown
    } else {
        Exit::Clean
    }
}
