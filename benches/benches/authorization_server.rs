//! What the embedded authorization server costs: codes and refresh tokens, beside the rows that they make it write.
//!
//! `cargo bench -p mcp-bench --bench authorization_server -- [--quick] [--only PART-OF-A-NAME] [--directory PATH]`
//!
//! - Exchanges of codes and renewals of tokens, one after the other and 32 at once, in process and over HTTP on kept
//!   connections, on a SQLite file with durable commits. Server and clients share this process.
//! - Beside each a bare transaction of `rusqlite` that writes rows of the same number and size to the same tables, by itself, and
//!   over HTTP also behind a bare route of axum that is asked by the same client.
//! - One read and one commit of the store by themselves, which say where an operation's time goes.
//! - How many rows 10,000 registrations of one public client leave behind.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use mcp_bench::{
    Error, Result,
    args::{Args, bench},
    authorization::{Authorization, Work},
    bare_http::BareHttp,
    bare_rows::BareRows,
    goals::Goal,
    stats::median,
};
use mcp_store::{Applied, Change, Key, Kind, Record, Sqlite, Store as _, Time, When};

/// The most that an operation may cost, as a multiple of the bare transaction.
const OPERATION: f64 = 2.0;
const REGISTRATIONS: usize = 10_000;
const STORE_COMMITS: u32 = 1_000;
const STORE_READS: u32 = 5_000;
const IN_FLIGHT: [usize; 2] = [1, 32];

/// What happens at the token endpoint.
#[derive(Clone, Copy, PartialEq)]
enum Operation {
    Exchange,
    Refresh,
}

/// Seconds of an operation in each round.
struct Cell {
    operation: Operation,
    http: bool,
    in_flight: usize,
    rounds: Vec<Round>,
}

struct Round {
    ours: f64,
    /// The bare transaction by itself.
    bare: f64,
    /// The bare transaction, reached as ours was.
    floor: f64,
}

fn main() -> ExitCode {
    bench(run)
}

