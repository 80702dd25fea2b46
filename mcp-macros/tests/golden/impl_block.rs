// #[tool]
// impl Notes {
//     const MOST: usize = 100;
//     /// Adds a note.
//     #[tool(destructive = false)]
//     async fn add(
//         &self,
//         #[arg(range = 1..= Self::MOST, default = Self::MOST)]
//         limit: usize,
//         note: Note,
//     ) -> Result<Self::Id, Full> {
//         self.store.add(note, limit).await
//     }
//     /// All notes.
//     #[resource("notes://all")]
//     fn all(&self) -> String {
//         self.to_string()
//     }
//     /// What this server is.
//     #[tool]
//     fn about() -> &'static str {
//         "notes"
//     }
//     fn private(&self) {}
// }

impl Notes {
    const MOST: usize = 100;
    #[tool(__served)]
    /// Adds a note.
    #[allow(clippy::needless_pass_by_value)]
    async fn add(&self, limit: usize, note: Note) -> Result<Self::Id, Full> {
        self.store.add(note, limit).await
    }
    #[resource(__served)]
    /// All notes.
    fn all(&self) -> String {
        self.to_string()
    }
    #[tool(__served)]
    /// What this server is.
    fn about() -> &'static str {
        "notes"
    }
    fn private(&self) {}
}
const _: () = {
    use ::mcp_parity::__private as __mcp;
    const _: fn() = || {
        fn assert<T: __mcp::ToolArgument>() {}
        assert::<Note>();
    };
    fn __default_limit() -> usize {
        Notes::MOST
    }
    #[allow(unused_imports)]
    use ::core::option::Option::Some;
    #[derive(__mcp::serde::Deserialize, __mcp::schemars::JsonSchema)]
    #[serde(crate = "__mcp::serde", deny_unknown_fields)]
    #[schemars(crate = "__mcp::schemars")]
    struct __Input {
        #[serde(default = "__default_limit")]
        #[schemars(range(min = 1, max = Notes::MOST))]
        limit: usize,
        note: Note,
    }
    const __ITEM: __mcp::ToolDef = __mcp::ToolDef::new(
            __mcp::ItemDef::new("add", ::core::file!(), ::core::line!())
                .description("Adds a note.")
                .requires(&[<__mcp::State<Notes> as __mcp::FromContext>::missing]),
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
                let range: ::core::ops::RangeInclusive<usize> = 1..=Notes::MOST;
                if !range.contains(&input.limit) {
                    return __mcp::Invocation::ready(__mcp::Answer::out_of_range());
                }
                let this = match <__mcp::State<
                    Notes,
                > as __mcp::FromContext>::from_context(cx) {
                    ::core::result::Result::Ok(value) => value,
                    ::core::result::Result::Err(error) => {
                        return __mcp::Invocation::ready(__mcp::Answer::error(error));
                    }
                };
                __mcp::Invocation::running(async move {
                    let output = __mcp::assert_send(
                            Notes::add(&this, input.limit, input.note),
                        )
                        .await;
                    let answer = __mcp::Answer::tool::<Notes::Id, Full>;
                    answer(output)
                })
            },
        )
        .output(|settings| __mcp::output_schema::<Notes::Id>(settings))
        .hints(__mcp::Hints {
            destructive: ::core::option::Option::Some(false),
            ..__mcp::Hints::NONE
        })
        .plain_parameters();
    __mcp::inventory::submit! {
        __ITEM
    }
};
const _: () = {
    use ::mcp_parity::__private as __mcp;
    const __ITEM: __mcp::ResourceDef = __mcp::ResourceDef::new(
        __mcp::ItemDef::new("all", ::core::file!(), ::core::line!())
            .description("All notes.")
            .requires(&[<__mcp::State<Notes> as __mcp::FromContext>::missing]),
        "notes://all",
        |cx: &__mcp::Context, _: __mcp::Arguments<'_>| -> __mcp::Invocation {
            let this = match <__mcp::State<
                Notes,
            > as __mcp::FromContext>::from_context(cx) {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(error) => {
                    return __mcp::Invocation::ready(__mcp::Answer::error(error));
                }
            };
            __mcp::Invocation::ready({
                let output = Notes::all(&this);
                let answer = __mcp::Answer::resource_value::<String>;
                answer(output)
            })
        },
    );
    __mcp::inventory::submit! {
        __ITEM
    }
};
const _: () = {
    use ::mcp_parity::__private as __mcp;
    const __ITEM: __mcp::ToolDef = __mcp::ToolDef::new(
            __mcp::ItemDef::new("about", ::core::file!(), ::core::line!())
                .description("What this server is."),
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
                    let output = Notes::about();
                    let answer = __mcp::Answer::tool_value::<&'static str>;
                    answer(output)
                })
            },
        )
        .output(|settings| __mcp::output_schema::<&'static str>(settings))
        .plain_parameters();
    __mcp::inventory::submit! {
        __ITEM
    }
};
