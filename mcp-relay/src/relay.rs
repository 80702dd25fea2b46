//! The relay: a connection to the upstream, and the registry that mirrors it.

use std::collections::BTreeSet;
use std::io;
use std::process::Stdio;
use std::sync::{Arc, Weak};
use std::time::Duration;

use mcp_client::{Builder, Error, Server};
use mcp_core::{LiveRegistry, Registry, ServerInfo};
use serde_json::{Map, Value};
use tokio::sync::Notify;

use crate::access::Rules;
use crate::connect::{Advise, Connect, Make, ServerLog, Upstream};
use crate::identity::Identity;
use crate::keep::Keeper;
use crate::lease::Leases;
use crate::mirror::Lists;
use crate::parked::Parked;
use crate::reach::{Connected, Reach, passes};
use crate::request::SESSION_TASKS;
use crate::roots::Roots;
use crate::settings::RelaySettings;
use crate::ticket::Tickets;
use crate::tuned::Tuned;

/// Extensions without requests of their own: MCP Apps, whose pages are resources that tools name in their `_meta`.
const METADATA: [&str; 1] = ["io.modelcontextprotocol/ui"];
/// For how long the upstream may say nothing of a call. How long calls may take is for the server to say that serves the relay.
const SILENCE: Duration = Duration::from_secs(3_600);
/// How long callers may take to come back with answers.
const AWAY: Duration = Duration::from_secs(900);
/// How often it is looked for those that took longer.
const SWEEP: Duration = Duration::from_secs(30);

/// Whose credentials let a relay in at the upstream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// Its own. Callers are not told what the upstream says of them.
    #[default]
    OfRelay,
    /// Those of its one caller, who is told for what they do not suffice.
    OfCaller,
}

/// How a relay behaves.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// What items ask of their callers.
    pub settings: RelaySettings,
    /// Whose credentials let the relay in. Default its own.
    pub credentials: Credentials,
    /// How the upstream is told who is calling, if it is.
    pub identity: Option<Identity>,
    /// How long calls wait for an upstream that is gone. Default 30 s.
    pub patience: Duration,
    /// Most connections that callers have of their own. Default 64, of which one caller among several gets half at most.
    pub most_connections: usize,
    /// For how long such a connection is kept that nobody uses. Default 10 min.
    pub idle: Duration,
    /// How long the start waits for an upstream that is not there yet. Then the relay has no items until it is, and callers are told when it
    /// is. Without it, which is the default, a relay of an upstream that cannot be reached does not open.
    pub start: Option<Duration>,
    make: Make,
    advise: Option<Advise>,
    server_log: Option<ServerLog>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("settings", &self.settings).field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl Options {
    /// A relay that connects with what `make` makes: its era, its credentials, its headers.
    pub fn new(make: impl Fn() -> Builder + Send + Sync + 'static) -> Self {
        let make = move || {
            make().hears_releases().timeouts(|timeouts| {
                timeouts.silence = timeouts.silence.max(SILENCE);
                timeouts.call = timeouts.call.max(SILENCE);
            })
        };
        Self {
            settings: RelaySettings::default(),
            credentials: Credentials::default(),
            identity: None,
            patience: Duration::from_secs(30),
            most_connections: 64,
            idle: Duration::from_secs(600),
            start: None,
            make: Arc::new(make),
            advise: None,
            server_log: None,
        }
    }

    /// Has callers told in words of one's own, where there are any, why the upstream does not let this server in. They are told the
    /// upstream's details too, so this is for servers whose caller is the one who is let in.
    pub fn advise(&mut self, advise: impl Fn(&Error) -> Option<String> + Send + Sync + 'static) {
        self.advise = Some(Arc::new(advise));
    }

    /// Where a server that is started writes its standard error; that of this process otherwise. Asked again for each start.
    pub fn server_log(&mut self, open: impl Fn() -> io::Result<Stdio> + Send + Sync + 'static) {
        self.server_log = Some(Arc::new(open));
    }
}

/// Why there is no relay.
#[derive(Debug, thiserror::Error)]
#[error("the upstream server cannot be relayed: {0}")]
pub struct RelayError(#[from] pub Error);

/// What forwarding calls takes.
pub(crate) struct Shared {
    pub(crate) reach: Arc<Reach>,
    pub(crate) leases: Arc<Leases>,
    pub(crate) parked: Parked,
    pub(crate) identity: Option<Identity>,
    pub(crate) credentials: Credentials,
    pub(crate) tuned: Tuned,
    /// Whether there was no upstream when clients were told what there is.
    awaited: bool,
}

impl Shared {
    /// A registry of what the upstream offers.
    pub(crate) fn registry(self: &Arc<Self>, lists: &Lists, rules: &Rules) -> Registry {
        let registry = lists.registry(self, rules);
        if self.awaited { registry.announcing_all() } else { registry }
    }
}

/// A connection to an upstream server, and what it offers.
pub struct Relay {
    shared: Arc<Shared>,
    rules: Rules,
    lists: Lists,
    /// What the lists are read from.
    connected: Option<Connected>,
    stirred: Arc<Notify>,
    roots: Arc<Roots>,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("server", &self.server()).finish_non_exhaustive()
    }
}

/// Ends a relay.
#[must_use = "the upstream ends in good order when it is told to"]
pub struct Ending(Arc<Shared>);

impl std::fmt::Debug for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ending")
    }
}

impl Ending {
    /// Ends all connections in good order, and the processes that were started for them.
    pub async fn end(self) {
        self.0.leases.close().await;
        self.0.reach.close().await;
    }
}

