//! `plaudit path`: words → questions → engine → reports → exit code.

mod flows;

use std::io;

use anstream::AutoStream;

use super::{Error, say, stdout, write_whole};
use crate::cli::{Expect, PathArgs, PathFormat};
use crate::exit::Exit;
use crate::hint::nearest;
use crate::reach::question::{Asker, Question, QuestionError, Reply, Side};
use crate::reach::{Verdict, World};
use crate::report::escape;
use crate::report::path as report;
use crate::report::text::Styles;
use crate::sources;

pub(super) fn run(args: &PathArgs) -> Result<Exit, Error> {
    let estate = sources::read(&args.evidence)?;
    let world = World::of(&estate);
    let asker = Asker::new(&world);
    if let Some(file) = &args.flows {
        return flows::run(args, file, &asker);
    }
    let from = args.from.clone().unwrap_or_default();
    if args.reachable {
        return reachable(args, &asker, &from);
    }
    let question = Question {
        from,
        to: args.to.clone().unwrap_or_default(),
        protocol: args.protocol.clone(),
        port: args.port,
        source_port: args.source_port,
        from_ip: args.from_ip.clone(),
    };
    let reply = asker.ask(&question).map_err(|error| refused(&asker, &error))?;
    let printed = deliver(args, PathFormat::Text, |format, options, out| match format {
        PathFormat::Text => report::text::write(&reply, &estate, options, out),
        PathFormat::Json => report::json::write(&reply, &estate, out),
        PathFormat::Dot => report::dot::write(&reply, out),
        PathFormat::Svg => report::svg::write(&reply, out),
    })?;
    if printed != Some(PathFormat::Text) {
        say(&report::headline(&reply));
    }
    Ok(exit(args, &reply))
}

/// Everything that the source reaches.
fn reachable(args: &PathArgs, asker: &Asker<'_>, from: &str) -> Result<Exit, Error> {
    refuse_drawings(args, "what a source reaches is a list: write it as text or json")?;
    let sphere = asker.reachable(from, args.from_ip.as_deref()).map_err(|error| refused(asker, &error))?;
    let sphere = report::reach::Spheres { from, spheres: &sphere.0, notes: &sphere.1 };
    deliver(args, PathFormat::Text, |format, options, out| match format {
        PathFormat::Json => report::reach::write_json(&sphere, out),
        _ => report::reach::write_text(&sphere, options, out),
    })?;
    Ok(Exit::Clean)
}

fn refuse_drawings(args: &PathArgs, why: &str) -> Result<(), Error> {
    let asked = args.output.iter().map(|(format, _)| *format).chain(args.format);
    let mut drawings = asked.filter(|format| matches!(format, PathFormat::Dot | PathFormat::Svg));
    drawings.next().map_or(Ok(()), |_| Err(Error::Usage(why.to_owned())))
}

/// Writes the files, and the format that standard output is to have; says which that was.
fn deliver(
    args: &PathArgs,
    default: PathFormat,
    write: impl Fn(PathFormat, &report::text::Options, &mut Vec<u8>) -> io::Result<()>,
) -> Result<Option<PathFormat>, Error> {
    let render = |format, colour| {
        let styles = if colour { Styles::coloured() } else { Styles::default() };
        let mut bytes = Vec::new();
        write(format, &report::text::Options { width: 100, styles, ascii: args.ascii }, &mut bytes)
            .map_err(Error::io("write", "the report"))?;
        Ok::<_, Error>(bytes)
    };
    for (format, path) in &args.output {
        write_whole(path, &render(*format, false)?)?;
    }
    let format = args.format.or_else(|| args.output.is_empty().then_some(default));
    if let Some(format) = format {
        let colour = AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        stdout(&render(format, colour)?)?;
    }
    Ok(format)
}

/// A question that cannot be asked, with what may have been meant.
fn refused(asker: &Asker<'_>, error: &QuestionError) -> Error {
    let mut text = escape::line(&error.to_string()).into_owned();
    let mut help = |line: &str| {
        text.push_str("\n  help: ");
        text.push_str(&escape::line(line));
    };
    match error {
        QuestionError::Nothing { side, word } => {
            if let Some(near) = nearest(word, asker.candidates(*side)) {
                help(&format!("did you mean `{near}`?"));
            }
            help(&kinds(*side));
        }
        QuestionError::Several { .. } => help("say its id"),
        QuestionError::Unusable { side, .. } => help(&kinds(*side)),
        QuestionError::Protocol(_) | QuestionError::Address(_) | QuestionError::Elsewhere { .. } => {}
    }
    Error::Usage(text)
}

fn kinds(side: Side) -> String {
    format!("a {} is {}", side.word(), side.kinds())
}

fn exit(args: &PathArgs, reply: &Reply) -> Exit {
    let expected = match args.expect {
        Some(Expect::Unreachable) => Verdict::Unreachable,
        Some(Expect::Reachable) | None => Verdict::Reachable,
    };
    let met = match args.expect {
        Some(_) => reply.meets(expected),
        None => (reply.verdict != Verdict::Unknown).then_some(reply.verdict == Verdict::Reachable),
    };
    match met {
        Some(true) => Exit::Clean,
        Some(false) => Exit::Failed,
        None => Exit::Unknown,
    }
}
