//! Connections, each of one request and one answer.

use std::io;
use std::sync::Arc;

use mcp_testkit::{Asked, Document};
use serde_json::json;
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::routes;
use super::state::{Mood, State};

/// The refusal of a request (RFC 6749, section 5.2).
pub(super) fn refusal(status: u16, error: &str) -> Document {
    Document::json(&json!({ "error": error })).status(status)
}

/// Answers until the task is aborted, and with it all connections.
pub(super) async fn serve(socket: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = socket.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(answer(stream, Arc::clone(&state)));
                }
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn answer(stream: TcpStream, state: Arc<State>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let asked = Asked::read(&mut stream).await?;
    let mood = {
        let mut inner = state.lock();
        inner.asked.push(asked.clone());
        inner.mood
    };
    // The state lives as long as this does, so the sender is there.
    let _ = state.held.subscribe().wait_for(|held| !held).await;
    let answer = match mood {
        Mood::Up => routes::answer(&state, &asked),
        Mood::Failing => refusal(503, "temporarily_unavailable"),
        Mood::Stalling => Document::json(&json!({})).stalling_after(1),
    };
    answer.write(stream.get_mut(), asked.method == "HEAD").await
}
