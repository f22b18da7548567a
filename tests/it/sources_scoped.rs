//! Lists that were asked for in part: what they hold is judged as if they were whole, and what
//! they do not speak of is unknown, never absent.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plaudit::commands::catalogue;
use plaudit::engine::{Rule, run};
use plaudit::estate::operation::Answer;
use plaudit::estate::{Estate, Operation, Place, Reason, Table};
use plaudit::finding::{Finding, Profile, Verdict};
use plaudit::sources;
use serde_json::{Value, json};

use crate::fixtures::folder;

/// How the collector asks for the lists that have no VPC to ask by.
fn asked_by_own_id(operation: Operation) -> Option<&'static str> {
    match operation {
        Operation::DescribeDhcpOptions => Some("DhcpOptionsId"),
        Operation::DescribePrefixLists => Some("PrefixListId"),
        Operation::DescribeVpcEndpointServices => Some("ServiceId"),
        Operation::DescribeTransitGateways
        | Operation::DescribeTransitGatewayAttachments
        | Operation::DescribeTransitGatewayRouteTables => Some("TransitGatewayId"),
        _ => None,
    }
}

/// Lists that are always asked for as a whole: there is one answer a region, or nothing to ask by.
fn always_whole(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::DescribeVpcBlockPublicAccess
            | Operation::ListHostedZones
            | Operation::ListResolverEndpoints
            | Operation::ListResolverRules
    )
}

/// A list of the estate that can be asked for in part.
struct List {
    path: PathBuf,
    operation: Operation,
    key: &'static str,
}

impl List {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let listed = |operation: &&Operation| operation.file() == name && !always_whole(**operation);
        let operation = *Operation::ALL.iter().find(listed)?;
        let Answer::Key(key) = operation.answer() else { return None };
        Some(Self { path: path.to_owned(), operation, key })
    }

    fn read(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(&self.path).unwrap()).unwrap()
    }

    fn write(&self, value: &Value) {
        fs::write(&self.path, value.to_string()).unwrap();
    }

    /// What the collector would have asked for.
    fn asked(&self, vpcs: &[String]) -> BTreeSet<String> {
        let value = self.read();
        let rows = value[self.key].as_array().unwrap();
        if let Some(key) = asked_by_own_id(self.operation) {
            return rows.iter().map(|row| row[key].as_str().unwrap().to_owned()).collect();
        }
        let mut ids: BTreeSet<String> = vpcs.iter().cloned().collect();
        let more = match self.operation {
            Operation::DescribeFlowLogs => "ResourceId",
            Operation::DescribeSubnets => "SubnetId",
            Operation::DescribeVpcEndpoints => "VpcEndpointId",
            _ => return ids,
        };
        ids.extend(rows.iter().filter_map(|row| row[more].as_str().map(str::to_owned)));
        ids
    }
}

/// A copy of the isolated estate whose lists were asked for in part, with their VPCs.
fn in_parts() -> (tempfile::TempDir, Vec<(List, Vec<String>)>) {
    let copy = tempfile::tempdir().unwrap();
    let mut lists = Vec::new();
    let mut by_place = BTreeMap::new();
    let files = crate::fixtures::copy_tree(&folder("isolated"), &copy.path().join("isolated"));
    for path in files.iter().filter(|path| path.ends_with("describe-vpcs.json")) {
        let value: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let vpcs = value["Vpcs"].as_array().unwrap();
        let vpcs: Vec<String> = vpcs.iter().map(|vpc| vpc["VpcId"].as_str().unwrap().to_owned()).collect();
        by_place.insert(path.parent().unwrap().to_owned(), vpcs);
    }
    for list in files.iter().filter_map(|path| List::of(path)) {
        let vpcs = by_place[list.path.parent().unwrap()].clone();
        let mut value = list.read();
        value["PlauditAsked"] = json!(list.asked(&vpcs));
        list.write(&value);
        lists.push((list, vpcs));
    }
    zones_by_vpc(copy.path(), &by_place);
    (copy, lists)
}

