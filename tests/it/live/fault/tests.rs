//! The proxy against itself, with a raw client and a server that says what a test wants.

use std::io::{BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::http::{Answer, Call};
use super::{Fault, Proxy, Rule};

const FIVE: &str = "<DescribeVpcsResponse><requestId>1</requestId><vpcSet>\n\
    <item><vpcId>vpc-1</vpcId><tagSet><item><key>a</key></item><item><key>b</key></item></tagSet></item>\n\
    <item><vpcId>vpc-2</vpcId></item> <item><vpcId>vpc-3</vpcId></item><item><vpcId>vpc-4</vpcId></item>\n\
    <item><vpcId>vpc-5</vpcId></item>\n</vpcSet></DescribeVpcsResponse>";

/// A server that answers everything with the five VPCs.
fn upstream() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let call = Call::read(&mut BufReader::new(stream.try_clone().unwrap()));
            let body = match call {
                Some(call) if String::from_utf8_lossy(&call.body).contains("NextToken") => {
                    "a token that moto would see".to_owned()
                }
                _ => FIVE.to_owned(),
            };
            (&stream).write_all(&Answer::new(200, "text/xml", body).bytes()).unwrap();
        }
    });
    port
}

fn call(service: &str, target: &str, extra: &str, body: &str) -> Vec<u8> {
    let method = if body.is_empty() { "GET" } else { "POST" };
    format!(
        "{method} {target} HTTP/1.1\r\nHost: x\r\n{extra}Authorization: AWS4-HMAC-SHA256 \
         Credential=AKIA1/20261123/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn vpcs(more: &str) -> Vec<u8> {
    call("ec2", "/", "", &format!("Action=DescribeVpcs&Version=2016-11-15{more}"))
}

fn connect(proxy: &Proxy) -> TcpStream {
    let port: u16 = proxy.endpoint().rsplit(':').next().unwrap().parse().unwrap();
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

fn ask(proxy: &Proxy, bytes: &[u8]) -> Answer {
    let stream = connect(proxy);
    (&stream).write_all(bytes).unwrap();
    Answer::read(&mut BufReader::new(stream)).unwrap()
}

#[test]
fn what_no_rule_meets_goes_through_on_one_connection() {
    let proxy = Proxy::before(upstream(), [Rule::on("ec2:DescribeSubnets", Fault::Deny)]);
    proxy.knows("AKIA1", "111122223333");
    let stream = connect(&proxy);
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    for _ in 0..2 {
        (&stream).write_all(&vpcs("")).unwrap();
        let answer = Answer::read(&mut reader).unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (200, FIVE));
    }
    let seen = proxy.seen();
    assert_eq!(proxy.count("ec2:DescribeVpcs"), 2);
    assert_eq!((seen[0].region.as_str(), seen[0].account.as_deref()), ("eu-west-1", Some("111122223333")));
    assert_eq!(seen[0].form["Version"], "2016-11-15");
}

#[test]
fn every_service_refuses_in_its_own_words() {
    let proxy = Proxy::before(upstream(), [Rule::on("*", Fault::Deny)]);
    let target = |name: &str| format!("X-Amz-Target: {name}\r\n");
    for (bytes, action, status, words) in [
        (vpcs(""), "ec2:DescribeVpcs", 403, "<Response><Errors><Error><Code>UnauthorizedOperation</Code>"),
        (call("iam", "/", "", "Action=GetRole&RoleName=a%2Bb"), "iam:GetRole", 403, "<Code>AccessDenied</Code>"),
        (
            call("kms", "/", &target("TrentService.DescribeKey"), "{}"),
            "kms:DescribeKey",
            400,
            "\"__type\":\"AccessDeniedException\"",
        ),
        (
            call("route53resolver", "/", &target("Route53Resolver.ListResolverRules"), "{}"),
            "route53resolver:ListResolverRules",
            400,
            "AccessDeniedException",
        ),
        (
            call("network-firewall", "/", &target("NetworkFirewall_20201112.ListFirewalls"), "{}"),
            "network-firewall:ListFirewalls",
            400,
            "AccessDeniedException",
        ),
        (call("s3", "/bucket?policy", "", ""), "s3:GetBucketPolicy", 403, "<Error><Code>AccessDenied</Code>"),
        (
            call("s3", "/bucket?encryption=&x-id=GetBucketEncryption", "", ""),
            "s3:GetEncryptionConfiguration",
            403,
            "AccessDenied",
        ),
        (call("s3", "/b?publicAccessBlock", "", ""), "s3:GetBucketPublicAccessBlock", 403, "AccessDenied"),
        (
            call("route53", "/2013-04-01/hostedzonesbyvpc?vpcid=vpc-1", "", ""),
            "route53:ListHostedZonesByVPC",
            403,
            "<ErrorResponse",
        ),
        (
            call("route53", "/2013-04-01/hostedzone/Z1/rrset", "", ""),
            "route53:ListResourceRecordSets",
            403,
            "AccessDenied",
        ),
        (call("route53", "/2013-04-01/hostedzone/Z1", "", ""), "route53:GetHostedZone", 403, "AccessDenied"),
    ] {
        let answer = ask(&proxy, &bytes);
        assert_eq!(answer.status, status, "{action}");
        assert!(answer.text().contains(words), "{action}: {}", answer.text());
        assert_eq!(proxy.seen().last().unwrap().action, action);
    }
    assert_eq!(proxy.actions().len(), 11);
}

#[test]
fn rules_count_and_keep_to_their_place() {
    let rules = [
        Rule::on("ec2:DescribeVpcs", Fault::Throttle).times(2),
        Rule::on("ec2:*", Fault::Expired).after(4),
        Rule::on("*", Fault::Deny).in_region("us-east-1"),
        Rule::on("*", Fault::Deny).in_account("444455556666"),
    ];
    let proxy = Proxy::before(upstream(), rules);
    let codes: Vec<u16> = (0..5).map(|_| ask(&proxy, &vpcs("")).status).collect();
    assert_eq!(codes, [503, 503, 200, 200, 400]);
    let kms = call("kms", "/", "X-Amz-Target: TrentService.DescribeKey\r\n", "{}");
    assert_eq!(ask(&proxy, &kms).status, 200);
    proxy.knows("AKIA1", "444455556666");
    assert_eq!(ask(&proxy, &kms).status, 400);
}

#[test]
fn lists_come_in_pages_and_end() {
    let proxy = Proxy::before(upstream(), [Rule::on("ec2:*", Fault::Pages(2))]);
    let mut found = Vec::new();
    let mut token = String::new();
    loop {
        let text = ask(&proxy, &vpcs(&token)).text();
        found.extend(text.split("<vpcId>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()));
        assert!(text.starts_with("<DescribeVpcsResponse>") && text.ends_with("</DescribeVpcsResponse>"), "{text}");
        assert_eq!(text.matches("<item>").count(), text.matches("</item>").count());
        let Some(next) = text.split("<nextToken>").nth(1) else { break };
        token = format!("&NextToken={}&MaxResults=1000", next.split('<').next().unwrap());
    }
    assert_eq!(found, ["vpc-1", "vpc-2", "vpc-3", "vpc-4", "vpc-5"]);
    assert_eq!(proxy.count("ec2:DescribeVpcs"), 3);
    let whole = ask(&proxy, &call("ec2", "/", "", "Action=DescribeAddresses")).text();
    assert_eq!(whole, FIVE, "AWS gives addresses whole");
}

#[test]
fn the_second_page_can_be_lost() {
    let rules = [Rule::on("ec2:DescribeVpcs", Fault::Deny).after(1), Rule::on("ec2:*", Fault::Pages(2))];
    let proxy = Proxy::before(upstream(), rules);
    assert!(ask(&proxy, &vpcs("")).text().contains("<nextToken>page-2</nextToken>"));
    assert_eq!(ask(&proxy, &vpcs("&NextToken=page-2")).status, 403);
}

#[test]
fn answers_break_drip_hang_and_fail() {
    let broken = Proxy::before(upstream(), [Rule::on("*", Fault::Truncate)]);
    let stream = connect(&broken);
    (&stream).write_all(&vpcs("")).unwrap();
    let mut text = String::new();
    (&stream).read_to_string(&mut text).unwrap();
    assert!(text.contains(&format!("Content-Length: {}", FIVE.len())) && !text.contains("</DescribeVpcsResponse>"));

    let slow = Proxy::before(upstream(), [Rule::on("*", Fault::Drip(Duration::from_millis(5)))]);
    let began = Instant::now();
    assert_eq!(ask(&slow, &vpcs("")).text(), FIVE);
    assert!(began.elapsed() >= Duration::from_millis(25));

    let reset = Proxy::before(upstream(), [Rule::on("*", Fault::Reset)]);
    let stream = connect(&reset);
    (&stream).write_all(&vpcs("")).unwrap();
    let error = (&stream).read_to_string(&mut text).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);

    let hang = Proxy::before(upstream(), [Rule::on("*", Fault::Hang)]);
    let stream = connect(&hang);
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    (&stream).write_all(&vpcs("")).unwrap();
    assert!((&stream).read(&mut [0; 8]).is_err());

    let failing = Proxy::before(upstream(), [Rule::on("*", Fault::ServerError).times(1)]);
    let answer = ask(&failing, &vpcs(""));
    assert_eq!(answer.status, 500);
    assert!(answer.text().starts_with("<!doctype html>"));
    assert_eq!(ask(&failing, &vpcs("")).status, 200);
}

#[test]
fn what_moto_does_not_know_is_answered_for_it() {
    let proxy = Proxy::before(upstream(), Proxy::unknown_to_moto());
    let options = ask(&proxy, &call("ec2", "/", "", "Action=DescribeVpcBlockPublicAccessOptions"));
    assert_eq!(options.status, 200);
    assert!(options.text().contains("<internetGatewayBlockMode>off<"));
    assert_eq!(ask(&proxy, &vpcs("")).text(), FIVE);
}

#[test]
fn a_filter_that_moto_lacks_is_applied_to_the_answer() {
    let proxy = Proxy::before(upstream(), []);
    let filter = "&Filter.2.Name=vpc-endpoint-id&Filter.2.Value.1=vpc-2&Filter.2.Value.2=vpc-5";
    let text = ask(&proxy, &call("ec2", "/", "", &format!("Action=DescribeVpcEndpoints{filter}"))).text();
    assert_eq!(text.matches("<vpcId>").count(), 2);
    assert!(text.contains("vpc-2") && text.contains("vpc-5") && text.ends_with("</DescribeVpcsResponse>"), "{text}");
}

#[test]
fn keys_of_assumed_roles_are_learned() {
    let answer = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA2</AccessKeyId></Credentials>\
        <AssumedRoleUser><Arn>arn:aws:sts::444455556666:assumed-role/plaudit/x</Arn></AssumedRoleUser>";
    assert_eq!(super::wire::assumed(answer), Some(("ASIA2".to_owned(), "444455556666".to_owned())));
    assert_eq!(super::wire::assumed("<Error/>"), None);
}
