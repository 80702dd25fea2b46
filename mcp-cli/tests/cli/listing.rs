//! `mcp list` and `mcp whoami`.

use serde_json::Value;

use crate::support::{Served, command, on, run};

#[test]
fn a_list_is_a_table_and_says_what_arguments_there_are() {
    let list = on("hello", "list");
    list.is(0, &["TOOL", "add    a:integer b:integer  Add two whole numbers.", "greet  [name:string]"], &[]);
    assert_eq!(list.err, "");
    on("everything", "list").is(0, &["test://static-text", "TEMPLATE", "test_prompt_with_arguments"], &[]);
}

#[test]
fn a_list_can_be_narrowed() {
    let list = on("everything", "list --only prompts");
    list.is(0, &["test_simple_prompt"], &[]);
    assert!(!list.out.contains("TOOL") && !list.out.contains("RESOURCE"), "{}", list.out);
}

#[test]
fn a_list_is_the_same_over_stdio_and_http() {
    let server = Served::start("everything");
    for form in [&["list"][..], &["list", "--json"], &["list", "--era", "legacy"]] {
        let over_http = run(command(&[form, &[server.url.as_str()]].concat()));
        let over_stdio = on("everything", &form.join(" "));
        over_http.is(0, &["test_simple_text"], &[]);
        assert_eq!(over_http.out, over_stdio.out, "{form:?}");
    }
}

#[test]
fn a_list_can_be_json() {
    let list: Value = serde_json::from_str(&on("hello", "list --json").out).expect("JSON");
    assert_eq!(list["tools"][0]["name"], "add");
    assert_eq!(list["tools"][0]["inputSchema"]["required"], serde_json::json!(["a", "b"]));
    assert_eq!(list["prompts"], serde_json::json!([]));
}

#[test]
fn who_am_i_tells_of_both_sides() {
    on("hello", "whoami").is(0, &["hello 0.1.0", "2026-07-28", "tools", "whoever starts the server"], &[]);
    on("hello", "whoami --era legacy").is(0, &["2025-11-25"], &[]);
    on("hello", "whoami --era 2025-03-26 --json").is(0, &[r#""revision": "2025-03-26""#, r#""name": "hello""#], &[]);
    on("hello", "whoami --era 1999-01-01").is(2, &[], &["2024-11-05"]);
    let server = Served::start("hello");
    run(command(&["whoami", &server.url])).is(0, &["hello 0.1.0", "whom the server takes for you"], &[]);
}
