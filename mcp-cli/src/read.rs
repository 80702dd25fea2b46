//! `mcp read`: reading a resource.

use std::path::PathBuf;

use clap::Args;
use mcp_client::{Client, Error, ResourceContents};
use mcp_core::code;
use serde_json::Value;

use crate::call::none_of;
use crate::connect::Connect;
use crate::content::{Show, save};
use crate::failure::Failure;
use crate::terminal::{note, say};

/// Read a resource
#[derive(Args, Debug)]
#[command(override_usage = "mcp read [OPTIONS] <TARGET> <URI>\n       mcp read [OPTIONS] <URI> -- COMMAND...")]
pub(crate) struct Read {
    /// The server, unless a command starts it, and the URI
    #[arg(required = true, value_name = "WORD")]
    words: Vec<String>,
    /// Where to save what is read: a file, or a folder for bytes that are more than one thing
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Print the contents as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connect: Connect,
}

impl Read {
    /// Reads the resource and shows it.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let (target, rest) = self.connect.target(&self.words)?;
        let [uri] = rest else { return Err(Failure::usage("name one resource by its URI; `mcp list` shows what there is")) };
        let read = self.connect.with(target, async move |client: &Client| match client.read_resource(uri).await {
            // The code of 2026-07-28 for what there is not (server/resources, "Error Handling").
            Err(Error::Protocol(error)) if error.code == i64::from(code::INVALID_PARAMS) => {
                Err(Failure::Unknown(format!("the server has no resource `{uri}`: {error}")))
            }
            read => read.map_err(|error| none_of("resources", error)),
        });
        show(&read.await?, self.json, self.output)
    }
}

fn show(contents: &[ResourceContents], as_json: bool, output: Option<PathBuf>) -> Result<(), Failure> {
    if as_json {
        let contents = serde_json::to_value(contents).map_err(Error::Arguments)?;
        return Ok(say(&format!("{:#}", Value::from_iter([("contents".to_owned(), contents)])))?);
    }
    if let (Some(path), [only]) = (&output, contents) {
        let path = if path.is_dir() { path.join("1") } else { path.clone() };
        save(&path, &only.bytes()?)?;
        note(&format!("[saved as {}]", path.display()));
        return Ok(());
    }
    let mut show = Show::new(output, contents.iter().filter(|contents| contents.text.is_none()).count());
    contents.iter().try_for_each(|contents| show.resource(contents))
}
