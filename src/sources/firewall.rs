//! Network Firewall: answers about one firewall, under a path that has no more than its name.
//! Names are unique in one account and region only, and the policy does not tell which firewall
//! it is of: both take the account and the region from the folders above them, else from the
//! ARN of the firewall.

use super::answer::{Answer, Attribution};
use super::assembly::{Assembly, Seen};
use super::json;
use super::owned::{Said, one};
use super::place::{self, Near};
use crate::estate::{Place, aws as a};

impl<'a> Assembly<'a> {
    /// A firewall with its endpoints.
    pub(super) fn firewall(&mut self, answer: &Answer<'a>, at: &Attribution) {
        let folder = at.owner.clone().unwrap_or_default();
        let at = Attribution { owner: Some(row_id(&at.place, &folder)), ..at.clone() };
        let unknown = at.owner.as_deref().unwrap_or_default();
        let Some(Said::Members(members)) = self.said(answer, &at, unknown) else { return };
        let Some(value) = json::member(members, "Firewall") else { return self.wrong_shape(answer, &at, "Firewall") };
        let body = json::decode::<a::FirewallDetails>(answer.text);
        let body = body.map_err(|error| self.explain(answer.document, answer.text, &error));
        let place = at.place.clone().or(&place::hints(value.get()).place);
        let told = body.as_ref().ok().map(|body| body.firewall.firewall_name.clone()).filter(|name| !name.is_empty());
        let id = row_id(&place, &told.unwrap_or(folder));
        self.firewalls.insert(self.folder(answer), (id.clone(), place.clone()));
        let at = Attribution { place, owner: Some(id.clone()), ..at };
        let seen = Seen { document: answer.document, text: answer.text, near: Near::default() };
        self.own(&at, |e| &mut e.aws.firewall_details, &id, seen, body);
    }

    /// The policy of the firewall whose answer lies beside it.
    pub(super) fn firewall_policy(&mut self, answer: &Answer<'a>, at: &Attribution) {
        let known = self.firewalls.get(&self.folder(answer)).cloned();
        let (id, place) =
            known.unwrap_or_else(|| (row_id(&at.place, at.owner.as_deref().unwrap_or_default()), at.place.clone()));
        let at = Attribution { place, owner: Some(id.clone()), ..at.clone() };
        self.member(answer, &at, |e| &mut e.aws.firewall_policies, &id, "FirewallPolicy", one);
    }
}

fn row_id(place: &Place, name: &str) -> String {
    a::FirewallDetails::row_id(place.account.as_deref(), place.region.as_deref(), name)
}
