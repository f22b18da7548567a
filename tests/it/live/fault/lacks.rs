//! What moto lacks, made good on the way: a filter that it does not know is taken out of the
//! request and applied to the answer, and a limit that it stumbles over is left out.

use super::http::Call;
use super::pages;
use super::wire::Request;

/// Filters of lists that moto answers with 500.
const FILTERS: &[(&str, &str)] = &[("ec2:DescribeVpcEndpoints", "vpc-endpoint-id")];

/// The request as moto takes it, and the values that an item of the answer must hold one of.
pub(super) fn known(call: &Call, request: &Request) -> (Call, Option<Vec<String>>) {
    if request.action == "ec2:SearchTransitGatewayRoutes" {
        return (pages::without_token(call), None);
    }
    let unknown = |name: &str| FILTERS.contains(&(request.action.as_str(), name));
    // Filter.1.Name=vpc-endpoint-id&Filter.1.Value.1=vpce-…
    let filter = request.form.iter().find(|(key, value)| key.ends_with(".Name") && unknown(value));
    let Some(filter) = filter.and_then(|(key, _)| key.strip_suffix("Name")) else { return (call.clone(), None) };
    let body = String::from_utf8_lossy(&call.body).into_owned();
    let kept: Vec<&str> = body.split('&').filter(|pair| !pair.starts_with(filter)).collect();
    let values = request.form.iter().filter(|(key, _)| key.starts_with(&format!("{filter}Value.")));
    let values = values.map(|(_, value)| value.clone()).collect();
    (Call { body: kept.join("&").into_bytes(), ..call.clone() }, Some(values))
}
