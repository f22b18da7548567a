//! Sources: whole directories and evidence files in, estates out; and what hostile or broken
//! input becomes.

#[path = "sources_flat.rs"]
mod flat;
#[path = "sources_paths.rs"]
mod paths;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use plaudit::estate::{Estate, Evidence, Gap, Operation, Place, Reason, Table};
use plaudit::sources::{self, Cause};
use proptest::prelude::{ProptestConfig, any, prop, proptest};
use proptest::strategy::Strategy;

const REGION: &str = "aws/111122223333/eu-west-1";

/// A directory of answers in a temporary place.
fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn read(root: &Path) -> Estate {
    sources::read(&[root.to_path_buf()]).unwrap()
}

fn estate(files: &[(&str, &str)]) -> Estate {
    read(directory(files).path())
}

fn in_region(file: &str) -> String {
    format!("{REGION}/{file}")
}

fn here() -> Place {
    Place::new("111122223333", "eu-west-1")
}

fn fixture(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    path.is_dir().then_some(path)
}

fn gap<T: std::fmt::Debug>(known: Result<T, std::sync::Arc<Gap>>) -> (Reason, String) {
    let gap = known.unwrap_err();
    (gap.reason, gap.detail.clone())
}

/// Every row, by table, id and body, without origins.
pub(crate) fn rows(estate: &Estate) -> BTreeSet<String> {
    fn add<T: std::fmt::Debug>(all: &mut BTreeSet<String>, table: &Table<T>) {
        for row in table.rows() {
            let body = match &row.body {
                Evidence::Known(body) => format!("{body:?}"),
                Evidence::Unknown(gap) => format!("unknown: {:?}", gap.reason),
            };
            all.insert(format!("{:?} {} {:?} {body}", table.operation(), row.id, row.place));
        }
    }
    let (a, d, mut all) = (&estate.aws, &estate.databricks, BTreeSet::new());
    macro_rules! tables { ($($from:ident: $($table:ident)*;)*) => { $($(add(&mut all, &$from.$table);)*)* } }
    tables! {
        a: vpcs dns_support dns_hostnames dhcp_options subnets route_tables security_groups group_rules network_acls
           interfaces instances addresses nat_gateways internet_gateways egress_only_gateways vpn_gateways peerings transit_gateways
           transit_attachments transit_vpc_attachments transit_route_tables transit_routes prefix_lists
           prefix_list_entries vpc_endpoints endpoint_services endpoint_service_permissions flow_logs
           block_public_access block_public_access_exclusions firewalls firewall_details firewall_policies hosted_zones records resolver_endpoints resolver_rules
           resolver_rule_associations keys key_policies key_rotations key_grants bucket_policies bucket_encryptions
           public_access_blocks bucket_regions roles role_policies;
        d: workspaces networks registrations private_access_settings key_configurations credentials
           storage_configurations nccs network_policies log_deliveries account_ip_lists account_settings ip_lists
           workspace_confs clusters warehouses workspace_networks workspace_settings;
    }
    all
}

// ---- fixtures ----------------------------------------------------------------------------

#[test]
fn the_fixtures_are_readable_to_the_last_answer() {
    for name in ["isolated", "managed-nat", "leaky"] {
        let Some(path) = fixture(name) else { continue };
        let estate = read(&path);
        let gaps: Vec<_> = estate.noted.iter().map(|(gap, _)| gap.clone()).collect();
        // The leaky estate may contradict itself on purpose; it is readable all the same.
        let bad = gaps.iter().filter(|gap| name != "leaky" || gap.reason == Reason::Undecodable);
        let bad: Vec<String> = bad.map(ToString::to_string).collect();
        assert!(bad.is_empty(), "{name}: {bad:#?}");
        assert!(!estate.collected().is_empty(), "{name}");
        assert!(!estate.aws.vpcs.rows().is_empty() && !estate.databricks.workspaces.rows().is_empty(), "{name}");
    }
}

