//! What a hop costs: a server behind a gateway or a bridge beside the same server by itself.
//!
//! `cargo bench -p mcp-bench --bench relay -- [--quick]`
//!
//! - The relay's own CPU per `tools/call` of `add`, as a multiple of that of the server it relays when that is called directly: HTTP in front of standard
//!   streams (gateway), and standard streams in front of HTTP (bridge).
//! - The memory that an idle session takes in a gateway.

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use mcp_bench::{
    Error, Result,
    args::{Args, bench},
    contender::Contender,
    driver_http, driver_stdio,
    goals::Goal,
    lifecycle,
    process::{Launch, Server},
    sampling::{Plan, Sample},
    stats::median,
    workload::{Revision, WORKLOADS, Workload},
};

const ADD: Workload = WORKLOADS[0];
/// The most CPU that a relay may use for a call, as a multiple of the server's own when it is called directly.
const HOP: f64 = 2.0;
/// The most memory that an idle session may take, in bytes.
const IDLE: f64 = 64.0 * 1_024.0;

fn main() -> ExitCode {
    bench(run)
}

fn run(mut args: Args) -> Result<()> {
    let quick = args.flag("--quick");
    args.finish()?;
    let (rounds, measure) = if quick { (3, 200) } else { (11, 500) };
    let plan = Plan { warm_up: Duration::from_millis(100), measure: Duration::from_millis(measure), at_least: 200 };
    let (ours, relayed) = (env!("CARGO_BIN_EXE_ours"), env!("CARGO_BIN_EXE_relayed"));
    let direct = Contender::ours(Path::new(ours));
    let gateway = Launch::new(Path::new(relayed), &["gateway", ours]);
    let (mut text, mut goals) = (format!("CPU per call, µs, medians of {rounds} rounds\n"), Vec::new());
    for revision in Revision::ALL {
        for connections in [1, 16] {
            let of = |launch: &Launch| -> Result<f64> {
                let (server, address) = Server::http(launch, ADD.tools)?;
                Ok(per_call(&driver_http::load(&server, address, &ADD, revision, connections, plan)?.0))
            };
            let cell = format!("gateway http/{connections}/add/{}", revision.as_str());
            compare(&cell, rounds, || of(&direct.http), || of(&gateway), &mut text, &mut goals)?;
        }
        let (behind, address) = Server::http(&direct.http, ADD.tools)?;
        let url = format!("http://{address}/mcp");
        let bridge = Launch::new(Path::new(relayed), &["bridge", &url]);
        let of_bridge = || -> Result<f64> {
            let (server, pipes) = Server::stdio(&bridge, ADD.tools)?;
            Ok(per_call(&driver_stdio::load(&server, pipes, &ADD, revision, 16, plan)?.0))
        };
        let of_server = || -> Result<f64> {
            let (server, address) = Server::http(&direct.http, ADD.tools)?;
            Ok(per_call(&driver_http::load(&server, address, &ADD, revision, 16, plan)?.0))
        };
        let cell = format!("bridge stdio/16/add/{}", revision.as_str());
        compare(&cell, rounds, of_server, of_bridge, &mut text, &mut goals)?;
        drop(behind);
    }
    let bytes = lifecycle::bytes_per_session(&gateway, if quick { 1_000 } else { 10_000 })?;
    goals.push(Goal { what: "bytes of an idle session in a gateway".to_owned(), found: bytes, at_most: IDLE });
    text.push_str("\ngoals\n");
    goals.iter().for_each(|goal| text.push_str(&goal.to_line()));
    io::stdout().write_all(text.as_bytes()).map_err(|source| Error::Io { doing: "printing".into(), source })
}

#[allow(clippy::cast_precision_loss, reason = "there are fewer answers than a float counts exactly")]
fn per_call(sample: &Sample) -> f64 {
    sample.cpu.as_secs_f64() * 1e6 / sample.latencies.len() as f64
}

/// Measures both by turns, so that nobody is always first.
fn compare(
    cell: &str,
    rounds: usize,
    direct: impl Fn() -> Result<f64>,
    relayed: impl Fn() -> Result<f64>,
    text: &mut String,
    goals: &mut Vec<Goal>,
) -> Result<()> {
    let (mut without, mut with, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let (one, other) = if round % 2 == 0 {
            let one = direct()?;
            (one, relayed()?)
        } else {
            let other = relayed()?;
            (direct()?, other)
        };
        without.push(one);
        with.push(other);
        ratios.push(other / one);
    }
    let ratio = median(ratios);
    text.push_str(&format!("{cell:<36} direct {:>7.2}  relay {:>7.2}  ratio {ratio:.3}\n", median(without), median(with)));
    goals.push(Goal { what: format!("cpu relay/direct, {cell}"), found: ratio, at_most: HOP });
    Ok(())
}
