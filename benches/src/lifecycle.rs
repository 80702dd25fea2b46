//! What a server costs outside its calls: until the first answer, and for every session that is open.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    Result,
    answer::Checker,
    cell::Transport,
    contender::Contender,
    driver_http, driver_stdio,
    process::{Launch, Server},
    workload::{FIRST_ID, Revision, WORKLOADS},
};

/// How many sessions the memory cell opens.
pub const SESSIONS: usize = 10_000;

const SESSIONS_BEFORE: usize = 200;
const SETTLE: Duration = Duration::from_millis(300);

/// The milliseconds from starting a server to the answer to its first request.
///
/// The request is a 2026-07-28 `tools/call`, which needs no handshake. Over HTTP the client connects as soon as the
/// server says that it listens.
///
/// # Errors
/// When the answer is wrong or does not come.
pub fn first_answer_ms(transport: Transport, contender: &Contender) -> Result<f64> {
    let workload = &WORKLOADS[0];
    let mut checker = Checker::new(workload, Revision::Modern);
    let begun = Instant::now();
    match transport {
        Transport::Stdio => {
            let (_server, pipes) = Server::stdio(&contender.stdio, workload.tools)?;
            let mut connection = driver_stdio::Connection::open(pipes, Revision::Modern)?;
            let mut request = workload.call.request(Revision::Modern).line();
            connection.ask(&mut request, FIRST_ID, &mut checker)?;
            Ok(begun.elapsed().as_secs_f64() * 1e3)
        }
        Transport::Http => {
            let (_server, address) = Server::http(&contender.http, workload.tools)?;
            let mut connection = driver_http::Connection::open(address)?;
            let mut request = connection.prepare(workload.call, Revision::Modern)?;
            connection.ask(&mut request, FIRST_ID, &mut checker)?;
            Ok(begun.elapsed().as_secs_f64() * 1e3)
        }
    }
}

/// The bytes by which a server's memory grows for each idle legacy session.
///
/// Every session is opened as a client would, `initialize` and then `notifications/initialized`, over one
/// connection, so that only sessions are counted and not sockets.
///
/// # Errors
/// When a session cannot be opened.
pub fn bytes_per_session(launch: &Launch, sessions: usize) -> Result<f64> {
    let (server, address) = Server::http(launch, WORKLOADS[0].tools)?;
    let mut connection = driver_http::Connection::open(address)?;
    let mut open = |count: usize| {
        for _ in 0..count {
            connection.open_session()?;
        }
        thread::sleep(SETTLE);
        server.memory_kib()
    };
    let before = open(SESSIONS_BEFORE)?;
    let after = open(sessions)?;
    Ok((after as f64 - before as f64) * 1024.0 / sessions as f64)
}
