//! News of changes: on the session's stream, and on the streams of those who listen.

use mcp_testkit::{Fixture, Wire, call, request, text};

use super::spec;

const SUBSCRIPTIONS: &str = spec!("2025-11-25/server/resources#subscriptions");
const LISTENING: &str = spec!("2026-07-28/basic/patterns/subscriptions");

pub(super) fn fixtures() -> Vec<Fixture> {
    let listen = |id: &'static str, filter: &str| request(id, "subscriptions/listen", format!("\"notifications\":{filter}"));
    let fixtures = vec![
        Fixture::new("news of a list", spec!("2025-11-25/server/tools#list-changed-notification"))
            .legacy()
            .listen()
            .call(call("1", "changes", "{}"))
            .news(1),
        Fixture::new("news of a resource", SUBSCRIPTIONS)
            .legacy()
            .listen()
            .call(request("1", "resources/subscribe", r#""uri":"about://terms""#))
            .call(call("2", "changes", "{}"))
            .news(2)
            .call(request("3", "resources/unsubscribe", r#""uri":"about://terms""#))
            .call(call("4", "changes", "{}"))
            .news(3),
        Fixture::new("listening to everything", LISTENING)
            .modern()
            .start(
                listen("1", r#"{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["about://terms"]}"#),
                1,
            )
            .call(call("2", "changes", "{}"))
            .frames("1", 3),
        Fixture::new("listening to one resource", LISTENING)
            .modern()
            .start(listen("\"a\"", r#"{"resourceSubscriptions":["about://terms","nowhere://x","secret://keys"]}"#), 1)
            .call(call("2", "changes", "{}"))
            .frames("\"a\"", 2),
        Fixture::new("two listeners", LISTENING)
            .modern()
            .start(listen("1", r#"{"toolsListChanged":true}"#), 1)
            .start(listen("2", r#"{"resourceSubscriptions":["about://terms"]}"#), 1)
            .call(call("3", "changes", "{}"))
            .frames("1", 2)
            .frames("2", 2),
        Fixture::new("listening that is cancelled", spec!("2026-07-28/basic/patterns/cancellation"))
            .modern()
            .except(&[Wire::HttpEvents, Wire::Http], "over HTTP a listener stops by leaving")
            .start(listen("1", r#"{"toolsListChanged":true}"#), 1)
            .tell(text(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#))
            .gone("1")
            .call(call("2", "changes", "{}")),
    ];
    fixtures.into_iter().map(Fixture::for_anybody).collect()
}
