//! Audit records, by table.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use mcp_core::{Principal, ScopeSet, Tier, Transport};
use serde_json::{Value, json};

use super::*;

fn record(log: &AuditLog, item: &str, verdict: Verdict) {
    let principal = Principal::new("alice").with_issuer("https://issuer.example").with_scopes(ScopeSet::parse("b a"));
    let time = UNIX_EPOCH + Duration::from_millis(1_795_226_645_120);
    let mut event = AuditEvent::new(time, &principal, Transport::StreamableHttp, "tools/call", verdict);
    event.item = item;
    log.record(&event);
}

fn five() -> Vec<String> {
    let sink = MemorySink::default();
    let log = AuditLog::new(sink.clone());
    for item in ["one", "two", "three", "four", "five"] {
        record(&log, item, Verdict::Succeeded);
    }
    sink.lines()
}

fn text(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn lines_hold_what_was_decided() {
    let sink = MemorySink::default();
    let log = AuditLog::new(sink.clone());
    let principal = Principal::new("alice")
        .with_issuer("https://issuer.example")
        .with_client("claude")
        .with_tier(Tier::Admin)
        .with_scopes(ScopeSet::parse("b a"));
    let time = UNIX_EPOCH + Duration::from_millis(1_795_226_645_120);
    let mut event = AuditEvent::new(time, &principal, Transport::Stdio, "tools/call", Verdict::Denied("lacks a scope"));
    event.item = "line\nend\u{1b}[31m";
    event.address = Some([192, 0, 2, 7].into());
    event.latency = Duration::from_micros(1_234);
    event.arguments = Some("{\"x\":1}");
    log.record(&event);
    log.record(&AuditEvent::new(time, &Principal::local(), Transport::InProcess, "tools/list", Verdict::Succeeded));
    let lines = sink.lines();
    assert!(lines.iter().all(|line| !line.chars().any(char::is_control)), "{lines:?}");
    let parsed: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(
        parsed[0],
        json!({
            "seq": 1, "time": "2026-11-21T02:04:05.120Z", "subject": "alice", "issuer": "https://issuer.example",
            "client": "claude", "address": "192.0.2.7", "operation": "tools/call", "item": "line\nend\u{1b}[31m", "needed": [], "held": ["a", "b"],
            "tier": "admin", "transport": Transport::Stdio.as_str(), "verdict": "denied", "reason": "lacks a scope",
            "latency_us": 1_234, "arguments": "{\"x\":1}", "prev": "0".repeat(64), "hash": parsed[0]["hash"],
        })
    );
    assert_eq!(parsed[1]["prev"], parsed[0]["hash"]);
    assert_eq!((&parsed[1]["held"], &parsed[1]["verdict"]), (&json!("every scope"), &json!("succeeded")));
    assert_eq!(log.head(), ChainHead { seq: 2, hash: parsed[1]["hash"].as_str().expect("text").to_owned() });
}

#[test]
fn lines_are_bounded() {
    let sink = MemorySink::default();
    let log = AuditLog::new(sink.clone());
    let long = "\u{1}".repeat(1_000_000);
    let scopes: ScopeSet = (0..100_000).map(|number: u32| number.to_string()).collect();
    let principal = Principal::new(&*long).with_issuer(&*long).with_client(&*long).with_scopes(scopes);
    let mut event = AuditEvent::new(UNIX_EPOCH, &principal, Transport::Stdio, &long, Verdict::Succeeded);
    (event.item, event.arguments) = (&long, Some(long.as_str()));
    log.record(&event);
    let lines = sink.lines();
    assert!(lines[0].len() < 200_000, "{}", lines[0].len());
    verify_chain(text(&lines).as_bytes()).expect("it verifies");
}

#[test]
fn a_sound_chain_verifies() {
    let lines = five();
    let summary = verify_chain(text(&lines).as_bytes()).expect("it verifies");
    assert_eq!((summary.lines, summary.head.seq), (5, 5));
    assert_eq!(verify_chain(&b""[..]).expect("it verifies"), ChainSummary { lines: 0, head: ChainHead::default() });
}

#[test]
fn the_first_wrong_line_is_named() {
    let lines = five();
    let head = |upto: usize| verify_chain(text(&lines[..upto]).as_bytes()).expect("it verifies").head;
    let forged = {
        let sink = MemorySink::default();
        record(&AuditLog::resuming(sink.clone(), head(2)), "forged", Verdict::Succeeded);
        sink.lines().remove(0)
    };
    let edit = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        text(&lines)
    };
    let cases: Vec<(&str, String, u64, &str)> = vec![
        ("changed", edit(&|l| l[2] = l[2].replace("three", "thrxx")), 3, "Changed"),
        ("changed verdict", edit(&|l| l[0] = l[0].replace("succeeded", "failed")), 1, "Changed"),
        ("changed hash", edit(&|l| l[4] = l[4].replace("\"hash\":\"", "\"hash\":\"x")), 5, "Unreadable"),
        ("removed", edit(&|l| drop(l.remove(2))), 3, "Missing"),
        ("removed first", edit(&|l| drop(l.remove(0))), 1, "Missing"),
        ("doubled", edit(&|l| l.insert(2, l[1].clone())), 3, "OutOfPlace"),
        ("swapped", edit(&|l| l.swap(1, 2)), 2, "Missing"),
        ("replaced", edit(&|l| l[2] = forged.clone()), 4, "Unlinked"),
        ("inserted", edit(&|l| l.insert(2, forged.clone())), 4, "OutOfPlace"),
        ("empty line", edit(&|l| l.insert(1, String::new())), 2, "Unreadable"),
        ("torn", text(&lines).trim_end().to_owned(), 5, "Unreadable"),
        ("endless", format!("{}{}", text(&lines), "x".repeat(2_000_000)), 6, "Unreadable"),
    ];
    for (name, text, line, fault) in cases {
        let error = verify_chain(text.as_bytes()).expect_err(name);
        assert_eq!((error.line, format!("{:?}", error.fault).as_str()), (line, fault), "{name}");
    }
}

