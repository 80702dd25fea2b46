//! The end of a gateway is the end of the server that it started.

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::support::{Served, example};

/// Whether this process, and so those that it starts, ignore SIGHUP, as under `nohup`.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").expect("there is proc");
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("it says what is ignored");
    u64::from_str_radix(mask.trim(), 16).expect("a mask") & 1 == 1
}

fn check(signal: Signal) {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("pid");
    // It goes on when its input has ended.
    let script = format!("echo $$ > '{}'; '{}'; while :; do sleep 1; done", file.display(), example("hello"));
    let gateway = Served::gateway(&["--", "sh", "-c", &script]);
    let server = std::fs::read_to_string(&file).expect("the server has begun");
    let server = Pid::from_raw(server.trim().parse().expect("a number")).expect("a process");
    kill_process(gateway.process(), signal).expect("it runs");
    assert!(gateway.wait().success(), "{signal:?}");
    assert!(test_kill_process(server).is_err(), "{signal:?}: the server is still there");
}

#[test]
fn a_gateway_that_is_asked_to_stop_ends_its_server() {
    check(Signal::TERM);
}

#[test]
fn a_gateway_whose_terminal_is_gone_ends_its_server() {
    if ignores_hangup() {
        // Then so does the gateway, which is meant to outlive the terminal.
        return;
    }
    check(Signal::HUP);
}
