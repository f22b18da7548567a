//! `plaudit permissions`: what `collect` must be allowed to do, and whether it is.

use super::{Error, live, stdout};
use crate::cli::{LiveArgs, PermissionsArgs, PermissionsFormat};
use crate::exit::Exit;
use crate::report::permissions::{Holder, page, policy, terraform};

pub(super) fn run(args: &PermissionsArgs) -> Result<Exit, Error> {
    if args.check {
        return live::check(&args.live);
    }
    if args.live != LiveArgs::default() {
        return Err(Error::Usage("flags of AWS, Databricks and limits need --check".to_owned()));
    }
    let holder = args.hub.clone().map_or(Holder::Account, |roles| Holder::Hub { roles });
    let text = match args.format {
        PermissionsFormat::Json => format!("{:#}\n", policy(&holder)),
        PermissionsFormat::Terraform => terraform(&holder),
        PermissionsFormat::Markdown => page(),
    };
    stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}