impl Relay {
    /// Connects and reads what the upstream offers.
    ///
    /// # Errors
    /// When it cannot be reached, or does not say what it offers.
    pub async fn open(upstream: Upstream, options: Options) -> Result<Self, RelayError> {
        let identity = options.identity.filter(|_| matches!(upstream, Upstream::Url(_)));
        let connect =
            Connect { upstream, make: options.make, advise: options.advise, server_log: options.server_log, identity: identity.clone() };
        let reach = match options.start {
            None => Reach::open(connect, options.patience).await?,
            Some(wait) => Reach::open_within(connect, options.patience, wait).await?,
        };
        let awaited = options.start.is_some();
        let (connected, lists) = match reach.gone() {
            Some(_) if awaited => (None, Lists::default()),
            _ => {
                let connected = reach.connected().await.map_err(|gone| Error::Closed(gone.why.to_string()))?;
                match Lists::read(&connected.client).await {
                    Ok(lists) => (Some(connected), lists),
                    Err(error) if awaited && (passes(&error) || matches!(error, Error::Refused { .. })) => (None, Lists::default()),
                    Err(error) => return Err(error.into()),
                }
            }
        };
        // Whoever started a command is on the other side of its pipes; headers are for those who listen.
        let tickets = Tickets::new(options.most_connections, options.credentials == Credentials::OfRelay);
        let leases = Leases::new(Arc::clone(&reach), identity.clone(), tickets, options.idle);
        let parked = Parked::new(AWAY);
        let shared = Arc::new(Shared {
            reach,
            leases,
            parked,
            identity,
            awaited: connected.is_none(),
            credentials: options.credentials,
            tuned: Tuned::new(),
        });
        let rules = Rules::new(options.settings);
        if connected.is_some() {
            lists.tell_of_idle(&rules);
        }
        Ok(Self { shared, rules, lists, connected, stirred: Arc::default(), roots: Arc::default() })
    }

    fn server(&self) -> Option<Arc<Server>> {
        self.connected.as_ref().map(|connected| connected.client.server())
    }

    /// Why the upstream is not there, if it was not when this was opened.
    pub fn awaits(&self) -> Option<String> {
        if self.connected.is_some() {
            return None;
        }
        let why = self.shared.reach.gone().map(|gone| gone.advice.unwrap_or(gone.why).to_string());
        Some(why.unwrap_or_else(|| "it does not say yet what it offers".to_owned()))
    }

    /// What the upstream offers now.
    pub fn registry(&self) -> Registry {
        self.shared.registry(&self.lists, &self.rules)
    }

    /// What the upstream says of itself.
    pub fn info(&self) -> ServerInfo {
        let server = self.server();
        let mut info = match server.as_ref().and_then(|server| server.info.as_ref()) {
            Some(known) => ServerInfo {
                title: known.title.clone(),
                description: known.description.clone(),
                website_url: known.website_url.clone(),
                ..ServerInfo::new(known.name.clone(), known.version.clone())
            },
            None => ServerInfo::new("mcp-relay", env!("CARGO_PKG_VERSION")),
        };
        info.instructions = match &server {
            Some(server) => server.instructions.clone(),
            None => Some("The server behind this bridge is not there yet; its tools appear as soon as it is.".to_owned()),
        };
        let icons = server.as_ref().and_then(|server| server.info.as_ref()).map(|known| &known.icons).filter(|icons| !icons.is_empty());
        info.foreign_icons = icons.and_then(|icons| serde_json::to_string(icons).ok());
        info
    }

    /// Whether the upstream makes tasks of calls.
    pub fn has_tasks(&self) -> bool {
        self.server().is_some_and(|server| {
            let in_sessions = server.revision.has_session_tasks() && server.can(SESSION_TASKS);
            in_sessions || server.has_extension("io.modelcontextprotocol/tasks")
        })
    }

    /// Extensions of the upstream that are nothing but metadata of its items, with their settings.
    pub fn extensions(&self) -> Vec<(String, Map<String, Value>)> {
        let Some(server) = self.server() else { return Vec::new() };
        METADATA.iter().filter_map(|name| Some(((*name).to_owned(), server.extension(name)?.as_object()?.clone()))).collect()
    }

    /// What is to be called when other resources may be watched than before.
    pub fn watcher(&self) -> impl Fn() + Send + Sync + 'static {
        let (stirred, shared) = (Arc::clone(&self.stirred), Arc::clone(&self.shared));
        move || {
            shared.tuned.want();
            stirred.notify_one();
        }
    }

    /// What is to be called when the roots of a caller have changed, by its key.
    pub fn roots_watcher(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let roots = Arc::clone(&self.roots);
        move |caller: &str| roots.changed(caller)
    }

    /// What ends the relay, for when it is not served any more.
    pub fn ending(&self) -> Ending {
        Ending(Arc::clone(&self.shared))
    }

    /// Keeps a registry that is served as the upstream has it, for as long as the runtime lives.
    pub fn keep(self, live: LiveRegistry) {
        let Self { shared, rules, lists, connected, stirred, roots } = self;
        let leases = Arc::clone(&shared.leases);
        if connected.is_some() {
            shared.tuned.want();
        }
        tokio::spawn(async move {
            loop {
                for caller in roots.next().await {
                    // One that does not read keeps nobody else waiting.
                    let leases = Arc::clone(&leases);
                    tokio::spawn(async move { leases.roots_changed(&caller).await });
                }
            }
        });
        tokio::spawn(give_up_old(Arc::downgrade(&shared)));
        tokio::spawn(async move {
            let read = connected.map_or(0, |connected| connected.number);
            Keeper { shared, rules, live, lists, watched: BTreeSet::new(), stirred }.run(read).await;
        });
    }
}

/// Gives up calls whose callers do not come back with answers, so that they keep no connection.
async fn give_up_old(shared: Weak<Shared>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        match shared.upgrade() {
            Some(shared) => shared.parked.give_up_old(),
            None => return,
        }
    }
}
