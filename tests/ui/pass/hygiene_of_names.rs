//! Parameters, functions and types named like those in generated code.
#![deny(warnings)]

use mcp_parity::{Context, State, prompt, tool};

#[derive(mcp_parity::serde::Deserialize, mcp_parity::schemars::JsonSchema)]
#[serde(crate = "mcp_parity::serde")]
#[schemars(crate = "mcp_parity::schemars")]
struct Input(u8);

#[derive(mcp_parity::serde::Serialize, mcp_parity::schemars::JsonSchema)]
#[serde(crate = "mcp_parity::serde")]
#[schemars(crate = "mcp_parity::schemars")]
struct Answer(u8);

const fn limit() -> u8 {
    9
}

/// Calls.
#[tool]
async fn call(
    input: Input,
    #[arg(default = limit(), range = 0..=limit())] arguments: u8,
    #[arg(range = 0..=limit())] value: Option<u8>,
    output: u8,
    error: u8,
    range: u8,
    settings: u8,
    cx: State<u8>,
    this: &Context,
    answer: &State<u16>,
) -> Answer {
    std::future::ready(this.is_cancelled()).await;
    let sum = input.0 + arguments + value.unwrap_or_default() + output + error + range + settings + *cx;
    Answer(sum + u8::try_from(**answer).unwrap_or_default())
}

/// Prompts.
#[prompt]
fn prompt_me(cx: String, arguments: u8, input: Option<u8>, value: &Context, answer: u8, output: State<u8>) -> String {
    format!("{cx}{arguments}{input:?}{}{answer}{}", value.is_cancelled(), *output)
}

fn main() {}
