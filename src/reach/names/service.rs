//! Names that AWS and Databricks publish for their services, and which of them an endpoint to a
//! service answers to when its answer lists none. Sources: `region.json`; AWS, "AWS services that
//! integrate with AWS PrivateLink".

use super::endpoint::Claim;
use super::under;
use crate::estate::region::{Region, Service, service_region};

/// AWS services whose private name is `<service>.<region>.amazonaws.com`.
const PLAIN: &[&str] =
    &["dynamodb", "ec2", "glue", "kinesis", "kms", "logs", "monitoring", "s3", "secretsmanager", "sts"];

/// What is published about the names of a service, for an endpoint that lists none.
pub(super) fn published(service_name: &str, host: &str) -> Claim {
    let aws = under(host, "amazonaws.com") || under(host, "amazonaws.com.cn") || under(host, "api.aws");
    let databricks = under(host, "databricks.com") || under(host, "databricks.us");
    let maybe = |may: bool| if may { Claim::Unsaid } else { Claim::No };
    if let Some((region, service)) = Region::service(service_name) {
        let name = match service {
            Service::Workspace => region.privatelink_name(),
            Service::Relay => relay_name(region),
            Service::ServiceDirect => None,
        };
        return match name {
            Some(name) if name == host => Claim::Yes(name.len()),
            Some(_) => Claim::No,
            None => maybe(databricks && (service == Service::ServiceDirect) == host.contains("service-direct.")),
        };
    }
    if service_name.contains(".vpce-svc-") {
        return maybe(!aws && !databricks);
    }
    let service = match service_name.rsplit('.').next() {
        Some("kinesis-streams") => "kinesis",
        other => other.unwrap_or_default(),
    };
    match aws_name(host) {
        Some(name) if PLAIN.contains(&name.service) => {
            let mine = name.service == service && service_region(service_name) == Some(name.region);
            let covered = name.is_whole || (service == "s3" && !name.dualstack);
            if mine && covered { Claim::Yes(name.length) } else { Claim::No }
        }
        _ => maybe(aws && !PLAIN.contains(&service)),
    }
}

/// The relay's name over PrivateLink, seen or after the pattern of other regions.
pub(super) fn relay_name(region: &Region) -> Option<&str> {
    let candidate = region.scc_relay_privatelink_hostname_pattern_candidate.as_deref();
    region.scc_relay_privatelink_hostname.as_deref().or(candidate)
}

/// A host name of an AWS service in a region: `<service>.<region>.amazonaws.com`, or below it.
pub(super) struct AwsName<'a> {
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    /// Of both address families.
    dualstack: bool,
    /// Nothing stands before the service.
    is_whole: bool,
    /// Length of the part from the service on.
    length: usize,
}

/// Reads a host name of an AWS service in a region.
pub(super) fn aws_name(host: &str) -> Option<AwsName<'_>> {
    let rest = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let (mut before, region) = rest.rsplit_once('.')?;
    let dualstack = before.strip_suffix(".dualstack");
    before = dualstack.unwrap_or(before);
    let service = before.rsplit('.').next()?;
    let prefix = before.len() - service.len();
    let (dualstack, is_whole) = (dualstack.is_some(), prefix == 0 && dualstack.is_none());
    Some(AwsName { service, region, dualstack, is_whole, length: host.len() - prefix })
}
