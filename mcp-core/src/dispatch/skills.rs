//! Requests of the skills extension.

use super::reply::Reply;
use super::{Request, Shared};
use crate::json::Object;
use crate::protocol::error::RpcError;
use crate::protocol::meta::required_uri;

fn write_caching(shared: &Shared, object: &mut Object<'_>) {
    object.value("ttlMs", &shared.lists.ttl_ms);
    object.raw("cacheScope", "\"public\"");
}

pub(super) fn list(shared: &Shared, request: &Request<'_>) -> Reply {
    request.result(shared, |object| {
        let entries: Vec<_> = shared.skills.entries.values().collect();
        object.value("skills", &entries);
        write_caching(shared, object);
    })
}

pub(super) fn get(shared: &Shared, request: &Request<'_>) -> Reply {
    let uri = match required_uri(request.params.uri) {
        Ok(uri) => uri,
        Err(error) => return request.fail(&error),
    };
    match shared.skills.entries.get(&*uri) {
        Some(entry) => request.result(shared, |object| {
            object.value("skill", entry);
            write_caching(shared, object);
        }),
        None => request.fail(&RpcError::invalid_params(format!("there is no skill `{uri}`"))),
    }
}

pub(super) fn read_directory(shared: &Shared, request: &Request<'_>) -> Reply {
    let uri = match required_uri(request.params.uri) {
        Ok(uri) => uri,
        Err(error) => return request.fail(&error),
    };
    match shared.skills.directories.get(uri.trim_end_matches('/')) {
        Some(children) => request.result(shared, |object| {
            object.value("resources", children);
            write_caching(shared, object);
        }),
        None => request.fail(&RpcError::invalid_params(format!("`{uri}` is not a directory of a skill"))),
    }
}
