//! A server: a registry, what its tools share, and how it is served.

use std::any::Any;
use std::sync::Arc;

use mcp_core::{Audit, Builder, Dispatcher, Intercept, Limit, Limits, Registry, SchemaStyle, SecuritySchemes, ServerInfo, Tool};

use crate::error::Result;
use crate::runtime::TokioRuntime;

/// A server: a registry, what its tools share, and how it is served.
#[must_use = "a server does nothing until it runs"]
#[derive(Debug)]
pub struct Server {
    registry: Registry,
    setup: Vec<Setup>,
    pub(crate) told: Vec<Told>,
    info: ServerInfo,
    #[cfg(feature = "http")]
    pub(crate) http: mcp_transport_http::HttpConfig,
    /// Who keeps records, for what else has something to record.
    #[cfg(feature = "auth-server")]
    pub(crate) audits: Audits,
    #[cfg(feature = "auth-server")]
    pub(crate) authorization: Option<crate::authorization::Unsettled>,
}

/// Who keeps records.
#[cfg(feature = "auth-server")]
#[derive(Default)]
pub(crate) struct Audits(pub(crate) Vec<Arc<dyn Audit>>);

#[cfg(feature = "auth-server")]
impl std::fmt::Debug for Audits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Audits({})", self.0.len())
    }
}

/// One step of building the dispatcher.
struct Setup(Box<dyn FnOnce(Builder) -> Builder + Send>);

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Setup")
    }
}

/// Somebody who is told when the dispatcher is built.
pub(crate) struct Told(pub(crate) Box<dyn FnOnce(&Dispatcher) + Send>);

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Told")
    }
}

impl Server {
    /// A server of everything that macros linked into this binary.
    ///
    /// # Errors
    /// As [`Registry::linked`]: nothing is linked, or items clash; both places are named.
    pub fn linked() -> Result<Self> {
        Ok(Self::new(Registry::linked()?))
    }

    /// A server of these items.
    pub fn new(registry: Registry) -> Self {
        let program = std::env::args_os().next().map(std::path::PathBuf::from);
        let name = program.as_deref().and_then(|path| path.file_stem()?.to_str()).unwrap_or("mcp-server").to_owned();
        Self {
            registry,
            setup: Vec::new(),
            told: Vec::new(),
            info: ServerInfo::new(name, "0.0.0"),
            #[cfg(feature = "http")]
            http: mcp_transport_http::HttpConfig::default(),
            #[cfg(feature = "auth-server")]
            audits: Audits::default(),
            #[cfg(feature = "auth-server")]
            authorization: None,
        }
    }

    /// Sets name and version, by default the program's name and `0.0.0`:
    /// `.named(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))`.
    pub fn named(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.info.name = name.into();
        self.info.version = version.into();
        self
    }

    /// Sets everything the server says of itself.
    pub fn info(mut self, info: ServerInfo) -> Self {
        self.info = info;
        self
    }

