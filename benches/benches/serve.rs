//! Serves the same calls with ours, rmcp and the floor, and prints what each of them cost.
//!
//! `cargo bench -p mcp-bench --bench serve -- [--quick] [--filter TEXT] [--ours PATH] [--documented] [--rounds N]`
//!
//! - `--quick` takes two minutes instead of twelve.
//! - `--filter` keeps the cells whose name contains the text, such as `http/16/add` or `start`.
//! - `--ours` measures another program than the bin `ours` of this package.
//! - `--documented` runs rmcp as its documentation shows instead of as well as it can.
//! - `--rounds` measures every cell so many times; medians are reported.
//!
//! The servers take turns within every round, so that what else the machine does hits all of them.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use mcp_bench::{
    Error, Result,
    args::{Args, bench},
    cell::{Cell, Figures, Transport},
    contender::Contender,
    goals::of_serving,
    lifecycle::{SESSIONS, bytes_per_session, first_answer_ms},
    report::{Report, Row},
    sampling::Plan,
    stats::median,
};

struct Options {
    filter: String,
    rounds: usize,
    plan: Plan,
    starts: usize,
    contenders: Vec<Contender>,
    settings: String,
}

fn main() -> ExitCode {
    bench(run)
}

fn run(args: Args) -> Result<()> {
    let options = Options::from_args(args)?;
    let begun = Instant::now();
    let mut report = Report::new(options.settings.clone());
    report.cells = options.cells()?;
    report.start_ms = options.starts()?;
    report.session_bytes = options.sessions()?;

    let mut text = report.to_text();
    let goals = of_serving(&report);
    if !goals.is_empty() {
        text.push_str("\ngoals\n");
        goals.iter().for_each(|goal| text.push_str(&goal.to_line()));
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench-serve.json");
    report.save(&path)?;
    text.push_str(&format!("\n{:.0} s; also in {}\n", begun.elapsed().as_secs_f64(), path.display()));
    io::stdout().write_all(text.as_bytes()).map_err(|source| Error::Io { doing: "printing".into(), source })
}

impl Options {
    fn from_args(mut args: Args) -> Result<Self> {
        let quick = args.flag("--quick");
        let documented = args.flag("--documented");
        let filter = args.value("--filter")?.unwrap_or_default();
        let rounds = args.value("--rounds")?.unwrap_or(if quick { 3 } else { 5 });
        let ours = args.value("--ours")?.or(option_env!("CARGO_BIN_EXE_ours").map(PathBuf::from));
        args.finish()?;

        let mut contenders = Vec::new();
        match ours {
            Some(program) => contenders.push(Contender::ours(&program)),
            None => {
                eprintln!("there is no bin `ours` and no --ours PATH; measuring the others alone");
            }
        }
        contenders.push(Contender::rmcp(Path::new(env!("CARGO_BIN_EXE_rmcp_server")), documented));
        let floors = (env!("CARGO_BIN_EXE_floor_stdio"), env!("CARGO_BIN_EXE_floor_axum"));
        contenders.push(Contender::floor(Path::new(floors.0), Path::new(floors.1)));

        let (warm_up, measure) = if quick { (40, 160) } else { (100, 600) };
        let plan = Plan { warm_up: Duration::from_millis(warm_up), measure: Duration::from_millis(measure), at_least: 20 };
        let rmcp = if documented { "as documented" } else { "at its best settings" };
        let settings = format!("medians of {rounds} rounds of {measure} ms each; rmcp {rmcp}");
        Ok(Self { filter, rounds, plan, starts: if quick { 7 } else { 25 }, contenders, settings })
    }

    fn wants(&self, name: &str) -> bool {
        name.contains(&self.filter)
    }

    fn cells(&self) -> Result<Vec<Row<Figures>>> {
        let cells: Vec<_> = Cell::all().filter(|cell| self.wants(&cell.to_string())).collect();
        let mut rounds: Vec<Vec<Vec<Figures>>> = vec![vec![Vec::new(); self.contenders.len()]; cells.len()];
        for round in 0..self.rounds {
            eprintln!("round {} of {}, {} cells", round + 1, self.rounds, cells.len());
            for (cell, results) in cells.iter().zip(&mut rounds) {
                // Nobody is always first.
                for turn in 0..self.contenders.len() {
                    let turn = (turn + round) % self.contenders.len();
                    results[turn].push(cell.measure(&self.contenders[turn], self.plan)?);
                }
            }
        }
        let rows = cells.iter().zip(rounds).map(|(cell, results)| Row {
            cell: cell.to_string(),
            servers: self.names().zip(results.iter().map(|figures| Figures::median(figures))).collect(),
        });
        Ok(rows.collect())
    }

    fn starts(&self) -> Result<Vec<Row<f64>>> {
        let mut rows = Vec::new();
        for transport in Transport::ALL {
            let cell = format!("start/{transport}");
            if !self.wants(&cell) {
                continue;
            }
            let mut rounds = vec![Vec::new(); self.contenders.len()];
            for _ in 0..self.starts {
                for (contender, times) in self.contenders.iter().zip(&mut rounds) {
                    times.push(first_answer_ms(transport, contender).map_err(|error| at(&cell, contender, error))?);
                }
            }
            rows.push(Row { cell, servers: self.names().zip(rounds.into_iter().map(median)).collect() });
        }
        Ok(rows)
    }

    fn sessions(&self) -> Result<Vec<Row<f64>>> {
        let cell = format!("memory/{SESSIONS}-sessions");
        if !self.wants(&cell) {
            return Ok(Vec::new());
        }
        let mut servers = BTreeMap::new();
        for contender in &self.contenders {
            let Some(launch) = &contender.sessions else {
                continue;
            };
            let bytes = bytes_per_session(launch, SESSIONS).map_err(|error| at(&cell, contender, error))?;
            servers.insert(contender.name, bytes);
        }
        Ok(vec![Row { cell, servers }])
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.contenders.iter().map(|contender| contender.name)
    }
}

fn at(cell: &str, contender: &Contender, source: Error) -> Error {
    Error::At { place: format!("{cell}, {}", contender.name), source: Box::new(source), stderr: String::new() }
}
