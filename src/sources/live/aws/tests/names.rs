//! Zones, records, resolvers and firewalls.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::wire::{ACCOUNT, REGION, Wire, estate, good};
use super::{About, here, items, one, only};
use crate::estate::{Operation, Reason};

fn vpcs(count: usize) -> About {
    About::Within((0..count).map(|number| format!("vpc-{number:03}")).collect())
}

#[tokio::test]
async fn the_zones_of_a_vpc_with_their_owners() {
    let wire = Wire::start(|got, _| {
        let zone = |id: &str, owner: &str| {
            format!("<HostedZoneSummary><HostedZoneId>{id}</HostedZoneId><Name>example.com.</Name><Owner>{owner}</Owner></HostedZoneSummary>")
        };
        let (zones, more) = if got.query.contains("nexttoken=t") {
            (zone("Z3", "<OwningService>vpce.amazonaws.com</OwningService>"), "")
        } else {
            let own = format!("<OwningAccount>{ACCOUNT}</OwningAccount>");
            (zone("Z1", &own) + &zone("Z2", "<OwningService>efs.amazonaws.com</OwningService>"), "<NextToken>t</NextToken>")
        };
        good(format!("<ListHostedZonesByVPCResponse xmlns=\"x\"><HostedZoneSummaries>{zones}</HostedZoneSummaries><MaxItems>100</MaxItems>{more}</ListHostedZonesByVPCResponse>"))
    })
    .await;
    let (ask, reply) = wire.ask(Operation::ListHostedZonesByVpc, one("vpc-1")).await;
    assert_eq!(only(&reply)["PlauditAsked"], json!(["vpc-1"]));
    assert_eq!(only(&reply)["HostedZoneSummaries"][0]["Owner"], json!({ "OwningAccount": ACCOUNT }));
    assert!(wire.got()[0].query.contains(&format!("vpcregion={REGION}")), "{:?}", wire.got());
    let read = estate(&[(ask, reply)]);
    assert!(read.aws.hosted_zones.complete_of("vpc-1", &here()).is_ok());
    assert_eq!(read.graph.zones_of_vpc["vpc-1"].len(), 2, "the endpoint has the third one");
}

#[tokio::test]
async fn zones_that_break_off_are_a_page() {
    let wire = Wire::start(|got, _| {
        if got.query.contains("nexttoken") {
            return (403, "", "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>".to_owned());
        }
        good("<ListHostedZonesByVPCResponse><HostedZoneSummaries/><MaxItems>1</MaxItems><NextToken>t</NextToken></ListHostedZonesByVPCResponse>")
    })
    .await;
    let (ask, mut reply) = wire.ask(Operation::ListHostedZonesByVpc, one("vpc-1")).await;
    assert_eq!(reply.refusals.remove(0).reason, Reason::AccessDenied);
    let read = estate(&[(ask, reply)]);
    let gap = read.aws.hosted_zones.complete_of("vpc-1", &here()).unwrap_err();
    assert_eq!((gap.operation, gap.reason), (Operation::ListHostedZonesByVpc, Reason::Skipped));
}

#[tokio::test]
async fn all_zones_and_one_with_its_vpcs() {
    let wire = Wire::start(|got, _| {
        let zone = "<HostedZone><Id>/hostedzone/Z1</Id><Name>example.com.</Name><CallerReference>x</CallerReference>\
            <Config><Comment>hunter2</Comment><PrivateZone>true</PrivateZone></Config></HostedZone>";
        good(if got.line.ends_with("/Z1") {
            format!("<GetHostedZoneResponse>{zone}<VPCs><VPC><VPCRegion>eu-west-1</VPCRegion><VPCId>vpc-9</VPCId></VPC></VPCs></GetHostedZoneResponse>")
        } else if got.query.contains("marker") {
            "<ListHostedZonesResponse><HostedZones/><Marker>m</Marker><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems></ListHostedZonesResponse>".to_owned()
        } else {
            format!("<ListHostedZonesResponse><HostedZones>{zone}</HostedZones><IsTruncated>true</IsTruncated><NextMarker>m</NextMarker><MaxItems>1</MaxItems></ListHostedZonesResponse>")
        })
    })
    .await;
    let all = wire.ask(Operation::ListHostedZones, About::All).await;
    assert!(!only(&all.1).to_string().contains("hunter2"), "comments are not needed");
    let read = estate(&[all, wire.ask(Operation::GetHostedZone, one("Z1")).await]);
    assert!(read.aws.hosted_zones.complete(&here()).is_ok());
    let zone = read.aws.hosted_zones.body("Z1", &here()).unwrap();
    assert!(zone.private);
    assert_eq!(zone.vpcs.as_ref().unwrap()[0].vpc_id, "vpc-9");
}

