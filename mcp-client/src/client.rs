//! The client, and what it can ask of a server.

use std::sync::Arc;

use mcp_core::Revision;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::process::Command;

use crate::builder::Builder;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::inner::Inner;
use crate::listen::{Changes, Filter};
use crate::params::Params;
use crate::request::{Request, call};
use crate::types::{CallResult, Completion, Prompt, PromptResult, Reference, Resource, ResourceContents, ResourceTemplate, Server, Tool};

/// A connection to an MCP server. Cheap to clone; all clones share the connection.
///
/// Dropping the last one ends the connection at once and kills a server that was launched;
/// [`Client::close`] ends it in good order.
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("server", &self.0.server()).finish_non_exhaustive()
    }
}

impl Client {
    /// How a client is set up.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Launches a server and speaks to it over its standard streams.
    ///
    /// # Errors
    /// As [`Builder::spawn`].
    pub async fn spawn(command: impl Into<Command>) -> Result<Self> {
        Self::builder().spawn(command).await
    }

    /// Connects to a server over HTTP.
    ///
    /// # Errors
    /// As [`Builder::connect`].
    pub async fn connect(url: &str) -> Result<Self> {
        Self::builder().connect(url).await
    }

    /// Speaks to a server over any pair of byte streams.
    ///
    /// # Errors
    /// As [`Builder::over`].
    pub async fn over<R, W>(reader: R, writer: W) -> Result<Self>
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        Self::builder().over(reader, writer).await
    }

    /// The server, as it presented itself.
    pub fn server(&self) -> Arc<Server> {
        self.0.server()
    }

    /// The protocol revision that is spoken.
    pub fn revision(&self) -> Revision {
        self.0.revision()
    }

    /// Lists the tools.
    ///
    /// Over HTTP in 2026-07-28, a tool whose `x-mcp-header` annotations are not valid is left out, as the protocol demands.
    pub fn list_tools(&self) -> Request<'_, Vec<Tool>> {
        Request::new(&self.0, Ok(Draft::new("tools/list")), |inner, draft| Box::pin(inner.list_tools(draft)))
    }

    /// Lists the resources.
    pub fn list_resources(&self) -> Request<'_, Vec<Resource>> {
        Request::new(&self.0, Ok(Draft::new("resources/list")), |inner, draft| Box::pin(inner.list(draft, "resources")))
    }

    /// Lists the templates of resources.
    pub fn list_resource_templates(&self) -> Request<'_, Vec<ResourceTemplate>> {
        Request::new(&self.0, Ok(Draft::new("resources/templates/list")), |inner, draft| Box::pin(inner.list(draft, "resourceTemplates")))
    }

    /// Lists the prompts.
    pub fn list_prompts(&self) -> Request<'_, Vec<Prompt>> {
        Request::new(&self.0, Ok(Draft::new("prompts/list")), |inner, draft| Box::pin(inner.list(draft, "prompts")))
    }

    /// Calls a tool with arguments that are an object, or nothing: `&()`.
    ///
    /// What the server asks in between goes to the handler, and a task is waited for: what comes back is
    /// the final result. A tool that fails in a way the model should hear of is no error: see [`CallResult::is_error`].
    ///
    /// ```no_run
    /// # async fn example(client: mcp_client::Client) -> mcp_client::Result<()> {
    /// let sum = client.call_tool("add", &serde_json::json!({"a": 2, "b": 3})).await?;
    /// assert_eq!(sum.structured::<i64>()?, 5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn call_tool<A: Serialize + ?Sized>(&self, name: impl Into<String>, arguments: &A) -> Request<'_, CallResult> {
        Request::new(&self.0, with_arguments("tools/call", name.into(), arguments), call)
    }

    /// Reads a resource.
    pub fn read_resource(&self, uri: impl Into<String>) -> Request<'_, Vec<ResourceContents>> {
        Request::new(&self.0, Ok(Draft::naming("resources/read", "uri", uri.into())), |inner, draft| {
            #[derive(Deserialize)]
            struct ReadResult {
                contents: Vec<ResourceContents>,
            }
            Box::pin(async move { call(inner, draft).await.map(|read: ReadResult| read.contents) })
        })
    }

    /// Gets a prompt with arguments that are an object of strings, or nothing: `&()`.
    pub fn get_prompt<A: Serialize + ?Sized>(&self, name: impl Into<String>, arguments: &A) -> Request<'_, PromptResult> {
        Request::new(&self.0, with_arguments("prompts/get", name.into(), arguments), call)
    }

    /// Suggests values for an argument, of which `value` is the beginning.
    pub fn complete(&self, of: &Reference, argument: impl Into<String>, value: impl Into<String>) -> Request<'_, Completion> {
        let mut draft = Draft::new("completion/complete");
        let argument = Params::default().with("name", &argument.into()).with("value", &value.into());
        let set = draft.params.set("ref", of).and_then(|()| draft.params.set_object("argument", &argument));
        Request::new(&self.0, set.map(|()| draft), |inner, draft| {
            #[derive(Deserialize)]
            struct CompleteResult {
                completion: Completion,
            }
            Box::pin(async move { call(inner, draft).await.map(|found: CompleteResult| found.completion) })
        })
    }

    /// Asks whether the server is there; only in revisions with sessions.
    pub fn ping(&self) -> Request<'_, ()> {
        let draft = if self.revision().is_modern() {
            Err(Error::Unsupported("there is no ping in this revision; any request tells whether the server is there".to_owned()))
        } else {
            Ok(Draft::new("ping"))
        };
        Request::new(&self.0, draft, |inner, draft| Box::pin(async move { call::<IgnoredAny>(inner, draft).await.map(drop) }))
    }

    /// Sends any request, as one of an extension, and returns its result as it is.
    ///
    /// What the server asks in between is answered as in [`Client::call_tool`].
    pub fn request<P: Serialize + ?Sized>(&self, method: impl Into<String>, params: &P) -> Request<'_, Value> {
        let draft = Params::from_object(params).map(|params| Draft::with_params(method.into(), params));
        Request::new(&self.0, draft, call)
    }

    /// Listens for changes, until what is returned is dropped.
    ///
    /// # Errors
    /// When the server does not tell of any of these changes.
    pub async fn listen(&self, filter: Filter) -> Result<Changes> {
        self.0.listen(filter).await
    }

    /// Tells the server that the roots have changed; nothing in 2026-07-28, where it asks each time.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn roots_changed(&self) -> Result<()> {
        if self.revision().is_modern() {
            return Ok(());
        }
        self.0.notify("notifications/roots/list_changed", &Params::default()).await
    }

    /// Ends the connection in good order, and with it a server that was launched. Calls that run fail.
    pub async fn close(self) {
        self.0.router.shut_down();
        self.0.link.close().await;
    }
}

fn with_arguments<A: Serialize + ?Sized>(method: &'static str, name: String, arguments: &A) -> Result<Draft> {
    let mut draft = Draft::naming(method, "name", name);
    let raw = serde_json::value::to_raw_value(arguments).map_err(Error::Arguments)?;
    match raw.get() {
        "null" => {}
        object if object.trim_start().starts_with('{') => draft.params.set_raw("arguments", raw),
        _ => return Err(Error::Arguments(serde::ser::Error::custom("they are not an object"))),
    }
    Ok(draft)
}
