//! What was compared, and what was found.

use std::collections::BTreeMap;
use std::fmt;

use mcp_core::Revision;

use crate::compare::Difference;
use crate::wire::Wire;

/// What was compared, and what was found.
#[derive(Clone, Debug)]
#[must_use = "a report says whether there is parity"]
pub struct Report {
    pub(crate) cells: BTreeMap<(Wire, Revision), usize>,
    pub(crate) differences: Vec<Difference>,
    /// Fixtures that were left out, by reason and wire.
    pub(crate) excluded: BTreeMap<(&'static str, Wire), Vec<String>>,
    pub(crate) callers: Vec<String>,
    /// The wires that were to be compared, in which revisions.
    pub(crate) wires: Vec<(Wire, Vec<Revision>)>,
}

/// Most differences that are shown in full.
const SHOWN: usize = 20;

impl Report {
    /// Where wires differ from the reference.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// How many conversations were held on a wire in a revision.
    pub fn count(&self, wire: Wire, revision: Revision) -> usize {
        self.cells.get(&(wire, revision)).copied().unwrap_or(0)
    }

    /// The wires and revisions that are claimed and on which nothing was compared.
    pub fn uncovered(&self) -> Vec<(Wire, Revision)> {
        let pairs = self.wires.iter().flat_map(|(wire, claimed)| claimed.iter().map(|revision| (*wire, *revision)));
        pairs.filter(|(wire, revision)| self.count(*wire, *revision) == 0).collect()
    }

    /// How many fixtures were left out on which wires, and why.
    pub fn exclusions(&self) -> impl fmt::Display + '_ {
        Exclusions(self)
    }

    /// Ends the test unless all wires agree and every claimed pair of wire and revision was covered.
    ///
    /// # Panics
    /// With the first difference of each conversation.
    pub fn assert_parity(&self) {
        let differences = &self.differences;
        if !differences.is_empty() {
            // One of each fixture and wire tells enough; the others are counted.
            let mut groups: BTreeMap<(&str, Wire), Vec<&Difference>> = BTreeMap::new();
            for difference in differences {
                groups.entry((&difference.fixture, difference.wire)).or_default().push(difference);
            }
            let shown: Vec<String> = groups
                .values()
                .take(SHOWN)
                .map(|group| match group.len() - 1 {
                    0 => group[0].to_string(),
                    more => format!("{}\n  and so for {more} more revisions and callers", group[0]),
                })
                .collect();
            let more = match groups.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!("\n\n… and {more} more fixtures and wires"),
            };
            panic!("{} conversations differ\n{self}\n{}{more}\n", differences.len(), shown.join("\n\n"));
        }
        let uncovered = self.uncovered();
        assert!(uncovered.is_empty(), "nothing was compared on {uncovered:?}\n{self}");
    }
}

impl fmt::Display for Report {
    /// The matrix of wires and revisions: how many conversations were the same everywhere.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "conversations compared, for the callers {}:", self.callers.join(", "))?;
        write!(f, "{:<22}", "")?;
        for revision in Revision::ALL {
            write!(f, " {:>10}", revision.as_str())?;
        }
        writeln!(f)?;
        for (wire, claimed) in &self.wires {
            write!(f, "{wire:<22}")?;
            for revision in Revision::ALL {
                match self.count(*wire, revision) {
                    0 if !claimed.contains(&revision) => write!(f, " {:>10}", "–")?,
                    count => write!(f, " {count:>10}")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

struct Exclusions<'r>(&'r Report);

impl fmt::Display for Exclusions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((reason, wire), fixtures) in &self.0.excluded {
            writeln!(f, "{wire}: not {} fixtures, as `{}`: {reason}", fixtures.len(), fixtures[0])?;
        }
        Ok(())
    }
}
