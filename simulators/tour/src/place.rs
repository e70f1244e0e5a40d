//! Where a lab keeps its files, and where the last one that was started can be found.

use lab::control::Ready;
use lab::folder::{Folder, FolderError};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The line that `lab up` prints, in the lab's folder.
const READY: &str = "lab.json";

#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    #[error("no temporary folder can be made: {0}")]
    Temporary(std::io::Error),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("no lab is known: {} cannot be read: {source}", path.display())]
    Unknown { path: PathBuf, source: std::io::Error },
    #[error("{} is not what `lab up` writes: {source}", path.display())]
    Content { path: PathBuf, source: serde_json::Error },
    #[error("neither XDG_STATE_HOME nor HOME says where labs are remembered")]
    Homeless,
}

/// A lab's folder; a temporary one goes when this does.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) folder: Folder,
    _temporary: Option<TempDir>,
}

impl Place {
    pub(crate) fn of(data: Option<&Path>) -> Result<Self, PlaceError> {
        match data {
            Some(data) => Ok(Self { folder: Folder::create(data)?, _temporary: None }),
            None => Self::temporary(),
        }
    }

    pub(crate) fn temporary() -> Result<Self, PlaceError> {
        let temporary = tempfile::Builder::new().prefix("wayleave-lab-").tempdir();
        let temporary = temporary.map_err(PlaceError::Temporary)?;
        Ok(Self { folder: Folder::create(temporary.path())?, _temporary: Some(temporary) })
    }
}

/// A note of where a lab listens; it is taken away when this is dropped.
#[derive(Debug)]
pub(crate) struct Notes(Vec<(PathBuf, String)>);

impl Notes {
    /// In the lab's folder, and where `trace` looks without being told.
    pub(crate) fn leave(folder: &Folder, ready: &Ready) -> Result<Self, PlaceError> {
        let text = serde_json::to_string_pretty(ready).expect("a Ready has only text in it");
        let mut notes = vec![(folder.write(READY, &text)?, text.clone())];
        if let Ok(known) = known() {
            notes.push((Folder::create(&known)?.write(READY, &text)?, text));
        }
        Ok(Self(notes))
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        for (path, text) in &self.0 {
            // A lab that was started later has left its own note there.
            if std::fs::read_to_string(path).is_ok_and(|now| now == *text) {
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

/// The note of the lab in a folder, or of the last one that was started.
pub(crate) fn find(data: Option<&Path>) -> Result<Ready, PlaceError> {
    let path = data.map_or_else(known, |data| Ok(data.to_owned()))?.join(READY);
    let text = std::fs::read_to_string(&path)
        .map_err(|source| PlaceError::Unknown { path: path.clone(), source })?;
    serde_json::from_str(&text).map_err(|source| PlaceError::Content { path, source })
}

/// As the XDG base directory specification has it: state that outlives the program.
fn known() -> Result<PathBuf, PlaceError> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let state = variable("XDG_STATE_HOME").map(PathBuf::from);
    let state =
        state.or_else(|| variable("HOME").map(|home| Path::new(&home).join(".local/state")));
    state.map(|state| state.join("wayleave")).ok_or(PlaceError::Homeless)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(control: &str) -> Ready {
        Ready {
            ready: true,
            grpc: "127.0.0.1:1".to_owned(),
            control: control.to_owned(),
            data: String::new(),
            devices: Vec::new(),
            vims: Vec::new(),
        }
    }

    fn note(folder: &Folder, ready: &Ready) -> Notes {
        let text = serde_json::to_string(ready).unwrap();
        Notes(vec![(folder.write(READY, &text).unwrap(), text)])
    }

    #[test]
    fn a_lab_is_found_by_its_folder_until_it_ends() {
        let place = Place::temporary().unwrap();
        let data = Some(place.folder.path());
        let notes = note(&place.folder, &ready("http://a"));
        assert_eq!(find(data).unwrap(), ready("http://a"));
        drop(notes);
        assert!(find(data).unwrap_err().to_string().starts_with("no lab is known"));
    }

    #[test]
    fn the_note_of_a_later_lab_stays() {
        let place = Place::temporary().unwrap();
        let first = note(&place.folder, &ready("http://a"));
        let _second = note(&place.folder, &ready("http://b"));
        drop(first);
        assert_eq!(find(Some(place.folder.path())).unwrap(), ready("http://b"));
    }
}