#[test]
fn every_answer_of_a_fixture_survives_an_evidence_file() {
    let out = tempfile::tempdir().unwrap();
    for name in ["isolated", "managed-nat", "leaky", "denied"] {
        let Some(path) = fixture(name) else { continue };
        let from_directory = read(&path);
        for file in ["e.json", "e.json.gz", "e.json.zst"] {
            let file = out.path().join(file);
            sources::write(std::slice::from_ref(&path), &file).unwrap();
            let from_file = read(&file);
            assert_eq!(rows(&from_directory), rows(&from_file), "{name}");
            assert_eq!(from_directory.collected(), from_file.collected(), "{name}");
            let reasons = |estate: &Estate| {
                let gaps = estate.noted.iter().map(|(gap, _)| gap.clone());
                gaps.map(|gap| (gap.operation, gap.scope, gap.reason)).collect::<BTreeSet<_>>()
            };
            assert!(reasons(&from_directory).is_subset(&reasons(&from_file)), "{name}");
        }
    }
}

#[test]
fn an_evidence_file_reads_the_same_after_a_second_writing() {
    let Some(path) = fixture("isolated") else { return };
    let out = tempfile::tempdir().unwrap();
    let (first, second) = (out.path().join("1.json"), out.path().join("2.json"));
    sources::write(&[path], &first).unwrap();
    sources::write(std::slice::from_ref(&first), &second).unwrap();
    assert_eq!(fs::read_to_string(&first).unwrap(), fs::read_to_string(&second).unwrap());
}

// ---- origins -----------------------------------------------------------------------------

#[test]
fn a_row_points_at_its_own_text() {
    let text = "{\n  \"Vpcs\": [\n    {\n      \"VpcId\": \"vpc-1\"\n    },\n    {\n      \"VpcId\": \"vpc-2\"\n    }\n  ]\n}\n";
    let root = directory(&[(&in_region("describe-vpcs.json"), text)]);
    let estate = read(root.path());
    let origin = estate.aws.vpcs.row(estate.aws.vpcs.number("vpc-2").unwrap()).origin;
    let location = estate.locate(origin);
    assert_eq!((location.line, location.column, location.end_line), (6, 5, 8));
    assert!(location.file.ends_with("eu-west-1/describe-vpcs.json"), "{}", location.file);

    let file = root.path().join("evidence.json");
    sources::write(&[root.path().to_path_buf()], &file).unwrap();
    let estate = read(&file);
    let location = estate.locate(estate.aws.vpcs.row(estate.aws.vpcs.number("vpc-2").unwrap()).origin);
    let lines: Vec<String> = fs::read_to_string(&file).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(lines[location.line as usize].trim(), "\"VpcId\": \"vpc-2\"");
}