/// Puts the zones of each VPC in the place of the list of zones and of what each zone says.
fn zones_by_vpc(root: &Path, by_place: &BTreeMap<PathBuf, Vec<String>>) {
    let mut zones: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for path in files(root).iter().filter(|path| path.ends_with("get-hosted-zone.json")) {
        let value: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        for vpc in value["VPCs"].as_array().unwrap() {
            let id = value["HostedZone"]["Id"].as_str().unwrap().trim_start_matches("/hostedzone/");
            let summary = json!({ "HostedZoneId": id, "Name": value["HostedZone"]["Name"],
                "Owner": { "OwningAccount": "444455556666" } });
            zones.entry(vpc["VPCId"].as_str().unwrap().to_owned()).or_default().push(summary);
        }
        fs::remove_file(path).unwrap();
    }
    for (place, vpcs) in by_place {
        let global = place.parent().unwrap().join("global");
        let _ = fs::remove_file(global.join("list-hosted-zones.json"));
        for vpc in vpcs {
            let answer = json!({ "HostedZoneSummaries": zones.get(vpc).cloned().unwrap_or_default(),
                "MaxItems": "100", "PlauditAsked": [vpc] });
            fs::create_dir_all(global.join(vpc)).unwrap();
            fs::write(global.join(vpc).join("list-hosted-zones-by-vpc.json"), answer.to_string()).unwrap();
        }
    }
}

fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Every verdict of some rules on the estate of a folder.
type Judge = Box<dyn Fn(&Path) -> Vec<Finding>>;

fn judge() -> Judge {
    let pack = catalogue(&[]).unwrap();
    Box::new(move |root| {
        let estate = Arc::new(sources::read(&[root.to_path_buf()]).unwrap());
        let rules: Vec<&Rule> = pack.rules.iter().collect();
        run(&pack.env, &rules, &estate, &Profile::Isolated)
    })
}

fn shown(finding: &Finding) -> String {
    let gaps: Vec<String> = finding.gaps.iter().map(ToString::to_string).collect();
    format!("{} {} {}: {} {}", finding.verdict, finding.rule, finding.subject.id, finding.message, gaps.join("; "))
}

#[test]
fn lists_of_the_known_vpcs_give_the_verdicts_of_whole_lists() {
    let judge = judge();
    let (copy, lists) = in_parts();
    assert!(lists.len() > 40, "only {} lists", lists.len());
    let key = |finding: &Finding| (finding.rule.clone(), finding.subject.id.clone(), finding.verdict);
    let whole: BTreeSet<_> = judge(&folder("isolated")).iter().map(key).collect();
    let parts = judge(copy.path());
    let wrong: Vec<String> = parts.iter().filter(|finding| !whole.contains(&key(finding))).map(shown).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(parts.iter().map(key).collect::<BTreeSet<_>>(), whole);
}

