//! What was found, for people and for programs.

use std::collections::BTreeMap;

use mcp_testkit::black_box::{Count, Differs, LeftOut, Report};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::terminal::{Table, say};

/// The longest line of a transcript that is shown, in characters.
const LINE: usize = 400;

/// Where faces differ, what was left out and why, and a table.
pub(super) fn as_text(report: &Report) -> Result<(), Failure> {
    for differs in grouped(&report.differences) {
        show(&differs)?;
    }
    for differs in grouped(&report.unstable) {
        let first = differs[0];
        say(&format!("not compared: `{}` does not say the same twice on {}", first.fixture, first.faces[0]))?;
    }
    let left_out = |count: &Count| -> Result<(), Failure> {
        for (reason, conversations) in by_reason(count) {
            let (number, plural) = (conversations.len(), if conversations.len() == 1 { "" } else { "s" });
            say(&format!("left out on {}: {number} conversation{plural}: {reason}", count.face))?;
        }
        Ok(())
    };
    report.counts.iter().try_for_each(left_out)?;
    if !report.unstable.is_empty() || report.counts.iter().any(|count| !count.left_out.is_empty()) {
        say("")?;
    }
    let mut table = Table::new(["FACE", "ALIKE", "DIFFERENT", "NOT COMPARED", "REFERENCE"]);
    for count in &report.counts {
        let (same, different, not) =
            (count.same.to_string(), count.different.to_string(), (count.unstable + count.left_out.len()).to_string());
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

/// What cannot be held on a face.
fn by_reason(count: &Count) -> BTreeMap<&str, Vec<&LeftOut>> {
    let mut reasons: BTreeMap<&str, Vec<&LeftOut>> = BTreeMap::new();
    for left_out in &count.left_out {
        reasons.entry(left_out.reason).or_default().push(left_out);
    }
    reasons
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
        .map(|count| {
            json!({
                "face": count.face,
                "alike": count.same,
                "different": count.different,
                "unstable": count.unstable,
                "leftOut": count.left_out.len(),
                "leftOutBecause": by_reason(count).into_iter().map(because_as_json).collect::<Vec<_>>(),
            })
        })
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

fn because_as_json((reason, conversations): (&str, Vec<&LeftOut>)) -> Value {
    let each = |left_out: &&LeftOut| json!({"conversation": left_out.fixture, "revision": left_out.revision.as_str()});
    json!({"reason": reason, "conversations": conversations.iter().map(each).collect::<Vec<_>>()})
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
