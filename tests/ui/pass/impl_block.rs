//! Methods of every kind, with `Self` in types, defaults and ranges.
#![deny(warnings)]

use mcp_parity::{Context, completion, prompt, resource, tool};

mod model {
    #[derive(Default)]
    pub struct Notes {
        pub all: std::sync::Mutex<Vec<String>>,
    }
}

#[derive(mcp_parity::serde::Serialize, mcp_parity::schemars::JsonSchema)]
#[serde(crate = "mcp_parity::serde")]
#[schemars(crate = "mcp_parity::schemars")]
struct Added {
    length: usize,
}

#[tool]
impl model::Notes {
    const MOST: usize = 10;
    const FIRST: &str = "first";

    /// Adds a note.
    #[tool(scope = "notes:write", destructive = false)]
    async fn add(
        &self,
        text: String,
        #[arg(default = Self::MOST, range = 1..=Self::MOST)] most: usize,
        cx: Context,
    ) -> Result<Added, std::fmt::Error> {
        std::future::ready(cx.is_cancelled()).await;
        let mut all = self.lock();
        if all.len() < most {
            all.push(text);
        }
        Ok(Added { length: all.len() })
    }

    /// What this is.
    #[tool(read_only)]
    fn about() -> &'static str {
        Self::FIRST
    }

    /// The first note.
    #[tool(read_only)]
    fn first(&self) -> Option<String> {
        self.lock().first().cloned()
    }

    /// A note.
    #[resource("notes://{number}")]
    fn note(&self, number: usize) -> String {
        self.lock().get(number).cloned().unwrap_or_default()
    }

    /// Reads them out.
    #[prompt]
    fn read_out(&self) -> String {
        self.lock().join("\n")
    }

    #[completion(resource = "notes://{number}", argument = "number")]
    fn numbers(&self, typed: String) -> Vec<String> {
        (0..self.lock().len()).map(|number| number.to_string()).filter(|number| number.starts_with(&typed)).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.all.lock().unwrap()
    }
}

fn main() {
    use mcp_parity::__private::{ToolDef, inventory};
    assert_eq!(inventory::iter::<ToolDef>().count(), 3);
    assert!(model::Notes::default().first().is_none());
}
