//! Answers about one resource, or one region.

use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, VpcAttributeName};
use serde_json::{Map, Value, json};

use super::super::{list, one};
use super::list::{Job, page};
use super::words::{text, word};
use super::{FEW, MOST, Refusal, Reply, not_asked, refusal, transit};
use crate::estate::{Operation, Reason, aws as a};
use crate::sources::live::aws::pages::{self, json as written, pages};

/// Puts one question.
pub(super) async fn ask(job: &Job<'_>) -> Reply {
    let one = one(job.ask).unwrap_or_default();
    match job.ask.operation {
        Operation::DescribeVpcBlockPublicAccess => block_public_access(job).await.into(),
        operation if one.is_empty() => Reply::refused(not_asked(operation)),
        Operation::DescribeVpcDnsSupport => attribute(job, one, VpcAttributeName::EnableDnsSupport).await.into(),
        Operation::DescribeVpcDnsHostnames => attribute(job, one, VpcAttributeName::EnableDnsHostnames).await.into(),
        Operation::SearchTransitGatewayRoutes => transit_routes(job, one).await,
        Operation::GetManagedPrefixListEntries => entries(job, one).await,
        Operation::DescribeVpcEndpointServicePermissions => permissions(job, one).await,
        operation => Reply::refused(not_asked(operation)),
    }
}

/// `{"VpcId": …, "EnableDnsSupport": {"Value": true}}`.
async fn attribute(job: &Job<'_>, vpc: &str, name: VpcAttributeName) -> Result<Value, Refusal> {
    let send = || async {
        let request = job.post.ec2().describe_vpc_attribute().vpc_id(vpc).attribute(name.clone());
        request.send().await.map_err(refusal)
    };
    let output = job.manners.call(&job.post.lane("ec2"), send).await?;
    let (key, value) = match name {
        VpcAttributeName::EnableDnsSupport => ("EnableDnsSupport", output.enable_dns_support),
        _ => ("EnableDnsHostnames", output.enable_dns_hostnames),
    };
    match value {
        Some(AttributeBooleanValue { value: Some(value), .. }) => Ok(json!({ "VpcId": vpc, key: { "Value": value } })),
        _ => Err(Refusal::new(Reason::Undecodable, "", format!("no `{key}` in the answer"))),
    }
}

/// `{"VpcBlockPublicAccessOptions": {…}}`.
async fn block_public_access(job: &Job<'_>) -> Result<Value, Refusal> {
    let send = || async { job.post.ec2().describe_vpc_block_public_access_options().send().await.map_err(refusal) };
    let output = job.manners.call(&job.post.lane("ec2"), send).await?;
    let key = "VpcBlockPublicAccessOptions";
    let Some(options) = output.vpc_block_public_access_options else {
        return Err(Refusal::new(Reason::Undecodable, "", format!("no `{key}` in the answer")));
    };
    let options = a::BlockPublicAccess {
        aws_account_id: options.aws_account_id,
        aws_region: options.aws_region,
        internet_gateway_block_mode: word(options.internet_gateway_block_mode),
    };
    Ok(json!({ key: written(&options) }))
}

/// `{"Routes": […], "AdditionalRoutesAvailable": …}`: what did not fit is said to be missing.
async fn transit_routes(job: &Job<'_>, table: &str) -> Reply {
    let more = &AtomicBool::new(false);
    let kinds = Filter::builder().name("type").values("static").values("propagated").build();
    let kinds = &kinds;
    let fetch = |token: Option<String>| async move {
        let request = job.post.ec2().search_transit_gateway_routes().transit_gateway_route_table_id(table);
        // without a number of rows it gives the most, which is 1,000; moto breaks when it is given one
        let output = request.filters(kinds.clone()).set_next_token(token).send().await.map_err(refusal)?;
        more.store(output.additional_routes_available.unwrap_or_default(), Ordering::Relaxed);
        Ok(page(output.routes, transit::route, output.next_token))
    };
    let all = pages(job.manners, &job.post.lane("ec2"), fetch).await;
    let mut answer = Map::new();
    answer.insert("Routes".to_owned(), all.rows.iter().map(written).collect());
    answer.insert("AdditionalRoutesAvailable".to_owned(), more.load(Ordering::Relaxed).into());
    pages::reply(answer, all.read, all.broken)
}

/// `{"Entries": [{"Cidr": …}]}`.
async fn entries(job: &Job<'_>, prefix_list: &str) -> Reply {
    let fetch = |token: Option<String>| async move {
        let request = job.post.ec2().get_managed_prefix_list_entries().prefix_list_id(prefix_list);
        let output = request.set_next_token(token).max_results(FEW).send().await.map_err(refusal)?;
        Ok(page(output.entries, |entry| json!({ "Cidr": text(entry.cidr) }), output.next_token))
    };
    list("Entries", pages(job.manners, &job.post.lane("ec2"), fetch).await)
}

/// `{"AllowedPrincipals": [{"Principal": …}]}`.
async fn permissions(job: &Job<'_>, service: &str) -> Reply {
    let fetch = |token: Option<String>| async move {
        let request = job.post.ec2().describe_vpc_endpoint_service_permissions().service_id(service);
        let output = request.set_next_token(token).max_results(MOST).send().await.map_err(refusal)?;
        let read = |allowed: aws_sdk_ec2::types::AllowedPrincipal| json!({ "Principal": text(allowed.principal) });
        Ok(page(output.allowed_principals, read, output.next_token))
    };
    list("AllowedPrincipals", pages(job.manners, &job.post.lane("ec2"), fetch).await)
}
