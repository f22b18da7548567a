//! What happens on the way.

use serde_json::{Value, json};

use super::super::super::fake::{Call, Fake, OWN, Say, answer, error};
use super::{ask, within};
use crate::estate::operation::Answer as Layout;
use crate::estate::{Operation, Place, Reason};
use crate::sources::live::{About, Ask, AwsRequest, Reply, Retry};

/// Every call that gives pages: the member with the rows, and with the id of a row.
const PAGED: &[(Operation, &str, &str)] = &[
    (Operation::DescribeVpcs, "vpcSet", "vpcId"),
    (Operation::DescribeDhcpOptions, "dhcpOptionsSet", "dhcpOptionsId"),
    (Operation::DescribeSubnets, "subnetSet", "subnetId"),
    (Operation::DescribeRouteTables, "routeTableSet", "routeTableId"),
    (Operation::DescribeSecurityGroups, "securityGroupInfo", "groupId"),
    (Operation::DescribeNetworkAcls, "networkAclSet", "networkAclId"),
    (Operation::DescribeNetworkInterfaces, "networkInterfaceSet", "networkInterfaceId"),
    (Operation::DescribeNatGateways, "natGatewaySet", "natGatewayId"),
    (Operation::DescribeInternetGateways, "internetGatewaySet", "internetGatewayId"),
    (Operation::DescribeEgressOnlyInternetGateways, "egressOnlyInternetGatewaySet", "egressOnlyInternetGatewayId"),
    (Operation::DescribeVpcPeeringConnections, "vpcPeeringConnectionSet", "vpcPeeringConnectionId"),
    (Operation::DescribeTransitGateways, "transitGatewaySet", "transitGatewayId"),
    (Operation::DescribeTransitGatewayAttachments, "transitGatewayAttachments", "transitGatewayAttachmentId"),
    (Operation::DescribeTransitGatewayVpcAttachments, "transitGatewayVpcAttachments", "transitGatewayAttachmentId"),
    (Operation::DescribeTransitGatewayRouteTables, "transitGatewayRouteTables", "transitGatewayRouteTableId"),
    (Operation::SearchTransitGatewayRoutes, "routeSet", "destinationCidrBlock"),
    (Operation::DescribePrefixLists, "prefixListSet", "prefixListId"),
    (Operation::GetManagedPrefixListEntries, "entrySet", "cidr"),
    (Operation::DescribeVpcEndpoints, "vpcEndpointSet", "vpcEndpointId"),
    (Operation::DescribeVpcEndpointServices, "serviceConfigurationSet", "serviceId"),
    (Operation::DescribeVpcEndpointServicePermissions, "allowedPrincipals", "principal"),
    (Operation::DescribeFlowLogs, "flowLogSet", "flowLogId"),
    (Operation::DescribeVpcBlockPublicAccessExclusions, "vpcBlockPublicAccessExclusionSet", "exclusionId"),
];

/// A page with one row.
fn page(action: &str, member: &str, key: &str, id: &str, next: Option<&str>) -> String {
    let next = next.map(|token| format!("<nextToken>{token}</nextToken>")).unwrap_or_default();
    answer(action, &format!("<{member}><item><{key}>{id}</{key}></item></{member}>{next}"))
}

/// One page of VPCs.
fn vpcs(id: &str, next: Option<&str>) -> Say {
    Say::Whole(200, page("DescribeVpcs", "vpcSet", "vpcId", id, next))
}

/// The only answer of a reply.
fn only(reply: &Reply) -> &Value {
    assert_eq!(reply.answers.len(), 1, "{reply:?}");
    &reply.answers[0].1
}

/// The rows of an answer.
fn rows(answer: &Value) -> usize {
    let lists = answer.as_object().unwrap().iter().filter(|(key, _)| *key != "PlauditAsked");
    lists.filter_map(|(_, value)| value.as_array()).map(Vec::len).sum()
}

async fn put(fake: &Fake, ask: &Ask) -> Reply {
    fake.aws(&AwsRequest::default()).await.ask(ask).await
}

