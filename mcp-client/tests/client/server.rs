//! A server with one of everything, and the ways to it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mcp_client::{Builder, Client, Era, Revision};
use mcp_parity::http::{HttpConfig, HttpService, Listener};
use mcp_parity::schemars::JsonSchema;
use mcp_parity::{
    Change, Context, Elicited, Limits, LogLevel, Principal, PromptMessage, Sample, Server, ToolError, completion, prompt, resource, tool,
};
use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;

/// Add two whole numbers.
#[tool(read_only)]
fn add(a: i32, b: i32) -> i64 {
    i64::from(a) + i64::from(b)
}

/// Say where something runs.
#[tool(read_only)]
fn place(#[arg(header = "Region")] region: String, #[arg(header = "Count")] count: Option<u32>) -> String {
    format!("{region} {}", count.unwrap_or_default())
}

/// Fail.
#[tool]
fn fail() -> Result<String, ToolError> {
    Err(ToolError::new("this never works"))
}

/// Count to three, telling how far it is.
#[tool]
async fn count(cx: Context) -> String {
    for step in 1..=3 {
        cx.progress(f64::from(step), Some(3.0), Some("counting")).await;
        cx.log(LogLevel::Info, "count", &step).await;
    }
    "counted".to_owned()
}

/// What a person is asked.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(crate = "mcp_parity::schemars")]
struct Person {
    name: String,
    #[schemars(default)]
    age: u32,
}

/// Ask twice who somebody is.
#[tool]
async fn ask(cx: Context) -> Result<String, ToolError> {
    let Elicited::Accepted(first) = cx.elicit::<Person>("Who are you?").await? else { return Ok("nobody".to_owned()) };
    let Elicited::Accepted(second) = cx.elicit::<Person>("And who is with you?").await? else { return Ok(first.name) };
    Ok(format!("{} and {}", first.name, second.name))
}

/// Send the user to a page.
#[tool]
async fn visit(cx: Context) -> Result<String, ToolError> {
    Ok(cx.elicit_url("Please sign in", "https://example.com/in").await?.action().to_owned())
}

/// Ask the client's model.
#[tool]
async fn think(cx: Context) -> Result<String, ToolError> {
    Ok(cx.sample(Sample::new("Think!").system("Be brief.")).await?.text)
}

/// Ask for the client's roots.
#[tool]
async fn roots(cx: Context) -> Result<String, ToolError> {
    let roots = cx.roots().await?;
    Ok(roots.iter().map(|root| root.uri.as_str()).collect::<Vec<_>>().join(" "))
}

/// Change a resource.
#[tool]
fn touch(uri: String, cx: Context) -> String {
    cx.notify(Change::Resource(uri.into()));
    cx.notify(Change::Tools);
    "touched".to_owned()
}

/// Calls that wait are counted for the whole process, so tests that have them take turns.
pub(crate) static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// How many calls of [`wait`] run.
pub(crate) static WAITING: AtomicUsize = AtomicUsize::new(0);

struct Waiting;

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Wait until cancelled.
#[tool]
async fn wait(#[arg(default)] aloud: bool, cx: Context) -> String {
    WAITING.fetch_add(1, Ordering::SeqCst);
    let _waiting = Waiting;
    for step in 0.. {
        if aloud {
            cx.progress(f64::from(step), None, None).await;
        }
        cx.sleep(Duration::from_millis(20)).await;
    }
    String::new()
}

/// Work for a while, as a task.
#[tool(task = "optional")]
async fn work(cx: Context) -> Result<String, ToolError> {
    cx.sleep(Duration::from_millis(30)).await;
    Ok("worked".to_owned())
}

/// Ask while it is a task.
#[tool(task = "required")]
async fn ask_in_task(cx: Context) -> Result<String, ToolError> {
    let Elicited::Accepted(person) = cx.elicit::<Person>("Who are you?").await? else { return Ok("nobody".to_owned()) };
    Ok(person.name)
}

