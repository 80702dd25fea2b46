//! Resources: at fixed URIs, at every URI of a template, and one that changes.

use std::sync::atomic::{AtomicU64, Ordering};

use mcp_parity::serde_json::{Value, json};
use mcp_parity::{Change, Context, State, completion, resource, tool};

use crate::content::IMAGE;

const WATCHED: &str = "test://watched-resource";

/// How often the watched resource was changed.
#[derive(Default)]
pub(crate) struct Watched(AtomicU64);

/// A text that never changes.
#[resource("test://static-text", mime_type = "text/plain")]
fn static_text() -> &'static str {
    "This is the content of the static text resource."
}

/// A picture that never changes.
#[resource("test://static-binary", mime_type = "image/png")]
fn static_binary() -> Vec<u8> {
    IMAGE.to_vec()
}

/// Data of a template: one resource for every id.
#[resource("test://template/{id}/data", mime_type = "application/json")]
fn template_data(id: String) -> Value {
    json!({"id": id, "templateTest": true, "data": format!("Data for ID: {id}")})
}

/// Ids that start with what was typed.
#[completion(resource = "test://template/{id}/data", argument = "id")]
fn template_ids(typed: String) -> Vec<String> {
    ["123", "124", "456"].into_iter().filter(|id| id.starts_with(&typed)).map(str::to_owned).collect()
}

/// A text that says how often it was changed.
#[resource("test://watched-resource", mime_type = "text/plain")]
fn watched_resource(watched: State<Watched>) -> String {
    format!("Changed {} times.", watched.0.load(Ordering::Relaxed))
}

/// Change the watched resource; those who subscribed to it are told.
#[tool]
fn test_change_watched_resource(watched: State<Watched>, cx: Context) -> String {
    let times = watched.0.fetch_add(1, Ordering::Relaxed) + 1;
    cx.notify(Change::Resource(WATCHED.into()));
    format!("Changed {times} times.")
}
