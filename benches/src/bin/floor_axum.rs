//! What HTTP costs before any protocol: one axum route, one typed parse, one typed answer.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
    serve::ListenerExt,
};
use mcp_bench::{args::Args, floor::Floor};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = Args::from_env();
    let bind = args.value("--bind")?.unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let tools = args.value("--tools")?.unwrap_or(2);
    args.finish()?;

    let listener = TcpListener::bind(bind).await?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|stream: &mut TcpStream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("TCP_NODELAY could not be set: {error}");
        }
    });
    let app = Router::new().route("/mcp", post(answer)).with_state(Arc::new(Floor::new(tools)));
    eprintln!("listening on {address}");
    axum::serve(listener, app).await?;
    Ok(())
}

async fn answer(State(floor): State<Arc<Floor>>, body: Bytes) -> Response {
    let mut out = Vec::with_capacity(128);
    match floor.answer(&body, &mut out) {
        Ok(()) if out.is_empty() => StatusCode::ACCEPTED.into_response(),
        Ok(()) => {
            let mut response = Response::new(Body::from(out));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}
