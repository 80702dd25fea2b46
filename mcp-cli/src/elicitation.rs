//! Answering on the terminal what servers ask of the user.

use async_trait::async_trait;
use mcp_client::{ClientHandler, Elicitation, Elicited, Offers};
use serde_json::{Map, Value};

use crate::schema::Schema;
use crate::terminal::{self, note};

/// Asks the person at the terminal. Where there is none, it declines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OnTerminal;

#[async_trait]
impl ClientHandler for OnTerminal {
    fn offers(&self) -> Offers {
        Offers::NONE.forms().urls()
    }

    async fn elicit(&self, elicitation: Elicitation) -> Elicited<Value> {
        if !terminal::somebody_is_there() {
            note(&format!("the server asks: {}\ndeclined, because there is no terminal to ask on", elicitation.message()));
            return Elicited::Declined;
        }
        note(&format!("the server asks: {}", elicitation.message()));
        match &elicitation {
            Elicitation::Form { schema, .. } => form(schema).await,
            Elicitation::Url { url, .. } => page(url).await,
            _ => Elicited::Declined,
        }
    }
}

/// Asks field by field. Closing the input cancels.
async fn form(schema: &Value) -> Elicited<Value> {
    match terminal::confirm("Answer it?").await {
        Ok(true) => {}
        Ok(false) => return Elicited::Declined,
        Err(_) => return Elicited::Cancelled,
    }
    let schema = Schema::new(schema);
    let mut content = Map::new();
    for (name, field) in schema.properties() {
        match crate::arguments::field(name, field, schema.requires(name)).await {
            Ok(Some(value)) => drop(content.insert(name.to_owned(), value)),
            Ok(None) => {}
            Err(_) => return Elicited::Cancelled,
        }
    }
    Elicited::Accepted(Value::Object(content))
}

/// Shows a page for the user to visit. It is not opened: what it leads to is for the user to judge.
async fn page(url: &str) -> Elicited<Value> {
    note(&format!("it wants you to visit this page in a browser:\n  {url}"));
    match terminal::confirm("Will you visit it?").await {
        Ok(true) => Elicited::Accepted(Value::Null),
        Ok(false) => Elicited::Declined,
        Err(_) => Elicited::Cancelled,
    }
}
