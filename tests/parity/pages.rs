//! Lists that come in pages.

use mcp_testkit::{Fixture, request};

use super::spec;

const PAGES: &str = spec!("2025-11-25/server/utilities/pagination");

pub(super) fn fixtures() -> Vec<Fixture> {
    let next = |id: &'static str, method: &'static str| request(id, method, r#""cursor":"$nextCursor""#);
    vec![
        // Every caller sees pages of its own.
        Fixture::new("all pages", PAGES).call(request("1", "tools/list", "")).call(next("2", "tools/list")).call(next("3", "tools/list")),
        Fixture::new("a page again", PAGES)
            .call(request("1", "tools/list", ""))
            .call(request("2", "tools/list", ""))
            .call(next("3", "tools/list")),
        Fixture::new("a cursor of another list", PAGES).call(request("1", "tools/list", "")).call(next("2", "prompts/list")),
        Fixture::new("a cursor with a character added", PAGES).call(request("1", "tools/list", "")).call(request(
            "2",
            "tools/list",
            r#""cursor":"$nextCursorA""#,
        )),
    ]
}
