//! Gaps as an evidence file writes them: `{"operation": "ec2:DescribeVpcs", "account": …,
//! "region": …, "resource": …, "reason": "access-denied", "detail": …}`.

use serde::{Deserialize, Serialize};

use super::json;
use crate::estate::{Gap, Operation, Reason, Scope};

/// A gap on the wire.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Noted {
    /// [`Operation::name`].
    pub(super) operation: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resource: Option<String>,
    /// Missing in a hand-written file: not collected.
    pub(super) reason: Option<Reason>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) detail: String,
}

impl From<&Gap> for Noted {
    fn from(gap: &Gap) -> Self {
        Self {
            operation: gap.operation.name().to_owned(),
            account: gap.scope.account.clone(),
            region: gap.scope.region.clone(),
            resource: gap.scope.resource.clone(),
            reason: Some(gap.reason),
            detail: gap.detail.clone(),
        }
    }
}

/// The gaps that one entry means: two calls can share a name, and then both are missing.
pub(super) fn read(text: &str) -> Result<Vec<Gap>, serde_json::Error> {
    let noted: Noted = json::decode(text)?;
    let scope = Scope { account: noted.account, region: noted.region, resource: noted.resource };
    let reason = noted.reason.unwrap_or(Reason::NotCollected);
    let named = Operation::ALL.iter().filter(|operation| operation.name() == noted.operation);
    let mut gaps: Vec<Gap> =
        named.map(|operation| Gap::new(*operation, scope.clone(), reason).because(noted.detail.clone())).collect();
    if gaps.is_empty() {
        let detail = [noted.operation, noted.detail].join(": ");
        gaps.push(Gap::new(Operation::ReadEvidence, scope, reason).because(detail));
    }
    Ok(gaps)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::estate::{Operation, Reason};

    #[test]
    fn calls_that_share_a_name_are_both_missing() {
        let gaps = read("{\"operation\":\"ec2:DescribeVpcAttribute\",\"reason\":\"access-denied\"}").unwrap();
        let operations: Vec<_> = gaps.iter().map(|gap| gap.operation).collect();
        assert_eq!(operations, [Operation::DescribeVpcDnsSupport, Operation::DescribeVpcDnsHostnames]);
        assert_eq!(gaps[0].reason, Reason::AccessDenied);
    }

    #[test]
    fn an_unknown_call_is_kept() {
        let gaps = read("{\"operation\":\"ec2:New\",\"reason\":\"throttled\",\"detail\":\"x\"}").unwrap();
        assert_eq!((gaps[0].operation, gaps[0].detail.as_str()), (Operation::ReadEvidence, "ec2:New: x"));
        assert!(read("{\"operation\":3}").is_err());
        assert!(read("[]").is_err());
    }
}
