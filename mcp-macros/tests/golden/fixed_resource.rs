// /// The configuration.
// #[resource("config://app", mime_type = "application/json", size = 4096)]
// fn config() -> &'static str {
//     "{}"
// }

/// The configuration.
fn config() -> &'static str {
    "{}"
}
const _: () = {
    use ::mcp_parity::__private as __mcp;
    const __ITEM: __mcp::ResourceDef = __mcp::ResourceDef::new(
            __mcp::ItemDef::new("config", ::core::file!(), ::core::line!())
                .description("The configuration."),
            "config://app",
            |_: &__mcp::Context, _: __mcp::Arguments<'_>| -> __mcp::Invocation {
                __mcp::Invocation::ready({
                    let output = config();
                    let answer = __mcp::Answer::resource_value::<&'static str>;
                    answer(output)
                })
            },
        )
        .mime_type("application/json")
        .size(4096);
    __mcp::inventory::submit! {
        __ITEM
    }
};
