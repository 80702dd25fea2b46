//! Every fixture on every transport, in every revision, for every caller.

use mcp_testkit::{Child, Suite};
use mcp_tests::{callers, server};

fn child() -> Child {
    Child::Asked { program: env!("CARGO_BIN_EXE_parity-server").into(), arguments: Vec::new() }
}

#[test]
fn all_transports_answer_alike() {
    let only = std::env::var("PARITY_ONLY").unwrap_or_default();
    let report = Suite::new(server, callers(), child()).built_in(&["works_long"]).fixtures(mcp_tests::parity::manifest()).only(|fixture| fixture.name().contains(&only)).run();
    eprintln!("{report}\n{}", report.exclusions());
    report.assert_parity();
}
