//! What holds in every world. The seed stands in every message; `random::world(seed)` and
//! `random::flows(seed, n)` give the world and the flow back.

use plaudit::estate::Estate;
use plaudit::reach::{self, Code, Leg, Verdict};
use plaudit::sources;

use super::ask::{Ask, put};
use super::build::World;
use super::random;

const SEEDS: u64 = 60;
const FLOWS: usize = 24;

fn read(world: &World) -> Estate {
    sources::read_text("world", world.evidence()).unwrap()
}

/// Everything of an answer that must not depend on how the evidence is written.
type Essence = (Verdict, Verdict, String, Vec<(Leg, Code, String)>, Vec<&'static str>);

fn essence(estate: &Estate, world: &reach::World, ask: &Ask) -> Option<Essence> {
    let told = put(estate, world, ask)?;
    let blockers =
        told.answer.blockers.iter().map(|blocker| (blocker.leg, blocker.code, blocker.resource.clone())).collect();
    let calls = told.answer.gaps.iter().map(|gap| gap.operation.name()).collect();
    Some((told.answer.verdict, told.answer.forward, told.arrival, blockers, calls))
}

/// The verdicts of a world; `None` where the evidence lacks an end of the flow.
fn verdicts(world: &World, asks: &[Ask]) -> Vec<Option<Verdict>> {
    let estate = read(world);
    let engine = reach::World::of(&estate);
    asks.iter().map(|ask| ask.resolve(&engine).map(|flow| engine.verdict(&flow))).collect()
}

/// One after the other: the tests themselves run side by side.
fn each_seed(check: impl Fn(u64)) {
    (0..SEEDS).for_each(check);
}

#[test]
fn the_worlds_are_mixed() {
    let told: Vec<Option<Verdict>> =
        (0..SEEDS).flat_map(|seed| verdicts(&random::world(seed), &random::flows(seed, FLOWS))).collect();
    let percent = |verdict| told.iter().filter(|known| **known == Some(verdict)).count() * 100 / told.len();
    let (reachable, unknown) = (percent(Verdict::Reachable), percent(Verdict::Unknown));
    assert!((25..=65).contains(&reachable), "{reachable}% of the flows are reachable");
    assert!(unknown <= 10, "{unknown}% of the flows are unknown, though nothing is missing");
    assert!(told.iter().all(Option::is_some), "an end of a flow is missing");
}

/// Also what `put` asserts of each answer: the quick verdict, blockers and hops in order.
#[test]
fn an_evidence_file_says_what_the_directory_says() {
    for seed in 0..8 {
        let (world, asks) = (random::world(seed), random::flows(seed, FLOWS));
        let folder = world.write();
        let from_folder = sources::read(&[folder.path().to_path_buf()]).unwrap();
        let from_text = read(&world);
        let (one, other) = (reach::World::of(&from_folder), reach::World::of(&from_text));
        for ask in &asks {
            assert_eq!(essence(&from_folder, &one, ask), essence(&from_text, &other, ask), "seed {seed}: {ask:?}");
        }
    }
}

#[test]
fn the_quick_verdict_is_the_traced_one() {
    each_seed(|seed| {
        let estate = read(&random::world(seed));
        let world = reach::World::of(&estate);
        for ask in random::flows(seed, FLOWS) {
            let flow = ask.resolve(&world).unwrap();
            let (quick, traced) = (world.verdict(&flow), world.ask(&flow));
            assert_eq!(quick, traced.verdict, "seed {seed}: {ask:?}");
            put(&estate, &world, &ask);
        }
    });
}

#[test]
fn the_order_of_the_evidence_means_nothing() {
    each_seed(|seed| {
        let (world, asks) = (random::world(seed), random::flows(seed, FLOWS));
        let estate = read(&world);
        let engine = reach::World::of(&estate);
        for order in 1..4 {
            let shuffled = read(&world.shuffled(seed.wrapping_mul(31).wrapping_add(order)));
            let other = reach::World::of(&shuffled);
            for ask in &asks {
                let (here, there) = (essence(&estate, &engine, ask), essence(&shuffled, &other, ask));
                assert_eq!(here, there, "seed {seed}, order {order}: {ask:?}");
            }
        }
    });
}

/// Nothing that was open is closed, and nothing that was open becomes uncertain.
fn only_opens(seed: u64, before: &World, after: &World, what: &str) {
    let asks = random::flows(seed, FLOWS);
    for ((ask, before), after) in asks.iter().zip(verdicts(before, &asks)).zip(verdicts(after, &asks)) {
        let kept = match before {
            Some(Verdict::Reachable) => after == Some(Verdict::Reachable),
            Some(Verdict::Unknown) => after != Some(Verdict::Unreachable),
            _ => true,
        };
        assert!(kept, "seed {seed}: {what} turns {before:?} into {after:?}: {ask:?}");
    }
}

#[test]
fn more_rules_of_groups_only_open() {
    each_seed(|seed| {
        let world = random::world(seed);
        let mut open = world.clone();
        for group in world.ids("sg-") {
            open.admit(&group, "in all 0.0.0.0/0 ::/0; out all 0.0.0.0/0 ::/0");
        }
        only_opens(seed, &world, &open, "an open rule in every group");
    });
}

#[test]
fn a_first_entry_that_allows_all_only_opens() {
    each_seed(|seed| {
        let world = random::world(seed);
        let mut open = world.clone();
        for acl in world.ids("acl-") {
            open.enter(
                &acl,
                "in 1 allow all 0.0.0.0/0; out 1 allow all 0.0.0.0/0; in 2 allow all ::/0; out 2 allow all ::/0",
            );
        }
        only_opens(seed, &world, &open, "a first entry that allows all");
    });
}

/// With every group and every ACL open, what is left to block are routes and gateways.
#[test]
fn open_filters_block_nothing() {
    each_seed(|seed| {
        let mut world = random::world(seed);
        for group in world.ids("sg-") {
            world.admit(&group, "in all 0.0.0.0/0 ::/0; out all 0.0.0.0/0 ::/0");
        }
        for acl in world.ids("acl-") {
            world.enter(
                &acl,
                "in 1 allow all 0.0.0.0/0; out 1 allow all 0.0.0.0/0; in 2 allow all ::/0; out 2 allow all ::/0",
            );
        }
        let estate = read(&world);
        let engine = reach::World::of(&estate);
        let filters = [
            Code::GroupMismatch,
            Code::GroupEmpty,
            Code::ReferenceNotPreserved,
            Code::ReferencingSupport,
            Code::AclRestriction,
        ];
        for ask in random::flows(seed, FLOWS) {
            let told = put(&estate, &engine, &ask).unwrap();
            let filtered = told.answer.blockers.iter().any(|blocker| filters.contains(&blocker.code));
            assert!(!filtered, "seed {seed}: {told}");
        }
    });
}

/// Without one answer a verdict may become unknown, and nothing else.
#[test]
fn less_evidence_never_says_something_else() {
    let mut wrong = Vec::new();
    for seed in 0..SEEDS {
        // every file of every world takes long; a fifth of them in turn is enough over all seeds
        let (world, asks) = (random::world(seed), random::flows(seed, FLOWS));
        let full = verdicts(&world, &asks);
        for file in world.files().iter().skip(usize::try_from(seed % 5).unwrap()).step_by(5) {
            for ((ask, full), less) in asks.iter().zip(&full).zip(verdicts(&world.without(file), &asks)) {
                let (Some(full), Some(less)) = (full, less) else { continue };
                let fits = match full {
                    Verdict::Unknown => less != Verdict::Reachable,
                    definite => less == *definite || less == Verdict::Unknown,
                };
                if !fits {
                    wrong.push(format!("seed {seed}: without {file} {full} becomes {less}: {ask:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} verdicts:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

/// A world in which nothing at all is known of an account is unknown there, never reachable.
#[test]
fn no_answer_but_the_interfaces_is_never_reachable() {
    for seed in 0..20 {
        let world = random::world(seed);
        let mut bare = world.clone();
        for file in world.files().iter().filter(|file| !file.ends_with("NetworkInterfaces.json")) {
            bare.forget(file);
        }
        let asks = random::flows(seed, FLOWS);
        for (ask, verdict) in asks.iter().zip(verdicts(&bare, &asks)) {
            assert_ne!(verdict, Some(Verdict::Reachable), "seed {seed}: {ask:?}");
        }
    }
}

// The symbolic view comes here: every flow that is drawn from the set of what a start reaches
// agrees with the walk, and every flow outside of it too.