#[tokio::test]
async fn every_list_is_read_to_its_last_page() {
    for (operation, member, key) in PAGED {
        let fake = Fake::start(|call, _| {
            let name = &call["Action"];
            let found = |(operation, _, _): &&(Operation, &str, &str)| operation.name() == format!("ec2:{name}");
            let (_, member, key) = PAGED.iter().find(found).unwrap();
            match call.get("NextToken").map(String::as_str) {
                None => Say::Whole(200, page(name, member, key, "a", Some("t/2"))),
                Some("t/2") => Say::Whole(200, page(name, member, key, "b", Some("t3"))),
                Some("t3") => Say::Whole(200, page(name, member, key, "c", Some(""))),
                Some(other) => error(400, "InvalidNextToken", other),
            }
        })
        .await;
        let about = match operation.answer() {
            Layout::Key(_) => About::All,
            _ => About::One("x-1".to_owned()),
        };
        let reply = put(&fake, &ask(*operation, about)).await;
        assert!(reply.refusals.is_empty(), "{operation:?} {reply:?}");
        let answer = only(&reply);
        assert_eq!(rows(answer), 3, "{member} {key} {answer}");
        assert!(answer.get("PlauditAsked").is_none() && answer.get("NextToken").is_none());
        let name = operation.name().trim_start_matches("ec2:");
        let most = |call: &Call| call.contains_key("MaxResults") != (name == "SearchTransitGatewayRoutes");
        assert!(fake.calls(name).iter().all(most), "{name}");
    }
}

#[tokio::test]
async fn instances_are_paged_too_and_keep_their_owners() {
    let fake = Fake::start(|call, _| {
        let reservation = |owner: &str, id: &str| {
            let instances = format!("<instancesSet><item><instanceId>{id}</instanceId></item></instancesSet>");
            format!("<item><ownerId>{owner}</ownerId>{instances}</item>")
        };
        let (rows, next) = match call.get("NextToken") {
            None => (reservation("1", "i-1") + &reservation("2", "i-2"), "<nextToken>2</nextToken>"),
            Some(_) => (reservation("1", "i-3") + &reservation("1", "i-1"), ""),
        };
        Say::Whole(200, answer("DescribeInstances", &format!("<reservationSet>{rows}</reservationSet>{next}")))
    })
    .await;
    let reply = put(&fake, &ask(Operation::DescribeInstances, within(&["tag:Vendor=Databricks"]))).await;
    let expected = json!({
        "Reservations": [
            { "OwnerId": "1", "Instances": [{ "InstanceId": "i-1" }, { "InstanceId": "i-3" }] },
            { "OwnerId": "2", "Instances": [{ "InstanceId": "i-2" }] },
        ],
        "PlauditAsked": ["tag:Vendor=Databricks"],
    });
    assert_eq!(*only(&reply), expected);
    let call = &fake.calls("DescribeInstances")[0];
    assert_eq!((call["Filter.1.Name"].as_str(), call["Filter.1.Value.1"].as_str()), ("tag:Vendor", "Databricks"));
}

