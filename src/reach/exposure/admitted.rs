//! Whom the groups of nodes may let in at all: a look that spares most networks the walks. Groups
//! that admit each other alone, as they should, let nobody else in however much is joined.

use std::collections::BTreeSet;

use super::Scene;
use crate::reach::address::{Block, IpSet};

/// Whom the groups of nodes admit on some port.
pub(super) struct Admitted {
    addresses: IpSet,
    /// Groups that are referred to.
    groups: BTreeSet<String>,
    /// Some rule is not known, or no group is: it may be anybody.
    anybody: bool,
}

impl Admitted {
    pub(super) fn of(scene: &Scene<'_, '_>) -> Self {
        let Some(set) = scene.groups else {
            return Self { addresses: IpSet::all(), groups: BTreeSet::new(), anybody: true };
        };
        let side = &scene.world.index().groups.set(set).ingress;
        Self {
            addresses: IpSet::of(side.rules.iter().map(|rule| rule.block)),
            groups: side.references.iter().map(|(_, group, _)| group.clone()).collect(),
            anybody: !side.unknown.is_empty(),
        }
    }

    /// Whether somebody at these addresses may be admitted for the address.
    pub(super) fn some_of(&self, blocks: &[Block]) -> bool {
        self.anybody || !self.addresses.and(&IpSet::of(blocks.iter().copied())).is_empty()
    }

    /// Whether a holder of one of these groups may be admitted for the group.
    pub(super) fn refers_to(&self, groups: &[String]) -> bool {
        self.anybody || groups.iter().any(|group| self.groups.contains(group))
    }

    /// Groups that are referred to, and belong to the VPC of this id.
    pub(super) fn groups_in<'s>(&'s self, scene: &'s Scene<'_, '_>, vpc: &'s str) -> impl Iterator<Item = &'s str> {
        let groups = &scene.world.estate().aws.security_groups;
        let lies_in = move |id: &&String| {
            let body = groups.number(id).map(|row| groups.row(row).body.known());
            body.is_some_and(|body| body.is_ok_and(|body| body.vpc_id.as_deref() == Some(vpc)))
        };
        self.groups.iter().filter(lies_in).map(String::as_str)
    }

    /// Whether anybody outside these addresses may be admitted.
    pub(super) fn beyond(&self, inside: &IpSet, own: &[String]) -> bool {
        self.anybody
            || !self.addresses.without(inside).is_empty()
            || self.groups.iter().any(|group| !own.contains(group))
    }

    /// Addresses that may be admitted.
    pub(super) fn addresses(&self) -> IpSet {
        if self.anybody { IpSet::all() } else { self.addresses.clone() }
    }
}
