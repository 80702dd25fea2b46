// /// Moves something.
// #[tool(crate = my::facade, blocking)]
// fn shift(
//     Args(input): Args<Shift>,
//     who: &Principal,
//     #[inject]
//     tenant: Tenant,
// ) -> std::result::Result<(), MoveError> {
//     input.run(who, tenant)
// }

/// Moves something.
#[allow(clippy::needless_pass_by_value)]
fn shift(
    Args(input): Args<Shift>,
    who: &Principal,
    tenant: Tenant,
) -> std::result::Result<(), MoveError> {
    input.run(who, tenant)
}
const _: () = {
    use my::facade::__private as __mcp;
    const __ITEM: __mcp::ToolDef = __mcp::ToolDef::new(
        __mcp::ItemDef::new("shift", ::core::file!(), ::core::line!())
            .description("Moves something."),
        |settings| {
            {
                fn assert<T: __mcp::ToolArgument>() {}
                assert::<Shift>();
            }
            __mcp::schema_root::<Shift>(settings)
        },
        |cx: &__mcp::Context, arguments: __mcp::Arguments<'_>| -> __mcp::Invocation {
            let input = match arguments.parse::<Shift>() {
                ::core::result::Result::Ok(input) => input,
                ::core::result::Result::Err(error) => {
                    return __mcp::Invocation::ready(
                        __mcp::Answer::invalid_arguments(error),
                    );
                }
            };
            let who_value = match <Principal as __mcp::FromContext>::from_context(cx) {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(error) => {
                    return __mcp::Invocation::ready(__mcp::Answer::error(error));
                }
            };
            let tenant_value = match <Tenant as __mcp::FromContext>::from_context(cx) {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(error) => {
                    return __mcp::Invocation::ready(__mcp::Answer::error(error));
                }
            };
            __mcp::Invocation::blocking(
                cx,
                move || {
                    let output = shift(__mcp::Args(input), &who_value, tenant_value);
                    let answer = __mcp::Answer::tool::<(), MoveError>;
                    answer(output)
                },
            )
        },
    );
    __mcp::inventory::submit! {
        __ITEM
    }
};
