//! What was answered outlives the process, whenever it is killed.
//!
//! The test starts itself again, as a writer that says what has been answered, and kills it.

use std::collections::BTreeSet;
use std::env;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use mcp_store::{Applied, Change, Index, Key, Kind, Page, Record, Sqlite, Store, Time, When};

const NOW: Time = Time::from_millis(1_800_000_000_000);
const FIRST: Kind = Kind::from_static("first");
const SECOND: Kind = Kind::from_static("second");
const PENDING: Kind = Kind::from_static("pending");

/// Tells the writer where to write; without it, the test is not the writer.
const FILE: &str = "STORE_FILE_TO_WRITE";
const ROUND: &str = "STORE_ROUND";
/// How many write at once.
const WRITERS: usize = 8;
/// After how many answers the writer is killed in each round.
const KILLED_AFTER: [usize; 10] = [0, 1, 2, 7, 30, 3, 111, 16, 250, 64];

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_writer_loses_nothing_it_was_answered_and_leaves_no_halves() {
    if let Some(path) = env::var_os(FILE) {
        return write_until_killed(Path::new(&path)).await;
    }
    let directory = tempfile::tempdir().expect("a directory can be made");
    let path = directory.path().join("store.db");
    let mut answered = BTreeSet::new();
    for (round, answers) in KILLED_AFTER.into_iter().enumerate() {
        answered.extend(write_and_kill(&path, round, answers));
        check(&path, &answered).await;
    }
    assert!(answered.len() >= KILLED_AFTER.iter().sum());
}

/// Lets the writer write until it has said that so much was answered, kills it, and answers all that it said.
fn write_and_kill(path: &Path, round: usize, answers: usize) -> Vec<String> {
    let mut child = Command::new(env::current_exe().expect("the test is a program"))
        .args(["--exact", "a_killed_writer_loses_nothing_it_was_answered_and_leaves_no_halves", "--nocapture"])
        .env(FILE, path)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the writer starts");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut said = lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("answered ").map(str::to_owned));
    let started = said.next();
    assert_eq!(started.as_deref(), Some("start"));
    let mut ids: Vec<String> = said.by_ref().take(answers).collect();
    child.kill().expect("the writer can be killed");
    // What it said before it died counts, too.
    ids.extend(said);
    let status = child.wait().expect("the writer has died");
    assert!(!status.success(), "it writes until it is killed");
    ids
}

async fn check(path: &Path, answered: &BTreeSet<String>) {
    let store = Sqlite::open(path).expect("the store opens");
    let ids = async |kind| -> BTreeSet<String> {
        let records = store.list(Index::Kind(kind), Page::first(usize::MAX), NOW).await.expect("the store works");
        records.into_iter().map(|record| record.key.id).collect()
    };
    let (first, second, pending) = (ids(FIRST).await, ids(SECOND).await, ids(PENDING).await);
    assert_eq!(first, second, "both of a pair are there or none");
    assert_eq!(first.intersection(&pending).next(), None, "what is done is not pending");
    assert_eq!(answered.difference(&first).next(), None, "what was answered is there");
}

async fn write_until_killed(path: &Path) {
    let round = env::var(ROUND).expect("the one that starts it says which round it is");
    let store = Arc::new(Sqlite::open(path).expect("the store opens"));
    say("start");
    let writers: Vec<_> = (0..WRITERS).map(|writer| tokio::spawn(write(store.clone(), format!("{round}-{writer}")))).collect();
    for writer in writers {
        writer.await.expect("writers write for ever");
    }
}

async fn write(store: Arc<Sqlite>, name: String) {
    for number in 0_u64.. {
        let id = format!("{name}-{number}");
        let put = |kind| Change::Put { record: Record::new(Key::new(kind, &*id), vec![1; 300]), when: When::Absent };
        let begun = store.apply(vec![put(PENDING)], NOW).await;
        let remove = Change::Remove { key: Key::new(PENDING, &*id), when: When::Version(1) };
        let done = store.apply(vec![put(FIRST), remove, put(SECOND)], NOW).await;
        assert!(matches!((begun, done), (Ok(Applied::Done(_)), Ok(Applied::Done(_)))));
        say(&id);
    }
}

fn say(what: &str) {
    let mut out = stdout().lock();
    writeln!(out, "answered {what}").and_then(|()| out.flush()).expect("the one that started it listens");
}
