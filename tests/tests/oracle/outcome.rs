//! What a server did, without its wording.

use serde_json::Value;

/// An answer.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A page that leads nowhere.
    Page,
    /// The browser is led back to the client with this query.
    Back(Vec<(String, String)>),
    /// Anything else, by its status and body; `Null` if that is no JSON.
    Answer { status: u16, body: Value },
}

impl Outcome {
    /// An answer that is no page.
    pub(crate) fn of(status: u16, body: &[u8]) -> Self {
        Self::Answer { status, body: serde_json::from_slice(body).unwrap_or_default() }
    }

    /// Where a browser was led.
    pub(crate) fn back(location: &str) -> Self {
        let query = location.split_once('?').map_or("", |(_, query)| query);
        Self::Back(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// What two servers have to agree on.
    pub(crate) fn class(&self) -> String {
        match self {
            Self::Page => "page".to_owned(),
            Self::Back(query) => {
                let names = ["code", "state", "iss"].iter().filter(|name| query.iter().any(|(known, _)| known == *name));
                let error = query.iter().find(|(name, _)| name == "error").map(|(_, error)| error.as_str());
                format!("back with {} {}", names.copied().collect::<Vec<_>>().join("+"), error.unwrap_or_default())
            }
            Self::Answer { status: 413, .. } => "too large".to_owned(),
            Self::Answer { status: 200..=299, body } => {
                let names = ["access_token", "refresh_token", "scope", "client_id", "client_secret", "active"];
                // Only of tokens it matters which scopes they have: here nobody registers any.
                let tells = |name: &&str| body.get(name).is_some() && (*name != "scope" || body.get("access_token").is_some());
                let names: Vec<&str> = names.into_iter().filter(tells).collect();
                let active = body["active"].as_bool().map_or(String::new(), |active| format!("={active}"));
                format!("done {}{active}", names.join("+"))
            }
            Self::Answer { status, body } => match body["error"].as_str() {
                Some("invalid_token") | None if *status == 401 => "refused for want of a token".to_owned(),
                Some(error) => format!("refused {error}"),
                None => format!("refused {status}"),
            },
        }
    }

    /// A text in it, by the name of its member or parameter.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self {
            Self::Page => None,
            Self::Back(query) => query.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()),
            Self::Answer { body, .. } => body[name].as_str().map(str::to_owned),
        }
    }
}
