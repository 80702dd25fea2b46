//! Taking back what a person gave, and what is on its way.

use mcp_store::{Index, Key, Page, StoreError, When};

use super::Inner;
use super::db::Row;
use super::flow::CONSENT;
use super::grant::{Code, Grant};
use super::record::Event;

/// Rows that are looked at together.
const TOGETHER: usize = 200;

impl Inner {
    /// Ends a grant of a person, and forgets what it decided about the client: who took something back wants to be asked again. Answers
    /// the client's name, if there was such a grant.
    pub(crate) async fn end_one_of(&self, person: &str, grant: &str) -> Result<Vec<String>, StoreError> {
        let Some(found) = self.db.get::<Grant>(grant).await?.filter(|found| found.value.user == person) else { return Ok(Vec::new()) };
        let client = &found.value.client;
        let mut page = Page::first(TOGETHER);
        loop {
            let codes = self.db.page::<Code>(Index::Subject(person, Some(Code::KIND)), page).await?;
            let last = codes.get(TOGETHER - 1).map(|code| Key::new(Code::KIND, code.id.as_str()));
            for code in codes.iter().filter(|code| code.value.grant.client == *client && !code.value.spent) {
                self.db.apply(vec![self.db.remove::<Code>(&code.id, When::Any)]).await?;
            }
            let Some(last) = last else { break };
            page = Page::after(last, TOGETHER);
        }
        self.end_grant(grant).await?;
        self.forget_consent(person, client).await?;
        self.record(&Event::new("oauth/revoke").client(client).user(person).succeeded());
        Ok(vec![found.value.client_name])
    }

    /// Ends everything that a person gave. Answers the names of the clients.
    pub(crate) async fn end_all_of(&self, person: &str) -> Result<Vec<String>, StoreError> {
        let mut ended = Vec::new();
        // Codes first: one that is exchanged before they are gone has become a grant.
        self.db.purge(Index::Subject(person, Some(Code::KIND))).await?;
        self.db.purge(Index::Subject(person, Some(CONSENT))).await?;
        loop {
            let grants = self.db.list::<Grant>(Index::Subject(person, Some(Grant::KIND)), TOGETHER).await?;
            if grants.is_empty() {
                return Ok(ended);
            }
            for found in grants {
                self.end_grant(&found.id).await?;
                self.record(&Event::new("oauth/revoke").client(&found.value.client).user(person).succeeded());
                ended.push(found.value.client_name);
            }
        }
    }
}