fn run(mut args: Args) -> Result<()> {
    let quick = args.flag("--quick");
    let only: Option<String> = args.value("--only")?;
    let directory: PathBuf = args.value("--directory")?.unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").into());
    args.finish()?;
    let (rounds, times) = if quick { (3, 320) } else { (15, 640) };
    let io = |doing: &str| {
        let doing = doing.to_owned();
        move |source| Error::Io { doing, source }
    };
    let directory = tempfile::tempdir_in(directory).map_err(io("making a directory"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(io("starting a runtime"))?;
    let (mut text, mut goals) = (String::new(), Vec::new());
    runtime.block_on(async {
        let server = Authorization::start(directory.path()).await;
        let (cells, sizes) = cells(&server, directory.path(), only.as_deref(), rounds, times).await;
        let (code, grant) = sizes;
        text.push_str(&format!("per operation, medians of {rounds} rounds of {times}; a code has {code} bytes and a grant {grant}\n"));
        for cell in cells {
            text.push_str(&cell.to_line());
            goals.push(cell.goal());
        }
        store(&directory.path().join("store.db"), sizes.1, &mut text).await;
        registrations(&server, &mut text, &mut goals).await;
    });
    text.push_str("\ngoals\n");
    goals.iter().for_each(|goal| text.push_str(&goal.to_line()));
    io::stdout().write_all(text.as_bytes()).map_err(io("printing"))
}

async fn cells(server: &Authorization, directory: &Path, only: Option<&str>, rounds: usize, times: usize) -> (Vec<Cell>, (usize, usize)) {
    // What is set up once is no part of what an operation costs, and the rows have to be there to be measured.
    let mut tokens = exchange(server, false, 32, 32).await.1;
    let own = directory.join("auth.db");
    let mut bare = BareRows::create(&directory.join("bare.db"), &own);
    bare.exchanges(32);
    let floor = BareHttp::start(&directory.join("floor.db"), &own).await;
    let mut cells = Vec::new();
    for operation in [Operation::Exchange, Operation::Refresh] {
        for http in [false, true] {
            cells.extend(IN_FLIGHT.map(|in_flight| Cell { operation, http, in_flight, rounds: Vec::new() }));
        }
    }
    cells.retain(|cell| only.is_none_or(|part| cell.name().contains(part)));
    for round in 0..rounds {
        for cell in &mut cells {
            let seconds = |time: Duration| time.as_secs_f64() / times as f64;
            let mut bare = || match cell.operation {
                Operation::Exchange => bare.exchanges(times),
                Operation::Refresh => bare.refreshes(times),
            };
            // Nobody is always first.
            let before = (round % 2 == 0).then(&mut bare);
            let ours = match cell.operation {
                Operation::Exchange => exchange(server, cell.http, cell.in_flight, times).await.0,
                Operation::Refresh => refresh(server, cell.http, cell.in_flight, times, &mut tokens).await,
            };
            let bare = before.unwrap_or_else(bare);
            let floor = match cell.operation {
                _ if !cell.http => bare,
                Operation::Exchange => floor.exchanges(cell.in_flight, times).await,
                Operation::Refresh => floor.refreshes(cell.in_flight, times).await,
            };
            cell.rounds.push(Round { ours: seconds(ours), bare: seconds(bare), floor: seconds(floor) });
        }
    }
    let sizes = bare.sizes();
    (cells, sizes)
}

async fn exchange(server: &Authorization, http: bool, in_flight: usize, times: usize) -> (Duration, Vec<String>) {
    let codes = server.codes(times).await;
    let mut work = Vec::with_capacity(in_flight);
    for share in codes.chunks(times / in_flight) {
        work.push((server.way(http).await, Work::Exchange(share.to_vec())));
    }
    server.run(work).await
}

async fn refresh(server: &Authorization, http: bool, in_flight: usize, times: usize, tokens: &mut [String]) -> Duration {
    let mut work = Vec::with_capacity(in_flight);
    for token in &tokens[..in_flight] {
        work.push((server.way(http).await, Work::Refresh(token.clone(), times / in_flight)));
    }
    let (time, renewed) = server.run(work).await;
    tokens[..in_flight].clone_from_slice(&renewed);
    time
}

/// What one thing costs in the store, asked one after the other.
async fn store(file: &Path, grant: usize, text: &mut String) {
    let (store, key) = (Sqlite::open(file).expect("the file can be made"), Key::new(Kind::from_static("grant"), "g"));
    let now = Time::from_millis(1_000);
    let mut commit = Duration::ZERO;
    // The first time the log is made as long as it will be, which is no part of what a commit costs later.
    for _ in 0..2 {
        let begun = Instant::now();
        for number in 0..STORE_COMMITS {
            let record = Record::new(key.clone(), vec![number as u8; grant]);
            let applied = store.apply(vec![Change::Put { record, when: When::Any }], now).await.expect("the store works");
            assert!(matches!(applied, Applied::Done(_)), "it is written whatever was there");
        }
        commit = begun.elapsed() / STORE_COMMITS;
    }
    let begun = Instant::now();
    for _ in 0..STORE_READS {
        assert!(store.get(&key, now).await.expect("the store works").is_some());
    }
    let read = begun.elapsed() / STORE_READS;
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    text.push_str(&format!("\nthe store by itself, µs: a read {:.1}, a commit of one row {:.1}\n", micros(read), micros(commit)));
}

async fn registrations(server: &Authorization, text: &mut String, goals: &mut Vec<Goal>) {
    let begun = Instant::now();
    for _ in 0..REGISTRATIONS {
        server.register().await;
    }
    let (rows, per_second) = (server.clients().await, REGISTRATIONS as f64 / begun.elapsed().as_secs_f64());
    text.push_str(&format!("\n{REGISTRATIONS} registrations of one public client: {per_second:.0} a second, {rows} rows left\n"));
    goals.push(Goal { what: format!("rows after {REGISTRATIONS} registrations"), found: rows as f64, at_most: 1.0 });
}

impl Cell {
    fn name(&self) -> String {
        let operation = if self.operation == Operation::Exchange { "exchange" } else { "refresh" };
        format!("{operation}/{}/{}", if self.http { "http" } else { "in process" }, self.in_flight)
    }

    fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(of).collect())
    }

    fn to_line(&self) -> String {
        let (ours, bare, name) = (self.median(|round| round.ours), self.median(|round| round.bare), self.name());
        let ratio = self.median(|round| round.ours / round.bare);
        let mut line =
            format!("{name:<24}{:>8.0} a second {:>8.1} µs  bare {:>8.1} µs  ratio {ratio:.3}", 1.0 / ours, ours * 1e6, bare * 1e6);
        if self.http {
            let (floor, ratio) = (self.median(|round| round.floor), self.median(|round| round.ours / round.floor));
            line.push_str(&format!("  behind a route {:>8.1} µs  ratio {ratio:.3}", floor * 1e6));
        }
        line + "\n"
    }

    fn goal(&self) -> Goal {
        let beside = if self.http { "bare transaction behind a route" } else { "bare transaction" };
        let found = self.median(|round| round.ours / round.floor);
        Goal { what: format!("ours/{beside}, {}", self.name()), found, at_most: OPERATION }
    }
}