#[test]
fn a_line_of_a_fixture_is_the_line_of_the_resource() {
    let Some(path) = fixture("isolated") else { return };
    let estate = read(&path);
    for row in estate.aws.subnets.rows() {
        let location = estate.locate(row.origin);
        let text = fs::read_to_string(&location.file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let part = lines[location.line as usize - 1..location.end_line as usize].join("\n");
        assert!(part.trim_start().starts_with('{') && part.contains(&row.id), "{}: {part}", row.id);
        assert_eq!(part.matches("\"SubnetId\"").count(), 1);
    }
}

// ---- broken, denied, partial -------------------------------------------------------------

#[test]
fn a_broken_file_is_a_gap_of_its_call() {
    let wrong: &[(&str, &[u8])] = &[
        ("truncated", b"{\"NetworkAcls\": [{\"NetworkAclId\": \"acl-1\""),
        ("empty", b""),
        ("blank", b" \n"),
        ("not UTF-8", b"{\"NetworkAcls\": [\xff]}"),
        ("UTF-16", b"\xff\xfe{\0}\0"),
        ("wrong type", b"{\"NetworkAcls\": {\"NetworkAclId\": \"acl-1\"}}"),
        ("a number", b"17"),
        ("two documents", b"{\"NetworkAcls\": []}{\"NetworkAcls\": []}"),
        ("the key twice", b"{\"NetworkAcls\": [], \"NetworkAcls\": []}"),
        ("another key", b"{\"networkAcls\": []}"),
        ("HTML", b"<html>login</html>"),
    ];
    for (name, bytes) in wrong {
        let root = directory(&[(&in_region("describe-vpcs.json"), "{\"Vpcs\": []}")]);
        fs::write(root.path().join(in_region("describe-network-acls.json")), bytes).unwrap();
        let estate = read(root.path());
        let (reason, detail) = gap(estate.aws.network_acls.complete(&here()));
        assert_eq!(reason, Reason::Undecodable, "{name}");
        assert!(detail.contains("describe-network-acls.json"), "{name}: {detail}");
        assert!(estate.aws.vpcs.complete(&here()).is_ok(), "{name}");
    }
    let truncated = estate(&[(&in_region("describe-vpcs.json"), "{\"Vpcs\": [\n{")]);
    assert!(gap(truncated.aws.vpcs.complete(&here())).1.ends_with("EOF while parsing an object at line 2 column 1"));
}

#[test]
fn a_deep_text_is_a_gap_and_no_stack_overflow() {
    let deep = format!("{{\"Vpcs\": [{}]}}", "[".repeat(2_000_000));
    let estate = estate(&[(&in_region("describe-vpcs.json"), &deep), (&in_region("x.json"), "{\"Subnets\":[]}")]);
    assert_eq!(gap(estate.aws.vpcs.complete(&here())).0, Reason::Undecodable);
}

#[test]
fn one_broken_resource_spoils_neither_the_others_nor_the_list_of_ids() {
    let text = "{\"Vpcs\": [{\"VpcId\": \"vpc-1\"},\n {\"VpcId\": \"vpc-2\", \"IsDefault\": \"yes\"}]}";
    let estate = estate(&[(&in_region("describe-vpcs.json"), text)]);
    assert!(estate.aws.vpcs.body("vpc-1", &here()).is_ok());
    let (reason, detail) = gap(estate.aws.vpcs.body("vpc-2", &here()));
    assert_eq!(reason, Reason::Undecodable);
    assert!(detail.contains("describe-vpcs.json:2:") && detail.contains("expected a boolean"), "{detail}");
    // the ids are known; what no row says is not, because the broken one might say it
    assert!(estate.aws.vpcs.listed(&here()).is_ok());
    assert_eq!(gap(estate.aws.vpcs.complete(&here())).0, Reason::Undecodable);
}

#[test]
fn a_resource_without_id_spoils_the_list() {
    let estate = estate(&[(&in_region("describe-vpcs.json"), "{\"Vpcs\": [{\"VpcId\": \"vpc-1\"}, {}, 3]}")]);
    assert!(estate.aws.vpcs.body("vpc-1", &here()).is_ok());
    assert_eq!(gap(estate.aws.vpcs.complete(&here())).0, Reason::Undecodable);
}

#[test]
fn a_denial_is_a_gap_and_never_an_empty_list() {
    let denied = "\nAn error occurred (UnauthorizedOperation) when calling the DescribeNetworkAcls operation: You are not authorized.\n";
    let estate = estate(&[
        (&in_region("describe-vpcs.json"), "{\"Vpcs\": []}"),
        (&in_region("acls.json"), denied),
        (&in_region("kms/1234/get-key-policy.json"), "{\"__type\": \"AccessDeniedException\", \"Message\": \"no\"}"),
        ("databricks/acct/networks.json", "{\"error_code\": \"PERMISSION_DENIED\", \"message\": \"no\"}"),
        ("databricks/acct/7/clusters.json", "{\"error_code\": 403, \"message\": \"blocked by Databricks IP ACL\"}"),
        (
            "databricks/acct/7/workspace-conf.json",
            "{\"error_code\": \"REQUEST_LIMIT_EXCEEDED\", \"message\": \"slow\"}",
        ),
    ]);
    assert_eq!(gap(estate.aws.network_acls.complete(&here())).0, Reason::AccessDenied);
    assert_eq!(gap(estate.aws.key_policies.find("eu-west-1/1234", &here())).0, Reason::AccessDenied);
    let account = Place { account: Some("acct".to_owned()), region: None };
    assert_eq!(gap(estate.databricks.networks.complete(&account)).0, Reason::AccessDenied);
    assert_eq!(gap(estate.databricks.clusters.complete(&Place::new("acct", "7"))).0, Reason::AccessDenied);
    assert_eq!(gap(estate.databricks.clusters.complete(&Place::new("acct", "8"))).0, Reason::NotCollected);
    assert_eq!(gap(estate.databricks.workspace_confs.find("7", &account)).0, Reason::Throttled);
}

#[test]
fn some_errors_mean_none() {
    let aws = |code: &str, call: &str| format!("An error occurred ({code}) when calling the {call} operation: none");
    let estate = estate(&[
        ("aws/111122223333/global/s3/b/get-bucket-policy.json", &aws("NoSuchBucketPolicy", "GetBucketPolicy")),
        (
            "aws/111122223333/global/s3/b/get-bucket-encryption.json",
            &aws("ServerSideEncryptionConfigurationNotFoundError", "GetBucketEncryption"),
        ),
        (
            "aws/111122223333/global/s3/b/get-public-access-block.json",
            &aws("NoSuchPublicAccessBlockConfiguration", "GetPublicAccessBlock"),
        ),
        ("aws/111122223333/global/s3/b/get-bucket-location.json", "{\"LocationConstraint\": null}"),
        ("databricks/acct/settings/x.json", "{\"error_code\": \"NOT_FOUND\", \"message\": \"\"}"),
    ]);
    let anywhere = Place::default();
    assert_eq!(estate.aws.bucket_policies.body("b", &anywhere), Ok(&None));
    assert_eq!(estate.aws.bucket_encryptions.body("b", &anywhere), Ok(&None));
    assert_eq!(estate.aws.public_access_blocks.body("b", &anywhere), Ok(&None));
    assert_eq!(estate.aws.bucket_regions.body("b", &anywhere).map(String::as_str), Ok("us-east-1"));
    assert_eq!(estate.databricks.account_settings.body("acct/x", &anywhere).map(serde_json::Map::len), Ok(0));
}

#[test]
fn a_page_is_never_the_whole() {
    let estate = estate(&[
        (&in_region("describe-vpcs.json"), "{\"Vpcs\": [{\"VpcId\": \"vpc-1\"}], \"NextToken\": \"abc\"}"),
        (&in_region("describe-subnets.json"), "{\"Subnets\": [], \"NextToken\": \"\"}"),
        (
            "aws/111122223333/global/route53/Z1/list-resource-record-sets.json",
            "{\"ResourceRecordSets\": [], \"IsTruncated\": true}",
        ),
        ("databricks/acct/7/clusters.json", "{\"clusters\": [{\"cluster_id\": \"c\"}], \"next_page_token\": \"x\"}"),
        ("databricks/acct/7/warehouses.json", "{\"next_page_token\": \"\"}"),
    ]);
    assert!(estate.aws.vpcs.body("vpc-1", &here()).is_ok());
    assert_eq!(gap(estate.aws.vpcs.complete(&here())).0, Reason::Skipped);
    assert!(estate.aws.subnets.complete(&here()).is_ok());
    assert_eq!(gap(estate.aws.records.find("Z1", &here())).0, Reason::Skipped);
    let workspace = Place::new("acct", "7");
    assert!(estate.databricks.clusters.number("7/c").is_some());
    assert_eq!(gap(estate.databricks.clusters.complete(&workspace)).0, Reason::Skipped);
    assert!(estate.databricks.warehouses.complete(&workspace).is_ok());
}

// ---- two answers -------------------------------------------------------------------------

#[test]
fn answers_that_agree_are_one_and_answers_that_differ_are_none() {
    let first = "{\"Vpcs\": [{\"VpcId\": \"vpc-1\", \"CidrBlock\": \"10.0.0.0/16\"}, {\"VpcId\": \"vpc-2\", \"IsDefault\": false}]}";
    let second = "{\"Vpcs\": [\n{\"CidrBlock\": \"10.0.0.0/16\", \"VpcId\": \"vpc-1\"},\n{\"VpcId\": \"vpc-2\", \"IsDefault\": true}]}";
    let (one, two) = (
        directory(&[(&in_region("describe-vpcs.json"), first)]),
        directory(&[(&in_region("describe-vpcs.json"), second)]),
    );
    let estate = sources::read(&[one.path().to_path_buf(), two.path().to_path_buf()]).unwrap();
    assert_eq!(estate.aws.vpcs.rows().len(), 2);
    assert!(estate.aws.vpcs.body("vpc-1", &here()).is_ok());
    let (reason, detail) = gap(estate.aws.vpcs.body("vpc-2", &here()));
    assert_eq!(reason, Reason::Disagreement);
    assert!(detail.contains("describe-vpcs.json:1") && detail.contains("describe-vpcs.json:3"), "{detail}");
    assert!(detail.ends_with("differ at IsDefault"), "{detail}");

    // A file that holds both keeps both.
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("both.json");
    sources::write(&[one.path().to_path_buf(), two.path().to_path_buf()], &file).unwrap();
    assert_eq!(gap(read(&file).aws.vpcs.body("vpc-2", &here())).0, Reason::Disagreement);
}

#[test]
fn one_denied_policy_makes_the_policies_of_a_role_unknown() {
    let policy = "{\"PolicyDocument\": {\"Version\": \"2012-10-17\", \"Statement\": []}}";
    let encoded =
        "{\"PolicyVersion\": {\"Document\": \"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D\"}}";
    let denied = "An error occurred (AccessDenied) when calling the GetRolePolicy operation: no";
    let role = |name: &str, file: &str| format!("aws/111122223333/global/iam/{name}/policies/{file}.json");
    let estate = estate(&[
        (&role("good", "a"), policy),
        (&role("good", "b"), encoded),
        (&role("bad", "a"), policy),
        (&role("bad", "b"), denied),
        (&role("bad", "c"), policy),
        (&role("worse", "a"), "{\"PolicyDocument\": {\"Statement\": 3}}"),
    ]);
    let policies = |role| estate.aws.role_policies.body(role, &Place::default()).map(Vec::len);
    assert_eq!(policies("good"), Ok(2));
    assert_eq!(gap(policies("bad")).0, Reason::AccessDenied);
    assert_eq!(gap(policies("worse")).0, Reason::Undecodable);
    assert_eq!(gap(policies("none")).0, Reason::NotCollected);
}

#[test]
fn zones_of_the_list_and_zones_with_their_vpcs_are_one() {
    let config = "\"Name\": \"A.Example.\", \"Config\": {\"PrivateZone\": true}";
    let list = format!(
        "{{\"HostedZones\": [{{\"Id\": \"/hostedzone/Z1\", {config}}}, {{\"Id\": \"/hostedzone/Z2\", \"Name\": \"b.\"}}]}}"
    );
    let one = format!(
        "{{\"HostedZone\": {{\"Id\": \"/hostedzone/Z1\", {config}}}, \"VPCs\": [{{\"VPCRegion\": \"eu-west-1\", \"VPCId\": \"vpc-1\"}}]}}"
    );
    let estate = estate(&[
        ("aws/111122223333/global/list-hosted-zones.json", &list),
        ("aws/111122223333/global/route53/Z1/get-hosted-zone.json", &one),
    ]);
    let zone = estate.aws.hosted_zones.body("Z1", &here()).unwrap();
    assert_eq!((zone.name.as_str(), zone.private, zone.vpcs.as_ref().map(Vec::len)), ("a.example", true, Some(1)));
    assert_eq!(estate.aws.hosted_zones.body("Z2", &here()).unwrap().vpcs, None);
    assert!(estate.aws.hosted_zones.complete(&here()).is_ok());
}

// ---- groups ------------------------------------------------------------------------------

const GROUP: &str = "{\"SecurityGroups\": [{\"GroupId\": \"sg-1\", \"VpcId\": \"vpc-1\", \"IpPermissions\": [{\"IpProtocol\": \"tcp\", \"FromPort\": 443, \"ToPort\": 443, \"IpRanges\": [{\"CidrIp\": \"10.0.0.0/16\"}]}]}]}";

fn rule(port: u16) -> String {
    format!(
        "{{\"SecurityGroupRules\": [{{\"SecurityGroupRuleId\": \"sgr-1\", \"GroupId\": \"sg-1\", \"IsEgress\": false, \"IpProtocol\": \"tcp\", \"FromPort\": {port}, \"ToPort\": {port}, \"CidrIpv4\": \"10.0.0.0/16\"}}]}}"
    )
}

#[test]
fn rules_and_groups_have_to_agree() {
    let (groups, rules) = (in_region("describe-security-groups.json"), in_region("describe-security-group-rules.json"));
    let same = estate(&[(&groups, GROUP), (&rules, &rule(443))]);
    assert!(same.aws.security_groups.body("sg-1", &here()).is_ok());
    let other = estate(&[(&groups, GROUP), (&rules, &rule(6666))]);
    let (reason, detail) = gap(other.aws.security_groups.body("sg-1", &here()));
    assert_eq!(reason, Reason::Disagreement);
    assert!(detail.contains("describe-security-groups.json:1") && detail.contains("tcp 6666-6666"), "{detail}");
}

#[test]
fn rules_alone_make_a_group() {
    let estate = estate(&[(&in_region("describe-security-group-rules.json"), &rule(443))]);
    let group = estate.aws.security_groups.body("sg-1", &here()).unwrap();
    assert_eq!((group.ip_permissions.len(), &group.vpc_id), (1, &None));
    assert_eq!(gap(estate.aws.security_groups.complete(&here())).0, Reason::NotCollected);
}

// ---- places ------------------------------------------------------------------------------

#[test]
fn places_are_inferred_where_no_folder_tells_them() {
    let estate = estate(&[
        ("vpcs.json", "{\"Vpcs\": [{\"VpcId\": \"vpc-1\", \"OwnerId\": \"111122223333\"}]}"),
        (
            "subnets.json",
            "{\"Subnets\": [{\"SubnetId\": \"subnet-1\", \"VpcId\": \"vpc-1\", \"OwnerId\": \"111122223333\", \"AvailabilityZone\": \"eu-west-1a\"}]}",
        ),
        ("nat.json", "{\"NatGateways\": [{\"NatGatewayId\": \"nat-1\", \"VpcId\": \"vpc-1\"}]}"),
        ("peerings.json", "{\"VpcPeeringConnections\": []}"),
        (
            "kms/1234/describe-key.json",
            "{\"KeyMetadata\": {\"KeyId\": \"1234\", \"Arn\": \"arn:aws:kms:eu-west-1:111122223333:key/1234\"}}",
        ),
        ("kms/1234/get-key-rotation-status.json", "{\"KeyRotationEnabled\": true}"),
    ]);
    assert_eq!(estate.aws.vpcs.rows()[0].place, here());
    assert!(estate.aws.vpcs.complete(&here()).is_ok() && estate.aws.nat_gateways.complete(&here()).is_ok());
    assert!(estate.aws.peerings.complete(&here()).is_ok(), "an empty list speaks for the only place");
    assert_eq!(estate.aws.key_rotations.body("eu-west-1/1234", &here()), Ok(&true));
}

#[test]
fn an_empty_list_speaks_for_no_place_when_there_are_two() {
    let vpc = |id: &str, zone: &str| {
        format!(
            "{{\"SubnetId\": \"{id}\", \"VpcId\": \"{id}\", \"OwnerId\": \"111122223333\", \"AvailabilityZone\": \"{zone}\"}}"
        )
    };
    let subnets = format!("{{\"Subnets\": [{}, {}]}}", vpc("s-1", "eu-west-1a"), vpc("s-2", "us-east-1a"));
    let estate = estate(&[("subnets.json", &subnets), ("nat.json", "{\"NatGateways\": []}")]);
    assert!(estate.aws.subnets.complete(&here()).is_ok());
    assert_eq!(gap(estate.aws.nat_gateways.complete(&here())).0, Reason::NotCollected);
}

// ---- inputs ------------------------------------------------------------------------------

#[test]
fn one_answer_is_an_input_too() {
    let root = directory(&[("aws/111122223333/eu-west-1/describe-vpcs.json", "\u{feff}{\"Vpcs\": []}")]);
    let estate = read(&root.path().join("aws/111122223333/eu-west-1/describe-vpcs.json"));
    assert!(estate.aws.vpcs.complete(&here()).is_ok());
    let estate = read(&root.path().join("aws/111122223333"));
    assert!(estate.aws.vpcs.complete(&here()).is_ok());
}

#[test]
fn what_cannot_be_read_at_all_is_an_error_with_a_hint() {
    let root = directory(&[
        ("plan.json", "{\"format_version\": \"1.2\", \"planned_values\": {}}"),
        ("new.json", "{\"format\": \"plaudit-evidence/9\"}"),
        ("other.json", "{\"hello\": 1}"),
        ("cut.json", "{\"format\": \"plaudit-evidence/1\", \"aws\": {"),
        ("empty.json", ""),
        ("nothing/README.md", "hello"),
    ]);
    let cause = |name: &str| {
        let error = sources::read(&[root.path().join(name)]).unwrap_err();
        assert!(error.to_string().contains(name) && !error.hint().is_empty(), "{error}");
        error.cause
    };
    assert!(matches!(cause("plan.json"), Cause::Terraform));
    assert!(matches!(cause("new.json"), Cause::UnknownVersion(version) if version == "plaudit-evidence/9"));
    assert!(matches!(cause("other.json"), Cause::Unrecognised));
    assert!(matches!(cause("cut.json"), Cause::NotJson(_)));
    assert!(matches!(cause("empty.json"), Cause::Empty));
    assert!(matches!(cause("nothing"), Cause::NoAnswer));
    assert!(matches!(cause("missing"), Cause::Io(_)));
    assert!(sources::read(&[]).is_err());
}

#[test]
fn an_unknown_answer_beside_known_ones_is_noted() {
    let estate = estate(&[
        (&in_region("describe-vpcs.json"), "{\"Vpcs\": []}"),
        (&in_region("key-pairs.json"), "{\"KeyPairs\": []}"),
    ]);
    let gaps: Vec<_> = estate.noted.iter().map(|(gap, _)| gap.clone()).collect();
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].operation, gaps[0].reason), (Operation::ReadEvidence, Reason::Skipped));
}

