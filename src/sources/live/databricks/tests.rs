//! The client against the server that the integration tests use, which Databricks' own SDK
//! reads without error.

#[path = "../../../../tests/it/live/databricks/server/mod.rs"]
#[expect(clippy::disallowed_methods, reason = "the server of the tests reads fixtures")]
mod server;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::config::{Auth, Config};
use super::host::Host;
use super::open::UNKNOWN_ACCOUNT;
use super::secret::Secret;
use super::{ACCOUNT_SETTINGS, Databricks, Unavailable};
use crate::estate::{Operation, Place, Reason};
use crate::sources::live::ask::{About, Ask, Reply};
use crate::sources::live::manners::{Limits, Manners, Nobody};
use crate::sources::live::refusal::Refusal;
use server::{Break, CLIENT_ID, CLIENT_SECRET, Server, estate_of};

const ACCOUNT: &str = "75a6eb99-30f5-4088-b51c-1bc2893bc1c3";
const WORKSPACE: &str = "3817264950183746";

fn server() -> Server {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/isolated/databricks");
    Server::start(estate_of(&fixtures.join(ACCOUNT)))
}

fn manners() -> Arc<Manners> {
    let (_, stopped) = watch::channel(false);
    let limits = Limits { call: Duration::from_secs(2), tries: 3, ..Limits::default() };
    Arc::new(Manners::new(limits, stopped, Arc::new(Nobody)))
}

fn principal(host: &str, secret: &str) -> Config {
    let auth = Auth::Principal { client: CLIENT_ID.to_owned(), secret: Secret::new(secret) };
    Config { host: Host::parse(host).unwrap(), account: Some(ACCOUNT.to_owned()), workspace: None, auth }
}

fn token(server: &Server, token: &str) -> Config {
    let host = Host::parse(&server.workspace(WORKSPACE)).unwrap();
    Config { host, account: None, workspace: None, auth: Auth::Token(Secret::new(token)) }
}

/// The account of a server, with its workspaces.
async fn account(server: &Server) -> Databricks {
    let databricks = Databricks::with(principal(&server.console(), CLIENT_SECRET), manners()).await.unwrap();
    databricks.know(&server.estate()["workspaces"]);
    databricks
}

fn ask(operation: Operation, one: &str) -> Ask {
    let name = operation.name();
    let of_workspace = !name.starts_with("GET /accounts/") || name.contains("{workspace}");
    let place = Place { account: Some(ACCOUNT.to_owned()), region: of_workspace.then(|| WORKSPACE.to_owned()) };
    let about = if one.is_empty() { About::All } else { About::One(one.to_owned()) };
    Ask { operation, place, about }
}

async fn put(databricks: &Databricks, operation: Operation) -> Reply {
    let one = match operation {
        Operation::GetAccountSetting => "acct_ip_acl_enable",
        Operation::GetWorkspaceSetting => "disable_legacy_dbfs",
        _ => "",
    };
    databricks.ask(&ask(operation, one)).await
}

fn only(reply: Reply) -> Value {
    assert_eq!(reply.refusals, [], "{:?}", reply.answers);
    reply.answers.into_iter().next().unwrap().1
}

fn refusal(reply: Reply) -> Refusal {
    assert!(reply.answers.is_empty(), "{:?}", reply.answers);
    reply.refusals.into_iter().next().unwrap()
}

fn gets() -> impl Iterator<Item = Operation> {
    Operation::ALL.iter().copied().filter(|operation| operation.name().starts_with("GET "))
}

