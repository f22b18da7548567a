//! What the API answers.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::wire::{Request, Response};
use super::{Break, CLIENT_ID, CLIENT_SECRET, Seen, Server, State, TOKEN, lock};

/// Who is asked.
#[derive(Clone, Copy)]
enum Who<'a> {
    Account,
    Workspace(&'a str),
}

/// Answers one request.
pub(super) fn answer(state: &State, request: &Request) -> Response {
    let name = format!("{} {}", request.method, pattern(&request.path));
    let (host, user_agent) = (request.host.clone(), request.user_agent.clone());
    lock(&state.seen).push(Seen { host, name: name.clone(), user_agent });
    let Some(who) = who(state, &request.host) else {
        return Response::html(404, "<html><title>Databricks - Not Found</title></html>");
    };
    let response = if let Some(response) = broken(state, who, &name) {
        response
    } else if request.path.starts_with("/.well-known/") || request.path.starts_with("/oidc/") {
        tokens(state, who, request)
    } else if let Some(refused) = refused(state, who, request) {
        refused
    } else {
        api(state, who, &name, request)
    };
    match who {
        Who::Workspace(id) => response.with("x-databricks-org-id", id),
        Who::Account => response,
    }
}

fn who<'a>(state: &'a State, host: &str) -> Option<Who<'a>> {
    if host == "accounts.localhost" {
        return Some(Who::Account);
    }
    let deployment = host.strip_suffix(".localhost")?;
    let mut workspaces = state.estate["workspace"].as_object()?.iter();
    let (id, _) = workspaces.find(|(_, workspace)| workspace["deployment_name"] == deployment)?;
    Some(Who::Workspace(id))
}

/// A path as the table of operations writes it.
fn pattern(path: &str) -> String {
    let Some(path) = path.strip_prefix("/api/2.0").or_else(|| path.strip_prefix("/api/2.1")) else {
        // one request of the table, whoever gives the token
        let token = path.starts_with("/oidc/") && path.ends_with("/v1/token");
        return if token { "/oidc/v1/token" } else { path }.to_owned();
    };
    let mut parts: Vec<&str> = path.split('/').skip(1).collect();
    if let ["accounts", account, ..] = parts.as_mut_slice() {
        *account = "{account}";
    }
    match parts.as_mut_slice() {
        [.., "workspaces", workspace, "network"] => *workspace = "{workspace}",
        [.., "network-connectivity-configs", ncc, "private-endpoint-rules"] => *ncc = "{ncc}",
        _ => {}
    }
    if let Some(at) = parts.iter().position(|part| *part == "types") {
        parts.truncate(at + 1);
        parts.push("{type}");
    }
    format!("/{}", parts.join("/"))
}

/// What the faults make of a request.
fn broken(state: &State, who: Who<'_>, name: &str) -> Option<Response> {
    let mut faults = lock(&state.faults);
    if let Who::Workspace(id) = who
        && faults.closed.contains(id)
    {
        // a client that follows redirects ends on a page with status 200
        if name == "GET /login.html" {
            return Some(Response::html(200, "<html><title>Databricks - Sign In</title></html>"));
        }
        let deployment = state.estate["workspace"][id]["deployment_name"].as_str().unwrap();
        let login = format!("http://{deployment}.localhost:{}/login.html", state.port);
        return Some(
            Response::html(302, "").with("Location", format!("{login}?error=private-link-validation-error:{id}")),
        );
    }
    if let Some(left) = faults.throttle.get_mut(name).filter(|left| **left > 0) {
        *left -= 1;
        let body = error(faults.numeric_codes, 429, "REQUEST_LIMIT_EXCEEDED", "too many requests");
        return Some(body.with("Retry-After", faults.retry_after));
    }
    if faults.deny.contains(name) {
        let message = format!("not authorized to call {name}");
        return Some(error(faults.numeric_codes, 403, "PERMISSION_DENIED", &message));
    }
    let (breaks, left) = faults.breaks.get_mut(name).filter(|(_, left)| *left > 0)?;
    *left -= 1;
    let breaks = *breaks;
    match breaks {
        Break::Html => Some(Response::html(500, "<html><title>Internal Error</title><pre>oops</pre></html>")),
        Break::SignIn => Some(Response::html(200, "<html><title>Databricks - Sign In</title></html>")),
        Break::SamePage => None,
        Break::Truncated | Break::Reset | Break::Hang => {
            let body = json!({"items": [{"network_policy_id": "default-policy"}]});
            Some(Response { breaks: Some(breaks), ..Response::json(200, &body) })
        }
    }
}

