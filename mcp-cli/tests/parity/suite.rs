//! The suite, run at each front.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use mcp_core::Limits;
use mcp_testkit::{Child, Fixture, Front, Suite, What, Wire, call, request};
use mcp_tests::parity::manifest;
use mcp_tests::{callers, server_within};

use crate::exclusions::{EXCLUSIONS, Exclusion, excluding};
use crate::{bridge, gateway};

pub(crate) const MCP: &str = env!("CARGO_BIN_EXE_mcp");

/// The server in a process of its own, which is built when it is first asked for.
pub(crate) fn parity_server() -> String {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let program = BUILT.get_or_init(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the workspace");
        let mut cargo = Command::new(env!("CARGO"));
        // Together with this package, so that what both depend on is built once.
        let build = ["build", "--quiet", "--offline", "-p", "mcp-parity-cli", "-p", "mcp-tests", "--bin", "parity-server"];
        assert!(cargo.args(build).current_dir(workspace).status().expect("there is cargo").success(), "the server can be built");
        let directory = Path::new(MCP).parent().expect("a program is in a directory");
        directory.join("parity-server").with_extension(std::env::consts::EXE_EXTENSION)
    });
    program.to_str().expect("the target directory has a plain name").to_owned()
}

/// The fronts, set up by files in `directory`.
fn fronts(directory: &Path) -> Vec<Front> {
    vec![gateway::gateway(directory), gateway::same_revision(directory), bridge::bridge(), bridge::same_revision()]
}

/// The server at fronts. A front has limits of its own, which are those by default.
fn suite(fronts: impl IntoIterator<Item = Front>) -> Suite {
    let suite = Suite::new(|| server_within(Limits::default()), callers(), Child::Program("not launched".into())).wires(&[]);
    fronts.into_iter().fold(suite, Suite::front)
}

/// The same with every conversation there is.
fn whole_suite(fronts: impl IntoIterator<Item = Front>) -> Suite {
    suite(fronts).built_in(&["works_long"]).fixtures(manifest(&Limits::default()))
}

/// Set to a part of a name to run only the fixtures that have it.
fn wanted(fixture: &Fixture) -> bool {
    std::env::var("PARITY_ONLY").map_or(true, |part| fixture.name().contains(&part))
}

#[test]
fn a_gateway_and_a_bridge_answer_as_the_server() {
    let directory = tempfile::tempdir().expect("a directory");
    let report = whole_suite(fronts(directory.path()).into_iter().map(excluding)).only(wanted).run();
    eprintln!("{report}\n{}", report.exclusions());
    report.assert_parity();
}

#[test]
fn what_is_excluded_does_read_otherwise() {
    let directory = tempfile::tempdir().expect("a directory");
    let named = |fixture: &Fixture| EXCLUSIONS.iter().any(|exclusion| exclusion.fixtures.contains(&fixture.name()));
    let report = whole_suite(fronts(directory.path())).only(named).run();
    for exclusion in EXCLUSIONS {
        for front in fronts(directory.path()).iter().filter(|front| exclusion.is_about(front)) {
            let front = front.wire().name();
            for fixture in exclusion.fixtures {
                let mut about =
                    report.differences().iter().filter(|difference| difference.fixture == *fixture && difference.wire.name() == front);
                assert!(about.any(|difference| exclusion.names(front, difference.revision)), "`{fixture}` reads the same at the {front}");
            }
        }
    }
    let unnamed = report.differences().iter().find(|difference| {
        let names = |exclusion: &Exclusion| {
            exclusion.fixtures.contains(&difference.fixture.as_str()) && exclusion.names(difference.wire.name(), difference.revision)
        };
        !EXCLUSIONS.iter().any(names)
    });
    assert!(unnamed.is_none(), "{}", unnamed.map(ToString::to_string).unwrap_or_default());
}

/// Changes one word of an error.
fn rephrase(frame: bytes::Bytes) -> bytes::Bytes {
    match std::str::from_utf8(&frame) {
        Ok(text) if text.contains("there is no tool") => text.replace("there is no tool", "there is no instrument").into(),
        _ => frame,
    }
}

#[test]
fn a_word_changed_at_one_front_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let wires: Vec<Wire> = fronts(directory.path()).iter().map(Front::wire).collect();
    for wire in wires {
        let unknown = Fixture::new("an unknown tool", "https://modelcontextprotocol.io").call(call("1", "nope", "{}"));
        let known = Fixture::new("a list", "https://modelcontextprotocol.io").call(request("1", "tools/list", ""));
        let report = suite(fronts(directory.path())).fixtures([unknown, known]).tamper(wire, rephrase).run();
        let differences = report.differences();
        assert!(!differences.is_empty(), "nobody noticed {wire}");
        for difference in differences {
            assert_eq!((difference.wire, difference.fixture.as_str()), (wire, "an unknown tool"), "{difference}");
            let What::Frame { expected: Some(expected), found: Some(found), .. } = &difference.what else { panic!("{difference}") };
            assert!(expected.contains("there is no tool `nope`") && found.contains("there is no instrument `nope`"), "{difference}");
        }
    }
}