#[tokio::test]
async fn everything_is_read_in_pages_as_it_was_served() {
    let server = server();
    server.faults().page_size = 1;
    let databricks = account(&server).await;
    let estate = server.estate();
    for operation in gets() {
        let answer = only(put(&databricks, operation).await);
        let file = operation.file().rsplit("-id>/").next().unwrap().trim_end_matches(".json").to_owned();
        let file = file.replace("<type>", "acct_ip_acl_enable");
        let of_workspace = operation.file().contains("<workspace-id>");
        let from = if of_workspace { &estate["workspace"][WORKSPACE] } else { estate };
        let served = match operation {
            Operation::GetWorkspaceSetting => &from["settings"]["disable_legacy_dbfs"],
            Operation::GetAccountSetting => &from["settings"]["acct_ip_acl_enable"],
            _ => &from[&file],
        };
        match operation {
            Operation::GetWorkspaceConf => {
                let asked = answer.as_object().unwrap();
                assert!(served.as_object().unwrap().iter().all(|(key, value)| asked[key] == *value), "{answer}");
            }
            Operation::ListClusters => {
                assert_eq!(answer["clusters"].as_array().unwrap().len(), served["clusters"].as_array().unwrap().len());
                let text = answer.to_string();
                assert!(!text.contains("spark_conf") && text.contains("public_dns"), "{text}");
            }
            Operation::ListWarehouses => assert!(!answer.to_string().contains("jdbc"), "{answer}"),
            // an empty list comes as `{}`
            Operation::ListWorkspaceIpAccessLists => assert_eq!(answer, json!({"ip_access_lists": []})),
            _ => assert_eq!(answer, super::kept::clean(served.clone()), "{}", operation.name()),
        }
    }
    let seen = server.seen();
    let tokens = seen.iter().filter(|seen| seen.name.starts_with("POST ")).count();
    assert_eq!(tokens, 2, "one for the account, one for the workspace");
    let agent = format!("plaudit/{} os/linux auth/oauth-m2m", env!("CARGO_PKG_VERSION"));
    assert!(seen.iter().all(|seen| seen.user_agent == agent), "{:?}", seen[0]);
}

#[tokio::test]
async fn each_operation_can_be_denied() {
    let server = server();
    let databricks = account(&server).await;
    for (number, operation) in gets().enumerate() {
        server.faults().deny = [operation.name().to_owned()].into();
        server.faults().numeric_codes = number % 2 == 0;
        let refusal = refusal(put(&databricks, operation).await);
        assert_eq!(refusal.reason, Reason::AccessDenied, "{}", operation.name());
        assert_eq!(refusal.code, if number % 2 == 0 { "403" } else { "PERMISSION_DENIED" });
    }
}

#[tokio::test]
async fn what_passes_is_asked_again_and_what_does_not_is_a_refusal() {
    let server = server();
    let databricks = account(&server).await;
    let policies = Operation::ListNetworkPolicies;
    let name = policies.name().to_owned();
    for breaks in [Break::Html, Break::Truncated, Break::Reset] {
        server.faults().breaks = [(name.clone(), (breaks, 1))].into();
        assert_eq!(only(put(&databricks, policies).await), server.estate()["network-policies"], "{breaks:?}");
    }
    for (breaks, reason) in [
        (Break::Html, Reason::Undecodable),
        (Break::SignIn, Reason::Undecodable),
        (Break::Truncated, Reason::Undecodable),
        (Break::Reset, Reason::TimedOut),
        (Break::Hang, Reason::TimedOut),
    ] {
        server.faults().breaks = [(name.clone(), (breaks, 9))].into();
        assert_eq!(refusal(put(&databricks, policies).await).reason, reason, "{breaks:?}");
    }
    server.faults().breaks.clear();
    server.faults().throttle = [(name.clone(), 1)].into();
    only(put(&databricks, policies).await);
    server.faults().throttle = [(name, 9)].into();
    assert_eq!(refusal(put(&databricks, policies).await).reason, Reason::Throttled);
}

#[tokio::test]
async fn pages_that_repeat_leave_a_list_that_is_not_whole() {
    let server = server();
    let databricks = account(&server).await;
    let operation = Operation::ListNetworkPolicies;
    server.faults().page_size = 1;
    server.faults().breaks = [(operation.name().to_owned(), (Break::SamePage, 9))].into();
    let reply = put(&databricks, operation).await;
    assert_eq!(reply.answers[0].1["next_page_token"], "p+0");
    assert_eq!(reply.refusals[0].reason, Reason::Undecodable);
}

