//! The least that a token endpoint is: a route that makes the bare transaction and answers as much as one that gives tokens.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::{Router, extract::State, http::header::CONTENT_TYPE, response::IntoResponse, routing::post, serve::ListenerExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::authorization::{Way, Work, run};
use crate::bare_rows::BareRows;

/// As many bytes as an access token has.
const TOKEN_BYTES: usize = 700;

/// A server of nothing but bare transactions.
#[derive(Debug)]
pub struct BareHttp {
    rows: Arc<Mutex<BareRows>>,
    address: SocketAddr,
}

impl BareHttp {
    /// Starts it on a new file, with tables and rows like those of a store in another file.
    ///
    /// # Panics
    /// When there is no free port or no disk.
    pub async fn start(file: &Path, store: &Path) -> Self {
        let mut rows = BareRows::create(file, store);
        rows.exchanges(32);
        let rows = Arc::new(Mutex::new(rows));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let listener = listener.tap_io(|stream: &mut TcpStream| stream.set_nodelay(true).expect("a socket can be told"));
        let app = Router::new().route("/token", post(answer)).with_state(Arc::clone(&rows));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { rows, address }
    }

    /// How long so many exchanges take, on so many connections at once.
    ///
    /// # Panics
    /// When something fails.
    pub async fn exchanges(&self, in_flight: usize, times: usize) -> Duration {
        let codes = self.rows.lock().unwrap_or_else(PoisonError::into_inner).codes(times);
        self.run(codes.chunks(times / in_flight).map(|share| Work::Exchange(share.to_vec())).collect()).await
    }

    /// How long so many refreshes take, on so many connections at once.
    ///
    /// # Panics
    /// When something fails.
    pub async fn refreshes(&self, in_flight: usize, times: usize) -> Duration {
        self.run((0..in_flight).map(|_| Work::Refresh("t".to_owned(), times / in_flight)).collect()).await
    }

    async fn run(&self, works: Vec<Work>) -> Duration {
        let mut pairs = Vec::with_capacity(works.len());
        for work in works {
            pairs.push((Way::connect(self.address).await, work));
        }
        run(pairs, "bench").await.0
    }
}

async fn answer(State(rows): State<Arc<Mutex<BareRows>>>, form: String) -> impl IntoResponse {
    let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
    match form.split('&').find_map(|parameter| parameter.strip_prefix("code=")) {
        Some(code) => rows.exchange(code),
        None => rows.refresh(),
    }
    let body = format!(r#"{{"access_token":"{}","refresh_token":"t"}}"#, "a".repeat(TOKEN_BYTES));
    ([(CONTENT_TYPE, "application/json")], body)
}
