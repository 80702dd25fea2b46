//! What was found, for people and for programs.

use std::collections::BTreeMap;

use mcp_testkit::black_box::{Differs, Report};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::terminal::{Table, say};

/// The longest line of a transcript that is shown, in characters.
const LINE: usize = 400;

/// A table, and where faces differ.
pub(super) fn as_text(report: &Report) -> Result<(), Failure> {
    for differs in grouped(&report.differences) {
        show(&differs)?;
    }
    for differs in grouped(&report.unstable) {
        let first = differs[0];
        say(&format!("not compared: `{}` does not say the same twice on {}", first.fixture, first.faces[0]))?;
    }
    if !report.unstable.is_empty() {
        say("")?;
    }
    let mut table = Table::new(["FACE", "ALIKE", "DIFFERENT", "NOT COMPARED", "REFERENCE"]);
    for count in &report.counts {
        let (same, different, not) = (count.same.to_string(), count.different.to_string(), (count.unstable + count.left_out).to_string());
        table.row([&count.face, &same, &different, &not, &report.reference]);
    }
    Ok(table.print()?)
}

/// Differences of one conversation on one face, in several revisions, are shown once.
fn grouped(differences: &[Differs]) -> Vec<Vec<&Differs>> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Differs>> = BTreeMap::new();
    for differs in differences {
        groups.entry((&differs.faces[1], &differs.fixture)).or_default().push(differs);
    }
    groups.into_values().collect()
}

fn show(group: &[&Differs]) -> Result<(), Failure> {
    let first = group[0];
    let revisions: Vec<&str> = group.iter().map(|differs| differs.revision.as_str()).collect();
    say(&format!("`{}`: {} differs from {} ({})", first.fixture, first.faces[1], first.faces[0], revisions.join(", ")))?;
    say(&format!("  {}", shortened(&first.what)))?;
    say(&format!("  see {}", first.spec))?;
    for (face, transcript) in first.faces.iter().zip(&first.transcripts) {
        say(&format!("  {face}:"))?;
        for line in transcript.lines() {
            say(&format!("    {}", shortened(line)))?;
        }
    }
    Ok(say("")?)
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(LINE) {
        Some((at, _)) => format!("{} …", &line[..at]),
        None => line.to_owned(),
    }
}

/// Everything, whole.
pub(super) fn as_json(report: &Report) -> Result<(), Failure> {
    let all = |list: &[Differs]| -> Vec<Value> { list.iter().map(differs_as_json).collect() };
    let faces: Vec<Value> = report
        .counts
        .iter()
        .map(|count| json!({"face": count.face, "alike": count.same, "different": count.different, "unstable": count.unstable, "leftOut": count.left_out}))
        .collect();
    let whole = json!({
        "reference": report.reference,
        "faces": faces,
        "differences": all(&report.differences),
        "unstable": all(&report.unstable),
        "failures": report.failures,
    });
    Ok(say(&format!("{whole:#}"))?)
}

fn differs_as_json(differs: &Differs) -> Value {
    json!({
        "conversation": differs.fixture,
        "specification": differs.spec,
        "revision": differs.revision.as_str(),
        "face": differs.faces[1],
        "what": differs.what,
        "reference": differs.transcripts[0],
        "found": differs.transcripts[1],
    })
}
