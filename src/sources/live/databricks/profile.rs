//! `~/.databrickscfg`: sections of `key = value`. Input: its text. Output: the profiles, or the
//! line that cannot be read; never what stands in the line, which may be a secret.

use std::collections::BTreeMap;

use super::secret::Secret;

/// The section that is no profile.
const SETTINGS: &str = "__settings__";
/// The profile that is read when none is named.
const DEFAULT: &str = "DEFAULT";
/// More than anybody writes by hand.
pub(super) const LARGEST: usize = 1 << 20;

/// A profile: values by lower-case key.
pub(super) type Profile = BTreeMap<String, Secret>;

/// The profiles of a file.
#[derive(Debug, Default)]
pub(super) struct Profiles(BTreeMap<String, Profile>);

impl Profiles {
    /// Reads the text of a file.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        if text.len() > LARGEST {
            return Err(format!("the file is larger than {LARGEST} bytes"));
        }
        let mut profiles = Self::default();
        let mut section: Option<String> = None;
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(rest) = line.strip_prefix('[') {
                let name = rest.split_once(']').map(|(name, _)| name.trim()).filter(|name| !name.is_empty());
                let name = name.ok_or_else(|| format!("line {number}: expected `[profile]`"))?.to_owned();
                if profiles.0.insert(name.clone(), Profile::new()).is_some() {
                    return Err(format!("line {number}: profile {name} is there twice"));
                }
                section = Some(name);
                continue;
            }
            let (key, value) =
                line.split_once(['=', ':']).ok_or_else(|| format!("line {number}: expected `key = value`"))?;
            let profile = section.as_ref().and_then(|name| profiles.0.get_mut(name));
            let profile = profile.ok_or_else(|| format!("line {number}: expected `[profile]` before the first key"))?;
            let key = key.trim().to_lowercase();
            if profile.insert(key, Secret::new(value.trim())).is_some() {
                return Err(format!("line {number}: its key is there twice in the same profile"));
            }
        }
        Ok(profiles)
    }

    /// The profile of that name; without one, the default that the settings section names, then
    /// `DEFAULT`, which may be missing. No profile inherits from another. Says the name too, where
    /// it was chosen by somebody.
    pub(super) fn choose(mut self, name: Option<&str>) -> Result<(Option<String>, Profile), String> {
        let settings = self.0.remove(SETTINGS).unwrap_or_default();
        let preset = settings.get("default_profile").map(Secret::reveal).filter(|name| !name.is_empty());
        let Some(name) = name.or(preset) else {
            return Ok((None, self.0.remove(DEFAULT).unwrap_or_default()));
        };
        if name == SETTINGS {
            return Err(format!("{SETTINGS} is a reserved section name and cannot be used as a profile"));
        }
        let profile = self.0.remove(name).filter(|profile| name != DEFAULT || !profile.is_empty());
        match profile {
            Some(profile) => Ok((Some(name.to_owned()), profile)),
            None => Err(format!("has no {name} profile configured")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, Profiles, SETTINGS};

    const FILE: &str = "\u{feff}; people\n[DEFAULT]\nhost = https://one\n\n[acct]\n# admins\nHOST: https://accounts\n  token = a=b:c # d\r\n[__settings__]\ndefault_profile = acct\n";

    #[test]
    fn a_named_profile_wins_over_the_preset_one() {
        let read = || Profiles::read(FILE).unwrap();
        let (name, acct) = read().choose(None).unwrap();
        assert_eq!(name.as_deref(), Some("acct"));
        assert_eq!(acct["host"].reveal(), "https://accounts");
        assert_eq!(acct["token"].reveal(), "a=b:c # d");
        let (name, default) = read().choose(Some("DEFAULT")).unwrap();
        assert_eq!((name.as_deref(), default["host"].reveal()), (Some("DEFAULT"), "https://one"));
        assert!(!default.contains_key("token"), "nothing is inherited");
        assert_eq!(read().choose(Some("prod")).unwrap_err(), "has no prod profile configured");
        assert!(read().choose(Some(SETTINGS)).unwrap_err().contains("reserved"));
        let (name, none) = Profiles::read("[other]\nhost=x").unwrap().choose(None).unwrap();
        assert!(name.is_none() && none.is_empty());
    }

    #[test]
    fn a_broken_file_is_told_by_its_line_and_not_by_its_words() {
        for (text, error) in [
            ("host = x", "line 1: expected `[profile]` before the first key"),
            ("[a]\ndapi0", "line 2: expected `key = value`"),
            ("[a\n", "line 1: expected `[profile]`"),
            ("[]", "line 1: expected `[profile]`"),
            ("[a]\n[b]\n[a]", "line 3: profile a is there twice"),
            ("[a]\ntoken=1\nToken=2", "line 3: its key is there twice in the same profile"),
        ] {
            assert_eq!(Profiles::read(text).unwrap_err(), error, "{text}");
        }
        assert!(Profiles::read(&"#".repeat(LARGEST + 1)).is_err());
    }
}
