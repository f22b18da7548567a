//! Rules and compliance frameworks as SARIF describes them.
//!
//! Input: the rules that ran and the frameworks that they name. Output: reporting descriptors,
//! taxonomies with the controls that are in use, and the indices that results refer to. It
//! refuses results without a rule: a rule that this version lacks gets a bare descriptor.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_sarif::sarif;

use super::{dense, filled, index, references, text};
use crate::finding::{Finding, Framework, Outcome, Remediation, RuleInfo, Severity};
use crate::report::escape;

/// What GitHub takes of a description, in characters.
const DESCRIPTION: usize = 1_024;
/// What GitHub shows of the tags of a rule.
const TAGS: usize = 10;

/// The rules of a run in the order of their ids, and the frameworks in use.
pub(super) struct Book<'a> {
    rules: Vec<Cow<'a, RuleInfo>>,
    frameworks: Vec<(&'a Framework, Vec<&'a str>)>,
}

impl<'a> Book<'a> {
    pub(super) fn of(outcome: &'a Outcome) -> Self {
        let mut rules: BTreeMap<&str, Cow<'a, RuleInfo>> =
            outcome.rules.iter().map(|rule| (rule.id.as_str(), Cow::Borrowed(rule))).collect();
        for finding in &outcome.findings {
            rules.entry(&finding.rule).or_insert_with(|| Cow::Owned(bare(finding)));
        }
        let in_use = |framework: &'a Framework| {
            let named = outcome.rules.iter().filter_map(|rule| rule.compliance.get(&framework.id));
            let controls: BTreeSet<&str> = named.flatten().map(String::as_str).collect();
            (!controls.is_empty()).then(|| (framework, controls.into_iter().collect()))
        };
        Self {
            rules: rules.into_values().collect(),
            frameworks: outcome.frameworks.iter().filter_map(in_use).collect(),
        }
    }

    /// Position of a rule in the driver.
    pub(super) fn position(&self, rule: &str) -> Option<usize> {
        self.rules.binary_search_by(|known| known.id.as_str().cmp(rule)).ok()
    }

    /// The controls that a rule stands for.
    pub(super) fn taxa(&self, rule: &str) -> Vec<sarif::ReportingDescriptorReference> {
        self.position(rule).map(|at| self.references(&self.rules[at])).unwrap_or_default()
    }

    fn references(&self, rule: &RuleInfo) -> Vec<sarif::ReportingDescriptorReference> {
        let mut taxa = Vec::new();
        for (at, (framework, controls)) in self.frameworks.iter().enumerate() {
            let named: BTreeSet<&str> =
                rule.compliance.get(&framework.id).into_iter().flatten().map(String::as_str).collect();
            for control in named {
                let Ok(position) = controls.binary_search(&control) else { continue };
                taxa.push(
                    sarif::ReportingDescriptorReference::builder()
                        .id(control)
                        .index(index(position))
                        .tool_component(component(at, framework))
                        .build(),
                );
            }
        }
        taxa
    }

    /// The rules as the driver lists them.
    pub(super) fn descriptors(&self) -> Vec<sarif::ReportingDescriptor> {
        self.rules.iter().map(|rule| self.descriptor(rule)).collect()
    }

    fn descriptor(&self, rule: &RuleInfo) -> sarif::ReportingDescriptor {
        let severity = rule.severity;
        let title = filled(&escape::line(&rule.title)).unwrap_or_else(|| rule.id.clone());
        let title = sentence(&title);
        let rationale = rule.rationale.split_whitespace().collect::<Vec<_>>().join(" ");
        let described = filled(&escape::line(&rationale)).unwrap_or_else(|| title.clone());
        let mut descriptor = sarif::ReportingDescriptor::builder()
            .id(&rule.id)
            .name(pascal(&rule.name))
            .short_description(text(&cut(&title, DESCRIPTION)))
            .full_description(text(&cut(&sentence(&described), DESCRIPTION)))
            .help(
                sarif::MultiformatMessageString::builder()
                    .text(help(rule, &title, false))
                    .markdown(help(rule, &title, true))
                    .build(),
            )
            .default_configuration(
                sarif::ReportingConfiguration::builder().level(level(severity)).rank(rank(severity)).build(),
            )
            .properties(properties(rule))
            .build();
        descriptor.help_uri = rule.references.iter().find(|reference| is_url(reference)).cloned();
        let related = self.references(rule).into_iter().map(|target| {
            let kinds = vec!["relevant".to_owned()];
            sarif::ReportingDescriptorRelationship::builder().target(target).kinds(kinds).build()
        });
        descriptor.relationships = Some(related.collect::<Vec<_>>()).filter(|related| !related.is_empty());
        descriptor
    }

    /// The frameworks with the controls in use.
    pub(super) fn taxonomies(&self) -> Vec<sarif::ToolComponent> {
        let taxonomy = |(framework, controls): &(&Framework, Vec<&str>)| {
            let taxa: Vec<_> = controls
                .iter()
                .map(|&control| {
                    let mut taxon = sarif::ReportingDescriptor::builder().id(control).build();
                    taxon.short_description = framework.controls.get(control).map(|title| text(&sentence(title)));
                    taxon
                })
                .collect();
            sarif::ToolComponent::builder()
                .name(&framework.name)
                .version(&framework.version)
                .organization(&framework.organization)
                .information_uri(&framework.url)
                .short_description(text(&sentence(&format!("{} {}", framework.name, framework.version))))
                .language("en")
                .is_comprehensive(false)
                .taxa(taxa)
                .build()
        };
        self.frameworks.iter().map(taxonomy).collect()
    }

    /// The frameworks as the driver refers to them.
    pub(super) fn supported(&self) -> Vec<sarif::ToolComponentReference> {
        self.frameworks.iter().enumerate().map(|(at, (framework, _))| component(at, framework)).collect()
    }
}

