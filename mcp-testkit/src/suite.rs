//! Every fixture on every wire, in every revision, for every caller.

use std::collections::BTreeMap;
use std::sync::Arc;

use mcp_core::{Dispatcher, Revision};
use mcp_parity::Server;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::caller::Caller;
use crate::child::Child;
use crate::compare::{Difference, compare};
use crate::fixture::Fixture;
use crate::front::Front;
use crate::play::Player;
use crate::report::Report;
use crate::tamper::{Rewrite, Tampered};
use crate::transcript::Transcript;
use crate::wire::{self, Opening, Wire};

/// What transports are compared with.
const REFERENCES: [Wire; 2] = [Wire::InProcess, Wire::InProcessWithHeaders];

/// How many conversations are held at once.
const AT_ONCE: usize = 8;

/// A server, and what is to be found out about it.
#[must_use = "a suite finds out nothing until it runs"]
pub struct Suite {
    server: Box<dyn Fn() -> Server + Send + Sync>,
    callers: Vec<Caller>,
    child: Child,
    fixtures: Vec<Fixture>,
    wires: Vec<Wire>,
    fronts: Vec<Front>,
    tamper: Option<(Wire, Rewrite)>,
}

/// Why a caller is not there on some wires.
const ONLY_LOCAL: &str = "the program under test can only be launched on behalf of local callers";

impl std::fmt::Debug for Suite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Suite").field("callers", &self.callers).field("fixtures", &self.fixtures.len()).finish_non_exhaustive()
    }
}

impl Suite {
    /// A suite without fixtures. `server` makes a fresh server each time; `child` is what to launch
    /// for one in a process of its own.
    pub fn new(server: impl Fn() -> Server + Send + Sync + 'static, callers: Vec<Caller>, child: Child) -> Self {
        assert!(!callers.is_empty(), "parity is tested on behalf of at least one caller");
        Self { server: Box::new(server), callers, child, fixtures: Vec::new(), wires: Wire::ALL.to_vec(), fronts: Vec::new(), tamper: None }
    }

    /// Adds fixtures.
    pub fn fixtures(mut self, fixtures: impl IntoIterator<Item = Fixture>) -> Self {
        self.fixtures.extend(fixtures);
        self
    }

    /// Adds what every server must do, and what this one offers: its lists, and every tool,
    /// resource and prompt but those named in `except`.
    pub fn built_in(mut self, except: &[&str]) -> Self {
        let server = (self.server)();
        self.fixtures.extend(crate::automatic::offers(server.registry(), except));
        let dispatcher = server.into_dispatcher().expect("the server is sound");
        self.fixtures.extend(crate::manifest::protocol(dispatcher.limits()));
        self
    }

    /// Keeps only some fixtures.
    pub fn only(mut self, wanted: impl Fn(&Fixture) -> bool) -> Self {
        self.fixtures.retain(wanted);
        self
    }

    /// Runs on some wires only; the references always run.
    pub fn wires(mut self, wires: &[Wire]) -> Self {
        self.wires = wires.to_vec();
        self
    }

    /// Runs at a front, too.
    pub fn front(mut self, front: Front) -> Self {
        self.fronts.push(front);
        self
    }

    /// Rewrites what a wire delivers, to find out whether the comparison notices.
    pub fn tamper(mut self, wire: Wire, rewrite: Rewrite) -> Self {
        self.tamper = Some((wire, rewrite));
        self
    }

    /// Runs everything.
    pub fn run(self) -> Report {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be started");
        let report = runtime.block_on(Arc::new(self).compare_all());
        runtime.shutdown_background();
        report
    }

    /// The conversation of one fixture on one wire, by itself; `None` where it is not held.
    pub async fn transcript(&self, fixture: &Fixture, wire: Wire, revision: Revision, caller: usize) -> Option<Transcript> {
        self.play(fixture, wire, revision, caller).await.ok()
    }

    /// Every wire on which something is to be compared, and in which revisions.
    fn claimed(&self) -> Vec<(Wire, Vec<Revision>)> {
        let own = REFERENCES.iter().chain(self.wires.iter().filter(|wire| !REFERENCES.contains(wire)));
        let own = own.map(|wire| (*wire, Revision::ALL.into_iter().filter(|revision| wire.claims(*revision)).collect()));
        own.chain(self.fronts.iter().map(|front| (front.wire(), front.revisions().to_vec()))).collect()
    }

