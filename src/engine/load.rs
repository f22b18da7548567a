//! Rule files to rules: decode, check every expression, inline `let`, compile messages. A file
//! with a mistake is refused whole, with the place of the mistake.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cel::{Env, IdedExpr};
use serde_saphyr::Spanned;

use super::check::Mistake;
use super::compile::{Wanted, check, free_names, inline, is_affordable, parse};
use super::error::RuleError;
use super::facts::{Collection, Kind, collection, collections};
use super::file::{RuleFile, TestFile};
use super::function;
use crate::finding::RuleInfo;
use crate::hint::nearest;

/// The largest rule file, in bytes.
const FILE_BYTES: usize = 256 * 1024;

/// A rule that can be run.
pub struct Rule {
    /// Its words.
    pub info: RuleInfo,
    /// What it walks.
    pub collection: &'static Collection,
    /// What expressions call one of them.
    pub variable: String,
    /// Whether the rule concerns a subject.
    pub applies: Option<IdedExpr>,
    /// What must be true, in order.
    pub checks: Vec<Check>,
    /// Its own tests.
    pub tests: Vec<TestFile>,
    /// The file it was read from.
    pub file: String,
}

/// One check.
#[derive(Clone)]
pub struct Check {
    /// What must be true.
    pub assert: IdedExpr,
    /// What to say when it is not.
    pub message: Vec<Piece>,
    /// Records with a part in it.
    pub blame: Option<IdedExpr>,
    /// A record whose path shows it.
    pub path: Option<IdedExpr>,
}

/// A piece of a message.
#[derive(Clone)]
pub enum Piece {
    /// Text as it stands.
    Text(String),
    /// An expression whose value is put in.
    Value(IdedExpr),
}

/// The environment that expressions are compiled and evaluated in.
pub fn environment() -> Arc<Env> {
    let mut env = Env::stdlib();
    // the table of functions is ours and a test calls each, so a clash cannot reach a user
    let declared = function::declare(&mut env);
    debug_assert!(declared.is_ok(), "{declared:?}");
    Arc::new(env)
}

/// Rules out of files, as (name, text); later files replace earlier rules of the same id. All
/// mistakes of all files are reported at once.
pub fn load<'a>(env: &Env, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Vec<Rule>, Vec<RuleError>> {
    let mut rules: BTreeMap<String, Rule> = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, text) in files {
        match load_file(env, name, text) {
            Ok(rule) => {
                rules.insert(rule.info.id.clone(), rule);
            }
            Err(mut mistakes) => errors.append(&mut mistakes),
        }
    }
    if errors.is_empty() { Ok(rules.into_values().collect()) } else { Err(errors) }
}

/// One rule file.
fn load_file(env: &Env, name: &str, text: &str) -> Result<Rule, Vec<RuleError>> {
    if text.len() > FILE_BYTES {
        return Err(vec![RuleError::at(name, "", 0..0, format!("the file is larger than {FILE_BYTES} bytes"))]);
    }
    let file: RuleFile = serde_saphyr::from_str(text).map_err(|error| vec![yaml_error(name, text, &error)])?;
    let loader = Loader { env, name, text };
    loader.rule(file)
}

fn yaml_error(name: &str, text: &str, error: &serde_saphyr::Error) -> RuleError {
    let start = error.location().map_or(0, |location| byte_offset(text, location.line(), location.column()));
    let message = error.without_snippet().to_string();
    let message = message.lines().next().unwrap_or("not YAML").to_owned();
    RuleError::at(name, text, start..start + 1, message)
}

fn byte_offset(text: &str, line: u64, column: u64) -> usize {
    let line = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let column = usize::try_from(column).unwrap_or(1).saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = &text[start.min(text.len())..];
    start + rest.char_indices().nth(column).map_or(rest.len(), |(offset, _)| offset)
}

struct Loader<'a> {
    env: &'a Env,
    name: &'a str,
    text: &'a str,
}