#[test]
fn gaps_of_the_collector_are_read() {
    let root = directory(&[(
        "evidence.bin",
        "{\"format\": \"plaudit-evidence/1\", \"gaps\": [{\"operation\": \"ec2:DescribeNetworkAcls\", \"account\": \"111122223333\", \"region\": \"eu-west-1\", \"reason\": \"throttled\", \"detail\": \"gave up\"}, 3]}",
    )]);
    let estate = read(&root.path().join("evidence.bin"));
    assert_eq!(gap(estate.aws.network_acls.complete(&here())), (Reason::Throttled, "gave up".to_owned()));
    assert_eq!(estate.gaps.len(), 1, "the entry that is no gap is one itself");
}

#[test]
fn secrets_stay_out_of_an_evidence_file() {
    let root = directory(&[(
        &in_region("describe-instances.json"),
        "{\"Reservations\": [{\"OwnerId\": \"111122223333\", \"Instances\": [{\"InstanceId\": \"i-1\", \"UserData\": \"s3cr3t\", \"Tags\": [{\"Key\": \"token\", \"Value\": \"s3cr3t\"}]}]}]}",
    )]);
    let file = root.path().join("evidence.json");
    sources::write(&[root.path().to_path_buf()], &file).unwrap();
    assert!(!fs::read_to_string(&file).unwrap().contains("s3cr3t"));
    assert!(read(&file).aws.instances.body("i-1", &here()).is_ok());
}

