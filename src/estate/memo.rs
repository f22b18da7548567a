//! Room beside the estate for one thing that a layer above computes from it once and then reads
//! many times: [`crate::estate`] does not know what it is. `reach` keeps its index here.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A value of any type, made on the first request. A copy of the estate starts without it.
#[derive(Default)]
pub struct Memo(OnceLock<Arc<dyn Any + Send + Sync>>);

impl Memo {
    /// The value, made by `make` the first time. Asked for another type than the first time, it
    /// makes a fresh one and keeps nothing.
    pub fn get<T: Any + Send + Sync>(&self, make: impl Fn() -> T) -> Arc<T> {
        let kept = self.0.get_or_init(|| Arc::new(make()));
        Arc::clone(kept).downcast().unwrap_or_else(|_| Arc::new(make()))
    }
}

impl Clone for Memo {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}
