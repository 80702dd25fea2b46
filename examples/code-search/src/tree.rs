//! The source tree and the paths that lead into it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{error::TreeError, path::RelativePath, quoted::Quoted};

/// A directory whose files may be read, and nothing outside it.
///
/// The root is made canonical once, when the tree is opened. After that a path
/// is refused when any step of it lands outside the root, and a file is opened
/// without following links, so neither a link in the tree nor one that appears
/// while a request is answered leads out. What is already inside counts as
/// inside: hard links and mount points are not told apart from other files.
///
/// Any file in the tree may be read by its exact path, ignored and hidden ones
/// too; only `.git` and databases are closed.
#[derive(Debug, Clone)]
pub struct SourceTree {
    root: PathBuf,
}

/// A path that existed inside the tree when it was asked for.
///
/// Links have been followed, so it may be written differently from the path it
/// came from.
#[derive(Debug, Clone)]
pub struct Resolved {
    path: RelativePath,
    is_dir: bool,
}

impl SourceTree {
    /// Opens the tree below `path`.
    ///
    /// # Errors
    /// [`TreeError::NoRoot`] unless `path` is a directory.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, TreeError> {
        let path = path.as_ref();
        let no_root = |source| TreeError::NoRoot { path: Quoted::new(&path.to_string_lossy()), source };
        let root = fs::canonicalize(path).map_err(|error| no_root(Some(error)))?;
        if !root.is_dir() {
            return Err(no_root(None));
        }
        Ok(Self { root })
    }

    /// The canonical path of the root; for the operator, never for a client.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Finds what a client's path leads to.
    ///
    /// Both `""` and `"."` are the root. Each component is resolved and checked
    /// before the next one is looked at, so a path that leaves the root says so
    /// and never tells whether something exists out there.
    ///
    /// # Errors
    /// [`TreeError::Outside`] if the path or a link on it leaves the root, and
    /// otherwise whatever kept it from leading to a file or directory.
    pub fn resolve(&self, relative: &str) -> Result<Resolved, TreeError> {
        let mut place = self.root.clone();
        for component in RelativePath::parse(relative)?.components() {
            place = self.step(&place.join(component), relative)?;
        }
        let metadata = fs::symlink_metadata(&place).map_err(|e| TreeError::from_io(relative, e))?;
        Ok(Resolved { path: self.relative(&place, relative)?, is_dir: metadata.is_dir() })
    }

    /// Follows one step, links included, and refuses it if it ends outside.
    fn step(&self, next: &Path, asked: &str) -> Result<PathBuf, TreeError> {
        let place = fs::canonicalize(next).map_err(|error| TreeError::from_io(asked, error))?;
        if place.starts_with(&self.root) { Ok(place) } else { Err(TreeError::Outside(Quoted::new(asked))) }
    }

    /// The path below the root, checked again because a link may lead into `.git`.
    fn relative(&self, place: &Path, asked: &str) -> Result<RelativePath, TreeError> {
        let below = place.strip_prefix(&self.root).map_err(|_| TreeError::Outside(Quoted::new(asked)))?;
        let text = below.to_str().ok_or_else(|| TreeError::Malformed {
            path: Quoted::new(asked),
            problem: "leads to a name that is not UTF-8; use another path",
        })?;
        RelativePath::parse(text)
    }
}

impl Resolved {
    /// The path below the root, with forward slashes; empty for the root.
    pub fn as_str(&self) -> &str {
        self.path.as_str()
    }

    /// Whether a directory was found there.
    pub fn is_dir(&self) -> bool {
        self.is_dir
    }

