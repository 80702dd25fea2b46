//! Finding the files and directories that are shown.

use crate::{
    error::TreeError,
    glob::Glob,
    ignored::IgnoreRules,
    open::{Listed, entries},
    path::RelativePath,
    quoted::Quoted,
    tree::SourceTree,
};

/// How many entries one answer may be drawn from; each costs its path in memory.
const MAX_ENTRIES: usize = 200_000;

/// A file or directory that is shown.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: RelativePath,
    pub(crate) is_dir: bool,
}

/// Finds everything the glob keeps below `start`, in order of path.
///
/// `depth` is how many levels below `start` to look at; all of them without one.
/// Left out are what git ignores, hidden entries, links, anything that is neither
/// a file nor a directory, and names no client could send back. Directories that
/// cannot be read count as empty.
///
/// # Errors
/// [`TreeError::Ignored`] if `start` itself is ignored, and [`TreeError::TooMany`].
pub(crate) fn walk(tree: &SourceTree, start: &RelativePath, depth: Option<u32>, glob: &Glob) -> Result<Vec<Found>, TreeError> {
    let mut kept = Vec::new();
    let mut pending = vec![Pending { rules: rules_at(tree, start)?, path: start.clone(), level: 1 }];
    while let Some(directory) = pending.pop() {
        let listed = entries(tree.root(), &directory.path).unwrap_or_default();
        let has_rules = listed.iter().any(|entry| entry.name == IgnoreRules::FILE);
        let rules = if has_rules { directory.rules.with_directory(tree, &directory.path) } else { directory.rules };
        for Listed { name, is_dir } in listed {
            let Some(path) = directory.path.child(&name) else {
                continue;
            };
            if name.starts_with('.') || rules.ignores(tree, &path, is_dir) {
                continue;
            }
            if is_dir && depth.is_none_or(|depth| directory.level < depth) {
                let level = directory.level + 1;
                pending.push(Pending { path: path.clone(), rules: rules.clone(), level });
            }
            if glob.keeps(&path, is_dir) {
                kept.push(Found { path, is_dir });
            }
        }
        if kept.len() > MAX_ENTRIES {
            return Err(TreeError::TooMany { limit: MAX_ENTRIES });
        }
    }
    kept.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(kept)
}

/// A directory still to be looked into.
struct Pending {
    path: RelativePath,
    /// Those from outside the directory.
    rules: IgnoreRules,
    /// How far below the start its entries are.
    level: u32,
}

/// The rules from outside `start`, unless they ignore it or a directory it is in.
///
/// A rule that ignores a directory says nothing about what is in it, so the way
/// there has to be followed from the root.
fn rules_at(tree: &SourceTree, start: &RelativePath) -> Result<IgnoreRules, TreeError> {
    rules_on_the_way(tree, start, true)
}

/// Refuses a file that git ignores: what is hidden from listings and searches, as a file of secrets is, is not read either.
pub(crate) fn refuse_ignored(tree: &SourceTree, file: &RelativePath) -> Result<(), TreeError> {
    rules_on_the_way(tree, file, false).map(drop)
}

fn rules_on_the_way(tree: &SourceTree, start: &RelativePath, ends_in_directory: bool) -> Result<IgnoreRules, TreeError> {
    let mut rules = IgnoreRules::around(tree);
    let mut directory = RelativePath::root();
    let mut left = start.components().count();
    for name in start.components() {
        left -= 1;
        rules = rules.with_directory(tree, &directory);
        let inner = directory.child(name);
        directory = inner.ok_or_else(|| TreeError::NotFound(Quoted::new(start.as_str())))?;
        if rules.ignores(tree, &directory, left > 0 || ends_in_directory) {
            return Err(TreeError::Ignored(Quoted::new(start.as_str())));
        }
    }
    Ok(rules)
}
