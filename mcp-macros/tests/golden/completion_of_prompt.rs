// #[completion(prompt = "review", argument = "language")]
// async fn languages(typed: String, code: Option<String>) -> Vec<String> {
//     guess(&typed, code).await
// }

#[allow(clippy::needless_pass_by_value)]
async fn languages(typed: String, code: Option<String>) -> Vec<String> {
    guess(&typed, code).await
}
const _: () = {
    use ::mcp_parity::__private as __mcp;
    const __ITEM: __mcp::CompletionDef = __mcp::CompletionDef::for_prompt(
        __mcp::ItemDef::new("languages", ::core::file!(), ::core::line!()),
        "review",
        "language",
        |_: &__mcp::Context, arguments: __mcp::Arguments<'_>| -> __mcp::Invocation {
            let typed_value = match arguments.first::<String>() {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(answer) => {
                    return __mcp::Invocation::ready(answer);
                }
            };
            let code_value = match arguments.optional::<String>("code") {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(answer) => {
                    return __mcp::Invocation::ready(answer);
                }
            };
            __mcp::Invocation::running(async move {
                let output = __mcp::assert_send(languages(typed_value, code_value))
                    .await;
                let answer = __mcp::Answer::completion_value::<Vec<String>>;
                answer(output)
            })
        },
    );
    __mcp::inventory::submit! {
        __ITEM
    }
};