impl Loader<'_> {
    fn rule(&self, file: RuleFile) -> Result<Rule, Vec<RuleError>> {
        let mut errors = self.words(&file);
        let each = &file.subject.each;
        let Some(collection) = collection(&each.value) else {
            let near = nearest(&each.value, collections().iter().map(|collection| collection.name));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            errors.push(self.at(each, format!("there is no collection `{}`", each.value)).help(help));
            return Err(errors);
        };
        let subject = (file.subject.variable.value.clone(), Kind::Record(collection.record));
        let (kinds, lets) = match self.lets(&file.lets, &subject) {
            Ok(lets) => lets,
            Err(mut mistakes) => {
                errors.append(&mut mistakes);
                return Err(errors);
            }
        };
        let scope: Vec<(String, Kind)> = std::iter::once(subject).chain(kinds).collect();
        let mut keep = |compiled: Result<IdedExpr, Vec<RuleError>>| match compiled {
            Ok(tree) => Some(tree),
            Err(mut mistakes) => {
                errors.append(&mut mistakes);
                None
            }
        };
        let applies =
            file.applies.as_ref().and_then(|applies| keep(self.expression(applies, &scope, &lets, Wanted::Truth)));
        let mut checks = Vec::new();
        let mut bad_messages = Vec::new();
        for check in &file.checks {
            let assert = keep(self.expression(&check.assert, &scope, &lets, Wanted::Truth));
            let blame = check.blame.as_ref().and_then(|blame| keep(self.expression(blame, &scope, &lets, Wanted::Any)));
            let path = check.path.as_ref().and_then(|path| keep(self.expression(path, &scope, &lets, Wanted::Path)));
            match (assert, self.message(&check.message, &scope, &lets)) {
                (Some(assert), Ok(message)) => checks.push(Check { assert, message, blame, path }),
                (_, Err(mut mistakes)) => bad_messages.append(&mut mistakes),
                (None, Ok(_)) => {}
            }
        }
        errors.append(&mut bad_messages);
        if !errors.is_empty() {
            return Err(errors);
        }
        let info = RuleInfo {
            id: file.id.value,
            name: file.name.value,
            title: file.title.value,
            severity: file.severity,
            profile: file.profile,
            since: file.since,
            each: file.subject.each.value,
            rationale: file.rationale,
            remediation: file.remediation,
            references: file.references,
            compliance: file.compliance,
            failure_modes: file.failure_modes,
            tags: file.tags,
        };
        Ok(Rule {
            info,
            collection,
            variable: file.subject.variable.value,
            applies,
            checks,
            tests: file.tests,
            file: self.name.to_owned(),
        })
    }

    /// What is wrong with the words of a file.
    fn words(&self, file: &RuleFile) -> Vec<RuleError> {
        let mut errors = Vec::new();
        let id = &file.id.value;
        let digits = id.trim_start_matches(|c: char| c.is_ascii_uppercase() || c == '3');
        if id.len() != 6 || digits.len() != 3 || !digits.chars().all(|c| c.is_ascii_digit()) {
            errors.push(
                self.at(&file.id, format!("`{id}` is no rule id"))
                    .help(Some("three letters and three digits, such as PLB004".to_owned())),
            );
        }
        let name = &file.name.value;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            errors.push(
                self.at(&file.name, format!("`{name}` is no rule name"))
                    .help(Some("lower-case words with hyphens that name the defect".to_owned())),
            );
        }
        let stem = self.name.rsplit('/').next().unwrap_or(self.name).trim_end_matches(".yaml").trim_end_matches(".yml");
        if stem != name {
            errors.push(
                self.at(&file.name, format!("the rule is named `{name}` and its file `{stem}`"))
                    .help(Some("name the file after the rule".to_owned())),
            );
        }
        if file.checks.is_empty() {
            errors.push(self.at(&file.id, "the rule has no check".to_owned()));
        }
        errors
    }

    /// Types and trees of the lets, each with the lets that it uses inlined.
    #[expect(clippy::type_complexity, reason = "the two results of one pass, used once")]
    fn lets(
        &self,
        sources: &BTreeMap<String, Spanned<String>>,
        subject: &(String, Kind),
    ) -> Result<(Vec<(String, Kind)>, BTreeMap<String, IdedExpr>), Vec<RuleError>> {
        let mut parsed = BTreeMap::new();
        for (name, source) in sources {
            let tree = parse(self.env, &source.value).map_err(|mistakes| self.errors(source, &mistakes))?;
            parsed.insert(name.clone(), tree);
        }
        let mut kinds: Vec<(String, Kind)> = Vec::new();
        let mut trees = BTreeMap::new();
        while !parsed.is_empty() {
            let waiting: BTreeSet<String> = parsed.keys().cloned().collect();
            let ready = parsed
                .iter()
                .find(|(_, (tree, _))| free_names(tree).iter().all(|name| !waiting.contains(name)))
                .map(|(name, _)| name.clone());
            let Some((name, parts)) = ready.and_then(|name| parsed.remove_entry(&name)) else {
                let cycle: Vec<String> = waiting.into_iter().collect();
                let source = &sources[&cycle[0]];
                return Err(vec![self.at(source, format!("these lets need each other: {}", cycle.join(", ")))]);
            };
            let source = &sources[&name];
            let scope = std::iter::once(subject.clone()).chain(kinds.iter().cloned()).collect();
            let checked = check(parts, scope).map_err(|mistakes| self.errors(source, &mistakes))?;
            let tree = inline(checked.tree, &trees);
            if !is_affordable(&tree) {
                return Err(vec![self.at(source, "the let is too large once the lets it uses are put in".to_owned())]);
            }
            kinds.push((name.clone(), checked.kind));
            trees.insert(name, tree);
        }
        Ok((kinds, trees))
    }

    /// A checked expression with its lets inlined, of one of the wanted types.
    fn expression(
        &self,
        source: &Spanned<String>,
        scope: &[(String, Kind)],
        lets: &BTreeMap<String, IdedExpr>,
        wanted: Wanted,
    ) -> Result<IdedExpr, Vec<RuleError>> {
        self.compile(&source.value, scope, lets, wanted).map_err(|mistakes| self.errors(source, &mistakes))
    }

    fn compile(
        &self,
        text: &str,
        scope: &[(String, Kind)],
        lets: &BTreeMap<String, IdedExpr>,
        wanted: Wanted,
    ) -> Result<IdedExpr, Vec<Mistake>> {
        let whole = |message: String| vec![Mistake { start: 0, end: text.len(), message, help: None }];
        let checked = check(parse(self.env, text)?, scope.to_vec())?;
        if !wanted.takes(checked.kind) {
            let given = super::check::describe(checked.kind);
            return Err(whole(format!("the expression gives {given}, not {}", wanted.words())));
        }
        let tree = inline(checked.tree, lets);
        if !is_affordable(&tree) {
            return Err(whole("the expression is too large to be evaluated on every subject".to_owned()));
        }
        Ok(tree)
    }

    /// A message cut at its braces; `{{` and `}}` stand for braces.
    fn message(
        &self,
        source: &Spanned<String>,
        scope: &[(String, Kind)],
        lets: &BTreeMap<String, IdedExpr>,
    ) -> Result<Vec<Piece>, Vec<RuleError>> {
        let text = &source.value;
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text.as_str();
        while let Some(index) = rest.find(['{', '}']) {
            plain.push_str(&rest[..index]);
            let tail = &rest[index..];
            if let Some(after) = tail.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = tail.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else if let (Some(inner), Some(end)) = (tail.strip_prefix('{'), closing(&tail[1..])) {
                let offset = text.len() - inner.len();
                let tree = self.compile(&inner[..end], scope, lets, Wanted::Any).map_err(|mistakes| {
                    let moved: Vec<Mistake> = mistakes
                        .into_iter()
                        .map(|m| Mistake { start: m.start + offset, end: m.end + offset, ..m })
                        .collect();
                    self.errors(source, &moved)
                })?;
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Value(tree));
                rest = &inner[end + 1..];
            } else {
                let start = text.len() - tail.len();
                let mistake = Mistake {
                    start,
                    end: start + 1,
                    message: "a brace without its partner".to_owned(),
                    help: Some("write {{ for a brace".to_owned()),
                };
                return Err(self.errors(source, &[mistake]));
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(pieces)
    }

    fn at(&self, source: &Spanned<String>, message: String) -> RuleError {
        let start = self.start(source);
        RuleError::at(self.name, self.text, start..start + source.value.lines().next().map_or(1, str::len), message)
    }

    fn start(&self, source: &Spanned<String>) -> usize {
        byte_offset(self.text, source.referenced.line(), source.referenced.column())
    }

    fn errors(&self, source: &Spanned<String>, mistakes: &[Mistake]) -> Vec<RuleError> {
        let errors = mistakes.iter().map(|mistake| {
            let range = self.position(source, mistake);
            RuleError::at(self.name, self.text, range, mistake.message.clone()).help(mistake.help.clone())
        });
        errors.collect()
    }

    /// Where a mistake of an expression stands in the file. YAML may indent, fold and quote the
    /// expression, so the word at the mistake is found again in the file by counting its
    /// occurrences, rather than by adding offsets.
    fn position(&self, source: &Spanned<String>, mistake: &Mistake) -> std::ops::Range<usize> {
        let value = source.value.as_str();
        let from = value.floor_char_boundary(mistake.start);
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        // an offset may stand on the dot or the bracket beside the word
        let from = value[from..].find(is_word).map_or(from, |skip| from + skip);
        let begin = value[..from]
            .rfind(|c| !is_word(c))
            .map_or(0, |index| index + value[index..].chars().next().map_or(1, char::len_utf8));
        let word: String = value[begin..].chars().take_while(|c| is_word(*c)).collect();
        let start = self.start(source);
        if word.is_empty() {
            return start..start + 1;
        }
        let earlier = value[..begin].matches(word.as_str()).count();
        let found = self.text[start.min(self.text.len())..].match_indices(word.as_str()).nth(earlier);
        let at = found.map_or(start, |(index, _)| start + index);
        at..at + word.len()
    }
}

/// The index of the brace that closes a placeholder; braces inside are of map literals, those
/// inside quotes are text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut quote = None;
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(index),
            (None, '}') => depth -= 1,
            _ => {}
        }
    }
    None
}
