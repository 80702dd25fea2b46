//! What authorization costs: a call with a token beside the same call without, and what happens to tokens before.
//!
//! `cargo bench -p mcp-bench --bench auth -- [--quick] [--ours PATH] [--requests N]`
//!
//! - Server CPU per `tools/call` of `add` over HTTP, with a token that is remembered and without; the two take turns.
//! - Instructions of the same, where valgrind is installed. It knows no SHA instructions, so it counts more than there are.
//! - Verifying a token that nobody remembers, beside the bare library call.
//! - The memory that 100,000 tokens take, and the questions that 16 callers with one token cost.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use mcp_bench::{
    Error, Result,
    answer::Checker,
    args::{Args, bench},
    callgrind,
    contender::Contender,
    driver_http,
    goals::Goal,
    issuer::Signer,
    process::{Launch, Server},
    remembering,
    sampling::Plan,
    stats::median,
    verifying,
    workload::{FIRST_ID, Revision, WORKLOADS, Workload},
};

const ADD: Workload = WORKLOADS[0];
/// The most that a remembered token may add to a call, as a multiple of the call without.
const CALL: f64 = 1.05;
/// The most that verifying may cost, as a multiple of the library call.
const VERIFYING: f64 = 1.2;

struct Options {
    rounds: usize,
    plan: Plan,
    requests: u32,
    open: Launch,
    protected: Launch,
    /// The header of a caller with a token.
    authorization: String,
}

fn main() -> ExitCode {
    bench(run)
}

fn run(args: Args) -> Result<()> {
    let options = Options::from_args(args)?;
    let (mut text, mut goals) = (String::new(), Vec::new());
    options.cpu(&mut text, &mut goals)?;
    if callgrind::is_there() {
        options.instructions(&mut text)?;
    }
    remembered(&mut text, options.rounds);
    options.verifying(&mut text, &mut goals);
    remembering(&mut text, &mut goals)?;
    text.push_str("\ngoals\n");
    goals.iter().for_each(|goal| text.push_str(&goal.to_line()));
    io::stdout().write_all(text.as_bytes()).map_err(|source| Error::Io { doing: "printing".into(), source })
}

impl Options {
    fn from_args(mut args: Args) -> Result<Self> {
        let quick = args.flag("--quick");
        let requests = args.value("--requests")?.unwrap_or(300);
        let ours: PathBuf = args.value("--ours")?.unwrap_or_else(|| env!("CARGO_BIN_EXE_ours").into());
        args.finish()?;
        let (rounds, measure) = if quick { (5, 200) } else { (21, 500) };
        let plan = Plan { warm_up: Duration::from_millis(100), measure: Duration::from_millis(measure), at_least: 200 };
        let authorization = format!("Authorization: Bearer {}\r\n", Signer::eddsa().token("dee"));
        let open = Contender::ours(&ours).http;
        Ok(Self { rounds, plan, requests, open, protected: Contender::protected(&ours), authorization })
    }

