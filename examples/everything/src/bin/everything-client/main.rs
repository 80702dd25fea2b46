//! The client for the client leg of the official conformance suite.
//!
//! ```sh
//! cargo build -p everything --features client --bin everything-client
//! conformance client --command target/debug/everything-client --requirements 2026-07-28 -o out
//! ```
//!
//! The suite starts it once for each scenario, with the scenario's name and protocol version in
//! the environment and the server's URL as the last argument.

mod auth;

use std::env;
use std::process::ExitCode;

use mcp_client::{Builder, Client, ClientHandler, Elicitation, Elicited, Era, Offers, Refusal, Result, Revision, Root, Sampled, Sampling};
use serde_json::{Value, json};

/// Accepts every form with its defaults, and says yes where there is none.
struct Obliging;

#[async_trait::async_trait]
impl ClientHandler for Obliging {
    fn offers(&self) -> Offers {
        Offers::NONE.forms().sampling().roots()
    }

    async fn elicit(&self, elicitation: Elicitation) -> Elicited<Value> {
        let Elicitation::Form { schema, .. } = &elicitation else { return Elicited::Declined };
        let mut answer = elicitation.defaults();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, field) in properties.into_iter().flatten() {
            if answer.get(name).is_none() && field["type"] == "boolean" {
                answer[name] = Value::Bool(true);
            }
        }
        Elicited::Accepted(answer)
    }

    async fn sample(&self, _: Sampling) -> Result<Sampled, Refusal> {
        Ok(Sampled::text("test-model", "This is a test response from the client"))
    }

    async fn roots(&self) -> Result<Vec<Root>, Refusal> {
        Ok(vec![Root { uri: "file:///work".to_owned(), name: None }])
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    let Some(url) = env::args().next_back() else { return ExitCode::FAILURE };
    let scenario = env::var("MCP_CONFORMANCE_SCENARIO").unwrap_or_default();
    match run(&scenario, &url).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{scenario}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the suite made for the scenario.
fn context() -> Value {
    env::var("MCP_CONFORMANCE_CONTEXT").ok().and_then(|context| serde_json::from_str(&context).ok()).unwrap_or_default()
}

/// A client of the revision that the suite asks for.
fn builder() -> Builder {
    let version = env::var("MCP_CONFORMANCE_PROTOCOL_VERSION").unwrap_or_default();
    let era = match Revision::parse(&version) {
        Some(revision) if revision.is_modern() => Era::Modern,
        Some(_) => Era::Legacy,
        None => Era::Auto,
    };
    Client::builder().named("everything-client", env!("CARGO_PKG_VERSION")).handler(Obliging).era(era)
}

async fn run(scenario: &str, url: &str) -> Result<()> {
    let builder = if scenario.starts_with("auth/") { builder().credentials(auth::credentials(scenario, &context())?) } else { builder() };
    let client = builder.connect(url).await?;
    match scenario {
        "auth/authorization-server-migration" => {
            client.list_tools().await?;
            client.list_tools().await?;
        }
        scenario if scenario.starts_with("auth/") => {
            client.list_tools().await?;
            client.call_tool("test-tool", &json!({})).await?;
        }
        "tools_call" => {
            client.list_tools().await?;
            client.call_tool("add_numbers", &json!({"a": 5, "b": 3})).await?;
        }
        "elicitation-sep1034-client-defaults" => {
            client.list_tools().await?;
            client.call_tool("test_client_elicitation_defaults", &json!({})).await?;
        }
        "sse-retry" => {
            client.list_tools().await?;
            client.call_tool("test_reconnection", &json!({})).await?;
        }
        "sep-2322-client-request-state" => input_required(&client).await?,
        "http-standard-headers" => standard_headers(&client).await?,
        "http-custom-headers" => custom_headers(&client).await?,
        "http-invalid-tool-headers" => {
            for tool in client.list_tools().await? {
                client.call_tool(tool.name, &json!({"region": "us-west1"})).await?;
            }
        }
        "json-schema-2020-12-preservation" => echo_schema(&client).await?,
        "sep-2640-client-no-prefetch" => {
            client.request("skills/list", &json!({})).await?;
        }
        _ => {
            client.list_tools().await?;
        }
    }
    client.close().await;
    Ok(())
}

/// Calls that come back for input, with another call in between.
async fn input_required(client: &Client) -> Result<()> {
    client.list_tools().await?;
    let (echoed, unrelated) = tokio::join!(
        client.call_tool("test_mrtr_echo_state", &json!({})).into_future(),
        client.call_tool("test_mrtr_unrelated", &json!({})).into_future(),
    );
    echoed.and(unrelated)?;
    client.call_tool("test_mrtr_no_state", &json!({})).await?;
    client.call_tool("test_mrtr_no_result_type", &json!({})).await?;
    Ok(())
}

async fn standard_headers(client: &Client) -> Result<()> {
    for tool in client.list_tools().await? {
        client.call_tool(tool.name, &json!({})).await?;
    }
    for resource in client.list_resources().await? {
        client.read_resource(resource.uri).await?;
    }
    for prompt in client.list_prompts().await? {
        client.get_prompt(prompt.name, &()).await?;
    }
    Ok(())
}

/// Makes the calls that the suite lists in the environment.
async fn custom_headers(client: &Client) -> Result<()> {
    client.list_tools().await?;
    for call in context()["toolCalls"].as_array().into_iter().flatten() {
        client.call_tool(call["name"].as_str().unwrap_or_default(), &call["arguments"]).await?;
    }
    Ok(())
}

/// Sends a tool's schema back as it came.
async fn echo_schema(client: &Client) -> Result<()> {
    let tools = client.list_tools().await?;
    let schema = tools.iter().find(|tool| tool.name == "json_schema_2020_12_tool").map(|tool| &tool.input_schema);
    client.call_tool("json_schema_echo", &json!({"schema": schema})).await.map(drop)
}
