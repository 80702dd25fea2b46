//! Who signs in.

/// A user of an identity provider.
#[derive(Clone, Debug)]
pub struct User {
    pub(super) subject: String,
    pub(super) login: String,
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) email_verified: bool,
    pub(super) groups: Vec<String>,
}

impl User {
    /// A user with this login name, which is the subject as well and the verified address at `example.com`.
    pub fn new(login: &str) -> Self {
        Self {
            subject: login.to_owned(),
            login: login.to_owned(),
            name: login.to_owned(),
            email: Some(format!("{login}@example.com")),
            email_verified: true,
            groups: Vec::new(),
        }
    }

    /// Sets the subject, which stays when everything else changes. GitHub's are numbers; another text stands for one that is made of it.
    #[must_use]
    pub fn subject(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.subject);
        self
    }

    /// Sets the name for people.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Sets the address, and that it was verified.
    #[must_use]
    pub fn email(mut self, address: &str) -> Self {
        (self.email, self.email_verified) = (Some(address.to_owned()), true);
        self
    }

    /// Sets an address that nobody has verified.
    #[must_use]
    pub fn unverified_email(mut self, address: &str) -> Self {
        (self.email, self.email_verified) = (Some(address.to_owned()), false);
        self
    }

    /// Takes the address away.
    #[must_use]
    pub fn without_email(mut self) -> Self {
        self.email = None;
        self
    }

    /// Sets the groups, which are GitHub's organizations.
    #[must_use]
    pub fn groups(mut self, groups: &[&str]) -> Self {
        self.groups = groups.iter().map(|group| (*group).to_owned()).collect();
        self
    }

    /// The subject as a number, always the same for the same subject.
    pub(super) fn number(&self) -> u64 {
        let hash = |sum: u64, byte: u8| sum.wrapping_mul(31).wrapping_add(byte.into()) % 100_000_000;
        self.subject.parse().unwrap_or_else(|_| self.subject.bytes().fold(7, hash))
    }
}
