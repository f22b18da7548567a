//! A file of flows: every line is answered, in its place. A line that cannot be understood is
//! unknown and says why; only a file that is no list at all is refused.
#![expect(clippy::disallowed_methods, reason = "the flows are a file of the user")]

use std::fs;
use std::io::Read as _;
use std::path::Path;

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::{Error, deliver};
use crate::cli::{PathArgs, PathFormat};
use crate::exit::Exit;
use crate::reach::question::{Asker, Question};
use crate::report::path::flows::{Outcome, write};

/// A million flows are about a tenth of it.
const BYTES: u64 = 1 << 30;

pub(super) fn run(args: &PathArgs, file: &Path, asker: &Asker<'_>) -> Result<Exit, Error> {
    let asked = args.output.iter().map(|(format, _)| *format).chain(args.format);
    if asked.into_iter().any(|format| format != PathFormat::Json) {
        return Err(Error::Usage("answers to flows are written as json".to_owned()));
    }
    let lines = read(file)?;
    let outcomes: Vec<Outcome> = lines.par_iter().map(|line| answer(asker, line)).collect();
    deliver(args, PathFormat::Json, |_, _, out| write(&outcomes, out))?;
    Ok(Exit::Clean)
}

fn read(file: &Path) -> Result<Vec<Value>, Error> {
    let (name, bytes) = if file == Path::new("-") {
        let mut bytes = Vec::new();
        let stdin = std::io::stdin().lock().take(BYTES + 1).read_to_end(&mut bytes);
        stdin.map_err(Error::io("read", "standard input"))?;
        ("standard input".to_owned(), bytes)
    } else {
        let name = file.display().to_string();
        let size = fs::metadata(file).map_err(Error::io("read", &name))?.len();
        // what is larger is not read at all
        let bytes = if size > BYTES { None } else { Some(fs::read(file).map_err(Error::io("read", &name))?) };
        (name, bytes.unwrap_or_default())
    };
    if bytes.len() as u64 > BYTES || bytes.is_empty() {
        return Err(Error::Usage(format!("{name} is empty, or larger than {BYTES} bytes\n  help: {HELP}")));
    }
    serde_json::from_slice(&bytes)
        .map_err(|error| Error::Usage(format!("{name} is no list of flows: {error}\n  help: {HELP}")))
}

const HELP: &str = "write a JSON array such as [{\"from\": \"subnet-…\", \"to\": \"10.0.0.1\", \"port\": 443}]";

fn answer(asker: &Asker<'_>, line: &Value) -> Outcome {
    match question(line) {
        Ok(question) => match asker.ask(&question) {
            Ok(reply) => Outcome::Answered(Box::new(reply)),
            Err(error) => Outcome::Refused(error),
        },
        Err(why) => Outcome::Unclear(why),
    }
}

fn question(line: &Value) -> Result<Question, String> {
    let Value::Object(line) = line else { return Err("a flow is an object".to_owned()) };
    Ok(Question {
        from: text(line, "from")?.ok_or("the flow has no `from`")?,
        to: text(line, "to")?.ok_or("the flow has no `to`")?,
        protocol: match line.get("protocol") {
            Some(Value::Number(number)) => number.to_string(),
            _ => text(line, "protocol")?.unwrap_or_default(),
        },
        port: port(line, "port")?,
        source_port: port(line, "source_port")?,
        from_ip: text(line, "from_ip")?,
    })
}

fn text(line: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match line.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{name}` is no text")),
    }
}

fn port(line: &Map<String, Value>, name: &str) -> Result<Option<u16>, String> {
    match line.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let port = value.as_u64().and_then(|port| u16::try_from(port).ok());
            port.map(Some).ok_or_else(|| format!("`{name}` is no number from 0 to 65535"))
        }
    }
}
