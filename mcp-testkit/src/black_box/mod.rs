//! Any MCP server, tested from outside: the same conversations on several of its faces, and where they differ.
//!
//! What is said comes from the same [manifest](crate::protocol) as in [`parity_test!`](crate::parity_test), and from what
//! the server [offers](Offer). Nothing is known of the server but its answers.
//!
//! ```no_run
//! use mcp_testkit::black_box::{BlackBox, Face, Offer};
//!
//! # async fn example(url: Face) {
//! let stdio = Face::command("./my-server", ["stdio"]);
//! let report = BlackBox::new(stdio, vec![url]).fixtures(mcp_testkit::black_box::fixtures(&Offer::default())).run().await;
//! assert!(report.differences.is_empty());
//! # }
//! ```

mod compare;
mod face;
mod meaning;
mod offer;
mod repeated;
mod report;
mod sample;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mcp_core::{Limits, Revision};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub use self::face::{Endpoint, Face};
pub use self::offer::{Offer, OfferedPrompt, OfferedTool};
pub use self::report::{Count, Differs, LeftOut, Report};

use self::compare::difference;
use self::report::Tally;
use crate::fixture::Fixture;
use crate::play::{Patience, Player};
use crate::transcript::Transcript;

/// How many conversations are held at once, unless it is said.
const AT_ONCE: usize = 4;
/// How much longer the second time is: a machine that is busy is so for a while.
const SECOND_TIME: u32 = 2;
/// As long as messages get: a server of others may have any limit.
const LARGE: usize = 64 * 1_024;

/// What can be said to any server, and to this one. Tools that may change something are only called if the offer says so.
pub fn fixtures(offer: &Offer) -> Vec<Fixture> {
    let limits = Limits { max_message_bytes: LARGE, ..Limits::default() };
    let mut fixtures = crate::manifest::protocol(&limits);
    fixtures.extend(offer.fixtures());
    // There is one caller.
    fixtures.retain(|fixture| !fixture.is_for_two());
    fixtures
}

/// A server, and the faces of it that shall say the same.
#[derive(Debug)]
#[must_use = "a black box finds out nothing until it runs"]
pub struct BlackBox {
    reference: Face,
    others: Vec<Face>,
    fixtures: Vec<Fixture>,
    revisions: Vec<Revision>,
    patience: Patience,
    at_once: usize,
}

impl BlackBox {
    /// A server that is compared with its first face, in every revision.
    pub fn new(reference: Face, others: Vec<Face>) -> Self {
        let patience = Patience { opening: Duration::from_secs(10), quiet: Duration::from_secs(2), asks: true };
        Self { reference, others, fixtures: Vec::new(), revisions: Revision::ALL.to_vec(), patience, at_once: AT_ONCE }
    }

    /// Adds conversations.
    pub fn fixtures(mut self, fixtures: impl IntoIterator<Item = Fixture>) -> Self {
        self.fixtures.extend(fixtures);
        self
    }

    /// Only in these revisions.
    pub fn revisions(mut self, revisions: &[Revision]) -> Self {
        self.revisions = revisions.to_vec();
        self
    }

    /// How long to wait for a server that may have to start, and how long for anything after that. Over stdio, what has no answer is
    /// known sooner: requests that are sent after it are answered.
    pub fn patience(mut self, opening: Duration, quiet: Duration) -> Self {
        self.patience = Patience { opening, quiet, asks: true };
        self
    }

    /// How many conversations are held at once, if not 4; one at least.
    pub fn at_once(mut self, conversations: usize) -> Self {
        self.at_once = conversations.max(1);
        self
    }

    /// Holds every conversation on every face, and compares. One that differs is held again on both faces, with more patience, and
    /// counts as different only if each of them says the same again.
    pub async fn run(self) -> Report {
        let mut report = Report::new(&self.reference, &self.others);
        let wanted: BTreeSet<Revision> = self.revisions.iter().copied().collect();
        let this = Arc::new(self);
        let places = Arc::new(Semaphore::new(this.at_once));
        let mut work = JoinSet::new();
        for fixture in 0..this.fixtures.len() {
            for revision in this.fixtures[fixture].revisions().iter().copied().filter(|revision| wanted.contains(revision)) {
                let (this, places) = (Arc::clone(&this), Arc::clone(&places));
                work.spawn(async move {
                    let _place = places.acquire().await;
                    this.compare_one(fixture, revision).await
                });
            }
        }
        while let Some(done) = work.join_next().await {
            match done {
                Ok(found) => report.add(found),
                Err(error) => report.add(vec![(0, Tally::Failed(error.to_string()))]),
            }
        }
        report.sort();
        report
    }

    /// One conversation on all faces; the number of each face, and what became of it there.
    async fn compare_one(&self, fixture: usize, revision: Revision) -> Vec<(usize, Tally)> {
        let fixture = &self.fixtures[fixture];
        let left_out = |reason| Tally::LeftOut(LeftOut::new(fixture, revision, reason));
        if let Some(reason) = fixture.excluded(self.reference.wire(), revision) {
            return (0..self.others.len()).map(|number| (number, left_out(reason))).collect();
        }
        let reference = self.play(&self.reference, fixture, revision, self.patience).await;
        let mut once_more = None;
        let mut found = Vec::new();
        for (number, face) in self.others.iter().enumerate() {
            if let Some(reason) = fixture.excluded(face.wire(), revision) {
                found.push((number, left_out(reason)));
                continue;
            }
            let other = self.play(face, fixture, revision, self.patience).await;
            let Some(what) = difference(&reference, &other) else {
                found.push((number, Tally::Same));
                continue;
            };
            // What differs from itself says nothing about faces.
            let patience = self.patience.times(SECOND_TIME);
            let again = match once_more.take() {
                Some(again) => again,
                None => self.play(&self.reference, fixture, revision, patience).await,
            };
            let tally = if let Some(what) = difference(&reference, &again) {
                Tally::Unstable(Differs::new(fixture, &self.reference, &self.reference, [&reference, &again], what))
            } else {
                let again = self.play(face, fixture, revision, patience).await;
                match difference(&other, &again) {
                    Some(what) => Tally::Unstable(Differs::new(fixture, face, face, [&other, &again], what)),
                    None => Tally::Different(Differs::new(fixture, &self.reference, face, [&reference, &other], what)),
                }
            };
            once_more = Some(again);
            found.push((number, tally));
        }
        found
    }

    async fn play(&self, face: &Face, fixture: &Fixture, revision: Revision, patience: Patience) -> Transcript {
        match face.open() {
            Ok(client) => Player::new(client, face.wire(), revision, fixture, 0, 0).patience(patience).play().await,
            Err(failure) => Transcript::broken(face.wire(), revision, failure),
        }
    }
}
