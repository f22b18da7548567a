//! `plaudit rules`: list, show, test, docs, schema.

use std::fmt::Write as _;

use rayon::prelude::*;

use super::pack::{Pack, build, catalogue, world};
use super::{Error, stdout};
use crate::cli::{RulesArgs, RulesCommand, SchemaKind};
use crate::engine::{Rule, file, testing};
use crate::exit::Exit;
use crate::hint::nearest;
use crate::report::json;
use crate::settings::{SettingsFile, matches};

pub(super) fn run(args: &RulesArgs) -> Result<Exit, Error> {
    let pack = catalogue(&args.rules)?;
    match &args.command {
        RulesCommand::List => list(&pack),
        RulesCommand::Show { rule } => show(&pack, rule),
        RulesCommand::Test { rule } => test(&pack, rule),
        RulesCommand::Docs => stdout(crate::report::catalogue::write(&documented(&pack), &pack.frameworks).as_bytes())
            .map(|()| Exit::Clean),
        RulesCommand::Schema { kind } => schema(*kind),
    }
}

/// The rules with the names of their tests, as the catalogue shows them.
fn documented(pack: &Pack) -> Vec<crate::report::catalogue::Entry> {
    let entry = |rule: &Rule| crate::report::catalogue::Entry {
        info: rule.info.clone(),
        file: rule.file.clone(),
        tests: rule.tests.iter().map(|test| (test.name.clone(), test.expect.to_string())).collect(),
    };
    pack.rules.iter().map(entry).collect()
}

fn list(pack: &Pack) -> Result<Exit, Error> {
    let mut text = String::new();
    for rule in &pack.rules {
        let info = &rule.info;
        let _ = writeln!(
            text,
            "{}  {:<8}  {:<8}  {:<36}  {}",
            info.id,
            info.severity.to_string(),
            info.profile.to_string(),
            info.name,
            info.title
        );
    }
    stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn show(pack: &Pack, name: &str) -> Result<Exit, Error> {
    let found =
        documented(pack).into_iter().find(|entry| entry.info.id.eq_ignore_ascii_case(name) || entry.info.name == name);
    let Some(entry) = found else {
        let known = pack.rules.iter().flat_map(|rule| [rule.info.id.as_str(), rule.info.name.as_str()]);
        let hint = nearest(name, known).map(|near| format!("\n  help: did you mean `{near}`?")).unwrap_or_default();
        return Err(Error::Usage(format!("there is no rule `{name}`{hint}")));
    };
    stdout(crate::report::catalogue::page(&entry, &pack.frameworks).as_bytes())?;
    Ok(Exit::Clean)
}

fn test(pack: &Pack, names: &[String]) -> Result<Exit, Error> {
    let world = world()?;
    let wanted: Vec<&Rule> = pack
        .rules
        .iter()
        .filter(|rule| names.is_empty() || names.iter().any(|name| matches(&rule.info, name)))
        .collect();
    if wanted.is_empty() {
        return Err(Error::Usage(format!("there is no rule `{}`", names.join("`, `"))));
    }
    let reports: Vec<testing::RuleReport> =
        wanted.par_iter().map(|rule| testing::test(&pack.env, rule, &world, &build)).collect();
    let mut text = String::new();
    for report in reports.iter().filter(|report| !report.failures.is_empty()) {
        let _ = writeln!(text, "{}", report.rule);
        for failure in &report.failures {
            let _ = writeln!(text, "  {failure}");
        }
    }
    let failed = reports.iter().filter(|report| !report.failures.is_empty()).count();
    let tests: usize = reports.iter().map(|report| report.tests).sum();
    let mutants: usize = reports.iter().map(|report| report.mutants).sum();
    let _ = writeln!(text, "{} rules, {tests} tests, {mutants} mutants; {failed} rules failed", reports.len());
    stdout(text.as_bytes())?;
    Ok(if failed == 0 { Exit::Clean } else { Exit::Failed })
}

fn schema(kind: SchemaKind) -> Result<Exit, Error> {
    let value = match kind {
        SchemaKind::Vocabulary => {
            stdout(crate::engine::vocabulary::markdown().as_bytes())?;
            return Ok(Exit::Clean);
        }
        SchemaKind::Rule => schemars::schema_for!(file::RuleFileSchema).to_value(),
        SchemaKind::Settings => schemars::schema_for!(SettingsFile).to_value(),
        SchemaKind::Findings => json::schema(),
    };
    stdout(format!("{value:#}\n").as_bytes())?;
    Ok(Exit::Clean)
}
