//! Signing in by saying who one is, for development.

use async_trait::async_trait;

use super::{Identity, LoginContext, LoginError, LoginMethod, LoginNext, LoginStep, LoginView};

/// Lets a developer choose who to be. A server that other machines can reach does not start with it.
#[derive(Clone, Debug)]
pub struct DeveloperLogin {
    people: Vec<Developer>,
}

/// Somebody a developer can be.
#[derive(Clone, Debug)]
#[must_use]
pub struct Developer {
    name: String,
    email: Option<String>,
    groups: Vec<String>,
}

impl Developer {
    /// Somebody of this name, which stands for the person.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), email: None, groups: Vec::new() }
    }

    /// With an address that counts as verified.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// In one more group.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// What is said of it where it can be chosen.
    fn about(&self) -> String {
        self.email.iter().chain(&self.groups).map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    fn identity(&self) -> Identity {
        Identity {
            issuer: "urn:mcp-parity:developer".to_owned(),
            subject: self.name.clone(),
            email: self.email.clone(),
            name: Some(self.name.clone()),
            groups: self.groups.clone(),
            // Nothing was checked, and no method stands for that.
            amr: Vec::new(),
        }
    }
}

impl DeveloperLogin {
    /// Lets a developer be one of these people. Of several with one name the first counts.
    pub fn new(people: impl IntoIterator<Item = Developer>) -> Self {
        Self { people: people.into_iter().collect() }
    }

    fn choice(&self) -> LoginNext {
        LoginNext::Show(LoginView::ChooseDeveloper {
            people: self.people.iter().map(|person| (person.name.clone(), person.about())).collect(),
        })
    }
}

#[async_trait]
impl LoginMethod for DeveloperLogin {
    fn id(&self) -> &str {
        "developer"
    }

    fn label(&self) -> String {
        "Continue as a developer".to_owned()
    }

    /// The form sends the name as `person`.
    async fn step(&self, _cx: &mut LoginContext<'_>, step: LoginStep<'_>) -> Result<LoginNext, LoginError> {
        let LoginStep::Form(form) = step else { return Ok(self.choice()) };
        let chosen = form.first("person").and_then(|name| self.people.iter().find(|person| person.name == name));
        Ok(chosen.map_or_else(|| self.choice(), |person| LoginNext::Done(person.identity())))
    }

    fn loopback_only(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Params;
    use crate::server::login::testing::Browser;

    #[tokio::test]
    async fn a_developer_is_whom_it_chooses_of_those_there_are() {
        let login = DeveloperLogin::new([Developer::new("ann").email("ann@example.com").group("admin"), Developer::new("bob")]);
        assert!(login.loopback_only());
        let mut browser = Browser::new();
        let people = [("ann", "ann@example.com, admin"), ("bob", "")].map(|(name, about)| (name.to_owned(), about.to_owned())).to_vec();
        assert_eq!(browser.view(&login, LoginStep::Begin).await, LoginView::ChooseDeveloper { people: people.clone() });
        for form in [Params::parse(b""), Params::parse(b"person=eve")] {
            assert_eq!(browser.view(&login, LoginStep::Form(&form)).await, LoginView::ChooseDeveloper { people: people.clone() });
        }
        let ann = browser.done(&login, LoginStep::Form(&Params::parse(b"person=ann"))).await;
        assert_eq!((ann.subject.as_str(), ann.email.as_deref(), ann.groups), ("ann", Some("ann@example.com"), vec!["admin".to_owned()]));
        assert!(ann.amr.is_empty());
    }
}
