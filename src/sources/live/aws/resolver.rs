//! Route 53 Resolver: endpoints and rules of the region, and which VPC follows which rule.

use aws_sdk_route53resolver::types as t;

use super::pages::{list, more, pages};
use super::{Ask, Manners, Page, Post, Reply, batch, not_asked, refusal};
use crate::estate::Operation;
use crate::estate::aws as a;

/// The most rows on a page.
const MOST: i32 = 100;

/// Puts one question.
pub(super) async fn ask(post: &Post, manners: &Manners, ask: &Ask) -> Reply {
    let (resolver, lane) = (post.resolver(), post.lane("route53resolver"));
    match ask.operation {
        Operation::ListResolverEndpoints => {
            let fetch = |token: Option<String>| async move {
                let request = resolver.list_resolver_endpoints().max_results(MOST).set_next_token(token);
                let output = request.send().await.map_err(refusal)?;
                let rows = output.resolver_endpoints.unwrap_or_default().into_iter().map(endpoint).collect();
                Ok(Page { rows, next: more(output.next_token) })
            };
            list("ResolverEndpoints", pages(manners, &lane, fetch).await)
        }
        Operation::ListResolverRules => {
            let fetch = |token: Option<String>| async move {
                let request = resolver.list_resolver_rules().max_results(MOST).set_next_token(token);
                let output = request.send().await.map_err(refusal)?;
                let rows = output.resolver_rules.unwrap_or_default().into_iter().map(rule).collect();
                Ok(Page { rows, next: more(output.next_token) })
            };
            list("ResolverRules", pages(manners, &lane, fetch).await)
        }
        Operation::ListResolverRuleAssociations => {
            let fetch = |vpcs: Option<Vec<String>>, token: Option<String>| async move {
                let filter = vpcs.map(|vpcs| vec![t::Filter::builder().name("VPCId").set_values(Some(vpcs)).build()]);
                let request = resolver.list_resolver_rule_associations().max_results(MOST);
                let output = request.set_filters(filter).set_next_token(token).send().await.map_err(refusal)?;
                let rows = output.resolver_rule_associations.unwrap_or_default().into_iter().map(association).collect();
                Ok(Page { rows, next: more(output.next_token) })
            };
            let id = |row: &a::ResolverRuleAssociation| row.id.clone();
            batch::read("ResolverRuleAssociations", manners, &lane, &ask.about, id, fetch).await
        }
        operation => Reply::refused(not_asked(operation)),
    }
}

fn endpoint(endpoint: t::ResolverEndpoint) -> a::ResolverEndpoint {
    a::ResolverEndpoint {
        id: endpoint.id.unwrap_or_default(),
        arn: endpoint.arn,
        name: endpoint.name,
        security_group_ids: endpoint.security_group_ids.unwrap_or_default(),
        direction: endpoint.direction.map(|direction| direction.as_str().to_owned()).unwrap_or_default(),
        ip_address_count: endpoint.ip_address_count.map(i64::from),
        host_vpc_id: endpoint.host_vpc_id,
        status: endpoint.status.map(|status| status.as_str().to_owned()),
    }
}

fn rule(rule: t::ResolverRule) -> a::ResolverRule {
    a::ResolverRule {
        id: rule.id.unwrap_or_default(),
        arn: rule.arn,
        domain_name: rule.domain_name,
        rule_type: rule.rule_type.map(|kind| kind.as_str().to_owned()),
        resolver_endpoint_id: rule.resolver_endpoint_id,
        target_ips: rule.target_ips.unwrap_or_default().into_iter().map(target).collect(),
        status: rule.status.map(|status| status.as_str().to_owned()),
    }
}

fn target(target: t::TargetAddress) -> a::ResolverTarget {
    a::ResolverTarget { ip: target.ip, ipv6: target.ipv6, port: target.port.map(i64::from) }
}

fn association(association: t::ResolverRuleAssociation) -> a::ResolverRuleAssociation {
    a::ResolverRuleAssociation {
        id: association.id.unwrap_or_default(),
        resolver_rule_id: association.resolver_rule_id.unwrap_or_default(),
        vpc_id: association.vpc_id.unwrap_or_default(),
        status: association.status.map(|status| status.as_str().to_owned()),
    }
}