#[tokio::test]
async fn many_ids_make_few_requests_and_no_row_comes_twice() {
    let fake = Fake::start(|_, before| vpcs(if before == 2 { "vpc-b" } else { "vpc-a" }, None)).await;
    let ids: Vec<String> = (0..450).map(|index| format!("vpc-{index:04}")).collect();
    let about = within(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let reply = put(&fake, &ask(Operation::DescribeVpcs, about)).await;
    let calls = fake.calls("DescribeVpcs");
    let values = |call: &Call| call.keys().filter(|key| key.contains(".Value.")).count();
    assert_eq!(calls.iter().map(values).collect::<Vec<_>>(), [200, 200, 50]);
    assert!(calls.iter().all(|call| call["Filter.1.Name"] == "vpc-id"));
    let answer = only(&reply);
    assert_eq!(
        answer["Vpcs"],
        json!([{ "VpcId": "vpc-a", "IsDefault": false }, { "VpcId": "vpc-b", "IsDefault": false }])
    );
    assert_eq!(answer["PlauditAsked"].as_array().unwrap().len(), 450);
}

#[tokio::test]
async fn a_refusal_for_load_is_asked_again() {
    let fake = Fake::start(|_, before| match before {
        0 => error(503, "RequestLimitExceeded", "Request limit exceeded."),
        _ => vpcs("vpc-1", None),
    })
    .await;
    let reply = put(&fake, &ask(Operation::DescribeVpcs, About::All)).await;
    assert!(reply.refusals.is_empty(), "{reply:?}");
    assert_eq!((rows(only(&reply)), fake.calls("DescribeVpcs").len()), (1, 2));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_asked_for_again_and_never_believed() {
    let whole = page("DescribeVpcs", "vpcSet", "vpcId", "vpc-1", None);
    let half = whole[..whole.len() - 30].to_owned();
    let fake = Fake::start(move |call, before| match (call.get("NextToken"), before) {
        (_, 0) => Say::Short(half.clone()),
        (_, 1) => Say::Cut(half.clone()),
        _ => Say::Whole(200, whole.clone()),
    })
    .await;
    let reply = put(&fake, &ask(Operation::DescribeVpcs, About::All)).await;
    assert!(reply.refusals.is_empty(), "{reply:?}");
    assert_eq!((rows(only(&reply)), fake.calls("DescribeVpcs").len()), (1, 3));

    let fake =
        Fake::start(|_, _| Say::Cut("<DescribeVpcsResponse><vpcSet><item><vpcId>a</vpcId></item>".to_owned())).await;
    let reply = put(&fake, &ask(Operation::DescribeVpcs, About::All)).await;
    assert!(reply.answers.is_empty());
    assert_eq!((reply.refusals[0].reason, fake.calls("DescribeVpcs").len()), (Reason::Undecodable, 3));
    assert!(reply.refusals[0].message.contains("broke off"), "{reply:?}");
}

#[tokio::test]
async fn a_page_of_html_is_no_answer() {
    let html = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>";
    for (status, calls) in [(500, 3), (200, 1)] {
        let fake = Fake::start(move |_, _| Say::Whole(status, format!("{html}</html>"))).await;
        let reply = put(&fake, &ask(Operation::DescribeVpcBlockPublicAccess, About::All)).await;
        assert!(reply.answers.is_empty());
        assert_eq!(reply.refusals[0].reason, Reason::Undecodable, "{reply:?}");
        assert_eq!(fake.calls("DescribeVpcBlockPublicAccessOptions").len(), calls, "{reply:?}");
    }
}

#[tokio::test]
async fn a_denial_is_final_and_says_only_what_may_be_told() {
    let message = "You are not authorized to perform this operation.\n User: arn:aws:iam::1:user/x \
        with AKIAABCDEFGHIJKLMNOP is not authorized. Encoded authorization failure message: tHeCoDe";
    let fake = Fake::start(move |_, _| error(403, "UnauthorizedOperation", message)).await;
    let reply = put(&fake, &ask(Operation::DescribeVpcs, within(&["vpc-1"]))).await;
    let refusal = &reply.refusals[0];
    assert!(reply.answers.is_empty());
    assert_eq!(
        (refusal.reason, refusal.retry, fake.calls("DescribeVpcs").len()),
        (Reason::AccessDenied, Retry::Never, 1)
    );
    assert_eq!(refusal.code, "UnauthorizedOperation");
    let expected =
        "You are not authorized to perform this operation. User: arn:aws:iam::1:user/x with … is not authorized.";
    assert_eq!(refusal.message, expected);
}

#[tokio::test]
async fn an_expired_token_is_a_denial() {
    let fake = Fake::start(|_, _| error(400, "RequestExpired", "Request has expired.")).await;
    let reply = put(&fake, &ask(Operation::DescribeSubnets, About::All)).await;
    assert_eq!((reply.refusals[0].reason, fake.calls("DescribeSubnets").len()), (Reason::AccessDenied, 1));
}

#[tokio::test]
async fn a_list_that_breaks_off_says_so() {
    let fake = Fake::start(|call, _| match call.get("NextToken") {
        None => vpcs("vpc-1", Some("2")),
        Some(_) => error(403, "UnauthorizedOperation", "no"),
    })
    .await;
    let reply = put(&fake, &ask(Operation::DescribeVpcs, About::All)).await;
    let expected = json!({ "Vpcs": [{ "VpcId": "vpc-1", "IsDefault": false }], "NextToken": "not read" });
    assert_eq!((only(&reply), reply.refusals.len()), (&expected, 1));
}

#[tokio::test]
async fn a_list_without_an_end_is_given_up() {
    let fake =
        Fake::start(|_, before| vpcs(&format!("vpc-{before}"), Some(if before % 2 == 0 { "a" } else { "b" }))).await;
    let reply = put(&fake, &ask(Operation::DescribeVpcs, About::All)).await;
    assert_eq!((rows(only(&reply)), reply.refusals[0].reason), (3, Reason::Undecodable));
    assert!(only(&reply).get("NextToken").is_some());
    assert_eq!(fake.calls("DescribeVpcs").len(), 3);
}

#[tokio::test]
async fn another_account_is_asked_with_a_role() {
    let fake = Fake::start(|call, _| match call["Action"].as_str() {
        "AssumeRole" if call["RoleArn"].contains("444455556666") => {
            let keys = "<AccessKeyId>k</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>";
            let result = format!("<Credentials>{keys}<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>");
            Say::Whole(200, answer("AssumeRole", &format!("<AssumeRoleResult>{result}</AssumeRoleResult>")))
        }
        "AssumeRole" => {
            let error = "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not you</Message></Error>";
            Say::Whole(403, format!("<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"))
        }
        _ => vpcs("vpc-1", None),
    })
    .await;
    let request = AwsRequest {
        assume_role: Some("audit/reader".to_owned()),
        external_id: Some("x".to_owned()),
        ..AwsRequest::default()
    };
    let aws = fake.aws(&request).await;
    assert_eq!((aws.own_account(), aws.home_region()), (OWN, "eu-west-1"));
    let of =
        |account: &str, region| Ask { place: Place::new(account, region), ..ask(Operation::DescribeVpcs, About::All) };
    for region in ["eu-west-1", "us-east-1"] {
        assert!(aws.ask(&of("444455556666", region)).await.refusals.is_empty());
        assert!(aws.ask(&of(OWN, region)).await.refusals.is_empty());
        let refused = aws.ask(&of("777788889999", region)).await.refusals.remove(0);
        assert_eq!((refused.reason, refused.call), (Reason::AccessDenied, Some("sts:AssumeRole")));
        assert!(refused.message.contains("not you") && refused.message.contains("--assume-role"), "{refused:?}");
    }
    let assumed = fake.calls("AssumeRole");
    assert_eq!(assumed.len(), 2, "once for each account, refused or not");
    assert_eq!(assumed[0]["RoleArn"], "arn:aws:iam::444455556666:role/audit/reader");
    assert_eq!((assumed[0]["ExternalId"].as_str(), assumed[0]["RoleSessionName"].as_str()), ("x", "plaudit"));

    let without = fake.aws(&AwsRequest::default()).await;
    let refused = without.ask(&of("444455556666", "eu-west-1")).await.refusals.remove(0);
    assert_eq!((refused.reason, refused.call), (Reason::AccessDenied, Some("sts:AssumeRole")));
    assert!(refused.message.contains("--assume-role"));
}

#[tokio::test]
async fn an_arn_counts_for_its_own_account_and_its_role_for_others() {
    let fake = Fake::start(|call, _| match call["Action"].as_str() {
        "AssumeRole" => error(403, "AccessDenied", "no"),
        _ => vpcs("vpc-1", None),
    })
    .await;
    let arn = format!("arn:aws:iam::{OWN}:role/path/reader");
    let aws = fake.aws(&AwsRequest { assume_role: Some(arn.clone()), ..AwsRequest::default() }).await;
    for account in [OWN, "444455556666"] {
        let place = Place::new(account, "eu-west-1");
        aws.ask(&Ask { place, ..ask(Operation::DescribeVpcs, About::All) }).await;
    }
    let roles: Vec<_> = fake.calls("AssumeRole").into_iter().map(|call| call["RoleArn"].clone()).collect();
    assert_eq!(roles, [arn.as_str(), "arn:aws:iam::444455556666:role/path/reader"]);
}

#[tokio::test]
async fn an_empty_answer_is_none() {
    let fake = Fake::start(|_, _| Say::Cut(String::new())).await;
    let reply = put(&fake, &ask(Operation::DescribeVpcs, About::All)).await;
    assert_eq!(reply.refusals.len(), 1, "{reply:?}");
    assert_eq!(fake.calls("DescribeVpcs").len(), 3, "{reply:?}");
}

#[tokio::test]
async fn accounts_and_regions_are_those_that_are_switched_on() {
    let fake = Fake::start(|call, _| match (call["Action"].as_str(), call.get("NextToken")) {
        ("ListAccounts", None) => {
            let accounts = json!([{ "Id": "1", "Status": "ACTIVE" }, { "Id": "2", "Status": "SUSPENDED" }]);
            Say::Whole(200, json!({ "Accounts": accounts, "NextToken": "2" }).to_string())
        }
        ("ListAccounts", Some(_)) => {
            let accounts =
                json!([{ "Id": "3", "State": "ACTIVE" }, { "Id": "4", "State": "CLOSED", "Status": "ACTIVE" }]);
            Say::Whole(200, json!({ "Accounts": accounts }).to_string())
        }
        _ => {
            let regions =
                ["eu-west-1", "us-east-1"].map(|name| format!("<item><regionName>{name}</regionName></item>"));
            Say::Whole(200, answer("DescribeRegions", &format!("<regionInfo>{}</regionInfo>", regions.concat())))
        }
    })
    .await;
    let aws = fake.aws(&AwsRequest::default()).await;
    assert_eq!(aws.accounts().await.unwrap(), ["1", "3"]);
    assert_eq!(aws.regions(OWN).await.unwrap(), ["eu-west-1", "us-east-1"]);
    assert!(fake.calls("DescribeRegions").iter().all(|call| !call.contains_key("AllRegions")));
}