fn error(numeric: bool, status: u16, code: &str, message: &str) -> Response {
    let code = if numeric { json!(status) } else { json!(code) };
    Response::json(status, &json!({"error_code": code, "message": message}))
}

/// Discovery and tokens.
fn tokens(state: &State, who: Who<'_>, request: &Request) -> Response {
    let (port, account) = (state.port, state.estate["account_id"].as_str().unwrap());
    let issuer = match who {
        Who::Account => format!("http://{}:{port}/oidc/accounts/{account}", request.host),
        Who::Workspace(_) => format!("http://{}:{port}/oidc", request.host),
    };
    let below = issuer.split_once(&format!(":{port}")).unwrap().1;
    let faults = lock(&state.faults);
    let (no_discovery, endpoint) = (faults.no_discovery, faults.token_endpoint.clone());
    drop(faults);
    let path = request.path.as_str();
    if no_discovery && path.contains("/.well-known/") {
        return error(false, 404, "ENDPOINT_NOT_FOUND", &format!("No API found for 'GET {path}'"));
    }
    if path == "/.well-known/databricks-config" {
        let mut said = json!({"oidc_endpoint": issuer.replace(account, "{account_id}"), "cloud": "AWS"});
        if let Who::Workspace(id) = who {
            said["account_id"] = json!(account);
            said["workspace_id"] = json!(id);
        }
        return Response::json(200, &said);
    }
    if path == format!("{below}/.well-known/oauth-authorization-server") {
        let token = endpoint.unwrap_or_else(|| format!("{issuer}/v1/token"));
        let authorize = format!("{issuer}/v1/authorize");
        return Response::json(200, &json!({"authorization_endpoint": authorize, "token_endpoint": token}));
    }
    if path != format!("{below}/v1/token") || request.method != "POST" {
        return error(false, 404, "ENDPOINT_NOT_FOUND", &format!("No API found for '{} {path}'", request.method));
    }
    if request.authorization != format!("Basic {}", base64(&format!("{CLIENT_ID}:{CLIENT_SECRET}"))) {
        let body = json!({"error": "invalid_client", "error_description": "Client authentication failed"});
        return Response::json(401, &body);
    }
    if !request.body.contains("grant_type=client_credentials") || !request.body.contains("scope=all-apis") {
        return Response::json(400, &json!({"error": "invalid_request", "error_description": request.body}));
    }
    let token = given(state, who);
    Response::json(
        200,
        &json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": "all-apis"}),
    )
}

/// The token of the present generation.
fn given(state: &State, who: Who<'_>) -> String {
    let generation = state.generation.load(Ordering::SeqCst);
    match who {
        Who::Account => format!("{TOKEN}-account-{generation}"),
        Who::Workspace(id) => format!("{TOKEN}-{id}-{generation}"),
    }
}

/// Whether the token is none that is good here.
fn refused(state: &State, who: Who<'_>, request: &Request) -> Option<Response> {
    let token = request.authorization.strip_prefix("Bearer ").unwrap_or_default();
    let personal = matches!(who, Who::Workspace(id) if token == Server::token(id));
    if personal || token == given(state, who) {
        return None;
    }
    Some(match token.contains("-personal-") {
        true => Response::html(403, "<html><body><pre>Invalid access token.</pre></body></html>"),
        false => error(false, 401, "UNAUTHENTICATED", &format!("the token {token} is expired or of another host")),
    })
}

fn api(state: &State, who: Who<'_>, name: &str, request: &Request) -> Response {
    let account = &state.estate;
    if matches!(who, Who::Account)
        && !request.path.starts_with(&format!("/api/2.0/accounts/{}/", account["account_id"].as_str().unwrap()))
    {
        return error(false, 404, "NOT_FOUND", "no such account");
    }
    let last = request.path.rsplit('/').next().unwrap_or_default();
    let kind = request.path.rsplit('/').nth(2).unwrap_or_default();
    match (who, name) {
        (Who::Account, "GET /accounts/{account}/network-connectivity-configs") => {
            let mut nccs = account[last].clone();
            if lock(&state.faults).rules_apart {
                for ncc in nccs["items"].as_array_mut().unwrap() {
                    ncc["egress_config"].as_object_mut().unwrap().remove("target_rules");
                }
            }
            paged(state, name, request, &nccs, "items")
        }
        (Who::Account, "GET /accounts/{account}/network-connectivity-configs/{ncc}/private-endpoint-rules") => {
            let id = request.path.rsplit('/').nth(1).unwrap_or_default();
            let nccs = account["network-connectivity-configs"]["items"].as_array().unwrap();
            let Some(ncc) = nccs.iter().find(|ncc| ncc["network_connectivity_config_id"] == id) else {
                return error(false, 404, "NOT_FOUND", "no such configuration");
            };
            let rules = ncc.pointer("/egress_config/target_rules/aws_private_endpoint_rules").cloned();
            paged(state, name, request, &json!({"items": rules.unwrap_or_else(|| json!([]))}), "items")
        }
        (Who::Account, "GET /accounts/{account}/network-policies") => {
            paged(state, name, request, &account[last], "items")
        }
        (Who::Account, "GET /accounts/{account}/log-delivery") => {
            paged(state, name, request, &account[last], "log_delivery_configurations")
        }
        (Who::Account, "GET /accounts/{account}/settings/types/{type}") => setting(state, &account["settings"][kind]),
        (Who::Account, "GET /accounts/{account}/workspaces/{workspace}/network") => {
            let id = request.path.rsplit('/').nth(1).unwrap_or_default();
            found(state, &account["workspace"][id]["network-policy"])
        }
        (Who::Account, _) if name.matches('/').count() == 3 => found(state, &account[last]),
        (Who::Workspace(id), _) => of_workspace(state, &account["workspace"][id], name, request),
        _ => error(false, 404, "ENDPOINT_NOT_FOUND", &format!("No API found for '{name}'")),
    }
}