#[test]
fn a_remembered_head_shows_what_the_chain_cannot() {
    let lines = five();
    let heads: Vec<ChainHead> = (0..=5).map(|upto| verify_chain(text(&lines[..upto]).as_bytes()).expect("it verifies").head).collect();
    let anew = {
        let sink = MemorySink::default();
        let log = AuditLog::new(sink.clone());
        (0..5).for_each(|_| record(&log, "other", Verdict::Succeeded));
        sink.lines()
    };
    let check = |lines: &[String], head: usize, expected: Option<(u64, &str)>| {
        let found = ChainCheck::default().expect_head(heads[head].clone()).verify(text(lines).as_bytes());
        let found = found.err().map(|error| (error.line, format!("{:?}", error.fault)));
        assert_eq!(found, expected.map(|(line, fault)| (line, fault.to_owned())));
    };
    check(&lines, 5, None);
    check(&lines, 3, None);
    check(&lines, 0, None);
    check(&lines[..4], 5, Some((5, "Truncated")));
    check(&[], 1, Some((1, "Truncated")));
    check(&anew, 5, Some((5, "Replaced")));
    check(&anew, 2, Some((2, "Replaced")));
    let rest = ChainCheck::default().starting_after(heads[2].clone());
    assert_eq!(rest.verify(text(&lines[2..]).as_bytes()).expect("it verifies").lines, 3);
    assert!(rest.verify(text(&lines).as_bytes()).is_err());
}

#[test]
fn a_file_is_continued_and_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    for run in 0..3 {
        let log = AuditLog::open(&path).expect("it opens");
        assert_eq!(log.head().seq, run * 2);
        assert_eq!(AuditLog::open(&path).expect_err("it is locked").kind(), io::ErrorKind::WouldBlock);
        record(&log, "a", Verdict::Succeeded);
        record(&log, "b", Verdict::Denied("no"));
    }
    let sound = std::fs::read(&path).expect("it can be read");
    assert_eq!(verify_chain(&*sound).expect("it verifies").lines, 6);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
    }
    let text = String::from_utf8(sound).expect("text");
    for (name, wrong) in [
        ("torn", text[..text.len() - 20].to_owned()),
        ("without its end", text.trim_end().to_owned()),
        ("changed", format!("{}\n", text.trim_end().replace("\"seq\":6", "\"seq\":7"))),
        ("not ours", "hello\n".to_owned()),
        ("an empty line", format!("{text}\n")),
    ] {
        std::fs::write(&path, wrong).expect("it can be written");
        assert_eq!(AuditLog::open(&path).expect_err(name).kind(), io::ErrorKind::InvalidData, "{name}");
    }
    std::fs::write(&path, &text).expect("it can be written");
    assert_eq!(AuditLog::open(&path).expect("it opens").head().seq, 6);
}

struct Fails(MemorySink, Arc<AtomicBool>);

impl AuditSink for Fails {
    fn append(&self, line: &str) -> io::Result<()> {
        if self.1.load(Ordering::SeqCst) { Err(io::ErrorKind::StorageFull.into()) } else { self.0.append(line) }
    }
}

#[test]
fn a_full_disk_loses_lines_and_says_so() {
    let (sink, full) = (MemorySink::default(), Arc::new(AtomicBool::new(false)));
    let log = AuditLog::new(Fails(sink.clone(), full.clone()));
    record(&log, "kept", Verdict::Succeeded);
    full.store(true, Ordering::SeqCst);
    record(&log, "lost", Verdict::Succeeded);
    record(&log, "lost", Verdict::Succeeded);
    full.store(false, Ordering::SeqCst);
    record(&log, "kept", Verdict::Succeeded);
    record(&log, "kept", Verdict::Succeeded);
    let lines = sink.lines();
    assert_eq!(verify_chain(text(&lines).as_bytes()).expect("it verifies").lines, 3);
    let lost: Vec<Value> = lines.iter().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["lost"].clone()).collect();
    assert_eq!(lost, [Value::Null, json!(2), Value::Null]);
}

#[test]
fn many_threads_make_one_chain() {
    let sink = MemorySink::default();
    let log = AuditLog::new(sink.clone());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..100).for_each(|_| record(&log, "x", Verdict::Succeeded)));
        }
    });
    assert_eq!(verify_chain(text(&sink.lines()).as_bytes()).expect("it verifies").lines, 400);
}
