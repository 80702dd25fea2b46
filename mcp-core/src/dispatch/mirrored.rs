//! Results of other servers, written as the caller's revision has them.

use super::render::{self, Kind, finish_result, write_caching};
use super::reply::{Envelope, Reply};
use crate::call::CallState;
use crate::item::members_of;
use crate::json::{Object, push_array, push_str};
use crate::protocol::error::RpcError;
use crate::protocol::revision::Revision;
use crate::protocol::scan::Raw;

/// Members of `_meta` that are about the other server alone: who it is, and a task that only its own client knows.
const ITS_OWN: [&str; 2] = ["io.modelcontextprotocol/serverInfo", "io.modelcontextprotocol/related-task"];

/// Whether a result says that the tool failed.
pub(super) fn is_error(result: &str) -> bool {
    result.contains("\"isError\"")
        && members_of(result).is_some_and(|members| members.iter().any(|(key, value)| key == "isError" && value.get() == "true"))
}

/// The reply with another server's result: every member as it was, but for what the revisions on both sides say differently.
pub(super) fn result(call: &CallState, kind: &Kind, envelope: Envelope, result: &str) -> Reply {
    let Some(members) = members_of(result) else {
        tracing::error!(item = %call.target, "the upstream server's result is not an object");
        return render::failure(call, envelope, &RpcError::internal());
    };
    let revision = call.revision;
    let mut meta = None;
    let mut says_how_long = false;
    Reply::result(envelope, &call.id, result.len() + 192, |out| {
        let mut object = Object::open(out);
        for (key, value) in &members {
            match key.as_str() {
                "resultType" => {}
                "_meta" => meta = own_meta(*value),
                "ttlMs" | "cacheScope" => {
                    if revision.has_caching_hints() {
                        says_how_long = true;
                        // The upstream knows nothing of what is asked here.
                        let restricted = key == "cacheScope" && !is_open(kind);
                        object.member(key, if restricted { "\"private\"" } else { value.get() });
                    }
                }
                "structuredContent" if !carries(revision, *value) => {}
                "content" if !carries_blocks(revision) => {
                    write_list(object.key("content"), *value, |out, block| write_block(out, block, revision));
                }
                "messages" if !carries_blocks(revision) => {
                    write_list(object.key("messages"), *value, |out, message| write_message(out, message, revision));
                }
                _ => object.member(key, value.get()),
            }
        }
        if matches!(kind, Kind::Resource(_) | Kind::Skills { .. }) && !says_how_long {
            write_caching(call, &mut object);
        }
        finish_result(call, &mut object, "complete", meta.as_deref());
        object.close();
    })
}

/// Whether everybody is answered, so that what one caller is told another may be, too.
fn is_open(kind: &Kind) -> bool {
    match kind {
        Kind::Resource(resource) => resource.item.access.is_open(),
        Kind::Skills { is_open, .. } => *is_open,
        _ => true,
    }
}

/// `_meta` without what is the other server's own: who a server is this one says itself.
fn own_meta(meta: Raw<'_>) -> Option<String> {
    let members = members_of(meta.get())?;
    let mut out = Vec::new();
    let mut object = Object::open(&mut out);
    for (key, value) in members.iter().filter(|(key, _)| !ITS_OWN.contains(&key.as_str())) {
        object.member(key, value.get());
    }
    object.close();
    String::from_utf8(out).ok()
}

fn carries(revision: Revision, structured: Raw<'_>) -> bool {
    revision.has_structured_content() && (structured.is_object() || revision.structures_any_value())
}

/// Whether the revision has every kind of content that there is.
fn carries_blocks(revision: Revision) -> bool {
    revision.has_audio() && revision.has_resource_links()
}

/// Writes the items of an array; what is no array stays as it is.
fn write_list(out: &mut Vec<u8>, list: Raw<'_>, write: impl FnMut(&mut Vec<u8>, Raw<'_>)) {
    match crate::item::items_of(list.get()) {
        Some(items) => push_array(out, items, write),
        None => out.extend_from_slice(list.get().as_bytes()),
    }
}

fn write_message(out: &mut Vec<u8>, message: Raw<'_>, revision: Revision) {
    let Some(members) = members_of(message.get()) else { return out.extend_from_slice(message.get().as_bytes()) };
    let mut object = Object::open(out);
    for (key, value) in &members {
        match key.as_str() {
            "content" => write_block(object.key("content"), *value, revision),
            _ => object.member(key, value.get()),
        }
    }
    object.close();
}

/// Writes a block; as text, where the revision has no such kind.
fn write_block(out: &mut Vec<u8>, block: Raw<'_>, revision: Revision) {
    let members = members_of(block.get()).unwrap_or_default();
    let text = |wanted: &str| members.iter().find(|(key, _)| key == wanted).and_then(|(_, value)| value.as_text());
    let words = match text("type").as_deref() {
        Some("audio") if !revision.has_audio() => {
            format!("[audio, {}, which protocol revision {revision} cannot carry]", text("mimeType").unwrap_or_default())
        }
        Some("resource_link") if !revision.has_resource_links() => {
            format!("{}: {}", text("name").unwrap_or_default(), text("uri").unwrap_or_default())
        }
        _ => return out.extend_from_slice(block.get().as_bytes()),
    };
    let mut object = Object::open(out);
    object.raw("type", "\"text\"");
    push_str(object.key("text"), &words);
    if let Some((_, annotations)) = members.iter().find(|(key, _)| key == "annotations") {
        object.raw("annotations", annotations.get());
    }
    object.close();
}
