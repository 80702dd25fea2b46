//! `mcp call`: calling a tool.

use std::path::PathBuf;

use clap::Args;
use mcp_client::{CallResult, Client, Error, Tool};
use mcp_core::code;
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::arguments;
use crate::connect::Connect;
use crate::content::Show;
use crate::failure::Failure;
use crate::schema::Schema;
use crate::terminal::{Bar, say};

/// Call a tool
///
/// Arguments are key=value, typed as the tool's schema says (a list by repeating the key or as JSON), key:=json, one JSON object,
/// or - to read that object from the standard input. On a terminal, what is missing is asked for.
#[derive(Args, Debug)]
#[command(
    override_usage = "mcp call [OPTIONS] <TARGET> <TOOL> [ARGUMENT]...\n       mcp call [OPTIONS] <TOOL> [ARGUMENT]... -- COMMAND..."
)]
pub(crate) struct Call {
    /// The server, unless a command starts it, the tool, and its arguments
    #[arg(required = true, value_name = "WORD", allow_negative_numbers = true)]
    words: Vec<String>,
    /// Where to save pictures, sounds and other bytes: a file, or a folder
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Print the result as JSON, as the server sent it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connect: Connect,
}

impl Call {
    /// Calls the tool and shows what it answers.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let (target, rest) = self.connect.target(&self.words)?;
        let Some((name, words)) = rest.split_first() else {
            return Err(Failure::usage("which tool? `mcp list` shows what there is"));
        };
        let written = arguments::read(words)?;
        let result = self.connect.with(target, async move |client: &Client| {
            let tools = client.list_tools().await.map_err(|error| none_of("tools", error))?;
            let tool = find(name, &tools)?;
            let arguments = arguments::typed(written, Schema::new(&tool.input_schema)).await?;
            let bar = Bar::new();
            let request = client.request("tools/call", &json!({"name": name, "arguments": arguments})).on_progress(bar.hear());
            Ok(request.await?)
        });
        show(&result.await?, self.json, self.output)
    }
}

/// The tool of a name.
fn find<'t>(name: &str, tools: &'t [Tool]) -> Result<&'t Tool, Failure> {
    tools.iter().find(|tool| tool.name == name).ok_or_else(|| unknown("tool", name, tools.iter().map(|tool| tool.name.as_str())))
}

/// A server without anything of a kind does not know the methods for it.
pub(crate) fn none_of(what: &str, error: Error) -> Failure {
    match error {
        Error::Protocol(error) if error.code == i64::from(code::METHOD_NOT_FOUND) => Failure::Unknown(format!("the server has no {what}")),
        error => error.into(),
    }
}

/// There is no such thing, but there are others.
pub(crate) fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> Failure {
    let known: Vec<&str> = known.collect();
    let close = similar::get_close_matches(name, &known, 3, 0.6);
    Failure::Unknown(match (close.as_slice(), known.as_slice()) {
        ([], []) => format!("the server has no {what} `{name}`, and no other"),
        ([], _) => format!("the server has no {what} `{name}`; `mcp list` shows what it has"),
        (close, _) => format!("the server has no {what} `{name}`; did you mean {}?", close.join(" or ")),
    })
}

fn show(result: &Value, as_json: bool, output: Option<PathBuf>) -> Result<(), Failure> {
    let parsed = CallResult::deserialize(result).map_err(|error| Error::Malformed(error.to_string()))?;
    if as_json {
        say(&format!("{result:#}"))?;
    } else {
        let mut show = Show::new(output, Show::to_save(&parsed.content));
        for content in &parsed.content {
            show.content(content)?;
        }
        if let (true, Some(structured)) = (parsed.content.is_empty(), &parsed.structured) {
            say(&format!("{structured:#}"))?;
        }
    }
    if parsed.is_error { Err(Failure::ToolFailed) } else { Ok(()) }
}