#[test]
fn a_vpc_that_a_list_was_not_asked_for_improves_and_worsens_nothing() {
    let judge = judge();
    let (copy, lists) = in_parts();
    let before: BTreeMap<String, Verdict> =
        judge(copy.path()).into_iter().map(|finding| (finding.fingerprint, finding.verdict)).collect();
    let mut wrong = Vec::new();
    let mut waiting = BTreeSet::new();
    for (list, vpcs) in lists.iter().filter(|(list, _)| asked_by_own_id(list.operation).is_none()) {
        let whole = list.read();
        for vpc in vpcs {
            let mut part = whole.clone();
            let rows = part[list.key].as_array_mut().unwrap();
            rows.retain(|row| !row.to_string().contains(vpc.as_str()));
            part["PlauditAsked"].as_array_mut().unwrap().retain(|id| id != vpc);
            // what was asked for by its own id is there with it
            if let Operation::DescribeSubnets | Operation::DescribeVpcEndpoints = list.operation {
                part["PlauditAsked"].as_array_mut().unwrap().retain(|id| id.as_str().unwrap().starts_with("vpc-"));
            }
            list.write(&part);
            for finding in judge(copy.path()) {
                let earlier = before.get(&finding.fingerprint);
                let changed = match (earlier, finding.verdict) {
                    (Some(Verdict::Fail), Verdict::Fail) => false,
                    (_, Verdict::Fail) => true,
                    (Some(earlier), Verdict::Pass) => *earlier != Verdict::Pass,
                    (Some(earlier), Verdict::NotApplicable) => *earlier == Verdict::Pass,
                    (None, Verdict::Pass) => finding.subject.kind != "required path",
                    _ => false,
                };
                if changed {
                    wrong.push(format!("{} without {vpc}: {earlier:?} became {}", list.key, shown(&finding)));
                }
                let waits =
                    |gap: &&plaudit::estate::Gap| gap.operation == list.operation && gap.reason == Reason::Skipped;
                if finding.verdict == Verdict::Unknown && finding.gaps.iter().any(|gap| waits(&gap)) {
                    waiting.insert(list.key);
                }
            }
        }
        list.write(&whole);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for key in
        ["Vpcs", "Subnets", "RouteTables", "NetworkInterfaces", "VpcEndpoints", "FlowLogs", "ResolverRuleAssociations"]
    {
        assert!(waiting.contains(key), "nothing waits for {key}, only for {waiting:?}");
    }
}

#[test]
fn a_vpc_whose_zones_nobody_asked_for_is_unknown() {
    let judge = judge();
    let (copy, _) = in_parts();
    let by_vpc: Vec<PathBuf> =
        files(copy.path()).into_iter().filter(|path| path.ends_with("list-hosted-zones-by-vpc.json")).collect();
    assert_eq!(by_vpc.len(), 2);
    let before: BTreeMap<String, Verdict> =
        judge(copy.path()).into_iter().map(|finding| (finding.fingerprint, finding.verdict)).collect();
    for path in by_vpc {
        let text = fs::read(&path).unwrap();
        let denied = "An error occurred (AccessDenied) when calling the ListHostedZonesByVPC operation: no";
        for broken in [
            None,
            Some(denied.to_owned()),
            Some(String::from_utf8(text.clone()).unwrap().replacen('{', "{\"NextToken\":\"x\",", 1)),
        ] {
            match &broken {
                None => fs::remove_file(&path).unwrap(),
                Some(text) => fs::write(&path, text).unwrap(),
            }
            let after = judge(copy.path());
            // rules on the evidence itself have every gap for a subject
            let judged = after.iter().filter(|finding| !finding.rule.starts_with("EVD"));
            let changed = |finding: &&Finding| {
                let new = before.get(&finding.fingerprint) != Some(&Verdict::Pass);
                let passed = finding.verdict == Verdict::Pass && new && finding.subject.kind != "required path";
                passed || finding.verdict == Verdict::Fail
            };
            let wrong: Vec<String> = judged.filter(changed).map(shown).collect();
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
            let waits = after.iter().filter(|finding| finding.verdict == Verdict::Unknown);
            assert!(waits.count() > 0, "nothing waits for {}", path.display());
        }
        fs::write(&path, text).unwrap();
    }
}

const REGION: &str = "aws/111122223333/eu-west-1";

fn estate(answers: &[(&str, Value)]) -> Estate {
    let root = tempfile::tempdir().unwrap();
    for (path, answer) in answers {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, answer.to_string()).unwrap();
    }
    sources::read(&[root.path().to_path_buf()]).unwrap()
}

fn here() -> Place {
    Place::new("111122223333", "eu-west-1")
}

fn reason<T: std::fmt::Debug>(known: Result<T, Arc<plaudit::estate::Gap>>) -> Reason {
    known.unwrap_err().reason
}

