use std::path::Path;

use super::{Auth, Config, Secret, Trouble, Variables, resolve};
use crate::sources::live::request::DatabricksRequest;

const ACCOUNT: &str = "00000000-0000-0000-0000-000000000001";
const FILE: &str = "
[DEFAULT]
host = https://dbc-1.cloud.databricks.com
token = dapi-default
[acct]
host = accounts.cloud.databricks.com
account_id = 00000000-0000-0000-0000-000000000001
client_id = app
client_secret = very-secret
[cli]
host = https://dbc-1.cloud.databricks.com
auth_type = databricks-cli
";

fn from(variables: &[(&str, &str)], profile: Option<&str>, file: Option<&str>) -> Result<Config, Trouble> {
    let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut variables: Variables = pairs.collect();
    variables.entry("HOME".to_owned()).or_insert_with(|| "/home/someone".to_owned());
    let request = DatabricksRequest { profile: profile.map(str::to_owned), account_id: None };
    resolve(&request, &variables, |path| {
        assert_eq!(path, Path::new("/home/someone/.databrickscfg"));
        Ok(file.map(str::to_owned))
    })
}

fn settings(result: Result<Config, Trouble>) -> String {
    match result {
        Err(Trouble::Settings(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_configured_is_not_an_error_of_its_own() {
    assert_eq!(from(&[], None, None), Err(Trouble::Unconfigured));
    assert_eq!(from(&[("DATABRICKS_HOST", "")], None, Some("[acct]\nhost=x")), Err(Trouble::Unconfigured));
    assert_eq!(from(&[("DATABRICKS_ACCOUNT_ID", ACCOUNT)], None, None), Err(Trouble::Unconfigured));
}

#[test]
fn a_profile_fills_what_the_environment_leaves_open() {
    let config = from(&[("DATABRICKS_CLIENT_SECRET", "other")], Some("acct"), Some(FILE)).unwrap();
    assert_eq!(config.host.to_string(), "https://accounts.cloud.databricks.com");
    assert_eq!(config.account.as_deref(), Some(ACCOUNT));
    assert_eq!(config.auth, Auth::Principal { client: "app".to_owned(), secret: Secret::new("other") });
    let named = from(&[("DATABRICKS_CONFIG_PROFILE", "acct")], None, Some(FILE)).unwrap();
    assert_eq!(named.auth.kind(), "oauth-m2m");
    assert!(!format!("{named:?}").contains("very-secret"));
    let default = from(&[], None, Some(FILE)).unwrap();
    assert_eq!(default.auth, Auth::Token(Secret::new("dapi-default")));
    let preset = format!("{FILE}[__settings__]\ndefault_profile = acct\n");
    assert_eq!(from(&[], None, Some(&preset)).unwrap().account.as_deref(), Some(ACCOUNT));
}

#[test]
fn the_file_is_left_alone_when_the_environment_says_enough() {
    let variables: Variables =
        [("DATABRICKS_HOST", "https://dbc-1.cloud.databricks.com"), ("DATABRICKS_TOKEN", "dapi-env")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
    let request = DatabricksRequest { profile: None, account_id: Some(ACCOUNT.to_owned()) };
    let config = resolve(&request, &variables, |_| panic!("nobody asked for a profile")).unwrap();
    assert_eq!(config.account.as_deref(), Some(ACCOUNT));
}

#[test]
fn two_ways_to_authenticate_are_refused_in_databricks_own_words() {
    let both = [("DATABRICKS_TOKEN", "dapi-secret"), ("DATABRICKS_HOST", "https://dbc-1.cloud.databricks.com")];
    let message = settings(from(&both, Some("acct"), Some(FILE)));
    assert!(
        message.starts_with("validate: more than one authorization method configured: oauth and pat;"),
        "{message}"
    );
    assert!(message.contains("client_secret=***") && message.contains("token=***"), "{message}");
    assert!(message.ends_with(". Env: DATABRICKS_HOST, DATABRICKS_TOKEN"), "{message}");
    assert!(!message.contains("dapi-secret") && !message.contains("very-secret"), "{message}");
    let chosen = [("DATABRICKS_TOKEN", "dapi-secret"), ("DATABRICKS_AUTH_TYPE", "oauth-m2m")];
    assert_eq!(from(&chosen, Some("acct"), Some(FILE)).unwrap().auth.kind(), "oauth-m2m");
}

#[test]
fn what_is_missing_or_unsupported_is_named() {
    let host = ("DATABRICKS_HOST", "https://accounts.cloud.databricks.com");
    let token = ("DATABRICKS_TOKEN", "dapi-secret");
    for (result, part) in [
        (from(&[], Some("prod"), Some(FILE)), "resolve: /home/someone/.databrickscfg has no prod profile configured"),
        (from(&[], Some("prod"), None), "does not exist, so there is no profile prod"),
        (from(&[], Some("a"), Some("[a]\nhost = h\nrubbish\n")), "/home/someone/.databrickscfg: line 3: expected"),
        (from(&[], Some("cli"), Some(FILE)), "databricks-cli auth is not supported; use a service principal"),
        (from(&[host], None, None), "default auth: cannot configure default credentials"),
        (from(&[token], None, None), "host is missing; set DATABRICKS_HOST"),
        (from(&[host, token], None, None), "https://accounts.cloud.databricks.com needs the account id"),
        (from(&[host, ("DATABRICKS_CLIENT_ID", "app")], None, None), "oauth-m2m auth: client_secret is missing"),
        (from(&[host, ("DATABRICKS_PASSWORD", "pw")], None, None), "basic auth is not supported"),
        (from(&[host, token, ("DATABRICKS_ACCOUNT_ID", "../x")], None, None), "account_id is not an account id"),
        (from(&[("DATABRICKS_HOST", "http://dbc.example"), token], None, None), "without TLS"),
    ] {
        let message = settings(result);
        assert!(message.contains(part), "{message}");
        assert!(!message.contains("dapi-secret"), "{message}");
    }
}
