//! Checks made of shell scripts.

use rustix::process::test_kill_process;

use crate::fixture::Fixture;

use super::*;

const LONG: Duration = Duration::from_secs(20);

fn fixture() -> Fixture {
    Fixture::new(&[("here", "")])
}

fn shell(script: &str) -> Vec<String> {
    ["sh", "-c", script].map(str::to_owned).to_vec()
}

async fn run(script: &str, timeout: Duration) -> CheckReport {
    run_check(&fixture().tree, &shell(script), timeout).await.expect("it can be run")
}

/// Waits until the process whose id was written to `path` is gone.
async fn gone(fixture: &Fixture, path: &str) -> bool {
    let id = std::fs::read_to_string(fixture.tree.root().join(path)).expect("it was written");
    let id = Pid::from_raw(id.trim().parse().expect("it is a number")).expect("it is an id");
    for _ in 0..200 {
        if test_kill_process(id).is_err() || is_zombie(id) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

/// Whether nobody has collected a process that has ended.
fn is_zombie(id: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", id.as_raw_nonzero()));
    stat.is_ok_and(|stat| stat.contains(") Z "))
}

#[tokio::test]
async fn reports_say_how_it_went() {
    for (script, exit_code, output) in [
        ("true", Some(0), ""),
        ("echo out; echo err >&2; echo out", Some(0), "out\nerr\nout\n"),
        ("echo no; exit 3", Some(3), "no\n"),
        ("ls", Some(0), "here\n"),
        ("cat; echo end of input", Some(0), "end of input\n"),
        ("printf 'caf\\351'", Some(0), "caf\u{fffd}"),
        ("kill -9 $$", None, ""),
    ] {
        let report = run(script, LONG).await;
        assert_eq!((report.exit_code, report.output.as_str()), (exit_code, output), "{script}");
        assert_eq!(report.passed, exit_code == Some(0), "{script}");
        assert_eq!(report.signal, exit_code.is_none().then_some(9), "{script}");
        assert!(!report.timed_out && !report.truncated, "{script}");
    }
}

#[tokio::test]
async fn only_the_end_of_long_output_is_kept() {
    let report = run("seq 1 200000", LONG).await;
    assert!(report.passed && report.truncated);
    assert!(report.output.len() <= MAX_OUTPUT_BYTES && report.output.len() > MAX_OUTPUT_BYTES - 10);
    assert!(report.output.ends_with("\n199999\n200000\n"));
    let first = report.output.lines().next().expect("there are many");
    assert!(first.len() == 6, "{first} is the rest of a line");
}

#[tokio::test]
async fn a_timeout_kills_everything_it_started() {
    let fixture = fixture();
    let script = shell("echo before; sleep 60 & echo $! > child; wait");
    let report = run_check(&fixture.tree, &script, Duration::from_secs(1)).await.expect("a report");
    assert!(report.timed_out && !report.passed);
    assert_eq!((report.exit_code, report.signal), (None, None));
    assert_eq!(report.output, "before\n");
    assert!((1_000..10_000).contains(&report.duration_ms), "{}", report.duration_ms);
    assert!(gone(&fixture, "child").await);
}

#[tokio::test]
async fn dropping_the_future_kills_everything_it_started() {
    let fixture = fixture();
    let script = shell("sleep 60 & echo $! > child; wait");
    let check = run_check(&fixture.tree, &script, LONG);
    assert!(tokio::time::timeout(Duration::from_secs(1), check).await.is_err());
    assert!(gone(&fixture, "child").await);
}

#[tokio::test]
async fn what_is_left_running_does_not_hold_up_the_report() {
    let report = run("sleep 5 & echo done", LONG).await;
    assert!(report.passed && report.duration_ms < 4_000, "{}", report.duration_ms);
    assert_eq!(report.output, "done\n");
}

#[tokio::test]
async fn a_command_that_cannot_run_is_the_operators_mistake() {
    let tree = &fixture().tree;
    for (command, message) in [
        (Vec::new(), "no check command is set; the operator names one when starting the server"),
        (vec!["/no/such".to_owned()], "the check command `/no/such` could not be run; the operator has to correct it"),
    ] {
        assert_eq!(run_check(tree, &command, LONG).await.expect_err(message).to_string(), message);
    }
}

#[tokio::test]
async fn any_timeout_will_do() {
    assert!(run("true", Duration::MAX).await.passed);
    assert!(run("sleep 9", Duration::ZERO).await.timed_out);
}

#[test]
fn the_future_can_be_sent_between_threads() {
    fn is_send(_: impl Send) {}
    is_send(run_check(&fixture().tree, &[], LONG));
}
