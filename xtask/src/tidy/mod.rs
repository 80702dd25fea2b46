//! The rules that neither compiler nor clippy knows.

mod code;
mod documents;
mod layers;
mod sources;
mod texts;

use crate::failure::{Failure, Result};
use crate::steps::Outcome;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    let report = check(workspace)?;
    println!("{}", report.sizes);
    if report.problems.is_empty() {
        return Ok(Outcome::Passed);
    }
    Err(Failure::new(format!("tidy: {} problems\n  {}", report.problems.len(), report.problems.join("\n  "))))
}

/// What was found.
#[derive(Debug)]
struct Report {
    sizes: String,
    problems: Vec<String>,
}

fn check(workspace: &Workspace) -> Result<Report> {
    let files = workspace.files()?;
    let sources = sources::read(workspace, &files)?;
    let mut problems = Vec::new();
    layers::check(workspace, &mut problems)?;
    let sizes = sources::check_sizes(&sources, &mut problems);
    sources::check_words(&sources, &mut problems);
    texts::check(workspace, &files, &mut problems)?;
    documents::check_dependencies(workspace, &mut problems)?;
    documents::check_invariants(workspace, &sources, &mut problems);
    documents::check_presence(&files, &mut problems);
    Ok(Report { sizes, problems })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        let workspace = Workspace::find().expect("xtask lives in the workspace");
        let report = check(&workspace).expect("the workspace can be read");
        assert!(report.problems.is_empty(), "{} problems\n  {}", report.problems.len(), report.problems.join("\n  "));
    }
}
