//! What was compared, and what was found.

use mcp_core::Revision;

use super::face::Face;
use crate::fixture::Fixture;
use crate::transcript::Transcript;

/// What became of a conversation on a face.
#[derive(Clone, Debug)]
pub(super) enum Tally {
    /// It said what the reference said.
    Same,
    /// It said something else.
    Different(Differs),
    /// The reference or the face differs from itself, so nothing can be said.
    Unstable(Differs),
    /// The conversation cannot be held there.
    LeftOut(LeftOut),
    /// The test itself failed.
    Failed(String),
}

/// Two conversations that differ.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Differs {
    /// The fixture.
    pub fixture: String,
    /// The passage it follows from.
    pub spec: String,
    /// The revision spoken.
    pub revision: Revision,
    /// What the reference is called, and the other face; twice the same of one that differs from itself.
    pub faces: [String; 2],
    /// Where they differ first.
    pub what: String,
    /// Both conversations.
    pub transcripts: [String; 2],
}

impl Differs {
    pub(super) fn new(fixture: &Fixture, reference: &Face, other: &Face, transcripts: [&Transcript; 2], what: String) -> Self {
        Self {
            fixture: fixture.name().to_owned(),
            spec: fixture.spec().to_owned(),
            revision: transcripts[0].revision,
            faces: [reference.label.clone(), other.label.clone()],
            what,
            transcripts: transcripts.map(ToString::to_string),
        }
    }
}

/// A conversation that cannot be held on a face, or not on the reference.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LeftOut {
    /// The fixture.
    pub fixture: String,
    /// The revision that would have been spoken.
    pub revision: Revision,
    /// Why.
    pub reason: &'static str,
}

impl LeftOut {
    pub(super) fn new(fixture: &Fixture, revision: Revision, reason: &'static str) -> Self {
        Self { fixture: fixture.name().to_owned(), revision, reason }
    }
}

/// How many conversations came to what on one face.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Count {
    /// What the face is called.
    pub face: String,
    /// Said what the reference said.
    pub same: usize,
    /// Said something else.
    pub different: usize,
    /// Could not be judged.
    pub unstable: usize,
    /// Those that cannot be held there.
    pub left_out: Vec<LeftOut>,
}

/// What was compared, and what was found.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use = "a report says whether there is parity"]
pub struct Report {
    /// What the reference is called.
    pub reference: String,
    /// The other faces.
    pub counts: Vec<Count>,
    /// Where they differ from the reference.
    pub differences: Vec<Differs>,
    /// Where the reference, or another face, differs from itself.
    pub unstable: Vec<Differs>,
    /// Why the test itself failed.
    pub failures: Vec<String>,
}

impl Report {
    pub(super) fn new(reference: &Face, others: &[Face]) -> Self {
        let counts = others.iter().map(|face| Count { face: face.label.clone(), ..Count::default() }).collect();
        Self { reference: reference.label.clone(), counts, differences: Vec::new(), unstable: Vec::new(), failures: Vec::new() }
    }

    pub(super) fn add(&mut self, found: Vec<(usize, Tally)>) {
        for (number, tally) in found {
            let Some(count) = self.counts.get_mut(number) else { continue };
            match tally {
                Tally::Same => count.same += 1,
                Tally::LeftOut(left_out) => count.left_out.push(left_out),
                Tally::Different(differs) => {
                    count.different += 1;
                    self.differences.push(differs);
                }
                Tally::Unstable(differs) => {
                    count.unstable += 1;
                    self.unstable.push(differs);
                }
                Tally::Failed(why) => self.failures.push(why),
            }
        }
    }

    pub(super) fn sort(&mut self) {
        for count in &mut self.counts {
            count.left_out.sort_by(|a, b| (a.reason, &a.fixture, a.revision).cmp(&(b.reason, &b.fixture, b.revision)));
        }
        for list in [&mut self.differences, &mut self.unstable] {
            list.sort_by(|a, b| (&a.faces, &a.fixture, a.revision).cmp(&(&b.faces, &b.fixture, b.revision)));
        }
    }

    /// Whether something was compared, and nothing differs.
    pub fn is_alike(&self) -> bool {
        self.differences.is_empty() && self.failures.is_empty() && self.counts.iter().any(|count| count.same > 0)
    }
}
