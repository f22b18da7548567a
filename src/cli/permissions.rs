//! The command line of `plaudit permissions`: clap types only.

use clap::{Args, ValueEnum};

use super::LiveArgs;

/// Flags of `permissions`.
#[derive(Debug, Args)]
pub struct PermissionsArgs {
    /// How to write it.
    #[arg(short, long, value_name = "FORMAT", default_value = "json")]
    pub format: PermissionsFormat,

    /// The policy of whoever assumes ROLE (a name, or an ARN) in other accounts, in place of the
    /// policy of that role.
    #[arg(long, value_name = "ROLE", num_args = 0..=1, default_missing_value = "plaudit", value_parser = role)]
    pub hub: Option<String>,

    /// Try each permission once, with the credentials at hand, and say what is missing.
    #[arg(long, conflicts_with_all = ["format", "hub"])]
    pub check: bool,

    /// What --check asks for.
    #[command(flatten)]
    pub live: LiveArgs,
}

/// A format of `permissions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PermissionsFormat {
    /// The IAM policy document, ready for `aws iam put-role-policy`.
    Json,
    /// A policy document and a policy for Terraform.
    Terraform,
    /// For people: every permission of AWS and every role of Databricks, with what is read by it.
    Markdown,
}

/// The ARN of a role: as given, or of the role of this name in every account.
fn role(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-/*".contains(c);
    if text.is_empty() || !text.chars().all(|c| plain(c) || (c == ':' && text.starts_with("arn:"))) {
        return Err("write the name of a role, or its ARN".to_owned());
    }
    if text.starts_with("arn:") {
        if !text.contains(":role/") {
            return Err("this is not the ARN of a role: arn:aws:iam::<account>:role/<name>".to_owned());
        }
        return Ok(text.to_owned());
    }
    Ok(format!("arn:aws:iam::*:role/{}", text.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::role;

    #[test]
    fn a_role_is_a_name_or_an_arn() {
        assert_eq!(role("plaudit").unwrap(), "arn:aws:iam::*:role/plaudit");
        assert_eq!(role("/audit/plaudit").unwrap(), "arn:aws:iam::*:role/audit/plaudit");
        let arn = "arn:aws-us-gov:iam::111122223333:role/plaudit";
        assert_eq!(role(arn).unwrap(), arn);
        for wrong in ["", "a b", "a\"b", "${x}", "a:b", "arn:aws:iam::111122223333:user/me"] {
            assert!(role(wrong).is_err(), "{wrong}");
        }
    }
}
