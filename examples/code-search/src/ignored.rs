//! Git's ignore rules.

use std::{path::Path, sync::Arc};

use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};

use crate::{
    open::{Limit, load},
    path::RelativePath,
    tree::SourceTree,
};

/// Ignore files are written by hand; a larger one is something else.
const RULES: Limit = Limit { bytes: 1024 * 1024, instead: "" };

/// The rules that hold in some directory of a tree.
///
/// They come from the `.gitignore` files in the tree and, where the tree is part
/// of a repository, from those above it and from `.git/info/exclude`. The user's
/// global rules do not count, so that the answer is the same on every machine. As
/// in git, an ignore file that is a link is not read: it could lead anywhere.
#[derive(Debug, Clone)]
pub(crate) struct IgnoreRules {
    /// One for each ignore file, the outermost first.
    files: Vec<Arc<Gitignore>>,
}

impl IgnoreRules {
    /// The name of the files that hold rules.
    pub(crate) const FILE: &str = ".gitignore";

    /// The rules from outside the tree.
    pub(crate) fn around(tree: &SourceTree) -> Self {
        let mut rules = Self { files: Vec::new() };
        let root = tree.root();
        let Some(top) = root.ancestors().find(|directory| directory.join(".git").exists()) else {
            return rules;
        };
        rules.add(top, &top.join(".git/info"), "exclude");
        let above = root.ancestors().skip(1).take_while(|directory| directory.starts_with(top));
        for directory in above.collect::<Vec<_>>().into_iter().rev() {
            rules.add(directory, directory, Self::FILE);
        }
        rules
    }

    /// These rules and those in a directory's own ignore file.
    #[must_use]
    pub(crate) fn with_directory(&self, tree: &SourceTree, directory: &RelativePath) -> Self {
        let mut rules = self.clone();
        if let Some(file) = directory.child(Self::FILE) {
            rules.add_file(&tree.root().join(directory.as_path()), tree.root(), &file);
        }
        rules
    }

    /// Whether something is ignored, given that the directory it is in is not.
    pub(crate) fn ignores(&self, tree: &SourceTree, path: &RelativePath, is_dir: bool) -> bool {
        if self.files.is_empty() {
            return false;
        }
        let path = tree.root().join(path.as_path());
        let mut innermost_first = self.files.iter().rev();
        let decision = innermost_first.find_map(|file| match file.matched(&path, is_dir) {
            Match::None => None,
            Match::Ignore(_) => Some(true),
            Match::Whitelist(_) => Some(false),
        });
        decision.unwrap_or(false)
    }

    fn add(&mut self, base: &Path, directory: &Path, name: &str) {
        if let Some(name) = RelativePath::root().child(name) {
            self.add_file(base, directory, &name);
        }
    }

    /// Adds the rules in a file, which are about paths below `base`.
    ///
    /// A file that cannot be read has no rules, and a line that is not a rule is
    /// passed over, as in git.
    fn add_file(&mut self, base: &Path, root: &Path, file: &RelativePath) {
        let mut contents = Vec::new();
        if load(root, file, RULES, &mut contents).is_err() {
            return;
        }
        let mut builder = GitignoreBuilder::new(base);
        for line in String::from_utf8_lossy(&contents).lines() {
            let _not_a_rule = builder.add_line(None, line);
        }
        if let Ok(rules) = builder.build()
            && !rules.is_empty()
        {
            self.files.push(Arc::new(rules));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use crate::{fixture::Fixture, glob::Glob, walk::walk};

    use super::*;

    /// The files shown, which a walk that hangs never tells.
    fn shown(fixture: &Fixture) -> Vec<String> {
        let tree = fixture.tree.clone();
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let glob = Glob::compile(None).expect("it keeps everything");
            let found = walk(&tree, &RelativePath::root(), None, &glob).expect("it can be walked");
            let files = found.iter().filter(|found| !found.is_dir);
            sender.send(files.map(|file| file.path.as_str().to_owned()).collect())
        });
        receiver.recv_timeout(Duration::from_secs(20)).expect("it ends")
    }

    #[test]
    fn the_innermost_rule_decides() {
        let fixture = Fixture::new(&[
            (".git/info/exclude", "excluded\nback"),
            (".gitignore", "*.log\n/top\nbuild/\nsub/only\n!back\n[bad\n# comment\n\\#hash"),
            ("sub/.gitignore", "!keep.log\nown\n"),
            ("a.log", ""),
            ("sub/a.log", ""),
            ("sub/keep.log", ""),
            ("sub/deep/keep.log", ""),
            ("top", ""),
            ("sub/top", ""),
            ("build/x", ""),
            ("sub/build", "a file is not a directory"),
            ("sub/only", ""),
            ("own", ""),
            ("sub/own/x", ""),
            ("excluded", ""),
            ("back", ""),
            ("# comment", ""),
            ("#hash", ""),
        ]);
        let expected = ["# comment", "back", "own", "sub/build", "sub/deep/keep.log", "sub/keep.log", "sub/top"];
        assert_eq!(shown(&fixture), expected);
    }

    #[test]
    fn an_ignore_file_that_is_not_a_file_is_not_read() {
        let fixture = Fixture::new(&[("a/x", ""), ("b/x", ""), ("c/x", ""), ("d/.gitignore/x", "")]);
        fs::write(fixture.outside("rules"), "x").expect("it can be written");
        fixture.link("a/.gitignore", "/dev/zero");
        fixture.link("b/.gitignore", "../../rules");
        let pipe = fixture.tree.root().join("c/.gitignore");
        mknodat(CWD, pipe, FileType::Fifo, Mode::RWXU, 0).expect("a pipe can be made");
        assert_eq!(shown(&fixture), ["a/x", "b/x", "c/x"]);
    }
}
