//! Hosts of Databricks: the account console of each cloud, and workspaces beside it. Pure.

use std::fmt;

use reqwest::Url;

/// The first label of account hosts; the second is that of the Department of Defense.
const ACCOUNT: &[&str] = &["accounts", "accounts-dod"];
/// Under these names stand Databricks' other clouds.
const OTHER_CLOUDS: &[&str] =
    &["azuredatabricks.net", "azuredatabricks.us", "azuredatabricks.cn", "gcp.databricks.com"];

/// Where a workspace or the account answers: scheme, name and port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Host(Url);

impl Host {
    /// Reads a host as people write it: `https://` may be missing, a path is dropped.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let whole = if text.contains("://") { text.trim().to_owned() } else { format!("https://{}", text.trim()) };
        let mut url = Url::parse(&whole).map_err(|error| format!("host is no URL: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("host must not hold a user name or a password".to_owned());
        }
        url.set_path("");
        url.set_query(None);
        url.set_fragment(None);
        let host = Self(url);
        match host.0.scheme() {
            "https" => {}
            // before any credential is sent
            "http" if host.is_loopback() => {}
            "http" => return Err(format!("{host}: credentials are not sent without TLS; write https://")),
            scheme => return Err(format!("host has the scheme {scheme}; only https works")),
        }
        let name = host.name();
        if OTHER_CLOUDS.iter().any(|cloud| name.strip_suffix(cloud).is_some_and(|rest| rest.ends_with('.'))) {
            return Err(format!("{host} is Databricks on another cloud; only Databricks on AWS is audited"));
        }
        Ok(host)
    }

    fn name(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// First label, and what follows it.
    fn parts(&self) -> Option<(&str, &str)> {
        let is_domain = self.0.domain().is_some();
        self.name().split_once('.').filter(|(label, rest)| is_domain && !label.is_empty() && !rest.is_empty())
    }

    /// Whether the account answers here, and not a workspace.
    pub(super) fn is_account(&self) -> bool {
        self.parts().is_some_and(|(label, _)| ACCOUNT.contains(&label))
    }

    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let ip = self.name().trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        ip.map_or_else(|_| self.is_local_name(), |ip| ip.is_loopback())
    }

    /// Whether it is a name for this machine (RFC 6761).
    pub(super) fn is_local_name(&self) -> bool {
        is_local_name(self.name())
    }

    /// The workspace of that deployment name, beside the account.
    pub(super) fn workspace(&self, deployment: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_label = (1..=63).contains(&deployment.len()) && deployment.bytes().all(plain);
        let (_, suffix) = self.parts()?;
        is_label.then(|| self.beside(&format!("{deployment}.{suffix}"))).flatten()
    }

    /// The account that a workspace belongs to.
    pub(super) fn account(&self) -> Option<Self> {
        let (_, suffix) = self.parts()?;
        let label = if suffix.ends_with(".mil") { "accounts-dod" } else { "accounts" };
        self.beside(&format!("{label}.{suffix}"))
    }

    fn beside(&self, name: &str) -> Option<Self> {
        let mut url = self.0.clone();
        url.set_host(Some(name)).ok()?;
        Some(Self(url))
    }

    /// The address of a path.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }

    /// Whether a URL stays on this host.
    pub(super) fn holds(&self, url: &Url) -> bool {
        url.origin() == self.0.origin() && url.username().is_empty() && url.password().is_none()
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Whether a name is for this machine (RFC 6761).
pub(super) fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::Host;

    #[test]
    fn workspaces_stand_beside_their_account() {
        for (account, workspace) in [
            ("accounts.cloud.databricks.com", "https://dbc-1-2.cloud.databricks.com"),
            ("https://accounts.cloud.databricks.us/", "https://dbc-1-2.cloud.databricks.us"),
            ("https://accounts-dod.cloud.databricks.mil/login?o=1", "https://dbc-1-2.cloud.databricks.mil"),
            ("http://accounts.localhost:8080", "http://dbc-1-2.localhost:8080"),
        ] {
            let account = Host::parse(account).unwrap();
            assert!(account.is_account());
            let host = account.workspace("dbc-1-2").unwrap();
            assert_eq!(host.to_string(), workspace);
            assert!(!host.is_account());
            assert_eq!(host.account().unwrap(), account);
        }
    }

    #[test]
    fn a_deployment_name_never_leads_to_another_domain() {
        let account = Host::parse("accounts.cloud.databricks.com").unwrap();
        for name in ["", "evil.example", "a/b", "a@b", "A", "a:1", "x#", &"a".repeat(64)] {
            assert_eq!(account.workspace(name), None, "{name}");
        }
        assert_eq!(Host::parse("https://10.0.0.1").unwrap().workspace("a"), None);
        let at = |url: &str| account.holds(&reqwest::Url::parse(url).unwrap());
        assert!(at("https://accounts.cloud.databricks.com/oidc"));
        assert!(!at("https://accounts.cloud.databricks.com:8443/oidc"));
        assert!(!at("http://accounts.cloud.databricks.com/oidc"));
        assert!(!at("https://accounts.cloud.databricks.com.evil.example/oidc"));
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for host in ["http://localhost:1", "http://a.localhost", "http://127.0.0.1", "http://[::1]:1"] {
            assert!(Host::parse(host).is_ok(), "{host}");
        }
        for (host, word) in [
            ("http://dbc-1.cloud.databricks.com", "without TLS"),
            ("http://localhost.example", "without TLS"),
            ("ftp://a", "scheme"),
            ("https://user:pw@a.example", "password"),
            ("https://adb-1.azuredatabricks.net", "another cloud"),
            ("https://accounts.gcp.databricks.com", "another cloud"),
            ("https://", "no URL"),
        ] {
            let error = Host::parse(host).unwrap_err();
            assert!(error.contains(word) && !error.contains("pw"), "{host}: {error}");
        }
    }
}