/// Wait until cancelled, as a task.
#[tool(task = "required")]
async fn wait_in_task(cx: Context) -> Result<String, ToolError> {
    Ok(wait(false, cx).await)
}

/// The terms.
#[resource("about://terms", mime_type = "text/plain")]
fn terms() -> &'static str {
    "Be kind."
}

/// A page.
#[resource("book://pages/{page}")]
fn book(page: u32) -> Vec<u8> {
    page.to_be_bytes().to_vec()
}

/// Review code.
#[prompt]
fn review(code: String, focus: Option<String>) -> PromptMessage {
    PromptMessage::user(format!("{code} {}", focus.unwrap_or_default()))
}

/// What there is to focus on.
#[completion(prompt = "review", argument = "focus")]
fn focus(typed: String, code: Option<String>) -> Vec<String> {
    let known = ["speed", "style"].into_iter().filter(|name| name.starts_with(&typed)).map(str::to_owned);
    known.chain(code).collect()
}

/// How a client reaches a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Pipe,
    Streamable,
    HttpSse,
}

/// Every way in every revision that has it.
pub(crate) fn ways() -> impl Iterator<Item = (Way, Revision)> {
    let ways = [Way::Pipe, Way::Streamable, Way::HttpSse];
    ways.into_iter().flat_map(|way| Revision::ALL.into_iter().map(move |revision| (way, revision))).filter(|(way, revision)| {
        // HTTP+SSE was replaced when the stateless revision came.
        *way != Way::HttpSse || !revision.is_modern()
    })
}

/// A server that was started for one test.
fn server() -> Server {
    Server::linked().expect("the registry is sound").named("everything", "1.2.3").instructions("Be gentle.").tasks()
}

/// Connects to a new server.
pub(crate) async fn connect(way: Way, builder: Builder) -> mcp_client::Result<Client> {
    connect_to(server(), way, builder).await
}

/// Connects to a new server whose lists have pages of one.
pub(crate) async fn connect_to_small_pages(way: Way, builder: Builder) -> mcp_client::Result<Client> {
    connect_to(server().limits(Limits { page_size: 1, ..Limits::default() }), way, builder).await
}

async fn connect_to(server: Server, way: Way, builder: Builder) -> mcp_client::Result<Client> {
    let dispatcher = server.into_dispatcher().expect("the registry is sound");
    if way == Way::Pipe {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().expect("a pair of sockets");
        ours.set_nonblocking(true).expect("a socket can be set to not block");
        let writer = theirs.try_clone().expect("a socket can be cloned");
        let options = mcp_parity::stdio::Options { principal: Principal::local(), ..Default::default() };
        tokio::spawn(mcp_parity::stdio::serve(dispatcher, options, theirs, writer, std::future::pending()));
        let (reader, writer) = UnixStream::from_std(ours).expect("a socket").into_split();
        return builder.over(reader, writer).await;
    }
    let config = HttpConfig { authenticator: mcp_parity::auth::Authenticator::LocalDeveloper, ..HttpConfig::default() };
    let service = HttpService::new(dispatcher, config).expect("the configuration is sound");
    let listener = Listener::bind("127.0.0.1:0".parse().expect("an address"), service).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(listener.serve(std::future::pending()));
    let path = if way == Way::HttpSse { "sse" } else { "mcp" };
    builder.connect(&format!("http://{address}/{path}")).await
}

/// Connects every way, in every revision, and hands the client to `test`.
pub(crate) async fn everywhere(builder: impl Fn() -> Builder, test: impl AsyncFn(&Client, Way)) {
    for (way, revision) in ways() {
        eprintln!("{way:?} in {revision}");
        let client =
            connect(way, builder().era(Era::Exactly(revision))).await.unwrap_or_else(|error| panic!("{way:?} in {revision}: {error}"));
        assert_eq!(client.revision(), revision);
        test(&client, way).await;
        client.close().await;
    }
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, so: impl Fn() -> bool) {
    for _ in 0..500 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to be that {what}");
}
