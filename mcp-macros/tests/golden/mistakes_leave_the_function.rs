// #[tool(naem = "x", scope = "a b")]
// async fn lost<T>(#[arg(deflt = 1)] a: &str, (b, c): (u8, u8)) -> T {
//     todo!()
// }

#[allow(clippy::needless_pass_by_value)]
async fn lost<T>(a: &str, (b, c): (u8, u8)) -> T {
    todo!()
}
::core::compile_error! {
    "`#[tool]` has no key `naem`; did you mean `name`?\nit takes `name`, `title`, `description`, `scope`, `tier`, `mfa`, `icon`, `icons`, `tags`, `timeout`, `blocking`, `meta`, `crate`, `read_only`, `destructive`, `idempotent`, `open_world` and `task`"
}
::core::compile_error! {
    "this is more than one scope; write `scope = [\"a\", \"b\"]`"
}
::core::compile_error! {
    "a tool cannot be generic: it is called by name, so there is nobody to choose the types; name them"
}
::core::compile_error! {
    "`#[arg(…)]` has no key `deflt`; did you mean `default`?\nit takes `default`, `range`, `name`, `description`, `header`, `min_length`, `max_length` and `pattern`"
}
::core::compile_error! {
    "arguments are owned: take `String`"
}
::core::compile_error! {
    "an argument is one name, which callers send; take it apart in the body"
}
::core::compile_error! {
    "callers choose a tool by its description: write a doc comment, or `description = \"…\"`"
}
