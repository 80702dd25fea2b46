//! Every fixture on every transport, in every revision, for every caller.

use std::collections::BTreeSet;

use mcp_testkit::{Child, Fixture, Suite, What, Wire, call, request};
use mcp_tests::parity::{BAD_INPUT, Cover, REPORTED_ELSEWHERE, manifest};
use mcp_tests::{callers, limits, server};

fn child() -> Child {
    Child::Asked { program: env!("CARGO_BIN_EXE_parity-server").into(), arguments: Vec::new() }
}

/// Set to a part of a name to run only the fixtures that have it.
fn wanted(fixture: &Fixture) -> bool {
    std::env::var("PARITY_ONLY").map_or(true, |part| fixture.name().contains(&part))
}

#[test]
fn all_transports_answer_alike() {
    let suite = Suite::new(server, callers(), child()).built_in(&["works_long"]).fixtures(manifest(&limits()));
    let report = suite.only(wanted).run();
    eprintln!("{report}\n{}", report.exclusions());
    report.assert_parity();
}

/// Changes one word of an error.
fn rephrase(frame: bytes::Bytes) -> bytes::Bytes {
    match std::str::from_utf8(&frame) {
        Ok(text) if text.contains("there is no tool") => text.replace("there is no tool", "there is no instrument").into(),
        _ => frame,
    }
}

#[test]
fn a_word_changed_on_one_transport_is_found() {
    for wire in Wire::ALL.into_iter().filter(|wire| *wire != Wire::InProcess) {
        let unknown = Fixture::new("an unknown tool", "https://modelcontextprotocol.io").call(call("1", "nope", "{}"));
        let known = Fixture::new("a list", "https://modelcontextprotocol.io").call(request("1", "tools/list", ""));
        let report = Suite::new(server, callers(), child()).fixtures([unknown, known]).tamper(wire, rephrase).run();
        let differences = report.differences();
        assert!(!differences.is_empty(), "nobody noticed {wire}");
        for difference in differences {
            assert_eq!((difference.wire, difference.fixture.as_str()), (wire, "an unknown tool"), "{difference}");
            let What::Frame { expected: Some(expected), found: Some(found), .. } = &difference.what else { panic!("{difference}") };
            assert!(expected.contains("there is no tool `nope`") && found.contains("there is no instrument `nope`"), "{difference}");
        }
        let shown = differences[0].to_string();
        assert!(shown.contains(wire.name()) && shown.contains("instrument") && shown.contains("an unknown tool"), "{shown}");
        let failed = std::panic::catch_unwind(|| report.assert_parity()).expect_err("a difference ends the test");
        let message = failed.downcast_ref::<String>().expect("a message");
        assert!(message.contains("there is no instrument `nope`"), "{message}");
    }
}

/// Drops a byte that no reader would miss.
#[allow(clippy::needless_pass_by_value, reason = "a rewrite takes the frame")]
fn respace(frame: bytes::Bytes) -> bytes::Bytes {
    String::from_utf8_lossy(&frame).replacen(r#","result""#, r#", "result""#, 1).into()
}

#[test]
fn a_space_more_on_one_transport_is_found() {
    let list = Fixture::new("a list", "https://modelcontextprotocol.io").call(request("1", "tools/list", ""));
    let report = Suite::new(server, callers(), child()).fixtures([list]).tamper(Wire::Pipes, respace).run();
    let wires: BTreeSet<Wire> = report.differences().iter().map(|difference| difference.wire).collect();
    assert_eq!(wires, BTreeSet::from([Wire::Pipes]));
}

#[test]
fn requirements_and_fixtures_cover_each_other() {
    let fixtures: Vec<Fixture> = mcp_testkit::protocol(&limits()).into_iter().chain(manifest(&limits())).collect();
    let mut names = BTreeSet::new();
    for fixture in &fixtures {
        assert!(names.insert(fixture.name()), "two fixtures are called `{}`", fixture.name());
        assert!(!fixture.revisions().is_empty(), "`{}` is for no revision", fixture.name());
        assert!(fixture.spec().starts_with("https://modelcontextprotocol.io/specification/20"), "`{}` links nowhere", fixture.name());
        let runs =
            Wire::ALL.into_iter().filter(|wire| fixture.revisions().iter().any(|revision| fixture.excluded(*wire, *revision).is_none()));
        assert!(runs.count() >= 2, "`{}` compares nothing", fixture.name());
    }
    for requirement in BAD_INPUT.iter().chain(REPORTED_ELSEWHERE) {
        assert!(!requirement.covers.is_empty(), "nothing covers: {}", requirement.text);
        for cover in requirement.covers {
            match cover {
                Cover::Fixture(name) => assert!(names.contains(name), "there is no fixture `{name}` to cover: {}", requirement.text),
                Cover::Test(test) => assert!(is_a_test(test), "there is no test `{test}` to cover: {}", requirement.text),
            }
        }
    }
}

/// Whether a file of this folder has a test of that name.
fn is_a_test(test: &str) -> bool {
    let (file, name) = test.split_once("::").expect("a test is named by its file and function");
    let path = format!("{}/tests/{file}.rs", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).is_ok_and(|text| text.contains(&format!("fn {name}()")))
}
