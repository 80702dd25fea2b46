//! Forms: every kind of field, with defaults and with choices.

use mcp_parity::{Context, ToolError, tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::describe;

/// One field of each kind, filled in beforehand.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Profile {
    /// User name
    name: String,
    /// User age
    age: i64,
    /// User score
    score: f64,
    /// User status
    status: Status,
    /// Verification status
    verified: bool,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Active,
    Inactive,
    Pending,
}

impl Default for Profile {
    fn default() -> Self {
        Self { name: "John Doe".to_owned(), age: 30, score: 95.5, status: Status::Active, verified: true }
    }
}

/// Ask the user for a profile that is filled in beforehand.
#[tool]
async fn test_elicitation_sep1034_defaults(cx: Context) -> Result<String, ToolError> {
    let answer = cx.elicit::<Profile>("Please check your profile").await?;
    Ok(format!("Elicitation completed: {}", describe(&answer)?))
}

/// Every way of choosing: one or several, by name or by title. A doc comment is a title too.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Choices {
    untitled_single: Option<Untitled>,
    titled_single: Option<Titled>,
    #[schemars(extend("enumNames" = ["Option One", "Option Two", "Option Three"]))]
    legacy_enum: Option<Legacy>,
    #[serde(default)]
    #[schemars(length(min = 1, max = 3))]
    untitled_multi: Vec<Untitled>,
    #[serde(default)]
    #[schemars(length(min = 1, max = 3))]
    titled_multi: Vec<Titled>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Untitled {
    Option1,
    Option2,
    Option3,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Titled {
    /// First Option
    Value1,
    /// Second Option
    Value2,
    /// Third Option
    Value3,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Legacy {
    Opt1,
    Opt2,
    Opt3,
}

/// Ask the user to choose, in every way a form can offer choices.
#[tool]
async fn test_elicitation_sep1330_enums(cx: Context) -> Result<String, ToolError> {
    let answer = cx.elicit::<Choices>("Please choose").await?;
    Ok(format!("Elicitation completed: {}", describe(&answer)?))
}