/// Every list, asked for one id of two: the id is told of, and nothing else is.
#[test]
fn every_list_speaks_of_what_it_was_asked_for_alone() {
    for operation in Operation::ALL.iter().filter(|operation| !operation.is_databricks()) {
        let Answer::Key(key) = operation.answer() else { continue };
        if *operation == Operation::DescribeVpcBlockPublicAccess {
            continue;
        }
        let folder = if operation.is_global() { "aws/111122223333/global" } else { REGION };
        let path = format!("{folder}/{}", operation.file());
        let vpcs = json!({ "Vpcs": [{ "VpcId": "vpc-1" }, { "VpcId": "vpc-2" }] });
        let list = json!({ key: [], "PlauditAsked": ["vpc-1", "tgw-1", "id-1"] });
        let mut answers = vec![(path.as_str(), list)];
        let others = format!("{REGION}/describe-vpcs.json");
        if *operation != Operation::DescribeVpcs {
            answers.push((others.as_str(), vpcs));
        }
        let read = estate(&answers);
        let of = if *operation == Operation::ListHostedZonesByVpc { Operation::ListHostedZones } else { *operation };
        let mut seen = false;
        visit(&read, |name, table: &dyn Lookup| {
            if name != of {
                return;
            }
            seen = true;
            assert_eq!(table.find("id-1"), Reason::Absent, "{operation:?}");
            assert_eq!(table.find("id-2"), Reason::Skipped, "{operation:?}");
            assert_eq!(table.exists("id-1"), Ok(false), "{operation:?}");
            assert_eq!(table.exists("id-2"), Err(Reason::Skipped), "{operation:?}");
            assert_eq!(table.complete_of("vpc-1"), Ok(()), "{operation:?}");
            assert_eq!(table.complete_of("vpc-2"), Err(Reason::Skipped), "{operation:?}");
            let whole = *operation == Operation::DescribeVpcs || asked_by_own_id(*operation).is_some();
            assert_eq!(table.listed().is_ok(), whole, "{operation:?}");
        });
        assert!(seen, "{operation:?} has no table");
        assert!(read.collected().iter().any(|(collected, _)| *collected == of), "{operation:?} was collected");
    }
}

/// A table, whatever it holds.
trait Lookup {
    fn find(&self, id: &str) -> Reason;
    fn exists(&self, id: &str) -> Result<bool, Reason>;
    fn complete_of(&self, id: &str) -> Result<(), Reason>;
    fn listed(&self) -> Result<(), Reason>;
}

impl<T: std::fmt::Debug> Lookup for Table<T> {
    fn find(&self, id: &str) -> Reason {
        reason(Self::find(self, id, &here()))
    }

    fn exists(&self, id: &str) -> Result<bool, Reason> {
        Self::exists(self, id, &here()).map_err(|gap| gap.reason)
    }

    fn complete_of(&self, id: &str) -> Result<(), Reason> {
        Self::complete_of(self, id, &here()).map_err(|gap| gap.reason)
    }

    fn listed(&self) -> Result<(), Reason> {
        Self::listed(self, &here()).map_err(|gap| gap.reason)
    }
}

fn visit(estate: &Estate, mut look: impl FnMut(Operation, &dyn Lookup)) {
    let aws = &estate.aws;
    macro_rules! look {
        ($($table:ident)*) => { $(look(aws.$table.operation(), &aws.$table);)* };
    }
    look!(vpcs dhcp_options subnets route_tables security_groups group_rules network_acls interfaces instances
        addresses nat_gateways internet_gateways egress_only_gateways vpn_gateways peerings transit_gateways
        transit_attachments transit_vpc_attachments transit_route_tables prefix_lists vpc_endpoints endpoint_services
        flow_logs block_public_access_exclusions firewalls hosted_zones resolver_endpoints resolver_rules
        resolver_rule_associations);
}

