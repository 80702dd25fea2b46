//! What the conversations of the manifests read like, for people to review when it changes.
//!
//! The transports are compared with this wording by `parity.rs`. `UPDATE_EXPECT=1` rewrites the files.

use std::fmt::Write as _;

use expect_test::expect_file;
use mcp_core::Revision;
use mcp_testkit::{Child, Fixture, Suite, Wire};
use mcp_tests::{callers, limits, server};

/// The conversation without what is the same in all of them: the handshake, and the last check.
fn heart(fixture: &Fixture, revision: Revision, transcript: &mcp_testkit::Transcript) -> String {
    let text = transcript.to_string();
    let lines: Vec<&str> = text.lines().collect();
    let opening = if fixture.opens_session() && !revision.is_modern() { 3 } else { 0 };
    let closing = lines.iter().rposition(|line| line.starts_with("> ")).unwrap_or(lines.len());
    let heart: Vec<String> = lines[opening..closing.max(opening)].iter().map(|line| shortened(line)).collect();
    if heart.len() <= MOST {
        return heart.join("\n");
    }
    let (first, last) = (heart[..MOST / 2].join("\n"), heart[heart.len() - MOST / 2..].join("\n"));
    format!("{first}\n… {} more …\n{last}", heart.len() - MOST)
}

/// Most lines of one conversation that are recorded.
const MOST: usize = 16;

/// The beginning of a line: nobody reads on in a list of tools. The transports are compared to the end.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(700) {
        Some((at, _)) => format!("{}… ({} bytes)", &line[..at], line.len()),
        None => line.to_owned(),
    }
}

async fn transcribed(suite: &Suite, fixtures: &[Fixture]) -> String {
    let names: Vec<String> = callers().iter().map(|caller| caller.label().to_owned()).collect();
    let mut file = String::new();
    for fixture in fixtures {
        let wire = if fixture.excluded(Wire::InProcess, Revision::LATEST).is_some() { Wire::InProcessWithHeaders } else { Wire::InProcess };
        // Conversations that read the same are shown once.
        let mut versions: Vec<(String, Vec<String>)> = Vec::new();
        for &revision in fixture.revisions() {
            for (caller, name) in names.iter().enumerate().take(if fixture.is_for_anybody() { 1 } else { names.len() }) {
                let transcript = suite.transcript(fixture, wire, revision, caller).await.expect("every caller can be had in process");
                let heart = heart(fixture, revision, &transcript).replace("\"2026-07-28\"", "\"(the newest)\"");
                let who = if fixture.is_for_anybody() { revision.to_string() } else { format!("{revision} {name}") };
                match versions.iter_mut().find(|(text, _)| *text == heart) {
                    Some((_, who_else)) => who_else.push(who),
                    None => versions.push((heart, vec![who])),
                }
            }
        }
        let _ = writeln!(file, "## {}\n   {}", fixture.name(), fixture.spec());
        for (text, who) in versions {
            let _ = writeln!(file, "-- {}\n{text}", who.join(", "));
        }
        file.push('\n');
    }
    file.replace(META, "\"_meta\":{…}")
}

/// What every stateless request carries.
const META: &str = concat!(
    r#""_meta":{"io.modelcontextprotocol/protocolVersion":"(the newest)","#,
    r#""io.modelcontextprotocol/clientInfo":{"name":"testkit","version":"1.0.0"},"io.modelcontextprotocol/clientCapabilities":{}}"#
);

#[tokio::test(flavor = "multi_thread")]
async fn conversations_read_as_recorded() {
    let suite = Suite::new(server, callers(), Child::Program("not launched".into()));
    for (name, fixtures) in mcp_testkit::groups(&limits()).into_iter().chain(mcp_tests::parity::groups(&limits())) {
        expect_file![format!("../golden/{name}.txt")].assert_eq(&transcribed(&suite, &fixtures).await);
    }
}
