//! Requests of the skills extension that another server answers.

use std::sync::Arc;

use bytes::Bytes;

use super::admit::{Wanted, admit};
use super::render::Kind;
use super::{Pass, Request, Shared, Started, call, modern};
use crate::call::Arguments;
use crate::item::ItemMeta;
use crate::protocol::error::RpcError;
use crate::protocol::meta::{optional_text, required_uri};
use crate::registry::Snapshot;

/// Has the other server answer. What a skill or a directory asks of its caller is what the resource at its URI asks.
pub(super) fn start(shared: &Arc<Shared>, offers: &Snapshot, request: &Request<'_>, method: &str) -> Started {
    let Some((method, handler)) = offers.unlisted().and_then(|unlisted| unlisted.skill_handler(method)) else {
        return Started::Done(request.fail(&modern::unknown_method(method)));
    };
    if let Err(error) = optional_text(request.params.cursor, "cursor") {
        return Started::Done(request.fail(&error));
    }
    // Whoever answers a list hides what a caller may not see.
    let mut item = ItemMeta::new(method);
    let (target, pass) = if method == "skills/list" {
        (String::new(), Pass::unrecorded())
    } else {
        let uri = match required_uri(request.params.uri) {
            Ok(uri) => uri,
            Err(error) => return Started::Done(request.fail(&error)),
        };
        let unknown = || request.fail(&RpcError::invalid_params(format!("there is no skill `{uri}`")));
        let Some(access) = offers.foreign_access(&uri) else { return Started::Done(unknown()) };
        let admitted = admit(shared, request, Wanted { operation: method, item: &uri, noun: "skill", access: &access });
        item.access = access;
        match admitted {
            Ok(pass) => (uri.into_owned(), pass),
            Err(refused) => return Started::Done(refused.reply_or(unknown)),
        }
    };
    let cursor = request.params.cursor.map_or_else(Bytes::new, |raw| call::kept(request.frame, raw));
    let kind = Kind::Skills { method, is_open: item.access.is_open() };
    match call::state(shared, request, method, target, cursor, pass) {
        Ok(state) => call::run(request, &item, &handler, kind, state, Arguments::strings(&[]), false),
        Err(error) => Started::Done(request.fail(&error)),
    }
}
