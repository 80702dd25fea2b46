//! Frames of arbitrary bytes, in every state a connection can be in.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use mcp_core::{Connection, Exchange, Headers, Principal, Reply, Transport};
use serde::de::IgnoredAny;

use crate::{Behaviour, fixture, reply};

/// Any frame is answered by one line of JSON-RPC, at once or later, or needs no answer; what is
/// not JSON is told that, and what is JSON never is.
pub fn envelope(data: &[u8]) -> Behaviour {
    let frame = Bytes::copy_from_slice(data);
    let exchanges = [fixture::exchange(), in_session("2024-11-05"), in_session("2025-03-26"), in_session("2025-11-25"), without_headers()];
    let mut behaviour = Behaviour::default();
    for exchange in &exchanges {
        let answer = fixture::answer(fixture::dispatcher(), &frame, exchange);
        while let Some(notification) = exchange.outlet.pop() {
            reply::check_notification(&notification);
        }
        behaviour = behaviour.and(match &answer {
            Ok(answer) => {
                check_parse_error(data, answer);
                reply::check(answer)
            }
            Err(_) => Behaviour::default(),
        });
    }
    behaviour
}

/// -32700 is for what is not JSON, nests too deep or spells its keys with broken escapes.
fn check_parse_error(data: &[u8], reply: &Reply) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let said = std::str::from_utf8(&reply.body).unwrap_or_default();
    let refused = said.contains("\"code\":-32700") || said.contains("\"code\": -32700");
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    let otherwise = ["is larger than", "nests deeper", "broken escapes"].iter().any(|reason| said.contains(reason));
    assert!(is_json != refused || otherwise, "valid JSON: {is_json}, answered: {said}");
}

fn in_session(revision: &str) -> Exchange {
    let connection = Connection::new();
    let opened = fixture::answer(fixture::dispatcher(), &fixture::initialize(revision), &fixture::on(&connection));
    assert!(opened.is_ok_and(|reply| !reply.body.is_empty()), "a session can be opened");
    fixture::on(&connection)
}

fn without_headers() -> Exchange {
    struct None;
    impl Headers for None {
        fn get(&self, _name: &str) -> Option<&[u8]> {
            Option::None
        }

        fn repeats(&self, _name: &str) -> bool {
            false
        }
    }
    let peer = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    Exchange::with_headers(Arc::new(None), peer, Principal::local(), Transport::StreamableHttp)
}