#[tokio::test]
async fn a_token_is_fetched_once_for_all_and_again_when_it_expired() {
    let server = server();
    let databricks = account(&server).await;
    server.expire_tokens();
    server.seen();
    let asks: Vec<Ask> = gets().take(8).map(|operation| ask(operation, "")).collect();
    let [a, b, c, d, e, f, g, h] = asks.as_slice() else { panic!("eight") };
    let ask = |ask| databricks.ask(ask);
    let replies = tokio::join!(ask(a), ask(b), ask(c), ask(d), ask(e), ask(f), ask(g), ask(h));
    for reply in [replies.0, replies.1, replies.2, replies.3, replies.4, replies.5, replies.6, replies.7] {
        only(reply);
    }
    let tokens = server.seen().iter().filter(|seen| seen.name.starts_with("POST ")).count();
    assert_eq!(tokens, 1);
}

#[tokio::test]
async fn wrong_credentials_are_one_refusal_without_the_secret() {
    let server = server();
    let opened = Databricks::with(principal(&server.console(), "wrong-secret"), manners()).await;
    let Err(Unavailable::Refused(refusal)) = opened else { panic!("opened") };
    assert_eq!((refusal.reason, refusal.code.as_str()), (Reason::AccessDenied, "invalid_client"));
    assert_eq!(refusal.call, Some(Operation::GetToken.name()));
    assert!(!format!("{refusal:?}").contains("wrong-secret"));
    server.faults().deny.insert(Operation::GetToken.name().to_owned());
    let opened = Databricks::with(principal(&server.console(), CLIENT_SECRET), manners()).await;
    assert!(matches!(opened, Err(Unavailable::Refused(refusal)) if refusal.code == "PERMISSION_DENIED"));
    let opened = Databricks::with(token(&server, "dapi-wrong-personal-"), manners()).await;
    // the workspace says its id even to strangers
    let refused = put(&opened.unwrap_or_else(|_| panic!("closed")), Operation::GetWorkspaceConf).await;
    assert!(self::refusal(refused).message.contains("Invalid access token"));
}

#[tokio::test]
async fn the_secret_stays_on_its_host_and_old_hosts_are_known() {
    let server = server();
    server.faults().token_endpoint = Some("http://accounts.evil.localhost:1/token".to_owned());
    let opened = Databricks::with(principal(&server.console(), CLIENT_SECRET), manners()).await;
    let Err(Unavailable::Refused(refusal)) = opened else { panic!("opened") };
    assert!(refusal.message.contains("another host"), "{}", refusal.message);
    server.faults().no_discovery = true;
    let databricks = account(&server).await;
    only(put(&databricks, Operation::ListNetworks).await);
    only(put(&databricks, Operation::ListClusters).await);
}

#[tokio::test]
async fn a_workspace_that_refuses_the_network_is_an_observation() {
    let server = server();
    let databricks = account(&server).await;
    server.faults().closed.insert(WORKSPACE.to_owned());
    let refusal = refusal(put(&databricks, Operation::ListClusters).await);
    assert_eq!(refusal.reason, Reason::AccessDenied);
    assert!(refusal.message.contains("refuses the network"), "{}", refusal.message);
    only(put(&databricks, Operation::GetWorkspaceNetwork).await);
}

#[tokio::test]
async fn rules_that_the_list_leaves_out_are_asked_for() {
    let server = server();
    let databricks = account(&server).await;
    server.faults().rules_apart = true;
    server.faults().page_size = 1;
    let nccs = only(put(&databricks, Operation::ListNccs).await);
    assert_eq!(nccs, server.estate()["network-connectivity-configs"]);
    let rules = super::question::RULES;
    server.faults().deny.insert(rules.to_owned());
    let reply = put(&databricks, Operation::ListNccs).await;
    assert_eq!(reply.refusals[0].call, Some(rules));
    let left = &reply.answers[0].1;
    assert_eq!(left["items"], json!([]), "a configuration without its rules would be half of the truth");
    assert!(left["next_page_token"].is_string());
}

