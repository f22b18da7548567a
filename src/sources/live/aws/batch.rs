//! Lists of services other than EC2 that can be asked for by VPC: a batch of VPCs a request.

use std::collections::HashSet;
use std::future::Future;

use serde::Serialize;
use serde_json::{Map, Value};

use super::pages::{Page, json, pages, reply};
use super::{Lane, Manners, Refusal, Reply};
use crate::sources::live::About;
use crate::sources::live::ask::ASKED;

/// VPCs in one request. Neither service says how many it takes.
const MOST: usize = 50;

/// Reads the whole list, or what belongs to the VPCs of a question. It stops at the first request
/// that is refused for good.
pub(super) async fn read<T, F>(
    key: &str,
    manners: &Manners,
    lane: &Lane,
    about: &About,
    id: impl Fn(&T) -> String,
    fetch: impl Fn(Option<Vec<String>>, Option<String>) -> F,
) -> Reply
where
    T: Serialize,
    F: Future<Output = Result<Page<T>, Refusal>>,
{
    let vpcs: Option<Vec<String>> = match about {
        About::Within(ids) => Some(ids.iter().filter(|id| id.starts_with("vpc-")).cloned().collect()),
        About::All | About::One(_) => None,
    };
    let batches: Vec<Option<Vec<String>>> = match &vpcs {
        Some(vpcs) => vpcs.chunks(MOST).map(|batch| Some(batch.to_vec())).collect(),
        None => vec![None],
    };
    let mut asked: Vec<Value> = Vec::new();
    let (mut rows, mut read, mut broken, mut seen) = (Vec::new(), 0, None, HashSet::new());
    for batch in batches {
        let part = pages(manners, lane, |token| fetch(batch.clone(), token)).await;
        rows.extend(part.rows.iter().filter(|row| seen.insert(id(row))).map(json));
        read += part.read;
        broken = part.broken;
        if broken.is_some() {
            break;
        }
        asked.extend(batch.into_iter().flatten().map(Value::from));
    }
    let mut answer = Map::new();
    answer.insert(key.to_owned(), Value::Array(rows));
    if vpcs.is_some() {
        answer.insert(ASKED.to_owned(), Value::Array(asked));
    }
    reply(answer, read, broken)
}
