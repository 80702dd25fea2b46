// /// Search the source tree
// /// for a regular expression.
// ///
// /// Slow on large trees.
// #[tool(scope = "mcp:read", read_only)]
// async fn search_code(
//     /// Regular expression, Rust syntax.
//     pattern: String,
//     /// Most matches to return.
//     #[arg(default = 50, range = 1..= 1000)]
//     limit: u32,
//     tree: State<SourceTree>,
// ) -> Result<Matches, ToolError> {
//     tree.search(&pattern, limit).await
// }

/// Search the source tree
/// for a regular expression.
///
/// Slow on large trees.
#[allow(clippy::needless_pass_by_value)]
async fn search_code(
    pattern: String,
    limit: u32,
    tree: State<SourceTree>,
) -> Result<Matches, ToolError> {
    tree.search(&pattern, limit).await
}
const _: () = {
    use ::mcp_parity::__private as __mcp;
    fn __default_limit() -> u32 {
        50
    }
    #[allow(unused_imports)]
    use ::core::option::Option::Some;
    #[derive(__mcp::serde::Deserialize, __mcp::schemars::JsonSchema)]
    #[serde(crate = "__mcp::serde", deny_unknown_fields)]
    #[schemars(crate = "__mcp::schemars")]
    struct __Input {
        #[schemars(description = "Regular expression, Rust syntax.")]
        pattern: String,
        #[serde(default = "__default_limit")]
        #[schemars(description = "Most matches to return.", range(min = 1, max = 1000))]
        limit: u32,
    }
    const __ITEM: __mcp::ToolDef = __mcp::ToolDef::new(
            __mcp::ItemDef::new("search_code", ::core::file!(), ::core::line!())
                .description(
                    "Search the source tree for a regular expression.\n\nSlow on large trees.",
                )
                .scopes(&["mcp:read"])
                .requires(&[<State<SourceTree> as __mcp::FromContext>::missing]),
            |settings| __mcp::schema_root::<__Input>(settings),
            |cx: &__mcp::Context, arguments: __mcp::Arguments<'_>| -> __mcp::Invocation {
                let input = match arguments.parse::<__Input>() {
                    ::core::result::Result::Ok(input) => input,
                    ::core::result::Result::Err(error) => {
                        return __mcp::Invocation::ready(
                            __mcp::Answer::invalid_arguments(error),
                        );
                    }
                };
                let range: ::core::ops::RangeInclusive<u32> = 1..=1000;
                if !range.contains(&input.limit) {
                    return __mcp::Invocation::ready(__mcp::Answer::out_of_range());
                }
                let tree_value = match <State<
                    SourceTree,
                > as __mcp::FromContext>::from_context(cx) {
                    ::core::result::Result::Ok(value) => value,
                    ::core::result::Result::Err(error) => {
                        return __mcp::Invocation::ready(__mcp::Answer::error(error));
                    }
                };
                __mcp::Invocation::running(async move {
                    let output = __mcp::assert_send(
                            search_code(input.pattern, input.limit, tree_value),
                        )
                        .await;
                    let answer = __mcp::Answer::tool::<Matches, ToolError>;
                    answer(output)
                })
            },
        )
        .output(|settings| __mcp::output_schema::<Matches>(settings))
        .hints(__mcp::Hints {
            read_only: ::core::option::Option::Some(true),
            ..__mcp::Hints::NONE
        })
        .plain_parameters();
    __mcp::inventory::submit! {
        __ITEM
    }
};
