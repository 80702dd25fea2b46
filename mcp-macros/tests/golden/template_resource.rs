// /// A file of the tree.
// #[resource("repo://{owner}/{+path}{?page,size}", scope = "mcp:read")]
// async fn file(
//     owner: Owner,
//     path: String,
//     page: Option<u32>,
//     #[arg(default = 20)]
//     size: u32,
//     cx: &Context,
// ) -> Result<String, ToolError> {
//     read(owner, path, page, size, cx).await
// }

/// A file of the tree.
#[allow(clippy::needless_pass_by_value)]
async fn file(
    owner: Owner,
    path: String,
    page: Option<u32>,
    size: u32,
    cx: &Context,
) -> Result<String, ToolError> {
    read(owner, path, page, size, cx).await
}
const _: () = {
    use ::mcp_parity::__private as __mcp;
    fn __default_size() -> u32 {
        20
    }
    const __ITEM: __mcp::ResourceDef = __mcp::ResourceDef::new(
        __mcp::ItemDef::new("file", ::core::file!(), ::core::line!())
            .description("A file of the tree.")
            .scopes(&["mcp:read"]),
        "repo://{owner}/{+path}{?page,size}",
        |cx: &__mcp::Context, arguments: __mcp::Arguments<'_>| -> __mcp::Invocation {
            {
                fn assert<T: __mcp::TextArgument>() {}
                assert::<Owner>();
            }
            let owner_value = match arguments.required::<Owner>("owner") {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(answer) => {
                    return __mcp::Invocation::ready(answer);
                }
            };
            let path_value = match arguments.required::<String>("path") {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(answer) => {
                    return __mcp::Invocation::ready(answer);
                }
            };
            let page_value = match arguments.optional::<u32>("page") {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(answer) => {
                    return __mcp::Invocation::ready(answer);
                }
            };
            let size_value = match arguments.optional::<u32>("size") {
                ::core::result::Result::Ok(::core::option::Option::Some(value)) => value,
                ::core::result::Result::Ok(::core::option::Option::None) => {
                    __default_size()
                }
                ::core::result::Result::Err(answer) => {
                    return __mcp::Invocation::ready(answer);
                }
            };
            let cx_value = match <Context as __mcp::FromContext>::from_context(cx) {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(error) => {
                    return __mcp::Invocation::ready(__mcp::Answer::error(error));
                }
            };
            __mcp::Invocation::running(async move {
                let output = __mcp::assert_send(
                        file(owner_value, path_value, page_value, size_value, &cx_value),
                    )
                    .await;
                let answer = __mcp::Answer::resource::<String, ToolError>;
                answer(output)
            })
        },
    );
    __mcp::inventory::submit! {
        __ITEM
    }
};
