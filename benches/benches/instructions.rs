//! Counts the instructions a server executes per request, which other load on the machine does not change.
//!
//! `cargo bench -p mcp-bench --bench instructions -- [--filter TEXT] [--ours PATH] [--documented] [--requests N]`
//!
//! Every server runs under callgrind twice, once for N equal calls on one connection and once for 2N; the difference,
//! divided by N, has neither start nor end in it. Only user space is counted, not the kernel.
//!
//! With `--check`, only the plain call is counted, without rmcp, and the run fails when a goal is missed beyond scatter or a count is
//! more than a tenth above the one in `recorded.txt`.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use mcp_bench::{
    Error, Result,
    answer::Checker,
    args::{Args, bench},
    callgrind,
    cell::Transport,
    contender::{Contender, OURS},
    driver_http, driver_stdio,
    goals::of_instructions,
    process::Server,
    report::{PAIRS, Row, line, ratio},
    stats::median,
    workload::{Call, FIRST_ID, Revision, WORKLOADS, Workload},
};

/// Instructions per request as they were when last looked at, one cell a line.
const RECORDED: &str = include_str!("../recorded.txt");

/// A scheduler with several threads decides differently every time; the median does not.
const REPEATS: usize = 3;

fn main() -> ExitCode {
    bench(run)
}

fn run(mut args: Args) -> Result<()> {
    if !callgrind::is_there() {
        eprintln!("skipped: instructions are counted by valgrind, which is not installed");
        return Ok(());
    }
    let requests = args.value("--requests")?.unwrap_or(300);
    let filter = args.value("--filter")?.unwrap_or_else(String::new);
    let documented = args.flag("--documented");
    let check = args.flag("--check");
    let ours = args.value("--ours")?.or(option_env!("CARGO_BIN_EXE_ours").map(PathBuf::from));
    args.finish()?;

    let mut contenders: Vec<_> = ours.iter().map(|program| Contender::ours(program)).collect();
    if !check {
        contenders.push(Contender::rmcp(Path::new(env!("CARGO_BIN_EXE_rmcp_server")), documented));
    }
    let floors = (env!("CARGO_BIN_EXE_floor_stdio"), env!("CARGO_BIN_EXE_floor_axum"));
    contenders.push(Contender::floor(Path::new(floors.0), Path::new(floors.1)));

    let mut rows = Vec::new();
    for transport in Transport::ALL {
        for revision in Revision::ALL {
            for workload in
                WORKLOADS.iter().filter(|workload| workload.call != Call::List).filter(|workload| !check || workload.name == "add")
            {
                let cell = format!("{transport}/{}/{}", workload.name, revision.as_str());
                if !cell.contains(&filter) {
                    continue;
                }
                // Long texts take long under callgrind, and scheduling is a small part of what they cost.
                let requests = match workload.call {
                    Call::Echo => requests / 5,
                    Call::Add | Call::List => requests,
                };
                let mut servers = BTreeMap::new();
                for contender in &contenders {
                    eprintln!("{cell}, {}", contender.name);
                    let instructions = per_request(transport, revision, workload, contender, requests);
                    let place = || format!("{cell}, {}", contender.name);
                    let instructions = instructions.map_err(|source| at(place(), source))?;
                    servers.insert(contender.name, instructions);
                }
                rows.push(Row { cell, servers });
            }
        }
    }
    print(&rows, requests)?;
    if check { compare(&rows) } else { Ok(()) }
}

/// How far a ratio is off from run to run: which thread takes up which task is another each time.
const SCATTER: f64 = 1.05;

/// Holds the counts against the goals and against what was recorded.
fn compare(rows: &[Row<f64>]) -> Result<()> {
    let mut missed: Vec<String> = of_instructions(rows)
        .iter()
        .filter(|goal| goal.found > goal.at_most * SCATTER)
        .map(|goal| goal.to_line().trim_end().to_owned())
        .collect();
    for row in rows {
        let recorded = RECORDED.lines().find_map(|line| {
            let (cell, count) = line.split_once(' ')?;
            (cell == row.cell).then(|| count.trim().parse::<f64>().ok())?
        });
        let counted = row.servers.get(OURS).copied();
        match recorded.zip(counted) {
            Some((recorded, counted)) if counted <= recorded * 1.1 => {}
            Some((recorded, counted)) => missed.push(format!("{}: {counted:.0} instructions, recorded {recorded:.0}", row.cell)),
            None => missed.push(format!("{}: no count is recorded", row.cell)),
        }
    }
    if missed.is_empty() { Ok(()) } else { Err(Error::Missed(missed.join("\n"))) }
}

fn at(place: String, source: Error) -> Error {
    Error::At { place, source: Box::new(source), stderr: String::new() }
}

fn per_request(transport: Transport, revision: Revision, workload: &Workload, contender: &Contender, requests: u32) -> Result<f64> {
    let count = |requests| count(transport, revision, workload, contender, requests);
    let mut repeats = Vec::with_capacity(REPEATS);
    for _ in 0..REPEATS {
        let (once, twice) = (count(requests)?, count(2 * requests)?);
        repeats.push((twice as f64 - once as f64) / f64::from(requests));
    }
    Ok(median(repeats))
}

/// The instructions of a whole run of `requests` requests.
fn count(transport: Transport, revision: Revision, workload: &Workload, contender: &Contender, requests: u32) -> Result<u64> {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("callgrind.{}.out", std::process::id()));
    let mut checker = Checker::new(workload, revision);
    let ids = FIRST_ID..FIRST_ID + requests;
    match transport {
        Transport::Stdio => {
            let (mut server, pipes) = Server::stdio(&contender.stdio.under_callgrind(&out), workload.tools)?;
            let mut connection = driver_stdio::Connection::open(pipes, revision)?;
            let mut request = workload.call.request(revision).line();
            for id in ids {
                connection.ask(&mut request, id, &mut checker)?;
            }
            drop(connection);
            server.wait()?;
        }
        Transport::Http => {
            let (server, address) = Server::http(&contender.http.under_callgrind(&out), workload.tools)?;
            let mut connection = driver_http::Connection::open(address)?;
            let mut request = connection.prepare(workload.call, revision)?;
            for id in ids {
                connection.ask(&mut request, id, &mut checker)?;
            }
            drop(connection);
            server.terminate()?;
        }
    }
    let counted = callgrind::totals(&out);
    // A leftover is overwritten by the next run.
    let _ = fs::remove_file(&out);
    counted
}

fn print(rows: &[Row<f64>], requests: u32) -> Result<()> {
    let mut text = format!("instructions per request, from runs of {requests} and {} (a fifth for echo)\n", 2 * requests);
    line(&mut text, "", "cell", &["ours", "rmcp", "floor", "ours/floor", "ours/rmcp", "rmcp/floor"]);
    for row in rows {
        let values = ["ours", "rmcp", "floor"].map(|name| row.servers.get(name).map_or("–".into(), |n| format!("{n:.0}")));
        let ratios = PAIRS.map(|pair| ratio(row.ratio(pair, |&instructions| instructions)));
        line(&mut text, "", &row.cell, &values.into_iter().chain(ratios).collect::<Vec<_>>());
    }
    let goals = of_instructions(rows);
    if !goals.is_empty() {
        text.push_str("\ngoals\n");
        goals.iter().for_each(|goal| text.push_str(&goal.to_line()));
    }
    io::stdout().write_all(text.as_bytes()).map_err(|source| Error::Io { doing: "printing".into(), source })
}