#[tokio::test]
async fn records_keep_what_leads_somewhere_and_the_names_of_the_rest() {
    let wire = Wire::start(|got, _| {
        let set = |name: &str, kind: &str, value: &str| {
            format!("<ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type>{value}</ResourceRecordSet>")
        };
        let value = |value: &str| format!("<TTL>60</TTL><ResourceRecords><ResourceRecord><Value>{value}</Value></ResourceRecord></ResourceRecords>");
        let (sets, more) = if got.query.contains("name=b.example.com") {
            let alias = "<AliasTarget><HostedZoneId>Z9</HostedZoneId><DNSName>vpce-1.x.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>";
            (set("b.example.com.", "A", alias), String::new())
        } else {
            let more = "<NextRecordName>b.example.com.</NextRecordName><NextRecordType>A</NextRecordType>";
            (set("a.example.com.", "TXT", &value("\"hunter2\"")) + &set("a.example.com.", "A", &value("10.0.0.1")), more.to_owned())
        };
        let truncated = !more.is_empty();
        good(format!("<ListResourceRecordSetsResponse><ResourceRecordSets>{sets}</ResourceRecordSets><IsTruncated>{truncated}</IsTruncated>{more}<MaxItems>2</MaxItems></ListResourceRecordSetsResponse>"))
    })
    .await;
    let (ask, reply) = wire.ask(Operation::ListResourceRecordSets, one("Z1")).await;
    assert!(!only(&reply).to_string().contains("hunter2"), "{reply:?}");
    let read = estate(&[(ask, reply)]);
    let records = read.aws.records.body("Z1", &here()).unwrap();
    let told: Vec<(&str, String)> = records.iter().map(|set| (set.kind.as_str(), set.host())).collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(kind, host)| (*kind, host.as_str())).collect();
    assert_eq!(told, [("TXT", "a.example.com"), ("A", "a.example.com"), ("A", "b.example.com")]);
    assert_eq!(records[1].values().collect::<Vec<_>>(), ["10.0.0.1"]);
    assert_eq!(records[2].alias_target.as_ref().unwrap().dns_name, "vpce-1.x.");
    assert!(wire.got()[1].query.contains("type=A"));
}

#[tokio::test]
async fn records_that_begin_again_and_again_have_no_end() {
    let page = "<ListResourceRecordSetsResponse><ResourceRecordSets/><IsTruncated>true</IsTruncated>\
        <NextRecordName>a.</NextRecordName><NextRecordType>A</NextRecordType><MaxItems>1</MaxItems></ListResourceRecordSetsResponse>";
    let wire = Wire::start(move |_, _| good(page)).await;
    let (_, reply) = wire.ask(Operation::ListResourceRecordSets, one("Z1")).await;
    assert_eq!((reply.refusals[0].reason, wire.got().len()), (Reason::Undecodable, 2));
}

