//! The tools, over the engine.

use std::ops::ControlFlow;
use std::time::Duration;

use mcp_parity::schemars::JsonSchema;
use mcp_parity::{Context, Elicited, ResourceContents, State, ToolError, completion, resource, tool};
use serde::Deserialize;

use crate::{CheckReport, FileSlice, ListPage, Outline, Page, SearchPage, SearchQuery, SourceTree, TreeError};

/// How long the project's own check may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(240);

/// Search the source tree for a regular expression, line by line.
#[tool(scope = "mcp:read", read_only, blocking)]
fn search_code(
    /// Regular expression, Rust syntax.
    pattern: String,
    /// Whether `a` also matches `A`.
    #[arg(default = false)]
    case_insensitive: bool,
    /// Which files to search, in the syntax of .gitignore, as `*.rs` or `src/**`.
    glob: Option<String>,
    /// Lines to show on each side of a match.
    #[arg(default = 0, range = 0..=10)]
    context: u8,
    /// How many matches to pass over: the `next_offset` of the page before.
    #[arg(default = 0)]
    offset: u64,
    /// Most matches to return.
    #[arg(default = 50, range = 1..=500)]
    limit: u32,
    tree: State<SourceTree>,
    cx: Context,
) -> Result<SearchPage, TreeError> {
    let query = SearchQuery { pattern, case_insensitive, glob, context };
    crate::search(&tree, &query, Page { offset, limit }, &mut |progress| {
        // Counts of files are far below what a float holds exactly.
        #[allow(clippy::cast_precision_loss)]
        cx.try_progress(progress.done as f64, Some(progress.total as f64), None);
        if cx.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
}

/// List the files and directories of a directory.
#[tool(scope = "mcp:read", read_only, blocking)]
fn list_files(
    /// The directory; the root when left out.
    #[arg(default)]
    dir: String,
    /// Which entries to list, in the syntax of .gitignore.
    glob: Option<String>,
    /// How many levels deep to look.
    #[arg(default = 1, range = 1..=32)]
    depth: u32,
    /// How many entries to pass over: the `next_offset` of the page before.
    #[arg(default = 0)]
    offset: u64,
    /// Most entries to return.
    #[arg(default = 200, range = 1..=1000)]
    limit: u32,
    tree: State<SourceTree>,
) -> Result<ListPage, TreeError> {
    crate::list(&tree, &dir, glob.as_deref(), depth, Page { offset, limit })
}

/// Read lines of a file.
#[tool(scope = "mcp:read", read_only, blocking)]
fn read_file(
    /// The file.
    path: String,
    /// First line to read, from 1.
    #[arg(default = 1, range = 1..)]
    start_line: u64,
    /// Most lines to read.
    #[arg(default = 400, range = 1..=5000)]
    max_lines: u32,
    tree: State<SourceTree>,
) -> Result<FileSlice, TreeError> {
    crate::read(&tree, &path, start_line, max_lines)
}

/// Outline a file: its functions, types and headings with their lines.
#[tool(scope = "mcp:read", read_only, blocking)]
fn outline_file(
    /// The file.
    path: String,
    tree: State<SourceTree>,
) -> Result<Outline, TreeError> {
    crate::outline(&tree, &path)
}

/// The command that checks the project, as the operator gave it; never taken from a client.
pub(crate) struct CheckCommand(Vec<String>);

impl CheckCommand {
    /// The words of `CODE_SEARCH_CHECK`, or `cargo check`.
    pub(crate) fn from_env() -> Self {
        let command = std::env::var("CODE_SEARCH_CHECK").unwrap_or_else(|_| "cargo check --quiet".to_owned());
        Self(command.split_ascii_whitespace().map(str::to_owned).collect())
    }
}

/// Whether to run a command.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "mcp_parity::schemars")]
struct Confirmation {
    /// Run the command?
    run: bool,
}

/// Run the project's own check command, after asking the user.
#[tool(scope = "mcp:execute", open_world = false, timeout = "5m")]
async fn run_check(tree: State<SourceTree>, command: State<CheckCommand>, cx: Context) -> Result<CheckReport, ToolError> {
    let question = format!("Run `{}` in the source tree?", command.0.join(" "));
    match cx.elicit::<Confirmation>(question).await? {
        Elicited::Accepted(Confirmation { run: true }) => {}
        _ => return Err(ToolError::new("the user did not allow the check to run; do not ask again unless they say so")),
    }
    crate::run_check(&tree, &command.0, CHECK_TIMEOUT).await.map_err(|error| ToolError::new(error.to_string()).caused_by(error))
}

/// A file of the source tree.
#[resource("file:///{+path}", scope = "mcp:read", blocking)]
fn file(path: String, tree: State<SourceTree>) -> Result<ResourceContents, ToolError> {
    let read = crate::read_whole(&tree, &path);
    let (mime_type, bytes) = read.map_err(|error| ToolError::not_found(error.to_string()).caused_by(error))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => ResourceContents::text("", text),
        Err(error) => ResourceContents::blob("", error.into_bytes()),
    }
    .with_mime_type(mime_type))
}

/// Files whose path starts with what was typed.
#[completion(resource = "file:///{+path}", argument = "path", blocking)]
fn file_paths(typed: String, tree: State<SourceTree>) -> Result<Vec<String>, TreeError> {
    let dir = typed.rsplit_once('/').map_or("", |(dir, _)| dir);
    let page = crate::list(&tree, dir, None, 1, Page { offset: 0, limit: 1_000 })?;
    Ok(page.entries.into_iter().map(|entry| entry.path).filter(|path| path.starts_with(&typed)).collect())
}
