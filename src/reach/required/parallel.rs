//! Work on several threads, results in order.
//!
//! Threads of its own, not those of rayon's pool: what is computed here is waited for behind a
//! lock, and a pool thread that waits for its part is handed other work of the pool meanwhile,
//! such as a rule that waits for the same lock.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Fewer are not worth a thread.
const FEW: usize = 8;

/// `each` of `0..count`, in order.
pub(super) fn map<T: Send>(count: usize, each: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    if threads < 2 || count < FEW {
        return (0..count).map(each).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return done;
            }
            done.push((at, each(at)));
        }
    };
    let mut all = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            all.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        all
    });
    all.sort_unstable_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_stay_in_order() {
        assert_eq!(super::map(1_000, |at| at * 2), (0..1_000).map(|at| at * 2).collect::<Vec<_>>());
        assert!(super::map(0, |at| at).is_empty());
    }
}
