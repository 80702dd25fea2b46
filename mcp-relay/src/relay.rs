//! The relay: a connection to the upstream, and the registry that mirrors it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mcp_client::{Builder, Client, Error};
use mcp_core::{LiveRegistry, Registry, ServerInfo};
use serde_json::{Map, Value};
use tokio::sync::Notify;

use crate::access::Rules;
use crate::connect::{Connect, Make, Upstream};
use crate::identity::Identity;
use crate::keep::Keeper;
use crate::lease::Leases;
use crate::mirror::Lists;
use crate::parked::Parked;
use crate::reach::Reach;
use crate::request::SESSION_TASKS;
use crate::roots::Roots;
use crate::settings::RelaySettings;

/// Extensions without requests of their own: MCP Apps, whose pages are resources that tools name in their `_meta`.
const METADATA: [&str; 1] = ["io.modelcontextprotocol/ui"];
/// For how long the upstream may say nothing of a call. How long calls may take is for the server to say that serves the relay.
const SILENCE: Duration = Duration::from_secs(3_600);

/// How a relay behaves.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// What items ask of their callers.
    pub settings: RelaySettings,
    /// How the upstream is told who is calling, if it is.
    pub identity: Option<Identity>,
    /// How long calls wait for an upstream that is gone. Default 30 s.
    pub patience: Duration,
    /// Most connections that callers have of their own. Default 64.
    pub most_connections: usize,
    /// For how long such a connection is kept that nobody uses. Default 10 min.
    pub idle: Duration,
    make: Make,
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
            identity: None,
            patience: Duration::from_secs(30),
            most_connections: 64,
            idle: Duration::from_secs(600),
            make: Arc::new(make),
        }
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
}

/// A connection to an upstream server, and what it offers.
pub struct Relay {
    shared: Arc<Shared>,
    rules: Rules,
    lists: Lists,
    client: Client,
    stirred: Arc<Notify>,
    roots: Arc<Roots>,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("server", &self.client.server()).finish_non_exhaustive()
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
        let reach = Reach::open(Connect { upstream, make: options.make }, options.patience).await?;
        let connected = reach.connected().await.map_err(|why| Error::Closed(why.to_string()))?;
        let lists = Lists::read(&connected.client).await?;
        // Whoever started a command is on the other side of its pipes; headers are for those who listen.
        let identity = options.identity.filter(|_| reach.connect.is_url());
        let leases = Leases::new(Arc::clone(&reach), identity.clone(), options.most_connections, options.idle);
        let parked = Parked::new(Duration::from_secs(900));
        let shared = Arc::new(Shared { reach, leases, parked, identity });
        let rules = Rules::new(options.settings);
        Ok(Self { shared, rules, lists, client: connected.client, stirred: Arc::default(), roots: Arc::default() })
    }

    /// What the upstream offers now.
    pub fn registry(&self) -> Registry {
        self.lists.registry(&self.shared, &self.rules)
    }

    /// What the upstream says of itself.
    pub fn info(&self) -> ServerInfo {
        let server = self.client.server();
        let mut info = match &server.info {
            Some(known) => ServerInfo {
                title: known.title.clone(),
                description: known.description.clone(),
                website_url: known.website_url.clone(),
                ..ServerInfo::new(known.name.clone(), known.version.clone())
            },
            None => ServerInfo::new("mcp-relay", env!("CARGO_PKG_VERSION")),
        };
        info.instructions.clone_from(&server.instructions);
        info.foreign_icons =
            server.info.as_ref().filter(|known| !known.icons.is_empty()).and_then(|known| serde_json::to_string(&known.icons).ok());
        info
    }

    /// Whether the upstream makes tasks of calls.
    pub fn has_tasks(&self) -> bool {
        let server = self.client.server();
        let in_sessions = server.revision.has_session_tasks() && server.can(SESSION_TASKS);
        in_sessions || server.has_extension("io.modelcontextprotocol/tasks")
    }

    /// Extensions of the upstream that are nothing but metadata of its items, with their settings.
    pub fn extensions(&self) -> Vec<(String, Map<String, Value>)> {
        let known =
            METADATA.iter().filter_map(|name| Some(((*name).to_owned(), self.client.server().extension(name)?.as_object()?.clone())));
        known.collect()
    }

    /// What is to be called when other resources may be watched than before.
    pub fn watcher(&self) -> impl Fn() + Send + Sync + 'static {
        let stirred = Arc::clone(&self.stirred);
        move || stirred.notify_one()
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
        let Self { shared, rules, lists, client: _, stirred, roots } = self;
        let leases = Arc::clone(&shared.leases);
        tokio::spawn(async move {
            loop {
                for caller in roots.next().await {
                    leases.roots_changed(&caller).await;
                }
            }
        });
        tokio::spawn(async move {
            let Ok(connected) = shared.reach.connected().await else { return };
            Keeper { shared, rules, live, lists, watched: BTreeSet::new(), stirred }.run(connected).await;
        });
    }
}
