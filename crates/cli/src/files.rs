//! Files of the person who types: read with a bound, before anything is sent.

use crate::failure::Failure;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Files that one folder may give; more is a folder that was not meant.
const FILES_MAX: usize = 2000;
/// How deep folders are looked into.
const DEPTH_MAX: usize = 16;

/// A file's name as it was given, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) name: String,
    pub(crate) content: String,
}

/// Reads a file, or standard input for `-`; never more than `limit` bytes of it.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Text, Failure> {
    let name = if is_stdin(path) { "<stdin>".to_owned() } else { path.display().to_string() };
    let bytes = if is_stdin(path) {
        bounded(std::io::stdin().lock(), limit)
    } else {
        std::fs::File::open(path).and_then(|file| bounded(file, limit))
    };
    let bytes = bytes.map_err(|error| unreadable(&name, &error))?;
    if bytes.len() > limit {
        return Err(too_large(&name, size(path), limit));
    }
    let content = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message = format!("{name} is not text: byte {at} is not UTF-8");
        Failure::file(message, "give a YAML or JSON file, encoded in UTF-8")
    })?;
    Ok(Text { name, content })
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// One byte more than the limit, so that the caller sees that it is too long.
fn bounded(reader: impl Read, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn size(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|data| data.len())
}

fn too_large(name: &str, size: Option<u64>, limit: usize) -> Failure {
    let size = size.map_or("more".to_owned(), |size| format!("{size} bytes, more"));
    let mebibytes = limit / (1024 * 1024);
    Failure::file(
        format!("{name} has {size} than {mebibytes} MiB ({limit} bytes)"),
        "split it; nothing was sent",
    )
}

fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    let next = match error.kind() {
        std::io::ErrorKind::NotFound => "compare the name with what is in the folder",
        std::io::ErrorKind::PermissionDenied => "give yourself the right to read it",
        _ => "",
    };
    Failure::file(format!("{name} cannot be read: {}", plain(error)), next)
}

/// Without the number that the standard library adds.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// The files that are meant: each path, and for a folder what it holds of YAML and JSON, by name.
pub(crate) fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            folder(path, 0, &mut files)?;
            if files.len() == before {
                let message = format!("{} holds no .yaml, .yml or .json file", path.display());
                return Err(Failure::file(message, "give the folder that has them"));
            }
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn folder(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|error| unreadable(&path.display().to_string(), &error))?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        // A link may lead back up; the bound on the depth ends that.
        if path.is_dir() && depth < DEPTH_MAX {
            folder(&path, depth + 1, files)?;
        } else if is_descriptor(&path) {
            files.push(path);
        }
        if files.len() > FILES_MAX {
            let message = format!("there are more than {FILES_MAX} files");
            return Err(Failure::file(message, "give a smaller folder, or the files by name"));
        }
    }
    Ok(())
}

fn is_descriptor(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    path.is_file() && ["yaml", "yml", "json"].contains(&extension.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_limit_is_read() {
        struct Endless;
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                buffer.fill(b'x');
                Ok(buffer.len())
            }
        }
        assert_eq!(bounded(Endless, 1000).unwrap().len(), 1001);
    }

    #[test]
    fn a_large_file_is_refused_with_its_size_and_without_being_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge.yaml");
        // Sparse: the size is there, the bytes are not.
        std::fs::File::create(&path).unwrap().set_len(100 * 1024 * 1024).unwrap();
        let failure = read(&path, 4 * 1024 * 1024).unwrap_err();
        assert!(failure.message.contains("104857600 bytes, more than 4 MiB"), "{failure:?}");
    }

    #[test]
    fn a_folder_gives_its_descriptors_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.yml", "a.json", "readme.md", "sub/c.yaml"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let found = expand(&[folder.path().to_owned()]).unwrap();
        let names: Vec<_> =
            found.iter().map(|p| p.strip_prefix(folder.path()).unwrap().to_owned()).collect();
        assert_eq!(names, ["a.json", "b.yml", "sub/c.yaml"].map(PathBuf::from));
    }

    #[test]
    fn bytes_that_are_not_text_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.yaml");
        std::fs::write(&path, [b'a', 0xff]).unwrap();
        assert!(read(&path, 100).unwrap_err().message.contains("byte 1 is not UTF-8"));
    }
}
