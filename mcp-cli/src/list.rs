//! `mcp list`: what a server offers.

use clap::{Args, ValueEnum};
use mcp_client::{Client, Error, Tool};
use mcp_core::code;
use serde_json::{Map, Value};

use crate::connect::Connect;
use crate::failure::Failure;
use crate::schema::Schema;
use crate::terminal::{Table, note, say};

/// List the tools, resources, templates and prompts of a server
#[derive(Args, Debug)]
#[command(override_usage = "mcp list [OPTIONS] <TARGET>\n       mcp list [OPTIONS] -- COMMAND...")]
pub(crate) struct List {
    /// The server: its URL or its name in a configuration file
    target: Option<String>,
    /// List only these
    #[arg(long, value_enum, value_name = "KIND")]
    only: Vec<Kind>,
    /// Print JSON, as the server sent it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connect: Connect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    Tools,
    Resources,
    Templates,
    Prompts,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Tools, Self::Resources, Self::Templates, Self::Prompts];

    /// What a server that has them announces.
    fn capability(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources | Self::Templates => "resources",
            Self::Prompts => "prompts",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources => "resources",
            Self::Templates => "resourceTemplates",
            Self::Prompts => "prompts",
        }
    }
}

impl List {
    /// Lists.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let words: Vec<String> = self.target.iter().cloned().collect();
        let (target, rest) = self.connect.target(&words)?;
        if let Some(word) = rest.first() {
            return Err(Failure::usage(format!("`{word}` is one server too many: the command after `--` is one already")));
        }
        let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| self.only.is_empty() || self.only.contains(kind)).collect();
        let json = self.json;
        self.connect
            .with(target, async move |client: &Client| {
                let (mut all, mut is_empty) = (Map::new(), true);
                for kind in kinds {
                    if json {
                        all.insert(kind.key().to_owned(), as_json(client, kind).await?);
                    } else {
                        is_empty &= !show(client, kind).await?;
                    }
                }
                if json {
                    say(&format!("{:#}", Value::Object(all)))?;
                } else if is_empty {
                    note("the server has nothing of this to list");
                }
                Ok(())
            })
            .await
    }
}

/// The list, or nothing where the server has no such thing.
async fn fetch<T>(client: &Client, kind: Kind, request: mcp_client::Request<'_, Vec<T>>) -> Result<Vec<T>, Failure>
where
    T: Send + 'static,
{
    if !client.server().can(kind.capability()) {
        return Ok(Vec::new());
    }
    match request.await {
        // A server may have resources and no templates.
        Err(Error::Protocol(error)) if error.code == i64::from(code::METHOD_NOT_FOUND) => Ok(Vec::new()),
        listed => Ok(listed?),
    }
}

async fn as_json(client: &Client, kind: Kind) -> Result<Value, Failure> {
    let listed = match kind {
        Kind::Tools => serde_json::to_value(fetch(client, kind, client.list_tools()).await?),
        Kind::Resources => serde_json::to_value(fetch(client, kind, client.list_resources()).await?),
        Kind::Templates => serde_json::to_value(fetch(client, kind, client.list_resource_templates()).await?),
        Kind::Prompts => serde_json::to_value(fetch(client, kind, client.list_prompts()).await?),
    };
    listed.map_err(|error| Failure::Client(Error::Arguments(error)))
}

/// Shows a list, and says whether there was anything in it.
async fn show(client: &Client, kind: Kind) -> Result<bool, Failure> {
    let table = match kind {
        Kind::Tools => {
            let mut table = Table::new(["TOOL", "ARGUMENTS", "DESCRIPTION"]);
            for tool in fetch(client, kind, client.list_tools()).await? {
                table.row([&tool.name, &arguments(&tool), tool.description.as_deref().or(tool.title.as_deref()).unwrap_or_default()]);
            }
            table
        }
        Kind::Resources => {
            let mut table = Table::new(["RESOURCE", "TYPE", "DESCRIPTION"]);
            for resource in fetch(client, kind, client.list_resources()).await? {
                let about = resource.description.as_deref().or(resource.title.as_deref()).unwrap_or(&resource.name);
                table.row([&resource.uri, resource.mime_type.as_deref().unwrap_or_default(), about]);
            }
            table
        }
        Kind::Templates => {
            let mut table = Table::new(["TEMPLATE", "TYPE", "DESCRIPTION"]);
            for template in fetch(client, kind, client.list_resource_templates()).await? {
                let about = template.description.as_deref().or(template.title.as_deref()).unwrap_or(&template.name);
                table.row([&template.uri_template, template.mime_type.as_deref().unwrap_or_default(), about]);
            }
            table
        }
        Kind::Prompts => {
            let mut table = Table::new(["PROMPT", "ARGUMENTS", "DESCRIPTION"]);
            for prompt in fetch(client, kind, client.list_prompts()).await? {
                let words = prompt.arguments.iter().map(|argument| optional(&argument.name, argument.required));
                let about = prompt.description.as_deref().or(prompt.title.as_deref()).unwrap_or_default();
                table.row([&prompt.name, &words.collect::<Vec<_>>().join(" "), about]);
            }
            table
        }
    };
    if !table.is_empty() {
        table.print()?;
    }
    Ok(!table.is_empty())
}

fn arguments(tool: &Tool) -> String {
    let schema = Schema::new(&tool.input_schema);
    let words = schema.properties().map(|(name, property)| optional(&format!("{name}:{}", property.name()), schema.requires(name)));
    words.collect::<Vec<_>>().join(" ")
}

fn optional(word: &str, required: bool) -> String {
    if required { word.to_owned() } else { format!("[{word}]") }
}
