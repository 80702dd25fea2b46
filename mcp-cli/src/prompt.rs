//! `mcp prompt`: getting a prompt.

use std::path::PathBuf;

use clap::Args;
use mcp_client::{Client, Error, Prompt, PromptResult, Role};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use crate::arguments::{self, Written};
use crate::call::{none_of, unknown};
use crate::connect::Connect;
use crate::content::Show;
use crate::failure::Failure;
use crate::schema::Schema;
use crate::terminal::say;

/// Get a prompt
#[derive(Args, Debug)]
#[command(
    override_usage = "mcp prompt [OPTIONS] <TARGET> <NAME> [KEY=VALUE]...\n       mcp prompt [OPTIONS] <NAME> [KEY=VALUE]... -- COMMAND..."
)]
pub(crate) struct GetPrompt {
    /// The server, unless a command starts it, the prompt, and its arguments
    #[arg(required = true, value_name = "WORD")]
    words: Vec<String>,
    /// Where to save pictures, sounds and other bytes: a file, or a folder
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Print the prompt as JSON, as the server sent it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connect: Connect,
}

impl GetPrompt {
    /// Gets the prompt and shows it.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let (target, rest) = self.connect.target(&self.words)?;
        let Some((name, words)) = rest.split_first() else {
            return Err(Failure::usage("which prompt? `mcp list` shows what there is"));
        };
        let written = arguments::read(words)?;
        let got = self.connect.with(target, async move |client: &Client| {
            let prompts = client.list_prompts().await.map_err(|error| none_of("prompts", error))?;
            let Some(prompt) = prompts.iter().find(|prompt| prompt.name == *name) else {
                return Err(unknown("prompt", name, prompts.iter().map(|prompt| prompt.name.as_str())));
            };
            let arguments = given(written, prompt).await?;
            Ok(client.request("prompts/get", &json!({"name": name, "arguments": arguments})).await?)
        });
        show(&got.await?, self.json, self.output)
    }
}

/// The arguments, which are texts, all of them.
async fn given(written: Written, prompt: &Prompt) -> Result<Map<String, Value>, Failure> {
    let properties: Map<String, Value> = prompt
        .arguments
        .iter()
        .map(|argument| (argument.name.clone(), json!({"type": "string", "description": argument.description})))
        .collect();
    let required: Vec<&str> = prompt.arguments.iter().filter(|argument| argument.required).map(|argument| argument.name.as_str()).collect();
    let schema = json!({"properties": properties, "required": required, "additionalProperties": false});
    arguments::typed(written, Schema::new(&schema)).await
}

fn show(result: &Value, as_json: bool, output: Option<PathBuf>) -> Result<(), Failure> {
    if as_json {
        return Ok(say(&format!("{result:#}"))?);
    }
    let prompt = PromptResult::deserialize(result).map_err(|error| Error::Malformed(error.to_string()))?;
    let mut show = Show::new(output, Show::to_save(prompt.messages.iter().map(|message| &message.content)));
    for message in &prompt.messages {
        say(match message.role {
            Role::User => "user:",
            Role::Assistant => "assistant:",
            _ => "somebody:",
        })?;
        show.content(&message.content)?;
    }
    Ok(())
}
