// #[completion(resource = "repo://{owner}/{name}", argument = "name")]
// fn repositories(
//     typed: String,
//     owner: Option<Owner>,
//     index: State<Index>,
// ) -> Result<CompletionValues, ToolError> {
//     index.find(&typed, owner)
// }

#[allow(clippy::needless_pass_by_value)]
fn repositories(
    typed: String,
    owner: Option<Owner>,
    index: State<Index>,
) -> Result<CompletionValues, ToolError> {
    index.find(&typed, owner)
}
const _: () = {
    use ::mcp_parity::__private as __mcp;
    const __ITEM: __mcp::CompletionDef = __mcp::CompletionDef::for_resource(
        __mcp::ItemDef::new("repositories", ::core::file!(), ::core::line!())
            .requires(&[<State<Index> as __mcp::FromContext>::missing]),
        "repo://{owner}/{name}",
        "name",
        |cx: &__mcp::Context, arguments: __mcp::Arguments<'_>| -> __mcp::Invocation {
            {
                fn assert<T: __mcp::TextArgument>() {}
                assert::<Owner>();
            }
            {
                fn assert<T: __mcp::IntoCompletionValues>() {}
                assert::<CompletionValues>();
            }
            let typed_value = match arguments.first::<String>() {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(answer) => {
                    return __mcp::Invocation::ready(answer);
                }
            };
            let owner_value = match arguments.optional::<Owner>("owner") {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(answer) => {
                    return __mcp::Invocation::ready(answer);
                }
            };
            let index_value = match <State<
                Index,
            > as __mcp::FromContext>::from_context(cx) {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(error) => {
                    return __mcp::Invocation::ready(__mcp::Answer::error(error));
                }
            };
            __mcp::Invocation::ready({
                let output = repositories(typed_value, owner_value, index_value);
                let answer = __mcp::Answer::completion::<CompletionValues, ToolError>;
                answer(output)
            })
        },
    );
    __mcp::inventory::submit! {
        __ITEM
    }
};