#[tokio::test]
async fn keys_that_a_workspace_does_not_know_are_left_out() {
    let server = server();
    let databricks = account(&server).await;
    server.faults().unknown_keys = ["enableWebTerminal".to_owned(), "enforceUserIsolation".to_owned()].into();
    let conf = only(put(&databricks, Operation::GetWorkspaceConf).await);
    assert_eq!(conf["enableEnforceImdsV2"], "true");
    assert!(conf.get("enableWebTerminal").is_none() && conf.get("enableDbfsFileBrowser").is_some());
}

#[tokio::test]
async fn a_setting_that_nobody_set_is_refused_with_its_code() {
    let server = server();
    let databricks = account(&server).await;
    assert!(ACCOUNT_SETTINGS.contains(&"disable_legacy_features"));
    let refusal = refusal(databricks.ask(&ask(Operation::GetAccountSetting, "dcp_acct_enable")).await);
    assert_eq!((refusal.reason, refusal.code.as_str()), (Reason::Absent, "NOT_FOUND"));
}

#[tokio::test]
async fn a_personal_token_asks_its_own_workspace_only() {
    let server = server();
    let databricks = Databricks::with(token(&server, &Server::token(WORKSPACE)), manners()).await.unwrap();
    assert_eq!((databricks.account(), databricks.workspace()), (ACCOUNT, Some(WORKSPACE)));
    only(put(&databricks, Operation::ListClusters).await);
    let account = refusal(put(&databricks, Operation::ListWorkspaces).await);
    assert_eq!(account.reason, Reason::AccessDenied);
    assert!(account.message.contains("account admin"), "{}", account.message);
    let mut other = ask(Operation::ListClusters, "");
    other.place.region = Some("1".to_owned());
    assert_eq!(refusal(databricks.ask(&other).await).reason, Reason::AccessDenied);
    // an older workspace says its id in a header only
    server.faults().no_discovery = true;
    let databricks = Databricks::with(token(&server, &Server::token(WORKSPACE)), manners()).await.unwrap();
    assert_eq!((databricks.account(), databricks.workspace()), (UNKNOWN_ACCOUNT, Some(WORKSPACE)));
}

#[tokio::test]
async fn a_principal_of_a_workspace_asks_the_account_that_it_names() {
    let server = server();
    let config = principal(&server.workspace(WORKSPACE), CLIENT_SECRET);
    let databricks = Databricks::with(config, manners()).await.unwrap();
    assert_eq!(databricks.workspace(), Some(WORKSPACE));
    only(put(&databricks, Operation::ListClusters).await);
    only(put(&databricks, Operation::ListNetworks).await);
    let unnamed = Config { account: None, ..principal(&server.workspace(WORKSPACE), CLIENT_SECRET) };
    let databricks = Databricks::with(unnamed, manners()).await.unwrap();
    assert_eq!(refusal(put(&databricks, Operation::ListNetworks).await).reason, Reason::AccessDenied);
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_no_answer() {
    let gone =
        Config { host: Host::parse("http://accounts.localhost:1").unwrap(), ..principal("http://localhost", "x") };
    let Err(Unavailable::Refused(refusal)) = Databricks::with(gone, manners()).await else { panic!("opened") };
    assert_eq!(refusal.reason, Reason::TimedOut);
    assert!(refusal.message.contains("no connection"), "{}", refusal.message);
}

/// Whoever collects asks from many tasks at a time.
#[expect(dead_code, reason = "that it compiles is the test")]
fn questions_may_be_asked_from_any_task(databricks: &Databricks, ask: &Ask) -> impl Future<Output = Reply> + Send {
    databricks.ask(ask)
}
