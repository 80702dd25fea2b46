//! Servers to try, and messages to try them with.

use std::sync::{Arc, OnceLock};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use mcp_core::{
    BoxFuture, Completion, CompletionTarget, Connection, Dispatcher, Exchange, Limits, Outlet, Principal, Prompt, PromptArgument,
    PromptMessage, PromptOutput, Registry, RegistryError, Reply, Resource, Runtime, ServerInfo, Skill, Started, TaskSupport, Tool,
    ToolError, Transport, schemars,
};
use serde_json::{Value, json};

/// A runtime in which time stands still.
struct Still;

impl Runtime for Still {
    fn sleep(&self, _time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }

    fn spawn(&self, mut task: BoxFuture<'static, ()>) {
        // What cannot be done at once is not done: nobody would drive it.
        let _ = task.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()));
    }

    fn spawn_blocking(&self, work: Box<dyn FnOnce() + Send>) {
        work();
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(crate = "mcp_core::schemars")]
struct Echo {
    text: String,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(crate = "mcp_core::schemars")]
struct Nothing {}

/// Arguments with some of everything a schema can say.
#[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[schemars(crate = "mcp_core::schemars")]
struct Survey {
    #[schemars(range(min = 0, max = 100))]
    age: u8,
    #[schemars(length(max = 3))]
    tags: Vec<String>,
    #[schemars(pattern(r"^[a-z]+(-[a-z]+)*$"))]
    slug: Option<String>,
    choice: Choice,
    #[serde(default)]
    inner: Option<Box<Survey>>,
}

#[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[schemars(crate = "mcp_core::schemars")]
#[serde(rename_all = "snake_case")]
enum Choice {
    None,
    Share(f64),
    Named { name: String },
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(crate = "mcp_core::schemars")]
struct Confirmed {
    /// Whether to go on.
    sure: bool,
}

/// Items that answer as soon as they are called.
pub(crate) fn immediate_items() -> Registry {
    let mut registry = Registry::new();
    let tools = [
        Tool::new("echo", |_cx, Echo { text }: Echo| async move { Ok::<_, ToolError>(text) }),
        Tool::new("survey", |_cx, survey: Survey| async move { Ok::<_, ToolError>(survey) }),
        Tool::new("fail", |_cx, Echo { text }: Echo| async move { Err::<String, _>(ToolError::new(text)) }),
        Tool::with_schema("place", place_schema(), |_cx, arguments| async move {
            Ok(mcp_core::ToolOutput::from_content(mcp_core::Content::text(arguments["region"].as_str().unwrap_or_default())))
        }),
    ];
    for tool in tools {
        registry.add_tool(tool.with_description("A tool.")).expect("its name is free");
    }
    for uri in ["test://fixed", "test://item/{id}", "file:///{+path}", "s://q{?text,page}", "x://{a,b}{/rest*}{.ext}"] {
        registry.add_resource(pairs(uri).expect("it is a template")).expect("its URI is free");
    }
    let greet = Prompt::new("greet", vec![PromptArgument::new("name", "Who.", true)], |_cx, arguments| async move {
        Ok::<_, ToolError>(PromptOutput::new([PromptMessage::user(json!(arguments).to_string())]))
    });
    registry.add_prompt(greet).expect("its name is free");
    let complete = Completion::new(CompletionTarget::Prompt("greet".into()), "name", |_cx, settled| async move {
        Ok::<_, ToolError>(settled.into_iter().map(|(_, value)| value).collect::<Vec<_>>())
    });
    registry.add_completion(complete).expect("nothing completes it yet");
    registry
}

/// A resource that tells the values of its template's variables.
pub(crate) fn pairs(uri: &str) -> Result<Resource, mcp_core::InvalidTemplate> {
    Resource::new(uri.to_owned(), "pairs", |_cx, values| async move { Ok::<_, ToolError>(json!(values)) })
}

/// Three arguments that HTTP mirrors into headers.
fn place_schema() -> schemars::Schema {
    schemars::json_schema!({
        "type": "object",
        "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "count": {"type": "integer", "x-mcp-header": "Count"},
            "sure": {"type": "boolean", "x-mcp-header": "Sure"},
        },
        "additionalProperties": false,
    })
}

/// All of the items, some of which never answer or ask before they do.
fn all_items() -> Registry {
    let mut registry = immediate_items();
    let ask = |name: &'static str| {
        Tool::new(name, |cx: mcp_core::Context, Echo { text }: Echo| async move {
            cx.progress(0.5, Some(1.0), Some(&text)).await;
            let told = cx.elicit::<Confirmed>(text).key("sure").await?;
            Ok::<_, ToolError>(told.accepted().is_some_and(|told| told.sure))
        })
    };
    registry.add_tool(ask("ask")).expect("its name is free");
    registry.add_tool(ask("ask_later").with_task(TaskSupport::Optional)).expect("its name is free");
    let sleep = Tool::new("sleep", |cx, Nothing {}: Nothing| async move {
        cx.sleep(Duration::from_secs(1)).await;
        Ok::<_, ToolError>("awake")
    });
    registry.add_tool(sleep).expect("its name is free");
    registry
}

/// A server of these items and a skill that is driven by hand; pages hold two entries.
pub(crate) fn still(registry: Registry) -> Result<Dispatcher, RegistryError> {
    let limits = Limits { max_message_bytes: 3_000, max_depth: 24, page_size: 2, ..Limits::default() };
    let skill = Skill::new("fuzzing", "How to fuzz.", "Do.").with_file("references/MORE.md", "text/markdown", "More.");
    Dispatcher::builder(registry, Arc::new(Still)).info(ServerInfo::new("fuzz", "1")).limits(limits).tasks().skill(skill).build()
}

/// The server that most targets try.
pub(crate) fn dispatcher() -> &'static Dispatcher {
    static DISPATCHER: OnceLock<Dispatcher> = OnceLock::new();
    DISPATCHER.get_or_init(|| still(all_items()).expect("the items fit together"))
}

/// A message on a connection of its own.
pub(crate) fn exchange() -> Exchange {
    on(&Connection::new())
}

/// A message on a connection.
pub(crate) fn on(connection: &Arc<Connection>) -> Exchange {
    Exchange::on_connection(Arc::clone(connection), Principal::local(), Transport::InProcess, Outlet::new())
}

/// The answer to a frame, if it is there without waiting.
pub(crate) fn answer(dispatcher: &Dispatcher, frame: &Bytes, exchange: &Exchange) -> Result<Reply, Box<Started>> {
    let mut started = Box::new(dispatcher.start(frame, exchange));
    match std::pin::Pin::new(&mut started).poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(reply) => Ok(reply),
        Poll::Pending => Err(started),
    }
}

/// A request of the stateless revision.
pub(crate) fn modern(method: &str, mut params: Value) -> Bytes {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}, "sampling": {}, "roots": {}},
    });
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string().into()
}

/// Opens a session of a legacy revision.
pub(crate) fn initialize(revision: &str) -> Bytes {
    let params = json!({
        "protocolVersion": revision,
        "capabilities": {"elicitation": {}, "sampling": {}, "roots": {}},
        "clientInfo": {"name": "fuzz", "version": "1"},
    });
    json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}).to_string().into()
}
