//! A Python that has what the live tests talk to: the machine's own, if it has the pinned
//! versions, else a virtual environment under `target/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder of the Python scripts.
pub(crate) fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live")
}

/// The interpreter, with everything in `tests/live/requirements.txt`.
pub(crate) fn python() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live-venv");
        let own = venv.join("bin/python");
        let has = |python: &Path| missing(python).is_some_and(|missing| missing.is_empty());
        if let Some(python) = [PathBuf::from("python3"), own.clone()].into_iter().find(|python| has(python)) {
            return python;
        }
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
        let requirements = scripts().join("requirements.txt");
        run(Command::new(&own)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(requirements));
        assert_eq!(missing(&own), Some(Vec::new()), "the requirements were installed and are not there");
        own
    })
}

/// Requirements that `python` lacks or has in another version; none if it does not run.
fn missing(python: &Path) -> Option<Vec<String>> {
    let pins = fs::read_to_string(scripts().join("requirements.txt")).unwrap();
    let pins: Vec<&str> = pins.lines().filter(|line| line.contains("==")).collect();
    let script = "import sys\nfrom importlib.metadata import version\n\
        def has(pin):\n    name, _, wanted = pin.partition('==')\n    try: return version(name.partition('[')[0]) == wanted\n    except Exception: return False\n\
        print('\\n'.join(pin for pin in sys.argv[1:] if not has(pin)))";
    let output = Command::new(python).args(["-c", script]).args(pins).output().ok()?;
    let text = String::from_utf8(output.stdout).unwrap();
    output.status.success().then(|| text.split_whitespace().map(str::to_owned).collect())
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
