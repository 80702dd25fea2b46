//! Calls that become tasks.

use mcp_testkit::{Fixture, call, request};

use super::spec;

const TASKS: &str = spec!("2026-07-28/basic#extension-negotiation");
const CAN: &str = r#""extensions":{"io.modelcontextprotocol/tasks":{}}"#;

pub(super) fn fixtures() -> Vec<Fixture> {
    let by_id = |id: &'static str, method: &'static str| request(id, method, r#""taskId":"$taskId""#);
    let fixtures = vec![
        Fixture::new("a task that is cancelled", TASKS)
            .modern()
            .capabilities(CAN)
            .call(call("1", "works_long", "{}"))
            .call(by_id("2", "tasks/cancel"))
            .call(by_id("3", "tasks/get")),
        Fixture::new("a tool that could be a task, for a client without tasks", TASKS).call(call("1", "works_shortly", "{}")),
        Fixture::new("a tool that must be a task, for a client without tasks", TASKS).call(call("1", "works_long", "{}")),
        Fixture::new("a task of somebody else", TASKS)
            .modern()
            .capabilities(CAN)
            .with_headers("a connection belongs to one caller")
            .call(call("1", "works_long", "{}"))
            .call(by_id("2", "tasks/get").from_another())
            .call(by_id("3", "tasks/cancel").from_another())
            .call(by_id("4", "tasks/cancel")),
        Fixture::new("a task asked for without the extension", TASKS).modern().call(request("1", "tasks/get", r#""taskId":"abc""#)),
    ];
    fixtures.into_iter().map(Fixture::for_anybody).collect()
}
