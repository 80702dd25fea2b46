//! Putting a dispatcher together.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use super::in_flight::InFlight;
use super::{Dispatcher, Shared};
use crate::audit::Audit;
use crate::call::States;
use crate::changes::Changes;
use crate::intercept::Intercept;
use crate::item::{Icon, SecuritySchemes};
use crate::json::Object;
use crate::limit::Limit;
use crate::protocol::revision::Revision;
use crate::questions::Questions;
use crate::registry::{ListSettings, Live, Registry, RegistryError};
use crate::runtime::Runtime;
use crate::schema::SchemaStyle;
use crate::seal::Sealer;
use crate::session::Sessions;
#[cfg(feature = "skills")]
use crate::skills::{Skill, Skills};
use crate::tasks::Tasks;

/// What the server says of itself.
#[derive(Clone, Debug)]
pub struct ServerInfo {
    /// Its name, for programs.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its name, for people.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Where to read more.
    pub website_url: Option<String>,
    /// Its pictures.
    pub icons: Vec<Icon>,
    /// Its pictures as another server describes them, a JSON array; counts in place of `icons`.
    pub foreign_icons: Option<String>,
    /// How a model should use it.
    pub instructions: Option<String>,
}

impl ServerInfo {
    /// A server of which only name and version are known.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            title: None,
            description: None,
            website_url: None,
            icons: Vec::new(),
            foreign_icons: None,
            instructions: None,
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, revision: Revision) {
        let mut object = Object::open(out);
        object.text("name", &self.name);
        object.text("version", &self.version);
        if revision.has_titles() {
            object.optional_text("title", self.title.as_deref());
        }
        if revision.has_icons() {
            object.optional_text("description", self.description.as_deref());
            object.optional_text("websiteUrl", self.website_url.as_deref());
            if let Some(icons) = &self.foreign_icons {
                object.raw("icons", icons);
            } else if !self.icons.is_empty() {
                object.value("icons", &self.icons);
            }
        }
        object.close();
    }
}

/// The limits every transport keeps to.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest message, in bytes. Default 4 MiB.
    pub max_message_bytes: usize,
    /// Deepest nesting of arrays and objects. Default 128.
    pub max_depth: usize,
    /// Most messages in one batch, in the revisions that have batches. Default 100.
    pub max_batch: usize,
    /// Most calls that run at once, of which one caller leaves a quarter to the others. Default 1,024.
    pub max_in_flight: usize,
    /// Most `subscriptions/listen` streams open at once; they do not count as calls, and one caller leaves a quarter to the others. Default 10,000.
    pub max_listeners: usize,
    /// Longest time one call may take, unless its item says otherwise. Default 5 minutes.
    pub call_timeout: Option<Duration>,
    /// Most items in one page of a list. Default 1,000.
    pub page_size: usize,
    /// How long clients may keep lists, in milliseconds. Default 5 minutes.
    pub list_ttl_ms: u64,
    /// How long a session may last. Default 7 days.
    pub session_max_age: Duration,
    /// How long a client may take to answer questions. Default 15 minutes.
    pub request_state_ttl: Duration,
    /// How long a task that is over is kept. Default one hour.
    pub task_ttl: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message_bytes: 4 * 1_024 * 1_024,
            max_depth: 128,
            max_batch: 100,
            max_in_flight: 1_024,
            max_listeners: 10_000,
            call_timeout: Some(Duration::from_secs(300)),
            page_size: 1_000,
            list_ttl_ms: 300_000,
            session_max_age: Duration::from_secs(7 * 24 * 3_600),
            request_state_ttl: Duration::from_secs(900),
            task_ttl: Duration::from_secs(3_600),
        }
    }
}

/// Puts a [`Dispatcher`] together.
#[must_use = "a builder does nothing until it is built"]
pub struct Builder {
    registry: Registry,
    runtime: Arc<dyn Runtime>,
    info: ServerInfo,
    limits: Limits,
    states: States,
    key: Option<[u8; 32]>,
    style: SchemaStyle,
    security: Option<SecuritySchemes>,
    tasks: bool,
    #[cfg(feature = "skills")]
    skills: Vec<Skill>,
    extensions: Vec<(String, String)>,
    intercepts: Vec<Arc<dyn Intercept>>,
    audits: Vec<Arc<dyn Audit>>,
    audits_arguments: bool,
    limiters: Vec<Arc<dyn Limit>>,
    watchers: Vec<Watcher>,
    roots_watchers: Vec<RootsWatcher>,
}

/// Who is told that the roots of a caller are others than before.
pub(crate) type RootsWatcher = Arc<dyn Fn(&str) + Send + Sync>;

/// Who is told that other resources may be watched than before.
pub(crate) type Watcher = Arc<dyn Fn() + Send + Sync>;

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("info", &self.info).finish_non_exhaustive()
    }
}

impl Builder {
    pub(super) fn new(registry: Registry, runtime: Arc<dyn Runtime>) -> Self {
        Self {
            registry,
            runtime,
            info: ServerInfo::new("mcp-server", "0.0.0"),
            limits: Limits::default(),
            states: States::default(),
            key: None,
            style: SchemaStyle::Full,
            security: None,
            tasks: false,
            #[cfg(feature = "skills")]
            skills: Vec::new(),
            extensions: Vec::new(),
            intercepts: Vec::new(),
            audits: Vec::new(),
            audits_arguments: false,
            limiters: Vec::new(),
            watchers: Vec::new(),
            roots_watchers: Vec::new(),
        }
    }

