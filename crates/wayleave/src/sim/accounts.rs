//! Who may log in, and with which password. None comes with the program.

use super::state_dir::StateDir;
use crate::complaint::{Complaint, read};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The password of users that no file names.
const VARIABLE: &str = "WAYLEAVE_SIM_PASSWORD";
/// The passwords that were made up, in the state folder.
const FILE: &str = "passwords";

#[derive(Debug)]
pub(crate) struct Accounts {
    /// User name to password.
    pub(crate) users: BTreeMap<String, String>,
    /// Where the passwords that were made up are.
    pub(crate) made_up: Option<PathBuf>,
}

impl Accounts {
    /// A password for each user: from the file, from the environment, or made up and kept.
    pub(crate) fn of(
        names: &[String],
        file: Option<&Path>,
        state: &StateDir,
    ) -> Result<Self, Complaint> {
        let given = match file {
            Some(path) => parse(&read(path)?, path)?,
            None => BTreeMap::new(),
        };
        let for_all = std::env::var(VARIABLE).ok().filter(|text| !text.is_empty());
        let known = kept(state)?;
        let (mut users, mut made_up) = (BTreeMap::new(), known.clone());
        for name in names {
            check(name)?;
            let password = given.get(name).cloned().or_else(|| for_all.clone());
            let password = password.unwrap_or_else(|| {
                let fresh = || known.get(name).cloned().unwrap_or_else(lab::secret::password);
                made_up.entry(name.clone()).or_insert_with(fresh).clone()
            });
            users.insert(name.clone(), password);
        }
        let made_up = if made_up.is_empty() { None } else { Some(keep(state, &made_up)?) };
        Ok(Self { users, made_up })
    }
}

fn kept(state: &StateDir) -> Result<BTreeMap<String, String>, Complaint> {
    match state.read(FILE)? {
        Some(text) => parse(&text, &state.join(FILE)),
        None => Ok(BTreeMap::new()),
    }
}

fn keep(state: &StateDir, made_up: &BTreeMap<String, String>) -> Result<PathBuf, Complaint> {
    let lines = made_up.iter().map(|(name, password)| format!("{name}:{password}\n"));
    state.write(FILE, &lines.collect::<String>())
}

fn check(name: &str) -> Result<(), Complaint> {
    if name.is_empty() || name.contains([':', '\n']) {
        let problem = format!("--user {name:?}: a name has at least one character and no colon");
        return Err(Complaint::usage(problem, "choose another name"));
    }
    Ok(())
}

/// One `NAME:PASSWORD` on each line; empty lines and those that start with `#` say nothing.
fn parse(text: &str, path: &Path) -> Result<BTreeMap<String, String>, Complaint> {
    let mut users = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once(':') {
            Some((name, password)) if !name.is_empty() && !password.is_empty() => {
                users.insert(name.to_owned(), password.to_owned());
            }
            _ => {
                let problem = format!("{}:{number}: it is not NAME:PASSWORD", path.display());
                return Err(Complaint::usage(problem, "write one user on each line"));
            }
        }
    }
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_a_file_does_not_give_is_made_up_and_kept() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("users");
        std::fs::write(&file, "# operators\nann:one:two\n\n").unwrap();
        let state = StateDir::open(Some(&place.path().join("state"))).unwrap();
        let names = ["ann".to_owned(), "bob".to_owned()];
        let first = Accounts::of(&names, Some(&file), &state).unwrap();
        assert_eq!(first.users["ann"], "one:two");
        assert!(first.users["bob"].len() >= 32);
        let made_up = first.made_up.unwrap();
        assert_eq!(made_up.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let kept = std::fs::read_to_string(&made_up).unwrap();
        assert_eq!(kept, format!("bob:{}\n", first.users["bob"]));
        let again = Accounts::of(&names, Some(&file), &state).unwrap();
        assert_eq!(again.users, first.users);
    }

    #[test]
    fn a_line_that_is_no_account_is_named() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("users");
        let state = StateDir::open(Some(place.path())).unwrap();
        for (text, line) in [("ann\n", ":1:"), ("ann:x\nbob:\n", ":2:"), (":x\n", ":1:")] {
            std::fs::write(&file, text).unwrap();
            let complaint = Accounts::of(&["ann".to_owned()], Some(&file), &state).unwrap_err();
            assert!(complaint.problem.contains(line), "{complaint:?}");
        }
        assert!(Accounts::of(&["a:b".to_owned()], None, &state).is_err());
    }
}
