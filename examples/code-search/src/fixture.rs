//! A source tree on disk, for tests.

use std::{fs, path::PathBuf};

use tempfile::TempDir;

use crate::tree::SourceTree;

/// A tree in a directory of its own, removed with it.
pub(crate) struct Fixture {
    pub(crate) tree: SourceTree,
    directory: TempDir,
}

impl Fixture {
    /// Makes a tree of these files. It lies in `root/`, beside which a test may
    /// put what must not be reached.
    pub(crate) fn new(files: &[(&str, impl AsRef<[u8]>)]) -> Self {
        let directory = TempDir::new().expect("a temporary directory can be made");
        let root = directory.path().join("root");
        fs::create_dir(&root).expect("the directory is new");
        let tree = SourceTree::open(&root).expect("it is a directory");
        let fixture = Self { tree, directory };
        for (path, contents) in files {
            fixture.write(path, contents);
        }
        fixture
    }

    /// Writes a file, and the directories it needs.
    pub(crate) fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.tree.root().join(path);
        fs::create_dir_all(path.parent().expect("it is below the root")).expect("they can be made");
        fs::write(path, contents).expect("it can be written");
    }

    /// Makes a symbolic link in the tree.
    pub(crate) fn link(&self, path: &str, target: impl AsRef<std::path::Path>) {
        std::os::unix::fs::symlink(target, self.tree.root().join(path)).expect("it can be made");
    }

    /// A path beside the tree.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}