fn of_workspace(state: &State, workspace: &Value, name: &str, request: &Request) -> Response {
    let kind = request.path.rsplit('/').nth(2).unwrap_or_default();
    match name {
        "GET /ip-access-lists" => found(state, &workspace["ip-access-lists"]),
        "GET /clusters/list" if request.path.starts_with("/api/2.1/") => {
            paged(state, name, request, &workspace["clusters"], "clusters")
        }
        "GET /sql/warehouses" => paged(state, name, request, &workspace["warehouses"], "warehouses"),
        "GET /settings/types/{type}" => setting(state, &workspace["settings"][kind]),
        "GET /preview/scim/v2/Me" => Response::json(200, &json!({"id": "1", "userName": "plaudit"})),
        "GET /workspace-conf" => {
            let keys: Vec<&str> = request.query("keys").unwrap_or_default().split(',').collect();
            let faults = lock(&state.faults);
            let unknown: Vec<&str> = keys.iter().copied().filter(|key| faults.unknown_keys.contains(*key)).collect();
            if !unknown.is_empty() {
                return error(false, 400, "BAD_REQUEST", &format!("Invalid keys: [{}]", unknown.join(", ")));
            }
            let conf = &workspace["workspace-conf"];
            let values = keys.into_iter().map(|key| (key.to_owned(), conf[key].clone()));
            Response::json(200, &Value::Object(values.collect()))
        }
        _ => error(false, 404, "ENDPOINT_NOT_FOUND", &format!("No API found for '{name}'")),
    }
}

fn found(state: &State, value: &Value) -> Response {
    if value.is_null() {
        return error(lock(&state.faults).numeric_codes, 404, "NOT_FOUND", "Item not found");
    }
    Response::json(200, value)
}

/// A setting that nobody ever set is not there, but has an etag.
fn setting(state: &State, value: &Value) -> Response {
    if !value.is_null() {
        return found(state, value);
    }
    let detail = json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SETTING_NOT_FOUND",
        "domain": "unity-catalog.databricks.com", "metadata": {"etag": "3d25384306c9dbd691c8"}});
    Response::json(404, &json!({"error_code": "NOT_FOUND", "message": "no such setting", "details": [detail]}))
}

/// One page of a list.
fn paged(state: &State, name: &str, request: &Request, list: &Value, member: &str) -> Response {
    let items = list[member].as_array().map(Vec::as_slice).unwrap_or_default();
    let faults = lock(&state.faults);
    let at: usize =
        request.query("page_token").and_then(|mark| mark.strip_prefix("p+")?.parse().ok()).unwrap_or_default();
    let size = if faults.page_size == 0 { items.len().max(1) } else { faults.page_size };
    let end = (at + size).min(items.len());
    let mut page = json!({});
    if at < end {
        page[member] = items[at..end].into();
    }
    let same = faults.breaks.get(name).is_some_and(|(breaks, _)| *breaks == Break::SamePage);
    if same {
        page["next_page_token"] = json!("p+0");
    } else if end < items.len() {
        page["next_page_token"] = json!(format!("p+{end}"));
    } else if member == "clusters" {
        page["next_page_token"] = json!("");
    }
    Response::json(200, &page)
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let shown = digit <= chunk.len();
            out.push(if shown { char::from(DIGITS[bits >> (18 - 6 * digit) & 63]) } else { '=' });
        }
    }
    out
}
