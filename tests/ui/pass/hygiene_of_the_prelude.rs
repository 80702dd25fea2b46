//! Names of the prelude that mean something else here.
#![allow(dead_code, unused_imports)]

use mcp_parity::{State, prompt, resource, tool};

struct Result;
struct Option;
struct Vec;
struct Box;
enum Shadow {
    Some,
    None,
    Ok,
    Err,
}
use Shadow::{Err, None, Ok, Some};

trait Into {}
trait Default {}
trait Iterator {}
trait Send {}

/// Finds text.
#[tool]
async fn find(
    text: String,
    #[arg(default = 3, range = 1..=5)] limit: u8,
    #[arg(default = "x")] more: String,
    #[arg(default)] rest: std::vec::Vec<u8>,
    page: std::option::Option<u8>,
    state: State<u8>,
) -> std::result::Result<String, mcp_parity::ToolError> {
    std::result::Result::Ok(format!("{text}{limit}{more}{rest:?}{page:?}{}", *state))
}

/// The text.
#[resource("text://{number}{?page}")]
fn text(number: u8, #[arg(default = 1)] page: u8) -> String {
    (number + page).to_string()
}

/// Reviews.
#[prompt]
fn review(code: String, #[arg(default)] depth: u8, style: std::option::Option<String>) -> String {
    format!("{code}{depth}{style:?}")
}

fn main() {}
