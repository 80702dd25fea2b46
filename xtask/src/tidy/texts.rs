//! What no file may name: where packages come from, and this machine.

use crate::failure::Result;
use crate::workspace::Workspace;

/// Registries are reached by their clients, which know where they are.
const REGISTRIES: [&str; 8] =
    ["crates.io", "npmjs.", "pypi.org", "pythonhosted.org", "deb.debian.org", "archive.ubuntu.com", "ghcr.io", "docker.io"];
/// Where people have their files.
const HOMES: [&str; 3] = ["/home/", "/Users/", "/root/"];

pub(super) fn check(workspace: &Workspace, files: &[String], problems: &mut Vec<String>) -> Result<()> {
    let here = workspace.root().to_string_lossy().into_owned();
    // Lock files are cargo's; this file has to name what it looks for.
    for path in files.iter().filter(|path| !path.ends_with(".lock") && *path != "xtask/src/tidy/texts.rs") {
        // What is not text names nothing.
        let Ok(text) = workspace.read(path) else { continue };
        for (position, line) in text.lines().enumerate() {
            if let Some(registry) = REGISTRIES.iter().find(|registry| line.contains(**registry)) {
                problems.push(format!("{path}:{}: names the registry {registry}", position + 1));
            }
            if line.contains(&here) || HOMES.iter().any(|home| names_path(line, home)) {
                problems.push(format!("{path}:{}: names a path of one machine", position + 1));
            }
        }
    }
    Ok(())
}

/// Whether an absolute path starts with `home`, and not only a relative one holds it.
fn names_path(line: &str, home: &str) -> bool {
    line.match_indices(home).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|char| char.is_whitespace() || "\"'`(=:<>|[".contains(char))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_paths_count() {
        assert!(names_path("cd /root/x", "/root/"));
        assert!(names_path("path = \"/home/me\"", "/home/"));
        assert!(!names_path("../root/a/b.rs", "/root/"));
        assert!(!names_path("file:///home/me", "/home/"));
    }
}