#[test]
fn parts_unite_and_a_whole_list_beats_them() {
    let subnets = format!("{REGION}/describe-subnets.json");
    let more = format!("{REGION}/more-describe-subnets.json");
    let vpcs = format!("{REGION}/describe-vpcs.json");
    let of = |vpc: &str| json!({ "Subnets": [{ "SubnetId": format!("subnet-of-{vpc}"), "VpcId": vpc }], "PlauditAsked": [vpc] });
    let both = json!({ "Vpcs": [{ "VpcId": "vpc-1" }, { "VpcId": "vpc-2" }] });
    let one = estate(&[(&vpcs, both.clone()), (&subnets, of("vpc-1"))]);
    let gap = one.aws.subnets.complete(&here()).unwrap_err();
    assert_eq!((gap.reason, gap.detail.as_str()), (Reason::Skipped, "only what belongs to vpc-1 was asked for"));
    let two = estate(&[(&vpcs, both.clone()), (&subnets, of("vpc-1")), (&more, of("vpc-2"))]);
    assert!(two.aws.subnets.complete(&here()).is_ok());
    assert_eq!(reason(two.aws.subnets.find("subnet-9", &here())), Reason::Skipped, "perhaps of a third VPC");
    assert_eq!(reason(two.aws.subnets.complete_everywhere(&here())), Reason::Skipped);
    let whole = json!({ "Subnets": [{ "SubnetId": "subnet-of-vpc-1", "VpcId": "vpc-1" }] });
    let merged = estate(&[(&vpcs, both), (&subnets, of("vpc-1")), (&more, whole)]);
    assert_eq!(reason(merged.aws.subnets.find("subnet-9", &here())), Reason::Absent);
    assert!(merged.aws.subnets.row(0).body.known().is_ok(), "the same row twice is no disagreement");
    let places = merged.collected().into_iter().filter(|(operation, _)| *operation == Operation::DescribeSubnets);
    assert_eq!(places.count(), 1);
}

#[test]
fn an_evidence_file_keeps_what_was_asked_for() {
    let (copy, _) = in_parts();
    let output = copy.path().join("evidence.json.gz");
    sources::write(&[copy.path().join("isolated")], &output).unwrap();
    let before = sources::read(&[copy.path().join("isolated")]).unwrap();
    let after = sources::read(&[output]).unwrap();
    assert_eq!(before.collected(), after.collected());
    let place = Place::new("111122223333", "eu-central-1");
    assert!(after.aws.subnets.asked("vpc-07d27d911fefde340", &place));
    assert_eq!(reason(after.aws.interfaces.find("eni-9", &place)), Reason::Skipped);
}

#[test]
fn what_was_asked_for_must_be_a_list_of_ids() {
    for asked in [json!("vpc-1"), json!([1]), json!({}), json!(null), json!(vec!["vpc-1"; 100_001])] {
        let list = json!({ "Subnets": [{ "SubnetId": "subnet-1", "VpcId": "vpc-1" }], "PlauditAsked": asked });
        let read = estate(&[(&format!("{REGION}/describe-subnets.json"), list)]);
        assert_eq!(reason(read.aws.subnets.complete_of("vpc-1", &here())), Reason::Undecodable, "{asked:.20}");
    }
    // nothing was asked for: that tells nothing
    let list = json!({ "Subnets": [], "PlauditAsked": [] });
    let vpcs = json!({ "Vpcs": [{ "VpcId": "vpc-1" }] });
    let read =
        estate(&[(&format!("{REGION}/describe-subnets.json"), list), (&format!("{REGION}/describe-vpcs.json"), vpcs)]);
    assert_eq!(reason(read.aws.subnets.complete(&here())), Reason::Skipped);
}

const GLOBAL: &str = "aws/111122223333/global";

fn zones_of(vpc: &str, zones: &[&str]) -> (String, Value) {
    let zones: Vec<Value> = zones
        .iter()
        .map(|id| json!({ "HostedZoneId": id, "Name": "example.com.", "Owner": { "OwningAccount": "111122223333" } }))
        .collect();
    (
        format!("{GLOBAL}/{vpc}/list-hosted-zones-by-vpc.json"),
        json!({ "HostedZoneSummaries": zones, "MaxItems": "100", "PlauditAsked": [vpc] }),
    )
}