    /// Sets what the server says of itself.
    pub fn info(mut self, info: ServerInfo) -> Self {
        self.info = info;
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Shares a value with all calls, which take it as `State<T>`.
    pub fn state<T: Any + Send + Sync>(mut self, value: Arc<T>) -> Self {
        self.states.insert(value);
        self
    }

    /// Sets the key that seals session ids, cursors, request states and handles, so that they outlive the
    /// process and are good at every instance. Random by default.
    pub fn sealing_key(mut self, key: [u8; 32]) -> Self {
        self.key = Some(key);
        self
    }

    /// Sets how schemas are written.
    pub fn schema_style(mut self, style: SchemaStyle) -> Self {
        self.style = style;
        self
    }

    /// Has `tools/list` say what each tool asks of its caller.
    pub fn security_schemes(mut self, schemes: SecuritySchemes) -> Self {
        self.security = Some(schemes);
        self
    }

    /// Enables the tasks extension.
    pub fn tasks(mut self) -> Self {
        self.tasks = true;
        self
    }

    /// Offers a skill, which enables the skills extension.
    #[cfg(feature = "skills")]
    pub fn skill(mut self, skill: Skill) -> Self {
        self.skills.push(skill);
        self
    }

    /// Announces an extension with its settings.
    pub fn extension(mut self, name: impl Into<String>, settings: &serde_json::Map<String, serde_json::Value>) -> Self {
        self.extensions.push((name.into(), serde_json::json!(settings).to_string()));
        self
    }

    /// Wraps every call; the first one given is outermost.
    pub fn intercept(mut self, intercept: impl Intercept) -> Self {
        self.intercepts.push(Arc::new(intercept));
        self
    }

    /// Has every decision about a caller recorded.
    pub fn audit(mut self, audit: Arc<dyn Audit>) -> Self {
        self.audits.push(audit);
        self
    }

    /// Has the arguments of calls recorded too; they may hold what should not be kept.
    pub fn audit_arguments(mut self) -> Self {
        self.audits_arguments = true;
        self
    }

    /// Limits how often callers may ask; all limiters given have to agree.
    pub fn limit(mut self, limiter: Arc<dyn Limit>) -> Self {
        self.limiters.push(limiter);
        self
    }

    /// Has somebody told whenever clients begin or cease to watch resources; [`LiveRegistry::watched`](crate::LiveRegistry::watched)
    /// says which they watch now. Called while a request is answered, so it should be quick.
    pub fn watcher(mut self, told: impl Fn() + Send + Sync + 'static) -> Self {
        self.watchers.push(Arc::new(told));
        self
    }

    /// Has somebody told when a client says in its session that its roots have changed, by the session's
    /// [`Context::caller_key`](crate::Context::caller_key). Called while the notification is read, so it should be quick.
    pub fn roots_watcher(mut self, told: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.roots_watchers.push(Arc::new(told));
        self
    }

    /// Builds the dispatcher.
    ///
    /// # Errors
    /// When a skill cannot be offered, a completion completes nothing, or an item takes a state that was not given.
    pub fn build(#[cfg_attr(not(feature = "skills"), allow(unused_mut))] mut self) -> Result<Dispatcher, RegistryError> {
        #[cfg(feature = "skills")]
        let mut skills = Skills::default();
        #[cfg(feature = "skills")]
        for skill in &self.skills {
            skills.add(skill, &mut self.registry)?;
        }
        self.registry.check_completions()?;
        self.registry.check_requirements(&crate::call::Provided(&self.states))?;
        let sealer = self.key.as_ref().map_or_else(Sealer::random, Sealer::new);
        let mut identity = Vec::new();
        self.info.write(&mut identity, Revision::LATEST);
        let identity = String::from_utf8(identity).expect("what is written here is UTF-8");
        Ok(Dispatcher(Arc::new(Shared {
            lists: ListSettings {
                page_size: self.limits.page_size.max(1),
                ttl_ms: self.limits.list_ttl_ms,
                style: self.style,
                security: self.security,
                sealer: sealer.clone(),
                server_meta: format!("{{\"io.modelcontextprotocol/serverInfo\":{identity}}}"),
            },
            live: Live::new(self.registry),
            states: self.states,
            runtime: self.runtime,
            sessions: Sessions::new(sealer, self.limits.session_max_age),
            questions: Questions::default(),
            changes: Changes::new(),
            tasks: Tasks::default(),
            in_flight: InFlight::default(),
            limits: self.limits,
            info: self.info,
            tasks_enabled: self.tasks,
            #[cfg(feature = "skills")]
            skills,
            extensions: self.extensions,
            intercepts: self.intercepts,
            audits: self.audits,
            audits_arguments: self.audits_arguments,
            limiters: self.limiters,
            watchers: self.watchers,
            roots_watchers: self.roots_watchers,
            watching: super::watching::Watching::default(),
            loud: super::loud::Loud::default(),
            strangers: super::strangers::Strangers::default(),
            shutdown: tokio::sync::watch::Sender::new(false),
        })))
    }
}
