//! What is read, and what is refused.

use serde_json::json;

use super::super::{Policy, PolicyError};

fn error(text: &str) -> String {
    Policy::parse(text).unwrap_err().to_string()
}

#[test]
fn one_statement_may_stand_alone() {
    let policy = Policy::parse(r#"{"Statement": {"Effect": "Allow", "Action": "s3:*"}}"#).unwrap();
    assert_eq!(policy.statements.len(), 1);
    assert_eq!(policy.statements[0].label, "Statement[0]");
}

#[test]
fn no_statement_is_a_policy_that_grants_nothing() {
    assert!(Policy::parse(r#"{"Statement": []}"#).unwrap().statements.is_empty());
}

#[test]
fn unknown_elements_are_ignored_and_case_is_not_significant() {
    let policy = Policy::parse(
        r#"{"Id": "x", "statement": [{"sid": "A", "effect": "Allow", "ACTION": ["s3:*"],
            "condition": {"bool": {"aws:SecureTransport": true}}, "Comment": 1}]}"#,
    )
    .unwrap();
    assert_eq!(policy.statements[0].label, "A");
    assert_eq!(policy.statements[0].conditions.len(), 1);
}

#[test]
fn errors_name_the_statement_and_the_element() {
    let second =
        |statement: &str| error(&format!(r#"{{"Statement": [{{"Effect": "Allow", "Action": "*"}}, {statement}]}}"#));
    assert_eq!(second("1"), "Statement[1].Statement: expected an object, found a number");
    assert_eq!(second(r#"{"Action": "*"}"#), "Statement[1].Effect: missing");
    assert_eq!(
        second(r#"{"Effect": "allow", "Action": "*"}"#),
        "Statement[1].Effect: expected \"Allow\" or \"Deny\", found \"allow\""
    );
    assert_eq!(second(r#"{"Effect": "Deny"}"#), "Statement[1].Action: missing");
    assert_eq!(
        second(r#"{"Effect": "Deny", "Action": "*", "NotAction": "*"}"#),
        "Statement[1].Action: given together with NotAction"
    );
    assert_eq!(
        second(r#"{"Effect": "Deny", "NotAction": ["a:b", 1]}"#),
        "Statement[1].NotAction: expected a string or a list of strings, found a number"
    );
    assert_eq!(
        second(r#"{"Effect": "Deny", "Action": "*", "Principal": {"AWS": {}}}"#),
        "Statement[1].Principal: AWS: expected a string or a list of strings, found an object"
    );
    assert_eq!(
        second(r#"{"Effect": "Deny", "Action": "*", "Condition": {"Bool": "x"}}"#),
        "Statement[1].Condition: Bool: expected an object, found \"x\""
    );
    assert_eq!(
        second(r#"{"Effect": "Deny", "Action": "*", "Condition": {"Bool": {"a:b": [null]}}}"#),
        "Statement[1].Condition: Bool.a:b: expected a string, found null"
    );
    assert_eq!(
        second(r#"{"Effect": "Deny", "Action": "*", "action": "*"}"#),
        "Statement[1].Action: Action is given twice, in different case"
    );
    assert_eq!(error("[]"), "policy: expected an object, found a list");
    assert_eq!(error("{}"), "policy: no Statement");
    assert!(error("{").starts_with("policy is not JSON: "));
}

#[test]
fn size_is_bounded() {
    let long = format!(r#"{{"Id": "{}", "Statement": []}}"#, "x".repeat(256 * 1024));
    assert!(matches!(Policy::parse(&long), Err(PolicyError::TooLong)));
    let value = serde_json::from_str(&long).unwrap();
    assert!(matches!(Policy::from_value(&value), Err(PolicyError::TooLong)));

    let statement = json!({ "Effect": "Allow", "Action": "*" });
    let many = json!({ "Statement": vec![statement; 1_001] });
    assert!(matches!(Policy::from_value(&many), Err(PolicyError::TooManyStatements(1_001))));

    let values = json!({ "Statement": { "Effect": "Allow", "Action": vec!["*"; 10_001] } });
    assert!(matches!(Policy::from_value(&values), Err(PolicyError::TooManyValues)));

    let deep = format!(r#"{{"Statement": {}1{}}}"#, "[".repeat(1_000), "]".repeat(1_000));
    assert!(matches!(Policy::parse(&deep), Err(PolicyError::Json(_))));
}