#[test]
fn zones_of_vpcs_add_up_and_contradict_only_what_differs() {
    let (first, second) = (zones_of("vpc-1", &["Z1"]), zones_of("vpc-2", &["Z1", "Z2"]));
    let read = estate(&[(&first.0, first.1.clone()), (&second.0, second.1.clone())]);
    let seen = |read: &Estate, id: &str| -> Vec<String> {
        let zone = read.aws.hosted_zones.body(id, &here()).unwrap();
        zone.vpcs.iter().flatten().map(|vpc| vpc.vpc_id.clone()).collect()
    };
    assert_eq!(seen(&read, "Z1"), ["vpc-1", "vpc-2"]);
    assert_eq!(seen(&read, "Z2"), ["vpc-2"]);
    assert_eq!(read.graph.zones_of_vpc["vpc-2"], [0, 1]);
    assert!(read.aws.hosted_zones.complete_of("vpc-1", &here()).is_ok());
    assert_eq!(reason(read.aws.hosted_zones.complete_of("vpc-3", &here())), Reason::Skipped);
    // the zone itself knows more VPCs, of other accounts
    let zone = |vpcs: &[&str]| {
        let vpcs: Vec<Value> = vpcs.iter().map(|id| json!({ "VPCRegion": "eu-west-1", "VPCId": id })).collect();
        let config = json!({ "PrivateZone": true });
        json!({ "HostedZone": { "Id": "/hostedzone/Z1", "Name": "example.com.", "Config": config }, "VPCs": vpcs })
    };
    let path = format!("{GLOBAL}/route53/Z1/get-hosted-zone.json");
    let read = estate(&[(&first.0, first.1.clone()), (&path, zone(&["vpc-1", "vpc-9"]))]);
    assert_eq!(seen(&read, "Z1"), ["vpc-1", "vpc-9"]);
    for vpcs in [&["vpc-9"][..], &["vpc-1", "vpc-2"]] {
        let other = zones_of("vpc-2", &["Z2"]);
        let read = estate(&[(&first.0, first.1.clone()), (&other.0, other.1), (&path, zone(vpcs))]);
        let gap = read.aws.hosted_zones.body("Z1", &here()).unwrap_err();
        assert_eq!(gap.reason, Reason::Disagreement, "{vpcs:?}");
        assert!(gap.detail.contains("list-hosted-zones-by-vpc.json:1"), "{}", gap.detail);
    }
}

#[test]
fn zones_that_endpoints_have_are_left_to_the_endpoints() {
    let (path, mut answer) = zones_of("vpc-1", &["Z1"]);
    let of_endpoint = json!({ "HostedZoneId": "Z2", "Name": "sts.eu-west-1.amazonaws.com.",
        "Owner": { "OwningService": "vpce.amazonaws.com" } });
    answer["HostedZoneSummaries"].as_array_mut().unwrap().push(of_endpoint);
    let read = estate(&[(&path, answer)]);
    assert_eq!(read.aws.hosted_zones.rows().len(), 1);
    assert!(read.aws.hosted_zones.complete_of("vpc-1", &here()).is_ok());
}

#[test]
fn zones_that_do_not_say_which_vpc_was_asked_are_read_as_before() {
    let (path, mut answer) = zones_of("vpc-1", &["Z1"]);
    answer.as_object_mut().unwrap().remove("PlauditAsked");
    let read = estate(&[(&path, answer)]);
    assert_eq!(reason(read.aws.hosted_zones.complete_of("vpc-1", &here())), Reason::NotCollected);
    assert_eq!(read.aws.hosted_zones.body("Z1", &here()).unwrap().vpcs, None);
}

#[test]
fn why_the_zones_of_a_vpc_are_missing_is_told() {
    let gaps = json!([{ "operation": "route53:ListHostedZonesByVPC", "account": "111122223333",
        "region": "eu-west-1", "resource": "vpc-1", "reason": "access-denied", "detail": "no" }]);
    let text = json!({ "format": "plaudit-evidence/1", "gaps": gaps }).to_string();
    let read = sources::read_text("e.json", text).unwrap();
    let gap = read.aws.hosted_zones.complete_of("vpc-1", &here()).unwrap_err();
    assert_eq!((gap.operation, gap.reason), (Operation::ListHostedZonesByVpc, Reason::AccessDenied));
}
