//! What a tool answers.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Content, Meta};
use crate::error::{Error, Result};

/// What a tool answers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CallResult {
    /// What it says, for the model.
    #[serde(default)]
    pub content: Vec<Content>,
    /// What it says, for programs.
    #[serde(default, rename = "structuredContent")]
    pub structured: Option<Value>,
    /// Whether it reports a failure.
    #[serde(default)]
    pub is_error: bool,
    /// Whatever the server adds.
    #[serde(rename = "_meta", default)]
    pub meta: Meta,
}

impl CallResult {
    /// The text blocks, joined by newlines.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.content.iter().filter_map(Content::as_text).collect();
        texts.join("\n")
    }

    /// The structured result as a type; where a revision has none, the text as JSON.
    ///
    /// # Errors
    /// When there is no structured result or it does not fit the type.
    pub fn structured<T: DeserializeOwned>(&self) -> Result<T> {
        let unfit = |error: serde_json::Error| Error::Malformed(format!("the structured result does not fit: {error}"));
        match &self.structured {
            Some(value) => T::deserialize(value).map_err(unfit),
            None => serde_json::from_str(&self.text()).map_err(unfit),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn structure_comes_from_where_the_revision_puts_it() {
        for result in [
            json!({"content": [{"type": "text", "text": "5"}]}),
            json!({"content": [], "structuredContent": 5}),
            json!({"structuredContent": 5, "isError": false}),
        ] {
            let result: CallResult = serde_json::from_value(result).expect("a valid result");
            assert_eq!(result.structured::<u32>().expect("a number"), 5);
            assert!(result.structured::<Vec<u8>>().is_err());
        }
    }
}
