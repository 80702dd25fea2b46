// /// Reviews code.
// #[prompt(title = "Review")]
// fn review(
//     /// The code.
//     code: String,
//     language: Option<String>,
//     #[arg(default, name = "max-notes")]
//     notes: u8,
// ) -> Result<Vec<PromptMessage>> {
//     write(code, language, notes)
// }

/// Reviews code.
#[allow(clippy::needless_pass_by_value)]
fn review(
    code: String,
    language: Option<String>,
    notes: u8,
) -> Result<Vec<PromptMessage>> {
    write(code, language, notes)
}
const _: () = {
    use ::mcp_parity::__private as __mcp;
    const __ARGUMENTS: &[__mcp::PromptArgument] = &[
        __mcp::PromptArgument::new("code", "The code.", true),
        __mcp::PromptArgument::new("language", "", false),
        __mcp::PromptArgument::new("max-notes", "", false),
    ];
    const __ITEM: __mcp::PromptDef = __mcp::PromptDef::new(
        __mcp::ItemDef::new("review", ::core::file!(), ::core::line!())
            .title("Review")
            .description("Reviews code."),
        __ARGUMENTS,
        |_: &__mcp::Context, arguments: __mcp::Arguments<'_>| -> __mcp::Invocation {
            let code_value = match arguments.required::<String>("code") {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(answer) => {
                    return __mcp::Invocation::ready(answer);
                }
            };
            let language_value = match arguments.optional::<String>("language") {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(answer) => {
                    return __mcp::Invocation::ready(answer);
                }
            };
            let notes_value = match arguments.optional::<u8>("max-notes") {
                ::core::result::Result::Ok(::core::option::Option::Some(value)) => value,
                ::core::result::Result::Ok(::core::option::Option::None) => {
                    <u8 as ::core::default::Default>::default()
                }
                ::core::result::Result::Err(answer) => {
                    return __mcp::Invocation::ready(answer);
                }
            };
            __mcp::Invocation::ready({
                let output = review(code_value, language_value, notes_value);
                let answer = __mcp::Answer::prompt::<Vec<PromptMessage>, _>;
                answer(output)
            })
        },
    );
    __mcp::inventory::submit! {
        __ITEM
    }
};
