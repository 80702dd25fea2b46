//! `parity_test!` of a program that is launched as any host would launch it, so that only local callers can be had.

use mcp_testkit::parity_test;
use mcp_tests::server;

parity_test!(
    server(),
    as = [local, local_with("mcp:read")],
    except = ["works_long"],
    program = env!("CARGO_BIN_EXE_parity-server"),
);
