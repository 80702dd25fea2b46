// /// The time.
// #[tool]
// fn now() -> String {
//     clock()
// }

/// The time.
fn now() -> String {
    clock()
}
const _: () = {
    use ::mcp_parity::__private as __mcp;
    const __ITEM: __mcp::ToolDef = __mcp::ToolDef::new(
            __mcp::ItemDef::new("now", ::core::file!(), ::core::line!())
                .description("The time."),
            |settings| __mcp::schema_root::<__mcp::NoArguments>(settings),
            |_: &__mcp::Context, arguments: __mcp::Arguments<'_>| -> __mcp::Invocation {
                if let ::core::result::Result::Err(error) = arguments
                    .parse::<__mcp::NoArguments>()
                {
                    return __mcp::Invocation::ready(
                        __mcp::Answer::invalid_arguments(error),
                    );
                }
                __mcp::Invocation::ready({
                    let output = now();
                    let answer = __mcp::Answer::tool_value::<String>;
                    answer(output)
                })
            },
        )
        .output(|settings| __mcp::output_schema::<String>(settings))
        .plain_parameters();
    __mcp::inventory::submit! {
        __ITEM
    }
};
