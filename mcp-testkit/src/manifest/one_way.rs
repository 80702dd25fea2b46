//! Messages that have no answer, and answers to nothing.

use super::spec;
use crate::fixture::{Fixture, text};

const CANCELLATION: &str = spec!("2025-11-25/basic/utilities/cancellation#error-handling");
const NOTIFICATIONS: &str = spec!("2025-11-25/basic#notifications");
const RESPONSES: &str = spec!("2025-11-25/basic#responses");

/// Notifications, all of which are taken without a word.
const NOTIFIED: &[(&str, &str, &str)] = &[
    ("a notification nobody knows", NOTIFICATIONS, r#"{"jsonrpc":"2.0","method":"notifications/x"}"#),
    ("a request's method as a notification", NOTIFICATIONS, r#"{"jsonrpc":"2.0","method":"tools/list","params":{$meta}}"#),
    ("initialized again", NOTIFICATIONS, r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#),
    ("roots changed", spec!("2025-11-25/client/roots"), r#"{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}"#),
    ("cancelled for an unknown request", CANCELLATION, r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}"#),
    (
        "cancelled for an answered request",
        CANCELLATION,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"open"}}"#,
    ),
    ("cancelled without a request", CANCELLATION, r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}"#),
    ("cancelled without parameters", CANCELLATION, r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#),
    (
        "cancelled for a request that is an object",
        CANCELLATION,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}"#,
    ),
];

/// Notifications that are not messages at all.
const NOT_NOTIFIED: &[(&str, &str)] = &[
    ("a notification with jsonrpc 1.0", r#"{"jsonrpc":"1.0","method":"notifications/initialized"}"#),
    ("a notification with parameters in an array", r#"{"jsonrpc":"2.0","method":"notifications/initialized","params":[]}"#),
];

/// Responses to requests that the server never made.
const ANSWERED: &[(&str, &str)] = &[
    ("a result nobody asked for", r#"{"jsonrpc":"2.0","id":1,"result":{}}"#),
    ("an error nobody asked for", r#"{"jsonrpc":"2.0","id":"x","error":{"code":-1,"message":"no"}}"#),
];

pub(super) fn fixtures() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    for &(name, spec, message) in NOTIFIED {
        fixtures.push(Fixture::new(name, spec).tell(text(message)));
    }
    for &(name, message) in NOT_NOTIFIED {
        fixtures.push(Fixture::new(name, NOTIFICATIONS).call(text(message)));
    }
    for &(name, message) in ANSWERED {
        fixtures.push(Fixture::new(name, RESPONSES).legacy().tell(text(message)));
        let refused = format!("{name}, in a revision without responses");
        fixtures.push(Fixture::new(refused, spec!("2026-07-28/basic/transports/stdio#sending-messages")).modern().call(text(message)));
    }
    fixtures.into_iter().map(Fixture::for_anybody).collect()
}
