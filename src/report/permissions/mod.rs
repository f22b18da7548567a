//! What `collect` may do, and nothing else: IAM policies, generated from the table of operations
//! that the collector itself walks, and the roles in Databricks.
//!
//! Input: the role that asks. Output: the policy as JSON, as Terraform, or a page for people. All
//! resources are `*`: most of these actions know no narrower one, and which keys, buckets and roles
//! there are is only known once Databricks was asked.

mod page;
mod terraform;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::estate::Operation;

pub use page::page;
pub use terraform::terraform;

/// Whose policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The role in every account with a part of the estate.
    Account,
    /// Whoever runs plaudit, when it goes to other accounts: beside the policy of its own account.
    Hub {
        /// ARN of the roles that it may assume.
        roles: String,
    },
}

/// One statement: what one service is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    sid: String,
    actions: BTreeSet<&'static str>,
    resource: String,
}

impl Holder {
    /// The name of the policy.
    fn name(&self) -> &'static str {
        match self {
            Self::Account => "plaudit",
            Self::Hub { .. } => "plaudit-hub",
        }
    }

    fn asks(&self, operation: Operation) -> bool {
        operation.is_asked() && operation.is_of_hub() == matches!(self, Self::Hub { .. })
    }

    /// One statement a service, in order.
    fn statements(&self) -> Vec<Statement> {
        let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for operation in Operation::ALL.iter().filter(|operation| self.asks(**operation)) {
            for action in operation.actions() {
                services.entry(service(action)).or_default().insert(action);
            }
        }
        let statement = |(service, actions): (&str, BTreeSet<&'static str>)| Statement {
            sid: sid(service),
            actions,
            resource: match self {
                Self::Hub { roles } if service == "sts" => roles.clone(),
                _ => "*".to_owned(),
            },
        };
        services.into_iter().map(statement).collect()
    }
}

fn service(action: &str) -> &str {
    action.split(':').next().unwrap_or_default()
}

/// `network-firewall` as `ReadNetworkFirewall`: a statement id has letters and digits only.
fn sid(service: &str) -> String {
    let words = service.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    let verb = if service == "sts" { "Assume" } else { "Read" };
    verb.to_owned() + &words.collect::<String>()
}

/// The policy document alone, ready for `aws iam put-role-policy`.
pub fn policy(holder: &Holder) -> Value {
    let statement = |statement: Statement| {
        json!({
            "Sid": statement.sid,
            "Effect": "Allow",
            "Action": statement.actions,
            "Resource": statement.resource,
        })
    };
    let statements: Vec<Value> = holder.statements().into_iter().map(statement).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

#[cfg(test)]
mod tests {
    use super::{Holder, policy, sid};
    use crate::estate::Operation;
    use crate::estate::policy::{Decision, Missing, Policy, Principal, Request};

    fn hub() -> Holder {
        Holder::Hub { roles: "arn:aws:iam::*:role/plaudit".to_owned() }
    }

    fn allows(holder: &Holder, action: &str, resource: &str) -> bool {
        let caller = Principal::Aws("arn:aws:iam::111122223333:role/plaudit".to_owned());
        let request = Request::new(caller, action, resource);
        let policy = Policy::parse(&policy(holder).to_string()).unwrap();
        policy.decide(&request, Missing::Absent) == Decision::Allowed
    }

    fn actions(holder: &Holder) -> Vec<&'static str> {
        holder.statements().into_iter().flat_map(|statement| statement.actions).collect()
    }

    #[test]
    fn every_operation_that_is_asked_is_allowed() {
        let role = "arn:aws:iam::444455556666:role/plaudit";
        for operation in Operation::ALL.iter().filter(|operation| operation.is_asked()) {
            let holder = if operation.is_of_hub() { hub() } else { Holder::Account };
            for action in operation.actions() {
                assert!(allows(&holder, action, role), "{action}");
            }
        }
    }

    #[test]
    fn nothing_else_is_allowed() {
        let known = |action: &&str| {
            Operation::ALL.iter().any(|operation| operation.is_asked() && operation.actions().contains(action))
        };
        for holder in [Holder::Account, hub()] {
            let actions = actions(&holder);
            let strange: Vec<&&str> = actions.iter().filter(|action| !known(action)).collect();
            assert!(strange.is_empty(), "{strange:?}");
            let wide = actions.iter().find(|action| action.contains(['*', '?']) || !action.contains(':'));
            assert_eq!(wide, None);
            let verb = |action: &&str| action.split(':').nth(1).unwrap_or_default().to_owned();
            let writes = actions.iter().map(verb).find(|verb| {
                !["Describe", "List", "Get", "Search"].iter().any(|reads| verb.starts_with(reads))
                    && verb != "AssumeRole"
            });
            assert_eq!(writes, None);
        }
        for action in ["ec2:DescribeSecurityGroupRules", "sts:GetCallerIdentity", "sts:AssumeRole", "s3:GetObject"] {
            assert!(!allows(&Holder::Account, action, "*"), "{action}");
        }
        assert!(!allows(&hub(), "sts:AssumeRole", "arn:aws:iam::444455556666:role/admin"));
        assert!(!allows(&hub(), "ec2:DescribeVpcs", "*"));
    }

    /// AWS's limit for a managed policy, white space not counted.
    #[test]
    fn it_fits_a_managed_policy() {
        let length = policy(&Holder::Account).to_string().len();
        assert!(length <= 6144, "{length}");
    }

    #[test]
    fn statement_ids_are_alphanumeric() {
        assert_eq!(sid("network-firewall"), "ReadNetworkFirewall");
        assert_eq!(sid("s3"), "ReadS3");
    }
}