#[test]
fn a_refused_output_leaves_nothing_behind() {
    let root = directory(&[(&in_region("describe-vpcs.json"), "{\"Vpcs\": []}")]);
    let out = tempfile::tempdir().unwrap();
    let taken = out.path().join("taken");
    fs::create_dir(&taken).unwrap();
    assert!(sources::write(&[root.path().to_path_buf()], &taken).is_err());
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
}

// ---- hostile input -----------------------------------------------------------------------

fn json() -> impl Strategy<Value = serde_json::Value> {
    let key = prop::sample::select(vec![
        "aws",
        "databricks",
        "111122223333",
        "eu-west-1",
        "global",
        "Vpcs",
        "VpcId",
        "Subnets",
        "kms",
        "describe-key",
        "KeyMetadata",
        "Arn",
        "gaps",
        "operation",
        "workspaces",
        "settings",
        "7",
        "clusters",
        "items",
        "iam",
        "policies",
        "PolicyDocument",
        "HostedZones",
        "Reservations",
        "Instances",
        "error_code",
        "Error",
        "Code",
        "SecurityGroupRules",
        "GroupId",
        "NextToken",
        "format",
        "PrefixLists",
        "VpcBlockPublicAccessOptions",
        "VPCs",
        "HostedZone",
        "get-role",
        "Firewall",
        "FirewallName",
        "TransitGatewayAttachments",
        "TransitGatewayId",
        "NatGateways",
    ]);
    let leaf = proptest::prop_oneof![
        proptest::strategy::Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".{0,8}".prop_map(Into::into),
        prop::sample::select(vec!["vpc-1", "plaudit-evidence/1", "%7B%7D", "{}", "é\u{0}"]).prop_map(Into::into),
    ];
    leaf.prop_recursive(8, 64, 6, move |inner| {
        proptest::prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::hash_map(key.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), magic in 0..4usize) {
        let heads: [&[u8]; 4] = [b"", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"{\"format\":\"plaudit-evidence/1\","];
        let root = directory(&[]);
        let file = root.path().join("describe-vpcs.json");
        fs::write(&file, [heads[magic], &bytes].concat()).unwrap();
        let _ = sources::read(std::slice::from_ref(&file));
        let _ = sources::read(&[root.path().to_path_buf()]);
    }

    #[test]
    fn arbitrary_json_never_panics(value in json()) {
        let mut evidence = value.clone();
        if let Some(members) = evidence.as_object_mut() {
            members.insert("format".to_owned(), "plaudit-evidence/1".into());
        }
        let text = value.to_string();
        let root = directory(&[
            ("evidence.txt", &evidence.to_string()),
            ("aws/111122223333/eu-west-1/describe-vpcs.json", &text),
            ("aws/111122223333/eu-west-1/kms/1/describe-key.json", &text),
            ("aws/111122223333/global/iam/r/get-role.json", &text),
            ("aws/111122223333/global/iam/r/policies/p.json", &text),
            ("aws/111122223333/global/route53/Z/get-hosted-zone.json", &text),
            ("flat/Vpcs.json", &text),
            ("flat/network-firewall/f/describe-firewall.json", &text),
            ("databricks/acct/workspaces.json", &text),
            ("databricks/acct/7/clusters.json", &text),
        ]);
        let inputs = [root.path().join("evidence.txt"), root.path().to_path_buf()];
        for input in &inputs {
            let _ = sources::read(std::slice::from_ref(input));
        }
        let out = root.path().join("out.bin");
        if sources::write(&inputs, &out).is_ok() {
            sources::read(&[out]).unwrap();
        }
    }
}
