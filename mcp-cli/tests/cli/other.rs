//! What needs no server.

use crate::support::{command, run};

#[test]
fn help_names_the_exit_codes() {
    run(command(&["--help"])).is(0, &["130  cancelled", "7  the tool reports a failure"], &[]);
}

#[test]
fn shells_are_told_what_there_is() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        run(command(&["completion", shell])).is(0, &["whoami", "bearer-env"], &[]);
    }
}

#[test]
fn a_wrong_command_line_is_told() {
    run(command(&["invent"])).is(2, &[], &["unrecognized subcommand"]);
    run(command(&["list", "http://x/", "--header", "nothing"])).is(2, &[], &["a header is written NAME=VALUE"]);
    run(command(&["list", "http://x/", "--timeout", "soon"])).is(2, &[], &["write a duration as 30"]);
    run(command(&["list", "http://x/", "--bearer-env", "MCP_TEST_UNSET_TOKEN"])).is(2, &[], &["`MCP_TEST_UNSET_TOKEN`"]);
}
