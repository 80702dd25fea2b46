//! The relay: a connection to the upstream, and the registry that mirrors it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mcp_client::{Builder, Client, Error};
use mcp_core::{LiveRegistry, Registry, ServerInfo};
use tokio::sync::watch;

use crate::access::Rules;
use crate::connect::{Connect, Make, Upstream};
use crate::identity::Identity;
use crate::keep::Keeper;
use crate::lease::Leases;
use crate::mirror::Lists;
use crate::parked::Parked;
use crate::reach::Reach;
use crate::settings::RelaySettings;
use crate::tuned::Tuned;

/// Most resources that are watched at the upstream.
const MOST_WATCHED: usize = 1_000;
/// For how long the upstream may say nothing of a call. How long calls may take is for the server to say that serves the relay.
const SILENCE: Duration = Duration::from_secs(3_600);

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
            make().timeouts(|timeouts| {
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
    pub(crate) credentials: Credentials,
    pub(crate) tuned: Tuned,
}

/// A connection to an upstream server, and what it offers.
pub struct Relay {
    shared: Arc<Shared>,
    rules: Rules,
    lists: Lists,
    client: Client,
    watched: watch::Sender<BTreeSet<String>>,
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
        let shared = Arc::new(Shared { reach, leases, parked, identity, credentials: options.credentials, tuned: Tuned::new() });
        let rules = Rules::new(options.settings);
        Ok(Self { shared, rules, lists, client: connected.client, watched: watch::Sender::default() })
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
        info
    }

    /// Whether the upstream makes tasks of calls.
    pub fn has_tasks(&self) -> bool {
        self.client.server().has_extension("io.modelcontextprotocol/tasks")
    }

    /// What is to be called when somebody begins to watch a resource.
    pub fn watcher(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let (watched, shared) = (self.watched.clone(), Arc::clone(&self.shared));
        move |uri: &str| {
            watched.send_if_modified(|watched| {
                // Nobody says when the last one stops; the bound keeps this from growing.
                let is_new = watched.len() < MOST_WATCHED && watched.insert(uri.to_owned());
                if is_new {
                    shared.tuned.want();
                }
                is_new
            });
        }
    }

    /// What ends the relay, for when it is not served any more.
    pub fn ending(&self) -> Ending {
        Ending(Arc::clone(&self.shared))
    }

    /// Keeps a registry that is served as the upstream has it, for as long as the runtime lives.
    pub fn keep(self, live: LiveRegistry) {
        let Self { shared, rules, lists, client: _, watched } = self;
        let receiver = watched.subscribe();
        shared.tuned.want();
        tokio::spawn(async move {
            // The sender lives as long as the task that listens.
            let _watched = watched;
            let Ok(connected) = shared.reach.connected().await else { return };
            Keeper { shared, rules, live, lists, watched: receiver }.run(connected).await;
        });
    }
}
