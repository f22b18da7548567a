//! A list of EC2, whole or only what belongs to some ids: request by request, page by page.

use std::collections::HashSet;
use std::future::Future;

use aws_sdk_ec2::types::Filter;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::pages::{self, Page, json, more, pages};
use super::super::{Ask, Manners, Post, Refusal, Reply};
use super::within::{self, Part};
use super::words::each;
use crate::estate::operation::Answer as Layout;
use crate::sources::live::ask::ASKED;

/// A question, and whom to ask.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    /// Whom.
    pub(super) post: &'a Post,
    /// How.
    pub(super) manners: &'a Manners,
    /// What.
    pub(super) ask: &'a Ask,
}

/// A list, as far as it came.
pub(super) struct Listed<T> {
    /// Its rows, each once.
    pub(super) rows: Vec<T>,
    /// The ids that it answers for; none when it is the whole list.
    asked: Option<Vec<String>>,
    read: usize,
    broken: Option<Refusal>,
}

/// A page of the SDK.
pub(super) fn page<T, U>(items: Option<Vec<T>>, read: impl Fn(T) -> U, token: Option<String>) -> Page<U> {
    Page { rows: each(items, read), next: more(token) }
}

impl Job<'_> {
    /// Reads what was asked for. It stops at the first request that is refused for good.
    pub(super) async fn read<T, F>(
        &self,
        id: impl Fn(&T) -> String,
        fetch: impl Fn(Option<Vec<Filter>>, Option<String>) -> F,
    ) -> Listed<T>
    where
        F: Future<Output = Result<Page<T>, Refusal>>,
    {
        let within = within::parts(self.ask.operation, &self.ask.about);
        let asked = within.is_some().then(Vec::new);
        let mut all = Listed { rows: Vec::new(), asked, read: 0, broken: None };
        let lane = self.post.lane("ec2");
        let mut seen = HashSet::new();
        for part in within.unwrap_or_else(|| vec![Part::whole()]) {
            for filters in part.requests() {
                let part = pages(self.manners, &lane, |token| fetch(filters.clone(), token)).await;
                all.rows.extend(part.rows.into_iter().filter(|row| seen.insert(id(row))));
                all.read += part.read;
                if part.broken.is_some() {
                    all.broken = part.broken;
                    return all;
                }
            }
            if let Some(asked) = &mut all.asked {
                asked.extend(part.ids);
            }
        }
        all
    }

    /// The member of the answer that holds the list.
    fn key(&self) -> &'static str {
        match self.ask.operation.answer() {
            Layout::Key(key) => key,
            Layout::Path(_) | Layout::None => "",
        }
    }
}

impl<T> Listed<T> {
    /// The answer, with rows that `write` turned into what the AWS CLI writes.
    pub(super) fn reply_with(self, job: &Job<'_>, write: impl FnOnce(Vec<T>) -> Vec<Value>) -> Reply {
        let mut answer = Map::new();
        answer.insert(job.key().to_owned(), Value::Array(write(self.rows)));
        if let Some(mut asked) = self.asked {
            asked.sort_unstable();
            answer.insert(ASKED.to_owned(), asked.into());
        }
        pages::reply(answer, self.read, self.broken)
    }
}

impl<T: Serialize> Listed<T> {
    /// The answer.
    pub(super) fn reply(self, job: &Job<'_>) -> Reply {
        self.reply_with(job, |rows| rows.iter().map(json).collect())
    }
}
