//! Pages: EC2's lists cut into pieces. moto gives every list whole; the rest of a list is asked
//! of it again for every page, and the token is how far the last page came.

use std::collections::BTreeMap;

use super::http::Call;

/// Lists of EC2 that AWS gives in pages, which are all but these.
pub(super) fn has_pages(action: &str) -> bool {
    const WHOLE: &[&str] = &[
        "DescribeAddresses",
        "DescribeRegions",
        "DescribeVpcAttribute",
        "DescribeVpcBlockPublicAccessOptions",
        "DescribeVpnGateways",
        "SearchTransitGatewayRoutes",
    ];
    action.strip_prefix("ec2:").is_some_and(|name| !WHOLE.contains(&name))
}

/// How far the earlier pages came.
pub(super) fn offset(form: &BTreeMap<String, String>) -> usize {
    form.get("NextToken").and_then(|token| token.strip_prefix("page-")?.parse().ok()).unwrap_or(0)
}

/// The same request for the whole list.
pub(super) fn without_token(call: &Call) -> Call {
    let body = String::from_utf8_lossy(&call.body).into_owned();
    let kept = body.split('&').filter(|pair| !pair.starts_with("NextToken=") && !pair.starts_with("MaxResults="));
    Call { body: kept.collect::<Vec<_>>().join("&").into_bytes(), ..call.clone() }
}

/// `size` items of a list from `offset` on, and the token for the next ones.
pub(super) fn page(xml: &str, offset: usize, size: usize) -> String {
    let Some((start, items, end)) = items(xml) else { return xml.to_owned() };
    let (start, end) = (&xml[..start], &xml[end..]);
    let shown: String = items.iter().skip(offset).take(size).copied().collect();
    let more = items.len() > offset + size;
    let token = if more { format!("<nextToken>page-{}</nextToken>", offset + size) } else { String::new() };
    // the token follows the list, beside it
    let Some((close, rest)) = end.split_once('>') else { return xml.to_owned() };
    format!("{start}{shown}{close}>{token}{rest}")
}

/// The list without the items that hold none of these values.
pub(super) fn only(xml: &str, values: &[String]) -> String {
    let Some((start, items, end)) = items(xml) else { return xml.to_owned() };
    let wanted = |item: &&&str| values.iter().any(|value| item.contains(&format!(">{value}<")));
    let kept: String = items.iter().filter(wanted).copied().collect();
    format!("{}{kept}{}", &xml[..start], &xml[end..])
}

/// Where the items of the answer's own list begin and end, and each of them.
fn items(xml: &str) -> Option<(usize, Vec<&str>, usize)> {
    let start = xml.find("<item>")?;
    let mut items = Vec::new();
    let mut at = start;
    loop {
        let next = at + xml[at..].find(|c: char| !c.is_whitespace())?;
        if !xml[next..].starts_with("<item>") {
            return Some((start, items, next));
        }
        let end = close(xml, next)?;
        items.push(&xml[next..end]);
        at = end;
    }
}

/// Where the item that opens at `start` ends; items lie in items.
fn close(xml: &str, start: usize) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, start);
    loop {
        at += xml[at..].find("item")?;
        if xml[..at].ends_with('<') && xml[at..].starts_with("item>") {
            depth += 1;
        } else if xml[..at].ends_with("</") && xml[at..].starts_with("item>") {
            depth -= 1;
            if depth == 0 {
                return Some(at + "item>".len());
            }
        }
        at += "item".len();
    }
}