    pub(crate) fn path(&self) -> &RelativePath {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use crate::{
        fixture::Fixture,
        open::{Limit, load},
    };

    use super::*;

    const LIMIT: Limit = Limit { bytes: 5, instead: "read less" };

    fn read(tree: &SourceTree, path: &str) -> Result<String, TreeError> {
        let mut contents = Vec::new();
        load(tree.root(), tree.resolve(path)?.path(), LIMIT, &mut contents)?;
        Ok(String::from_utf8(contents).expect("fixtures are text"))
    }

    /// A tree with every kind of thing in it, and a secret beside it.
    fn fixture() -> Fixture {
        let fixture = Fixture::new(&[
            ("a/b.rs", "b"),
            ("empty", ""),
            ("long", "123456"),
            (".gitignore", "skip"),
            ("skip", "s"),
            (".git/config", "git"),
            ("auth.db-wal", "wal"),
            ("sub/.git", "gitdir"),
        ]);
        fs::write(fixture.outside("secret"), "!").expect("it can be written");
        fs::create_dir(fixture.outside("root-2")).expect("it is new");
        fs::write(fixture.outside("root-2/x"), "!").expect("it can be written");
        let links: &[(&str, PathBuf)] = &[
            ("in", "a/b.rs".into()),
            ("in-dir", "a".into()),
            ("in-absolute", fixture.tree.root().join("a/b.rs")),
            ("round-trip", "../root/a/b.rs".into()),
            ("out", fixture.outside("secret")),
            ("out-relative", "../secret".into()),
            ("out-dir", "..".into()),
            ("out-sibling", "../root-2".into()),
            ("out-via-link", "out-dir/secret".into()),
            ("loop", "loop".into()),
            ("loop-a", "loop-b".into()),
            ("loop-b", "loop-a".into()),
            ("dangling", "nowhere".into()),
            ("to-git", ".git".into()),
        ];
        for (path, target) in links {
            fixture.link(path, target);
        }
        mknodat(CWD, fixture.tree.root().join("pipe"), FileType::Fifo, Mode::RWXU, 0).expect("a pipe");
        fixture.link("to-pipe", "pipe");
        UnixListener::bind(fixture.tree.root().join("socket")).expect("a socket can be bound");
        fixture
    }

    #[test]
    fn paths_inside_are_read_however_they_are_written() {
        let fixture = fixture();
        for (path, contents) in [
            ("a/b.rs", "b"),
            ("./a/./b.rs", "b"),
            ("empty", ""),
            ("in", "b"),
            ("in-dir/b.rs", "b"),
            ("in-absolute", "b"),
            ("round-trip", "b"),
            (".gitignore", "skip"),
            ("skip", "s"),
        ] {
            assert_eq!(read(&fixture.tree, path).expect(path), contents, "{path}");
        }
        let cases = [("", "", true), (".", "", true), ("in-dir/", "a", true), ("in-dir/b.rs", "a/b.rs", false)];
        for (path, shown, is_dir) in cases {
            let resolved = fixture.tree.resolve(path).expect(path);
            assert_eq!((resolved.as_str(), resolved.is_dir()), (shown, is_dir), "{path}");
        }
    }

    #[test]
    fn nothing_else_is() {
        let fixture = fixture();
        for (path, complaint) in [
            ("../secret", "leaves the source tree"),
            ("auth.db-wal", "is a database"),
            ("no.such.SQLite3", "is a database"),
            ("a/../../secret", "leaves the source tree"),
            ("a/../a/b.rs", "has a `..` in it"),
            ("/etc/passwd", "is absolute"),
            ("out", "leaves the source tree"),
            ("out-relative", "leaves the source tree"),
            ("out-dir", "leaves the source tree"),
            ("out-dir/secret", "leaves the source tree"),
            ("out-dir/no-such-file", "leaves the source tree"),
            // Back inside in the end, but only by way of what is outside.
            ("out-dir/root/a/b.rs", "leaves the source tree"),
            ("out-sibling/x", "leaves the source tree"),
            ("out-via-link", "leaves the source tree"),
            ("loop", "leads nowhere"),
            ("loop-a", "leads nowhere"),
            ("loop/x", "leads nowhere"),
            ("dangling", "does not exist"),
            ("nothing", "does not exist"),
            ("a/nothing/x", "does not exist"),
            ("a/b.rs/c", "goes through a file"),
            ("in/c", "goes through a file"),
            ("pipe", "pipe, socket or device"),
            ("to-pipe", "pipe, socket or device"),
            ("pipe/x", "goes through a file"),
            ("socket", "pipe, socket or device"),
            ("a", "is a directory"),
            ("", "is a directory"),
            (".git/config", "part of `.git`"),
            ("to-git/config", "part of `.git`"),
            ("to-git", "part of `.git`"),
            ("sub/.git", "part of `.git`"),
            ("long", "`long` has 6 bytes, over the limit of 5; read less"),
            (&"x".repeat(5_000), "could not be read"),
        ] {
            let error = read(&fixture.tree, path).expect_err(path).to_string();
            assert!(error.contains(complaint), "{path}: {error}");
            let beside = fixture.outside("").to_string_lossy().into_owned();
            assert!(!error.contains(&beside), "{error} tells where the tree is");
        }
    }

    #[test]
    fn a_path_that_changes_after_it_was_resolved_is_refused() {
        let fixture = fixture();
        let root = fixture.tree.root();
        let (file, nested) = ("long", "a/b.rs");
        let resolve = |path| fixture.tree.resolve(path).expect("it exists");
        let (resolved_file, resolved_nested) = (resolve(file), resolve(nested));

        fs::remove_file(root.join(file)).expect("it exists");
        fixture.link(file, "../secret");
        fs::rename(root.join("a"), root.join("was-a")).expect("it exists");
        fs::write(fixture.outside("b.rs"), "!").expect("it can be written");
        fixture.link("a", "..");

        for resolved in [resolved_file, resolved_nested] {
            let mut contents = Vec::new();
            let error = load(root, resolved.path(), LIMIT, &mut contents);
            assert!(error.is_err() && contents.is_empty(), "{resolved:?}");
        }
    }

    #[test]
    fn only_a_directory_can_be_opened() {
        let fixture = fixture();
        for path in ["long", "nothing", "pipe"] {
            let error = SourceTree::open(fixture.tree.root().join(path)).expect_err(path).to_string();
            assert!(error.contains("name the source tree to serve in CODE_SEARCH_ROOT"), "{error}");
        }
        assert!(SourceTree::open(fixture.tree.root().join("in-dir")).is_ok());
    }
}
