//! Lists, page by page.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::inner::Inner;
use crate::types::Tool;

/// A list as the server wrote it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Listed {
    /// Its entries, without tools that must not be used.
    pub entries: Vec<Box<RawValue>>,
    /// Whether the server says that it may list something else for another caller (2026-07-28, server/utilities/caching).
    pub is_private: bool,
}

impl Inner {
    /// Every page of a list. An item that cannot be read is left out, so that it does not hide the others.
    pub(crate) async fn list<T: DeserializeOwned>(&self, draft: Draft, key: &str) -> Result<Vec<T>> {
        Ok(self.pages(draft, key).await?.0)
    }

    /// The same, and whether a page is for its caller only.
    async fn pages<T: DeserializeOwned>(&self, mut draft: Draft, key: &str) -> Result<(Vec<T>, bool)> {
        let (mut items, mut is_private) = (Vec::new(), false);
        let (mut cursors, mut bytes) = (HashSet::new(), 0);
        for _ in 0..self.settings.limits.pages {
            let page = self.send(&draft).await?;
            bytes += page.get().len();
            if bytes > self.settings.limits.list_bytes {
                return Err(Error::Unsupported(format!("`{}` has more than {} bytes", draft.method, self.settings.limits.list_bytes)));
            }
            is_private |= read_page(&page, key, &mut items)?;
            let Some(cursor) = next_cursor(&page)? else { return Ok((items, is_private)) };
            if !cursors.insert(cursor.clone()) {
                return Err(Error::Malformed(format!("`{}` leads to a page that it led to before", draft.method)));
            }
            draft.params.set("cursor", &cursor)?;
        }
        Err(Error::Unsupported(format!("`{}` has more than {} pages", draft.method, self.settings.limits.pages)))
    }

    /// The server's tools, without those that must not be used.
    pub(crate) async fn list_tools(&self, draft: Draft) -> Result<Vec<Tool>> {
        let tools = self.list(draft, "tools").await?;
        Ok(if self.link.mirrors() { self.catalog.replace(tools) } else { tools })
    }

    /// Every entry of a list as the server wrote it, without tools that must not be used.
    pub(crate) async fn listed(&self, draft: Draft, key: &str) -> Result<Listed> {
        let (mut entries, is_private): (Vec<Box<RawValue>>, bool) = self.pages(draft, key).await?;
        if key == "tools" && self.link.mirrors() {
            let read = |entry: &RawValue| serde_json::from_str::<Tool>(entry.get()).ok();
            let usable = self.catalog.replace(entries.iter().filter_map(|entry| read(entry)).collect());
            let names: HashSet<&str> = usable.iter().map(|tool| &*tool.name).collect();
            entries.retain(|entry| read(entry).is_some_and(|tool| names.contains(&*tool.name)));
        }
        Ok(Listed { entries, is_private })
    }

    /// Learns anew which arguments are repeated in headers.
    pub(crate) async fn tools(&self) -> Result<()> {
        // Boxed, for a list is itself made of requests.
        Box::pin(self.list_tools(Draft::new("tools/list"))).await.map(drop)
    }
}

/// Reads the items of a page; whether it is for its caller only.
fn read_page<T: DeserializeOwned>(page: &RawValue, key: &str, items: &mut Vec<T>) -> Result<bool> {
    let members: std::collections::HashMap<String, &RawValue> =
        serde_json::from_str(page.get()).map_err(|error| Error::unreadable(&error))?;
    let Some(list) = members.get(key) else { return Err(Error::Malformed(format!("`{key}` is missing"))) };
    let list: Vec<&RawValue> = serde_json::from_str(list.get()).map_err(|error| Error::unreadable(&error))?;
    for item in list {
        match serde_json::from_str(item.get()) {
            Ok(item) => items.push(item),
            Err(error) => tracing::warn!(%error, key, "an item of a list cannot be read and is left out"),
        }
    }
    Ok(members.get("cacheScope").is_some_and(|scope| scope.get() == "\"private\""))
}

/// Where the next page is. Some servers end their lists with an empty cursor.
fn next_cursor(page: &RawValue) -> Result<Option<String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Page {
        #[serde(default)]
        next_cursor: Option<String>,
    }
    let page: Page = serde_json::from_str(page.get()).map_err(|error| Error::unreadable(&error))?;
    Ok(page.next_cursor.filter(|cursor| !cursor.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_that_cannot_be_read_does_not_hide_the_others() {
        let page = RawValue::from_string(
            r#"{"tools":[{"name":"a","inputSchema":{}},{"name":7},{"name":"b","inputSchema":{}}],"nextCursor":"","cacheScope":"private"}"#
                .to_owned(),
        );
        let page = page.expect("valid JSON");
        let mut tools: Vec<Tool> = Vec::new();
        assert!(read_page(&page, "tools", &mut tools).expect("a page"), "it is for one caller");
        assert_eq!(tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(next_cursor(&page).expect("a page"), None);
        assert!(read_page(&page, "prompts", &mut tools).is_err());
    }
}
