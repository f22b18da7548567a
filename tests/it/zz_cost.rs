//! throwaway
use plaudit::reach::{Start, World, Goal};
use plaudit::sources;
use std::time::Instant;
use crate::fixtures::folder;
#[test]
#[ignore]
fn cost() {
    for f in ["isolated", "managed-nat", "leaky"] {
        let estate = sources::read(&[folder(f)]).unwrap();
        let t = Instant::now();
        let world = World::of(&estate);
        println!("{f} index {:?}", t.elapsed());
        let t = Instant::now();
        let r = world.required();
        println!("required {:?} {}", t.elapsed(), r.paths.len());
        for (row, _) in estate.databricks.networks.rows().iter().enumerate() {
            let n = estate.databricks.networks.row(row as u32).body.known().unwrap();
            let ids: Vec<&str> = n.security_group_ids.iter().map(String::as_str).collect();
            let groups = world.group_set(&ids);
            for s in &n.subnet_ids {
                let Some(subnet) = world.subnet(s) else { continue };
                for node in world.nodes(subnet, groups) {
                    let t = Instant::now();
                    let reach = world.reachable(Start::Node(node));
                    let a = t.elapsed();
                    let t = Instant::now();
                    let from = world.reachers_on_internet(Goal::Node(node));
                    println!("  {s} reachable {a:?} parts {} pieces {} | reachers {:?} {}", reach.parts.len(), reach.parts.iter().map(|p| p.sure.pieces().len()).sum::<usize>(), t.elapsed(), from.parts.len());
                }
            }
        }
    }
}
