//! Each field of each answer: `fields.json` has what EC2 sends, as an object whose lists are
//! made of items, and what the AWS CLI would write of it.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;

use super::super::super::fake::{Fake, Say, answer};
use super::ask;
use crate::estate::Operation;
use crate::sources::answer::{Answer, content};
use crate::sources::live::{About, AwsRequest};

#[derive(Deserialize)]
struct Case {
    operation: String,
    about: Option<String>,
    wire: Value,
    answer: Value,
}

/// The XML of an object.
fn xml(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| format!("<{name}>{}</{name}>", xml(value))).collect()
        }
        Value::Array(items) => items.iter().map(|item| format!("<item>{}</item>", xml(item))).collect(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("fields.json")).unwrap()
}

#[tokio::test]
async fn every_field_arrives_and_no_other() {
    for case in cases() {
        let operation = *Operation::ALL.iter().find(|operation| format!("{operation:?}") == case.operation).unwrap();
        let body = xml(&case.wire);
        let fake = Fake::start(move |call, _| Say::Whole(200, answer(&call["Action"], &body))).await;
        let question = ask(operation, case.about.map_or(About::All, About::One));
        let reply = fake.aws(&AwsRequest::default()).await.ask(&question).await;
        assert!(reply.refusals.is_empty(), "{operation:?} {reply:?}");
        assert_eq!(reply.answers, [(None, case.answer)], "{operation:?}");

        // and it is known for what it is where evidence is read
        let text = reply.answers[0].1.to_string();
        let answer = Answer { document: 0, segments: question.path(None), text: &text, content: content(&text) };
        assert_eq!(answer.attribution().map(|found| found.operation), Some(operation));
    }
}

#[test]
fn every_question_to_ec2_has_a_case() {
    let cases: HashSet<String> = cases().into_iter().map(|case| case.operation).collect();
    let asked = Operation::ALL.iter().filter(|operation| {
        operation.name().starts_with("ec2:") && operation.is_asked() && **operation != Operation::DescribeRegions
    });
    for operation in asked {
        assert!(cases.contains(&format!("{operation:?}")), "{operation:?}");
    }
}
