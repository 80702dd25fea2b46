// /// Everything an argument may say.
// #[tool]
// async fn query(
//     #[arg(name = "the-region", header = "Region", default = "eu")]
//     region: String,
//     #[arg(min_length = 1, max_length = 8, pattern = "^[a-z]+$")]
//     r#type: Option<String>,
//     #[arg(range = 1..10, description = "How many.")]
//     count: Option<i64>,
//     #[arg(range = 0.0..1.0, default)]
//     share: f64,
// ) -> Answer {
//     todo!()
// }

/// Everything an argument may say.
#[allow(clippy::needless_pass_by_value)]
async fn query(
    region: String,
    r#type: Option<String>,
    count: Option<i64>,
    share: f64,
) -> Answer {
    todo!()
}
const _: () = {
    use ::mcp_parity::__private as __mcp;
    fn __default_region() -> String {
        ::core::convert::Into::into("eu")
    }
    #[allow(unused_imports)]
    use ::core::option::Option::Some;
    #[derive(__mcp::serde::Deserialize, __mcp::schemars::JsonSchema)]
    #[serde(crate = "__mcp::serde", deny_unknown_fields)]
    #[schemars(crate = "__mcp::schemars")]
    struct __Input {
        #[serde(rename = "the-region", default = "__default_region")]
        #[schemars(extend("x-mcp-header" = "Region"))]
        region: String,
        #[schemars(length(min = 1, max = 8), regex(pattern = "^[a-z]+$"))]
        r#type: Option<String>,
        #[schemars(description = "How many.", range(min = 1, max = 9))]
        count: Option<i64>,
        #[serde(default)]
        #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
        share: f64,
    }
    const __ITEM: __mcp::ToolDef = __mcp::ToolDef::new(
            __mcp::ItemDef::new("query", ::core::file!(), ::core::line!())
                .description("Everything an argument may say."),
            |settings| __mcp::schema_root::<__Input>(settings),
            |_: &__mcp::Context, arguments: __mcp::Arguments<'_>| -> __mcp::Invocation {
                let input = match arguments.parse::<__Input>() {
                    ::core::result::Result::Ok(input) => input,
                    ::core::result::Result::Err(error) => {
                        return __mcp::Invocation::ready(
                            __mcp::Answer::invalid_arguments(error),
                        );
                    }
                };
                let range: ::core::ops::Range<i64> = 1..10;
                if input.count.as_ref().is_some_and(|value| !range.contains(value)) {
                    return __mcp::Invocation::ready(__mcp::Answer::out_of_range());
                }
                let range: ::core::ops::Range<f64> = 0.0..1.0;
                if !range.contains(&input.share) {
                    return __mcp::Invocation::ready(__mcp::Answer::out_of_range());
                }
                __mcp::Invocation::running(async move {
                    let output = __mcp::assert_send(
                            query(input.region, input.r#type, input.count, input.share),
                        )
                        .await;
                    let answer = __mcp::Answer::tool_value::<Answer>;
                    answer(output)
                })
            },
        )
        .output(|settings| __mcp::output_schema::<Answer>(settings))
        .plain_parameters();
    __mcp::inventory::submit! {
        __ITEM
    }
};