    /// The server's processor time per call, without and with a token.
    fn cpu(&self, text: &mut String, goals: &mut Vec<Goal>) -> Result<()> {
        text.push_str(&format!("server CPU per call, µs, medians of {} rounds\n", self.rounds));
        for revision in Revision::ALL {
            for connections in [1, 16] {
                let (mut without, mut with, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
                for round in 0..self.rounds {
                    let open = || self.cpu_of(&self.open, "", revision, connections);
                    let protected = || self.cpu_of(&self.protected, &self.authorization, revision, connections);
                    // Nobody is always first.
                    let (one, other) = if round % 2 == 0 {
                        let one = open()?;
                        (one, protected()?)
                    } else {
                        let other = protected()?;
                        (open()?, other)
                    };
                    without.push(one);
                    with.push(other);
                    ratios.push(other / one);
                }
                let ratio = median(ratios);
                let cell = format!("http/{connections}/add/{}", revision.as_str());
                text.push_str(&format!("{cell:<26} without {:>7.2}  with {:>7.2}  ratio {ratio:.3}\n", median(without), median(with)));
                goals.push(Goal { what: format!("cpu with a token/without, {cell}"), found: ratio, at_most: CALL });
            }
        }
        Ok(())
    }

    fn cpu_of(&self, launch: &Launch, headers: &str, revision: Revision, connections: usize) -> Result<f64> {
        let (server, address) = Server::http(launch, ADD.tools)?;
        let (sample, _) = driver_http::load_with_headers(&server, address, headers, &ADD, revision, connections, self.plan)?;
        Ok(sample.cpu.as_secs_f64() * 1e6 / sample.latencies.len() as f64)
    }

    /// The instructions per call, without and with a token.
    fn instructions(&self, text: &mut String) -> Result<()> {
        text.push_str(&format!("\ninstructions per call, from runs of {} and {}\n", self.requests, 2 * self.requests));
        for revision in Revision::ALL {
            let without = self.instructions_of(&self.open, "", revision)?;
            let with = self.instructions_of(&self.protected, &self.authorization, revision)?;
            let cell = format!("http/add/{}", revision.as_str());
            text.push_str(&format!("{cell:<26} without {without:>7.0}  with {with:>7.0}  ratio {:.3}\n", with / without));
        }
        Ok(())
    }

    fn instructions_of(&self, launch: &Launch, headers: &str, revision: Revision) -> Result<f64> {
        let mut repeats = Vec::new();
        for _ in 0..3 {
            let once = count(launch, headers, revision, self.requests)?;
            let twice = count(launch, headers, revision, 2 * self.requests)?;
            repeats.push((twice as f64 - once as f64) / f64::from(self.requests));
        }
        Ok(median(repeats))
    }

    fn verifying(&self, text: &mut String, goals: &mut Vec<Goal>) {
        text.push_str("\nverifying a token that is not remembered, µs; beside jsonwebtoken::decode, and the signature alone\n");
        for signer in [Signer::es256(), Signer::eddsa(), Signer::rs256()] {
            let found = verifying::measure(&signer, 2 * self.rounds);
            let verifying::Verifying { algorithm, ours, library, signature, ratio } = found;
            let alone = ours / signature;
            text.push_str(&format!(
                "{algorithm:<6} ours {ours:>7.2}  library {library:>7.2}  ratio {ratio:.3}  signature {signature:>7.2}  ratio {alone:.3}\n"
            ));
            goals.push(Goal { what: format!("verifying/library, {algorithm}"), found: ratio, at_most: VERIFYING });
        }
    }
}

/// What a call with a remembered token pays for in `mcp-auth`; the rest is a longer request.
fn remembered(text: &mut String, rounds: usize) {
    let (whole, digest) = verifying::remembered(rounds);
    text.push_str(&format!("\nrecognising a token that is remembered, µs: {whole:.2}, of which its digest {digest:.2}\n"));
}

fn remembering(text: &mut String, goals: &mut Vec<Goal>) -> Result<()> {
    let (held, bound) = (remembering::bytes_held()?, remembering::BOUND as f64);
    let (introspection, keys) = remembering::requests();
    text.push_str(&format!(
        "\n{} tokens: {:.1} MiB held, bound {:.1} MiB\n{} callers at once: {introspection} introspection requests, {keys} key requests\n",
        remembering::TOKENS,
        held / 1_048_576.0,
        bound / 1_048_576.0,
        remembering::CALLERS
    ));
    goals.push(Goal { what: "bytes held/bound".to_owned(), found: held / bound, at_most: 1.0 });
    for (what, found) in [("introspection", introspection), ("key", keys)] {
        goals.push(Goal { what: format!("{what} requests of callers at once"), found: found as f64, at_most: 1.0 });
    }
    Ok(())
}

/// The instructions of a whole run of `requests` calls on one connection.
fn count(launch: &Launch, headers: &str, revision: Revision, requests: u32) -> Result<u64> {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("callgrind-auth.{}.out", std::process::id()));
    let mut checker = Checker::new(&ADD, revision);
    let (server, address) = Server::http(&launch.under_callgrind(&out), ADD.tools)?;
    let mut connection = driver_http::Connection::open(address)?.with_headers(headers);
    let mut request = connection.prepare(ADD.call, revision)?;
    for id in FIRST_ID..FIRST_ID + requests {
        connection.ask(&mut request, id, &mut checker)?;
    }
    drop(connection);
    server.terminate()?;
    let counted = callgrind::totals(&out);
    // A leftover is overwritten by the next run.
    let _ = fs::remove_file(&out);
    counted
}
