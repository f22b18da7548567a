//! A build without the feature `live`: says how to get one that asks.

use std::convert::Infallible;
use std::path::Path;

use super::super::Error;
use crate::cli::LiveArgs;
use crate::exit::Exit;

/// What nobody collected; there is none.
pub(in crate::commands) struct Collected(Infallible);

impl Collected {
    pub(in crate::commands) fn is_empty(&self) -> bool {
        match self.0 {}
    }

    pub(in crate::commands) fn is_whole(&self) -> bool {
        match self.0 {}
    }

    pub(in crate::commands) fn tell(&self) {
        match self.0 {}
    }

    pub(in crate::commands) fn save(&self, _: &Path) -> Result<(), Error> {
        match self.0 {}
    }

    pub(in crate::commands) fn text(&self) -> &str {
        match self.0 {}
    }
}

pub(in crate::commands) fn collect(_: &LiveArgs, _: Option<&str>) -> Result<Collected, Error> {
    Err(absent())
}

pub(in crate::commands) fn list(_: &LiveArgs, _: Option<&str>) -> Result<Exit, Error> {
    Err(absent())
}

pub(in crate::commands) fn check(_: &LiveArgs) -> Result<Exit, Error> {
    Err(absent())
}

pub(in crate::commands) fn earlier(_: &Path) -> Result<String, Error> {
    Err(absent())
}

fn absent() -> Error {
    Error::Usage(
        "this build asks neither AWS nor Databricks: `cargo install --path . --locked --features live` makes one that \
         does; `collect --from DIR` packs answers of their command lines"
            .to_owned(),
    )
}