    /// Tells models how to use the server.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.info.instructions = Some(instructions.into());
        self
    }

    /// Shares a value with all calls, which take it as `State<T>`.
    pub fn state<T: Any + Send + Sync>(self, value: T) -> Self {
        self.shared_state(Arc::new(value))
    }

    /// Shares a value that others hold too.
    pub fn shared_state<T: Any + Send + Sync>(self, value: Arc<T>) -> Self {
        self.configure(move |builder| builder.state(value))
    }

    /// Adds a tool made while running.
    ///
    /// # Errors
    /// When its name is taken.
    pub fn tool(mut self, tool: Tool) -> Result<Self> {
        self.registry.add_tool(tool)?;
        Ok(self)
    }

    /// Takes in another server's items under a prefix; see [`Registry::mount`].
    ///
    /// # Errors
    /// When a name is taken.
    pub fn mount(mut self, prefix: &str, other: Registry) -> Result<Self> {
        self.registry.mount(prefix, other)?;
        Ok(self)
    }

    /// Sets the limits that every transport keeps to.
    pub fn limits(self, limits: Limits) -> Self {
        self.configure(move |builder| builder.limits(limits))
    }

    /// Sets how schemas are written.
    pub fn schema_style(self, style: SchemaStyle) -> Self {
        self.configure(move |builder| builder.schema_style(style))
    }

    /// Sets the key that seals session ids, cursors, request states and handles; random by default.
    pub fn sealing_key(self, key: [u8; 32]) -> Self {
        self.configure(move |builder| builder.sealing_key(key))
    }

    /// Has `tools/list` say what each tool asks of its caller, for clients that sign users in before they call.
    pub fn security_schemes(self, schemes: SecuritySchemes) -> Self {
        self.configure(move |builder| builder.security_schemes(schemes))
    }

    /// Enables the tasks extension.
    pub fn tasks(self) -> Self {
        self.configure(Builder::tasks)
    }

    /// Offers a skill.
    #[cfg(feature = "skills")]
    pub fn skill(self, skill: mcp_core::Skill) -> Self {
        self.configure(move |builder| builder.skill(skill))
    }

    /// Enables the MCP Apps extension: resources at `ui://` with the type `text/html;profile=mcp-app`,
    /// which tools name in `meta = r#"{"ui":{"resourceUri":"ui://…"}}"#`.
    pub fn apps(self) -> Self {
        self.configure(|builder| {
            let mut settings = mcp_core::serde_json::Map::new();
            settings.insert("mimeTypes".to_owned(), vec!["text/html;profile=mcp-app"].into());
            builder.extension("io.modelcontextprotocol/ui", &settings)
        })
    }

    /// Wraps every call.
    pub fn intercept(self, intercept: impl Intercept) -> Self {
        self.configure(move |builder| builder.intercept(intercept))
    }

    /// Has every decision about a caller recorded.
    pub fn audit(#[cfg_attr(not(feature = "auth-server"), allow(unused_mut))] mut self, audit: Arc<dyn Audit>) -> Self {
        #[cfg(feature = "auth-server")]
        self.audits.0.push(Arc::clone(&audit));
        self.configure(move |builder| builder.audit(audit))
    }

    /// Limits how often callers may ask; all limits given have to agree.
    pub fn limit(self, limit: Arc<dyn Limit>) -> Self {
        self.configure(move |builder| builder.limit(limit))
    }

    /// Has callers identified by `provider`: over HTTP, and over stdio where `MCP_ACCESS_TOKEN` is set.
    #[cfg(feature = "http")]
    pub fn auth(mut self, provider: impl mcp_auth::Authenticate) -> Self {
        self.http.authenticator = mcp_auth::Authenticator::Provider(Arc::new(provider));
        self
    }

    /// Changes anything else of the dispatcher before it is built.
    pub fn configure(mut self, step: impl FnOnce(Builder) -> Builder + Send + 'static) -> Self {
        self.setup.push(Setup(Box::new(step)));
        self
    }

    /// Sets how the server is served over HTTP. The command line overrides address, path and `--dev`.
    #[cfg(feature = "http")]
    pub fn http(mut self, config: mcp_transport_http::HttpConfig) -> Self {
        self.http = config;
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.info.name
    }

    pub(crate) fn version(&self) -> &str {
        &self.info.version
    }

    /// The registry as it is so far.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The dispatcher that answers, for serving by other means than [`Server::run`].
    ///
    /// # Errors
    /// When the registry is not sound.
    pub fn into_dispatcher(self) -> Result<Dispatcher> {
        let builder = Dispatcher::builder(self.registry, Arc::new(TokioRuntime)).info(self.info);
        let dispatcher = self.setup.into_iter().fold(builder, |builder, step| step.0(builder)).build()?;
        self.told.into_iter().for_each(|told| told.0(&dispatcher));
        Ok(dispatcher)
    }

    /// Serves as the command line says: `stdio` (the default), `http`, `tools` or `check`.
    ///
    /// # Errors
    /// When the server cannot start or serving fails.
    pub async fn run(self) -> Result<()> {
        crate::command::run(self).await
    }
}