#[tokio::test]
async fn resolver_endpoints_and_rules_of_the_region() {
    let wire = Wire::start(|got, _| {
        good(match (got.line.as_str(), got.body.contains("NextToken")) {
            ("ListResolverEndpoints", _) => json!({ "ResolverEndpoints": [{ "Id": "rslvr-in-1", "Direction": "INBOUND",
                "HostVPCId": "vpc-1", "IpAddressCount": 2, "SecurityGroupIds": ["sg-1"], "Status": "OPERATIONAL" }] }),
            (_, false) => json!({ "ResolverRules": [{ "Id": "rslvr-rr-1", "DomainName": "corp.example.", "RuleType": "FORWARD",
                "TargetIps": [{ "Ip": "10.0.0.2", "Port": 53 }], "ResolverEndpointId": "rslvr-out-1", "Status": "COMPLETE" }],
                "NextToken": "t" }),
            (_, true) => json!({ "ResolverRules": [{ "Id": "rslvr-rr-2" }] }),
        }
        .to_string())
    })
    .await;
    let read = estate(&[
        wire.ask(Operation::ListResolverEndpoints, About::All).await,
        wire.ask(Operation::ListResolverRules, About::All).await,
    ]);
    let endpoint = read.aws.resolver_endpoints.body("rslvr-in-1", &here()).unwrap();
    assert_eq!(
        (endpoint.security_group_ids.as_slice(), endpoint.ip_address_count),
        (&["sg-1".to_owned()][..], Some(2))
    );
    assert!(read.aws.resolver_endpoints.complete(&here()).is_ok() && read.aws.resolver_rules.complete(&here()).is_ok());
    let rule = read.aws.resolver_rules.body("rslvr-rr-1", &here()).unwrap();
    assert_eq!((rule.target_ips[0].ip.as_deref(), rule.target_ips[0].port), (Some("10.0.0.2"), Some(53)));
    assert!(read.aws.resolver_rules.number("rslvr-rr-2").is_some());
}