fn component(at: usize, framework: &Framework) -> sarif::ToolComponentReference {
    sarif::ToolComponentReference::builder().name(&framework.name).index(index(at)).build()
}

/// What can be said of a rule that this version lacks; only baselines name one.
fn bare(finding: &Finding) -> RuleInfo {
    RuleInfo {
        id: finding.rule.clone(),
        name: finding.name.clone(),
        title: format!("Rule {} of an earlier run", finding.rule),
        severity: finding.severity,
        profile: finding.profile,
        since: String::new(),
        each: String::new(),
        rationale: String::new(),
        remediation: Remediation::default(),
        references: Vec::new(),
        compliance: BTreeMap::new(),
        failure_modes: Vec::new(),
        tags: Vec::new(),
    }
}

/// The level of a failure.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

fn rank(severity: Severity) -> f64 {
    match severity {
        Severity::Critical => 95.0,
        Severity::High => 80.0,
        Severity::Medium => 55.0,
        Severity::Low => 25.0,
    }
}

fn properties(rule: &RuleInfo) -> sarif::PropertyBag {
    let problem = if rule.severity == Severity::Low { "recommendation" } else { level(rule.severity) };
    let weak = rule.tags.iter().any(|tag| tag == "weak");
    let mut tags = vec!["security".to_owned()];
    for tag in [rule.area(), &rule.profile.to_string()].into_iter().chain(rule.tags.iter().map(String::as_str)) {
        let tag = escape::line(tag).into_owned();
        if !tag.is_empty() && !tags.contains(&tag) && tags.len() < TAGS {
            tags.push(tag);
        }
    }
    let properties = serde_json::json!({
        "precision": if weak { "medium" } else { "high" },
        "problem.severity": problem,
        "security-severity": rule.severity.score(),
        "profile": rule.profile,
        "since": rule.since,
    });
    sarif::PropertyBag::builder().tags(tags).additional_properties(dense(properties)).build()
}

/// The help of a rule: why, what to do, and where to read on.
fn help(rule: &RuleInfo, title: &str, markdown: bool) -> String {
    let Remediation { summary, terraform, cli } = &rule.remediation;
    let mut parts = vec![title.to_owned(), rule.rationale.trim().to_owned()];
    if !summary.trim().is_empty() {
        parts.push(if markdown {
            format!("**What to do.** {}", summary.trim())
        } else {
            format!("What to do: {}", summary.trim())
        });
    }
    for (language, code) in [("hcl", terraform), ("sh", cli)] {
        let Some(code) = code.as_deref().map(str::trim_end).filter(|code| !code.is_empty()) else { continue };
        parts.push(if markdown { format!("```{language}\n{code}\n```") } else { code.to_owned() });
    }
    // only what is a URL becomes a link
    let link = |url: &str| if markdown && is_url(url) { format!("- <{url}>") } else { url.to_owned() };
    let links: Vec<String> = references(rule).map(link).collect();
    parts.push(links.join("\n"));
    parts.retain(|part| !part.is_empty());
    escape::block(&parts.join("\n\n")).into_owned()
}

fn is_url(reference: &str) -> bool {
    let absolute = reference.starts_with("https://") || reference.starts_with("http://");
    absolute
        && reference
            .chars()
            .all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\\' | '^' | '`' | '{' | '|' | '}'))
}

/// `relay-endpoint-closed` as `RelayEndpointClosed`.
fn pascal(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.flat_map(|word| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1))).collect()
}

/// Ends with a full stop.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}

/// At most `limit` UTF-16 code units, the way that JavaScript and .NET count; says so when it
/// is less than all.
fn cut(text: &str, limit: usize) -> String {
    if text.encode_utf16().count() <= limit {
        return text.to_owned();
    }
    let mut units = 0;
    let kept: String = text
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= limit - 3
        })
        .collect();
    format!("{}...", kept.trim_end_matches(['.', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_pascal_case() {
        assert_eq!(pascal("relay-endpoint-closed"), "RelayEndpointClosed");
        assert_eq!(pascal("s3-gateway-not-routed"), "S3GatewayNotRouted");
    }

    #[test]
    fn long_descriptions_are_cut_at_a_character() {
        assert_eq!(cut("short.", 10), "short.");
        assert_eq!(cut("🦀🦀🦀🦀🦀🦀", 10), "🦀🦀🦀...");
        assert!(cut(&"é".repeat(5_000), DESCRIPTION).encode_utf16().count() <= DESCRIPTION);
    }

    #[test]
    fn only_absolute_urls_are_help() {
        assert!(is_url("https://docs.databricks.com/aws/en/security/"));
        for reference in ["docs/x.md", "https://a b", "javascript:alert(1)", "https://a/\u{202e}"] {
            assert!(!is_url(reference), "{reference}");
        }
    }
}
