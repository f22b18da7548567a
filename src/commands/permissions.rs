//! `plaudit permissions`: what `collect` must be allowed to do.

use super::{Error, stdout};
use crate::cli::{PermissionsArgs, PermissionsFormat};
use crate::exit::Exit;
use crate::report::permissions::{Holder, page, policy, terraform};

pub(super) fn run(args: &PermissionsArgs) -> Result<Exit, Error> {
    let holder = args.hub.clone().map_or(Holder::Account, |roles| Holder::Hub { roles });
    let text = match args.format {
        PermissionsFormat::Json => format!("{:#}\n", policy(&holder)),
        PermissionsFormat::Terraform => terraform(&holder),
        PermissionsFormat::Markdown => page(),
    };
    stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}
