//! Paths as clients write them.

use std::path::Path;

use crate::{error::TreeError, quoted::Quoted};

/// A path below the root, written with single forward slashes.
///
/// The empty path is the root itself. No component is empty, `.`, `..`, `.git`
/// or a database, so joining one to the root cannot leave it except through a link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RelativePath(String);

/// Whether a name is one of SQLite's. A process that has such a database open must not open the file in another way: closing it
/// takes away the locks of the whole process, and with them what keeps the database in one piece (SQLite, "How To Corrupt", 2.2).
fn is_database(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = ["-wal", "-shm", "-journal"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    [".db", ".sqlite", ".sqlite3"].iter().any(|end| name.ends_with(end))
}

impl RelativePath {
    /// Reads a path from a client.
    ///
    /// `.` components are dropped and one trailing slash is allowed, because
    /// models write `./src/` and mean `src`.
    ///
    /// # Errors
    /// [`TreeError::Outside`], [`TreeError::Malformed`] or
    /// [`TreeError::GitInternals`], before the file system is touched.
    pub(crate) fn parse(text: &str) -> Result<Self, TreeError> {
        if let Some(problem) = malformation(text) {
            return Err(TreeError::Malformed { path: Quoted::new(text), problem });
        }
        if climbs_out(text) {
            return Err(TreeError::Outside(Quoted::new(text)));
        }
        let mut components = Vec::new();
        for component in text.strip_suffix('/').unwrap_or(text).split('/') {
            match component {
                "." => {}
                "" if text.is_empty() => {}
                "" => {
                    return Err(malformed(text, "has an empty component; write single slashes"));
                }
                ".." => {
                    return Err(malformed(text, "has a `..` in it; write the path without it"));
                }
                git if git.eq_ignore_ascii_case(".git") => {
                    return Err(TreeError::GitInternals(Quoted::new(text)));
                }
                name if is_database(name) => return Err(TreeError::Database(Quoted::new(text))),
                name => components.push(name),
            }
        }
        Ok(Self(components.join("/")))
    }

    /// The root itself.
    pub(crate) fn root() -> Self {
        Self(String::new())
    }

    /// Something in this directory, if its name is one a client could send.
    pub(crate) fn child(&self, name: &str) -> Option<Self> {
        let name = Self::parse(name).ok().filter(|child| child.components().eq([name]))?;
        Some(if self.is_root() { name } else { Self(format!("{}/{}", self.0, name.0)) })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_path(&self) -> &Path {
        Path::new(&self.0)
    }

    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The names along the path, outermost first; none for the root.
    pub(crate) fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|name| !name.is_empty())
    }
}

fn malformed(text: &str, problem: &'static str) -> TreeError {
    TreeError::Malformed { path: Quoted::new(text), problem }
}

/// What is wrong with the text as a whole, on any operating system.
fn malformation(text: &str) -> Option<&'static str> {
    let drive = matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if text.contains('\0') {
        Some("has a NUL in it; no file has such a name")
    } else if text.starts_with('/') {
        Some("is absolute; write it relative to the root of the tree, like `src/lib.rs`")
    } else if drive || text.contains('\\') {
        Some("looks like a Windows path; write it relative to the root, with forward slashes")
    } else {
        None
    }
}

/// Whether the `..`s in the text climb above where it starts.
fn climbs_out(text: &str) -> bool {
    let mut depth = 0_i64;
    text.split('/').any(|component| {
        depth += match component {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        depth < 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_are_normalised() {
        let cases = [
            ("", ""),
            (".", ""),
            ("./", ""),
            ("a", "a"),
            ("a/b.rs", "a/b.rs"),
            ("./a/./b/", "a/b"),
            ("...", "..."),
            (".gitignore", ".gitignore"),
            (".github/x", ".github/x"),
            ("ab:c", "ab:c"),
        ];
        for (text, normal) in cases {
            assert_eq!(RelativePath::parse(text).expect(text).as_str(), normal, "{text}");
        }
    }

    #[test]
    fn other_paths_are_refused_with_advice() {
        let cases = [
            ("..", "`..` leaves the source tree; paths are relative to its root"),
            ("../etc/passwd", "`../etc/passwd` leaves the source tree; paths are relative to its root"),
            ("a/../../x", "`a/../../x` leaves the source tree; paths are relative to its root"),
            ("./..", "`./..` leaves the source tree; paths are relative to its root"),
            ("a/../b", "`a/../b` has a `..` in it; write the path without it"),
            ("a/..", "`a/..` has a `..` in it; write the path without it"),
            ("a//b", "`a//b` has an empty component; write single slashes"),
            ("a//", "`a//` has an empty component; write single slashes"),
            ("a\0b", "`a\\u{0}b` has a NUL in it; no file has such a name"),
            ("/etc/passwd", "`/etc/passwd` is absolute; write it relative to the root of the tree, like `src/lib.rs`"),
            ("/", "`/` is absolute; write it relative to the root of the tree, like `src/lib.rs`"),
            (".git", "`.git` is part of `.git`, which is not served; read the files of the tree instead"),
            ("sub/.GIT/config", "`sub/.GIT/config` is part of `.git`, which is not served; read the files of the tree instead"),
        ];
        for (text, message) in cases {
            assert_eq!(RelativePath::parse(text).expect_err(text).to_string(), message);
        }
        for windows in ["C:\\x", "c:x", "C:/x", "\\\\server\\share", "\\\\?\\C:\\x", "..\\x", "a\\b"] {
            let error = RelativePath::parse(windows).expect_err(windows).to_string();
            assert!(error.contains("looks like a Windows path"), "{windows}: {error}");
        }
    }
}
