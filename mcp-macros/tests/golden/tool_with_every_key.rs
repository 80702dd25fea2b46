// #[cfg(feature = "admin")]
// #[tool(
//     name = "admin.wipe",
//     title = "Wipe",
//     description = "Deletes everything.",
//     scope = ["mcp:admin",
//     scopes::WIPE],
//     tier = Admin,
//     mfa,
//     icons = ["https://example.com/a.png"],
//     tags = ["danger",
//     "disk"],
//     timeout = "2m",
//     meta = r#"{"k": 1}"#,
//     read_only = false,
//     destructive,
//     idempotent,
//     open_world = false,
//     task = "on_demand",
// )]
// pub(crate) async fn wipe() {}

#[cfg(feature = "admin")]
pub(crate) async fn wipe() {}
#[cfg(feature = "admin")]
const _: () = {
    use ::mcp_parity::__private as __mcp;
    const __ITEM: __mcp::ToolDef = __mcp::ToolDef::new(
            __mcp::ItemDef::new("admin.wipe", ::core::file!(), ::core::line!())
                .title("Wipe")
                .description("Deletes everything.")
                .scopes(&["mcp:admin", scopes::WIPE])
                .tier(__mcp::Tier::Admin)
                .mfa()
                .icons(&[__mcp::Icon::new("https://example.com/a.png")])
                .tags(&["danger", "disk"])
                .timeout(::core::time::Duration::from_millis(120000))
                .meta(r#"{"k": 1}"#),
            |settings| __mcp::schema_root::<__mcp::NoArguments>(settings),
            |_: &__mcp::Context, arguments: __mcp::Arguments<'_>| -> __mcp::Invocation {
                if let ::core::result::Result::Err(error) = arguments
                    .parse::<__mcp::NoArguments>()
                {
                    return __mcp::Invocation::ready(
                        __mcp::Answer::invalid_arguments(error),
                    );
                }
                __mcp::Invocation::running(async move {
                    __mcp::assert_send(wipe()).await;
                    __mcp::Answer::tool_value(())
                })
            },
        )
        .hints(__mcp::Hints {
            read_only: ::core::option::Option::Some(false),
            destructive: ::core::option::Option::Some(true),
            idempotent: ::core::option::Option::Some(true),
            open_world: ::core::option::Option::Some(false),
        })
        .task(__mcp::TaskSupport::OnDemand)
        .plain_parameters();
    __mcp::inventory::submit! {
        __ITEM
    }
};
