//! People, and what they may have.

use std::collections::BTreeSet;

use mcp_core::{Principal, ScopeSet, Tier};
use mcp_store::{Kind, StoreError, When};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::db::{Db, Owners, Row};
use super::login::Identity;
use crate::{AuthError, Policy};

/// A person, as its issuer last described it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct User {
    /// Who vouches for it, and its name there.
    pub(crate) issuer: String,
    pub(crate) subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    pub(crate) created: u64,
    /// The operator has locked it out.
    #[serde(default)]
    pub(crate) disabled: bool,
}

impl Row for User {
    const KIND: Kind = Kind::from_static("user");
}

impl User {
    /// What to call it.
    pub(crate) fn label(&self) -> &str {
        self.name.as_deref().or(self.email.as_deref()).unwrap_or(&self.subject)
    }

    /// The person as the policy knows it: by the name that its own issuer gave it. So the operator can say which issuer's word
    /// makes somebody a member of a role.
    pub(crate) fn to_the_policy(&self, scopes: impl IntoIterator<Item = String>) -> Principal {
        Principal::new(&*self.subject)
            .with_issuer(&*self.issuer)
            .with_scopes(scopes.into_iter().collect::<ScopeSet>())
            .with_claims(self.claims())
    }

    /// What is known of it, by the names of OpenID Connect Core, section 5.1.
    pub(crate) fn claims(&self) -> Map<String, Value> {
        let mut claims = Map::new();
        if let Some(email) = &self.email {
            claims.insert("email".to_owned(), Value::from(email.as_str()));
            claims.insert("email_verified".to_owned(), Value::Bool(true));
        }
        if let Some(name) = &self.name {
            claims.insert("name".to_owned(), Value::from(name.as_str()));
        }
        claims.insert("groups".to_owned(), Value::from(self.groups.clone()));
        claims
    }
}

/// What a person may have of what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowed {
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) tier: Tier,
}

/// What a person may have of the scopes that are asked for.
///
/// # Errors
/// When it may not come in at all.
pub(crate) fn allowed(policy: &Policy, asked: &BTreeSet<String>, user: &User) -> Result<Allowed, AuthError> {
    let decided = policy.apply(user.to_the_policy(asked.iter().cloned()))?;
    let scopes = match decided.scopes() {
        ScopeSet::These(given) if policy.gives_scopes() => given.clone(),
        given => asked.iter().filter(|scope| given.contains(scope)).cloned().collect(),
    };
    Ok(Allowed { scopes, tier: decided.tier() })
}

/// Notes who has signed in, and answers its subject here.
pub(crate) async fn note(db: &Db, identity: &Identity) -> Result<(String, User), StoreError> {
    let id = db.secrets().subject_of(&identity.issuer, &identity.subject);
    loop {
        let known = db.get::<User>(&id).await?;
        let user = User {
            issuer: identity.issuer.clone(),
            subject: identity.subject.clone(),
            email: identity.email.clone(),
            name: identity.name.clone(),
            groups: identity.groups.clone(),
            created: known.as_ref().map_or_else(|| db.seconds(), |known| known.value.created),
            disabled: known.as_ref().is_some_and(|known| known.value.disabled),
        };
        let when = match &known {
            Some(known) if known.value == user => return Ok((id, user)),
            Some(known) => When::Version(known.version),
            None => When::Absent,
        };
        let owners = Owners { subject: Some(id.clone()), ..Owners::default() };
        if db.apply(vec![db.put(&id, &user, owners, when)]).await? {
            return Ok((id, user));
        }
    }
}