#[tokio::test]
async fn associations_are_asked_for_by_vpc_in_batches() {
    let wire = Wire::start(|got, _| {
        let body: Value = serde_json::from_str(&got.body).unwrap();
        assert_eq!(body["Filters"][0]["Name"], "VPCId");
        let rows: Vec<Value> = body["Filters"][0]["Values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|vpc| json!({ "Id": format!("of-{}", vpc.as_str().unwrap()), "VPCId": vpc, "ResolverRuleId": "r", "Status": "COMPLETE" }))
            .collect();
        good(json!({ "ResolverRuleAssociations": rows }).to_string())
    })
    .await;
    let (ask, reply) = wire.ask(Operation::ListResolverRuleAssociations, vpcs(120)).await;
    assert_eq!(only(&reply)["PlauditAsked"].as_array().unwrap().len(), 120);
    assert_eq!(wire.got().len(), 3);
    let read = estate(&[(ask, reply)]);
    assert_eq!(read.aws.resolver_rule_associations.rows().len(), 120);
    assert!(read.aws.resolver_rule_associations.complete_of("vpc-007", &here()).is_ok());
    let (_, whole) = wire_of_all().await;
    assert_eq!(whole, BTreeSet::from(["ResolverRuleAssociations".to_owned()]), "the whole list names no ids");
}

/// The members of the whole list, asked for without VPCs.
async fn wire_of_all() -> (usize, BTreeSet<String>) {
    let wire = Wire::start(|_, _| good("{\"ResolverRuleAssociations\":[]}")).await;
    let (_, reply) = wire.ask(Operation::ListResolverRuleAssociations, About::All).await;
    assert!(!wire.got()[0].body.contains("Filters"), "{:?}", wire.got());
    (wire.got().len(), only(&reply).as_object().unwrap().keys().cloned().collect())
}

#[tokio::test]
async fn a_batch_that_is_refused_ends_the_list() {
    let wire = Wire::start(|_, before| match before {
        0 => good("{\"Firewalls\":[{\"FirewallName\":\"f\",\"FirewallArn\":\"arn:f\"}]}"),
        _ => (400, "", json!({ "__type": "AccessDeniedException", "Message": "no" }).to_string()),
    })
    .await;
    let (_, reply) = wire.ask(Operation::ListFirewalls, vpcs(120)).await;
    assert_eq!(reply.refusals[0].reason, Reason::AccessDenied);
    let answer = only(&reply);
    assert_eq!((answer["NextToken"].as_str(), answer["Firewalls"].as_array().unwrap().len()), (Some("not read"), 1));
    assert_eq!((answer["PlauditAsked"].as_array().unwrap().len(), wire.got().len()), (50, 2));
}

#[tokio::test]
async fn a_firewall_with_its_endpoints_and_its_policy() {
    let arn = format!("arn:aws:network-firewall:{REGION}:{ACCOUNT}:firewall/f");
    let wire = Wire::start(move |got, _| {
        good(match got.line.as_str() {
            "ListFirewalls" => json!({ "Firewalls": [{ "FirewallName": "f", "FirewallArn": arn }] }),
            "DescribeFirewall" => json!({ "UpdateToken": "x",
                "Firewall": { "FirewallName": "f", "FirewallArn": arn, "FirewallPolicyArn": "arn:policy", "VpcId": "vpc-1",
                    "SubnetMappings": [{ "SubnetId": "subnet-1" }], "FirewallId": "x" },
                "FirewallStatus": { "Status": "READY", "ConfigurationSyncStateSummary": "IN_SYNC", "SyncStates": { "eu-west-1a":
                    { "Attachment": { "SubnetId": "subnet-1", "EndpointId": "vpce-1", "Status": "READY" } } } } }),
            _ => {
                assert!(got.body.contains("arn:policy"), "{}", got.body);
                json!({ "UpdateToken": "x", "FirewallPolicyResponse": { "FirewallPolicyName": "p", "FirewallPolicyArn": "arn:policy",
                    "FirewallPolicyId": "x" }, "FirewallPolicy": { "StatelessDefaultActions": ["aws:forward_to_sfe"],
                    "StatelessFragmentDefaultActions": ["aws:drop"], "StatefulDefaultActions": ["aws:drop_strict"],
                    "StatefulEngineOptions": { "RuleOrder": "STRICT_ORDER" },
                    "StatefulRuleGroupReferences": [{ "ResourceArn": "arn:g", "Priority": 7 }] } })
            }
        }
        .to_string())
    })
    .await;
    let replies = [
        wire.ask(Operation::ListFirewalls, vpcs(1)).await,
        wire.ask(Operation::DescribeFirewall, one("f")).await,
        wire.ask(Operation::DescribeFirewallPolicy, one("f")).await,
    ];
    let read = estate(&replies);
    assert_eq!(read.graph.firewall_of_endpoint["vpce-1"], 0);
    let id = format!("{ACCOUNT}/{REGION}/f");
    let details = read.aws.firewall_details.body(&id, &here()).unwrap();
    assert_eq!((details.firewall.vpc_id.as_deref(), details.firewall.subnet_mappings.len()), (Some("vpc-1"), 1));
    let policy = read.aws.firewall_policies.body(&id, &here()).unwrap();
    assert_eq!(policy.stateless_default_actions, ["aws:forward_to_sfe"]);
    assert_eq!(policy.stateful_rule_group_references[0].priority, Some(7));
    assert_eq!(policy.stateful_engine_options.as_ref().unwrap().rule_order.as_deref(), Some("STRICT_ORDER"));
    let calls = items(&wire.got(), |got| &got.line);
    assert_eq!(calls, ["ListFirewalls", "DescribeFirewall", "DescribeFirewall", "DescribeFirewallPolicy"]);
}

#[tokio::test]
async fn a_policy_whose_firewall_may_not_be_read_names_that_call() {
    let wire =
        Wire::start(|_, _| (400, "", json!({ "__type": "AccessDeniedException", "Message": "no" }).to_string())).await;
    let (_, reply) = wire.ask(Operation::DescribeFirewallPolicy, one("f")).await;
    assert_eq!(reply.refusals[0].call, Some("network-firewall:DescribeFirewall"));
}