    fn excluded(&self, fixture: &Fixture, wire: Wire, revision: Revision) -> Option<&'static str> {
        match self.at_front(wire) {
            Some(front) => front.excluded(fixture, revision),
            None => fixture.excluded(wire, revision),
        }
    }

    fn at_front(&self, wire: Wire) -> Option<&Front> {
        self.fronts.iter().find(|front| front.wire() == wire)
    }

    async fn compare_all(self: Arc<Self>) -> Report {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut work = JoinSet::new();
        for fixture in 0..self.fixtures.len() {
            for &revision in &self.fixtures[fixture].revisions {
                let callers = if self.fixtures[fixture].for_anybody { 1 } else { self.callers.len() };
                for caller in 0..callers {
                    let (suite, places) = (Arc::clone(&self), Arc::clone(&places));
                    work.spawn(async move {
                        let _place = places.acquire().await.expect("the semaphore is never closed");
                        suite.compare_one(&suite.fixtures[fixture], revision, caller).await
                    });
                }
            }
        }
        let (mut cells, mut differences, mut excluded) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        while let Some(done) = work.join_next().await {
            let Outcome { compared, found, left_out, revision, fixture } = done.expect("conversations do not panic");
            for wire in compared {
                *cells.entry((wire, revision)).or_insert(0) += 1;
            }
            for (wire, reason) in left_out {
                excluded.entry((reason, wire)).or_insert_with(Vec::new).push(fixture.clone());
            }
            differences.extend(found);
        }
        differences
            .sort_by(|a: &Difference, b| (&a.fixture, a.wire, a.revision, &a.caller).cmp(&(&b.fixture, b.wire, b.revision, &b.caller)));
        for names in excluded.values_mut() {
            names.sort();
            names.dedup();
        }
        let callers = self.callers.iter().map(|caller| caller.label().to_owned()).collect();
        Report { cells, differences, excluded, callers, wires: self.claimed() }
    }

    async fn compare_one(&self, fixture: &Fixture, revision: Revision, caller: usize) -> Outcome {
        let reference_wire = if fixture.needs_headers.is_some() { Wire::InProcessWithHeaders } else { Wire::InProcess };
        let mut outcome =
            Outcome { compared: Vec::new(), found: Vec::new(), left_out: Vec::new(), revision, fixture: fixture.name.to_string() };
        let reference = self.play(fixture, reference_wire, revision, caller).await.expect("every caller can be had in process");
        outcome.compared.push(reference_wire);
        // A status follows from what the dispatcher answers to a message with headers.
        let mut with_headers = (reference_wire == Wire::InProcessWithHeaders).then(|| reference.clone());
        if with_headers.is_none() && fixture.excluded(Wire::InProcessWithHeaders, revision).is_none() {
            with_headers = self.play(fixture, Wire::InProcessWithHeaders, revision, caller).await.ok();
            outcome.compared.push(Wire::InProcessWithHeaders);
            outcome.found.extend(with_headers.as_ref().and_then(|other| compare(fixture, &self.callers[caller], &reference, other, None)));
        }
        let others = self.claimed().into_iter().filter(|(wire, claimed)| !REFERENCES.contains(wire) && claimed.contains(&revision));
        for (wire, _) in others {
            let played = match self.excluded(fixture, wire, revision) {
                Some(reason) => Err(reason),
                None => self.play(fixture, wire, revision, caller).await,
            };
            match played {
                Ok(transcript) => {
                    outcome.compared.push(wire);
                    outcome.found.extend(compare(fixture, &self.callers[caller], &reference, &transcript, with_headers.as_ref()));
                }
                Err(reason) => outcome.left_out.push((wire, reason)),
            }
        }
        outcome
    }

    async fn play(&self, fixture: &Fixture, wire: Wire, revision: Revision, caller: usize) -> Result<Transcript, &'static str> {
        let dispatcher = || -> Dispatcher { (self.server)().into_dispatcher().expect("the server is sound") };
        let opening = Opening { dispatcher: &dispatcher, callers: &self.callers, caller, child: &self.child };
        let mut client = match self.at_front(wire) {
            Some(front) => front.open(&opening, fixture, revision)?,
            None => wire::open(wire, &opening).await.ok_or(ONLY_LOCAL)?,
        };
        if let Some((tampered, rewrite)) = self.tamper
            && tampered == wire
        {
            client = Box::new(Tampered::new(client, rewrite));
        }
        let another = (caller + 1) % self.callers.len();
        Ok(Player::new(client, wire, revision, fixture, caller, another).play().await)
    }
}

/// What became of one fixture in one revision for one caller.
struct Outcome {
    compared: Vec<Wire>,
    found: Vec<Difference>,
    left_out: Vec<(Wire, &'static str)>,
    revision: Revision,
    fixture: String,
}
