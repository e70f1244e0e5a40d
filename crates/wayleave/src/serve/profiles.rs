//! The device profiles: the bundled ones, and those of a folder.

use crate::complaint::{Complaint, read};
use device_config::Profile;
use device_config::profile::openconfig;
use model::ProfileName;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// All of them, or all of their mistakes at once.
pub(super) fn load(
    folder: Option<&Path>,
) -> Result<BTreeMap<ProfileName, Arc<Profile>>, Complaint> {
    let bundled = openconfig();
    let schema = Arc::clone(bundled.schema());
    let mut profiles = BTreeMap::from([(bundled.name().clone(), bundled)]);
    let mut mistakes = Vec::new();
    for file in folder.map(yaml_files).transpose()?.unwrap_or_default() {
        let name = file.display().to_string();
        match Profile::load(&name, &read(&file)?, Arc::clone(&schema)) {
            Ok(profile) if profiles.contains_key(profile.name()) => {
                mistakes.push(format!("{name}: there is a profile {} already", profile.name()));
            }
            Ok(profile) => drop(profiles.insert(profile.name().clone(), Arc::new(profile))),
            Err(errors) => mistakes.extend(errors.iter().map(ToString::to_string)),
        }
    }
    if mistakes.is_empty() {
        return Ok(profiles);
    }
    Err(Complaint::usage(mistakes.join("\n       "), "mend the profiles; no device was touched"))
}

fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, Complaint> {
    let bad = |error: std::io::Error| {
        let problem = format!("--profiles {}: {error}", folder.display());
        Complaint::usage(problem, "name a folder that can be read")
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(bad)? {
        let path = entry.map_err(bad)?.path();
        if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use device_config::profile::OPENCONFIG;

    #[test]
    fn a_folder_adds_to_what_is_bundled() {
        let place = tempfile::tempdir().unwrap();
        let other = OPENCONFIG.replacen("profile: openconfig", "profile: other", 1);
        std::fs::write(place.path().join("other.yaml"), &other).unwrap();
        let loaded = load(Some(place.path())).unwrap();
        let names: Vec<&str> = loaded.keys().map(ProfileName::as_str).collect();
        assert_eq!(names, ["openconfig", "other"]);
    }

    #[test]
    fn every_mistake_has_its_file_and_line() {
        let place = tempfile::tempdir().unwrap();
        let broken = OPENCONFIG.replacen("profile: openconfig", "profile: other", 1);
        let broken = broken.replace("config/description", "config/descriptoin");
        std::fs::write(place.path().join("a.yaml"), &broken).unwrap();
        std::fs::write(place.path().join("b.yml"), OPENCONFIG).unwrap();
        std::fs::write(place.path().join("notes.txt"), "not a profile").unwrap();
        let complaint = load(Some(place.path())).unwrap_err();
        let lines: Vec<&str> = complaint.problem.lines().map(str::trim).collect();
        assert!(lines.len() >= 2, "{lines:#?}");
        let placed = |line: &&str| {
            let number = line.split("a.yaml:").nth(1).and_then(|rest| rest.split(':').next());
            number.is_some_and(|number| number.parse::<u64>().is_ok_and(|number| number > 1))
        };
        assert!(lines.iter().any(|line| placed(line) && line.contains("descriptoin")), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("b.yml") && line.contains("already")));
    }
}
