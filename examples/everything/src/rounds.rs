//! Questions in rounds. In 2026-07-28 a call that asks ends, is repeated with the answers and runs
//! again from the start; earlier it waits. Either way the function reads as if it waited.

use std::sync::atomic::{AtomicU32, Ordering};

use mcp_parity::{ClientCapability, Context, Elicited, PromptMessage, Root, Sample, State, ToolError, prompt, tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// What somebody is called.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Name {
    pub(crate) name: String,
}

/// What somebody likes.
#[derive(Deserialize, JsonSchema)]
struct Color {
    color: String,
}

/// A yes or a no.
#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    ok: bool,
}

/// A guess at a number.
#[derive(Deserialize, JsonSchema)]
struct Guess {
    number: u32,
}

/// How many numbers were drawn.
#[derive(Default)]
pub(crate) struct Draws(AtomicU32);

/// What a prompt should take into account.
#[derive(Deserialize, JsonSchema)]
struct Background {
    context: String,
}

/// Ask the user for a name, under a key of one's own.
pub(crate) async fn ask_name(cx: &Context) -> Result<String, ToolError> {
    let answer = cx.elicit::<Name>("What is your name?").key("user_name").await?;
    Ok(answer.accepted().map_or_else(|| "whoever you are".to_owned(), |Name { name }| name))
}

async fn confirm(cx: &Context) -> Result<bool, ToolError> {
    let answer = cx.elicit::<Confirmation>("Please confirm").key("confirm").await?;
    Ok(matches!(answer, Elicited::Accepted(Confirmation { ok: true })))
}

fn list(roots: &[Root]) -> String {
    let names: Vec<&str> = roots.iter().map(|root| root.name.as_deref().unwrap_or(&root.uri)).collect();
    names.join(", ")
}

/// Ask the user for a name.
#[tool]
async fn test_input_required_result_elicitation(cx: Context) -> Result<String, ToolError> {
    Ok(format!("Hello, {}!", ask_name(&cx).await?))
}

/// Ask the client's model for a capital.
#[tool(open_world)]
async fn test_input_required_result_sampling(cx: Context) -> Result<String, ToolError> {
    let question = Sample::new("What is the capital of France?").max_tokens(100).key("capital_question");
    Ok(cx.sample(question).await?.text)
}

/// Ask the client which directories it works in.
#[tool(read_only)]
async fn test_input_required_result_list_roots(cx: Context) -> Result<String, ToolError> {
    let roots = cx.named_roots(Some("client_roots")).await?;
    Ok(format!("Roots: {}", list(&roots)))
}

/// Ask the user to confirm; what was said before travels with the client, sealed.
#[tool]
async fn test_input_required_result_request_state(cx: Context) -> Result<&'static str, ToolError> {
    Ok(if confirm(&cx).await? { "state-ok: confirmed" } else { "state-ok: not confirmed" })
}

/// Ask the user to confirm; a state that somebody changed is refused.
#[tool]
async fn test_input_required_result_tampered_state(cx: Context) -> Result<&'static str, ToolError> {
    Ok(if confirm(&cx).await? { "Confirmed." } else { "Not confirmed." })
}

/// Ask the user, the model and the client, all in one round.
#[tool]
async fn test_input_required_result_multiple_inputs(cx: Context) -> Result<String, ToolError> {
    let greeting = Sample::new("Generate a greeting").max_tokens(50).key("greeting");
    let (name, greeting, roots) = tokio::join!(ask_name(&cx), cx.sample(greeting), cx.named_roots(Some("client_roots")));
    Ok(format!("{} {} works in {}.", greeting?.text, name?, list(&roots?)))
}

/// Ask the user twice, one question after the other.
#[tool]
async fn test_input_required_result_multi_round(cx: Context) -> Result<String, ToolError> {
    let name = cx.elicit::<Name>("Step 1: What is your name?").key("step1").await?;
    let Elicited::Accepted(Name { name }) = name else { return Ok("No name, no color.".to_owned()) };
    let color = cx.elicit::<Color>("Step 2: What is your favorite color?").key("step2").await?;
    let color = color.accepted().map_or_else(|| "nothing".to_owned(), |Color { color }| color);
    Ok(format!("{name} likes {color}."))
}

/// Draw a number, once, and ask the user to guess it in a call that may be repeated for the answer.
#[tool]
async fn test_once(draws: State<Draws>, cx: Context) -> Result<String, ToolError> {
    let drawn: u32 = cx.once("drawn", async { Ok(draws.0.fetch_add(1, Ordering::Relaxed)) }).await?;
    let guess = cx.elicit::<Guess>("Which number was drawn?").key("guess").await?;
    Ok(match guess {
        Elicited::Accepted(Guess { number }) if number == drawn => "You guessed it.".to_owned(),
        _ => format!("It was {drawn}."),
    })
}

/// Ask whomever the client can ask: its model, the user, or nobody.
#[tool]
async fn test_input_required_result_capabilities(cx: Context) -> Result<String, ToolError> {
    if cx.client_can(ClientCapability::Sampling) {
        let greeting = Sample::new("Generate a greeting").max_tokens(50).key("greeting");
        return Ok(cx.sample(greeting).await?.text);
    }
    if cx.client_can(ClientCapability::ElicitationForm) {
        return Ok(format!("Hello, {}!", ask_name(&cx).await?));
    }
    Ok("Hello!".to_owned())
}

/// Speak in a context that the user gives.
#[prompt]
async fn test_input_required_result_prompt(cx: Context) -> Result<Vec<PromptMessage>, ToolError> {
    let answer = cx.elicit::<Background>("What context should the prompt use?").key("user_context").await?;
    let context = answer.accepted().map_or_else(|| "none".to_owned(), |Background { context }| context);
    Ok(vec![PromptMessage::user(format!("Answer in this context: {context}"))])
}
