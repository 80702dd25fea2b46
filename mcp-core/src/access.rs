//! Who is calling, what an item asks of the caller, and the one check between them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::SystemTime;

/// How far a caller is trusted, and who may see an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tier {
    /// Everybody.
    #[default]
    Public,
    /// Developers and admins.
    Developer,
    /// Admins.
    Admin,
    /// Services; an axis of its own, above and below nobody but the public.
    Service,
}

impl Tier {
    pub(crate) const ALL: [Self; 4] = [Self::Public, Self::Developer, Self::Admin, Self::Service];

    /// Whether a caller of this tier sees items of tier `needed`.
    pub fn sees(self, needed: Self) -> bool {
        match needed {
            Self::Public => true,
            Self::Developer => matches!(self, Self::Developer | Self::Admin),
            Self::Admin => self == Self::Admin,
            Self::Service => self == Self::Service,
        }
    }
}

/// The scopes a caller holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeSet {
    /// Every scope there is.
    All,
    /// These scopes.
    These(BTreeSet<String>),
}

impl ScopeSet {
    /// No scope at all.
    pub fn none() -> Self {
        Self::These(BTreeSet::new())
    }

    /// Splits a space-separated list (RFC 6749, section 3.3).
    pub fn parse(list: &str) -> Self {
        list.split_ascii_whitespace().collect()
    }

    /// Whether `scope` is among them.
    pub fn contains(&self, scope: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(scopes) => scopes.contains(scope),
        }
    }
}

impl<S: Into<String>> FromIterator<S> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        Self::These(scopes.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("every scope"),
            Self::These(scopes) if scopes.is_empty() => f.write_str("no scope"),
            Self::These(scopes) => {
                for (position, scope) in scopes.iter().enumerate() {
                    let gap = if position > 0 { " " } else { "" };
                    write!(f, "{gap}{scope}")?;
                }
                Ok(())
            }
        }
    }
}

/// Whether `scope` may be written in a scope list: `scope-token` of RFC 6749, section 3.3.
pub const fn is_scope_token(scope: &str) -> bool {
    let bytes = scope.as_bytes();
    let mut position = 0;
    while position < bytes.len() {
        if !matches!(bytes[position], 0x21 | 0x23..=0x5b | 0x5d..=0x7e) {
            return false;
        }
        position += 1;
    }
    !bytes.is_empty()
}

/// The caller of one message.
///
/// A tool sees this and never a token. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal(Arc<Identity>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    issuer: Option<String>,
    subject: Option<String>,
    client: Option<String>,
    scopes: ScopeSet,
    tier: Tier,
    second_factor: bool,
    expires_at: Option<SystemTime>,
    claims: Arc<serde_json::Map<String, serde_json::Value>>,
    binding: Binding,
}

/// What [`Principal::binding`] found, for every request that the same identity makes.
#[derive(Default)]
struct Binding(OnceLock<Arc<str>>);

impl Clone for Binding {
    /// The clone is about to be changed.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Binding {
    /// It follows from the rest.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Binding {}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Binding")
    }
}

impl Identity {
    fn anonymous() -> Self {
        Self {
            issuer: None,
            subject: None,
            client: None,
            scopes: ScopeSet::none(),
            tier: Tier::Public,
            second_factor: false,
            expires_at: None,
            claims: Arc::default(),
            binding: Binding::default(),
        }
    }
}

impl Principal {
    /// A caller with a name and nothing else; add with the `with_` methods.
    pub fn new(subject: impl Into<String>) -> Self {
        Self(Arc::new(Identity { subject: Some(subject.into()), ..Identity::anonymous() }))
    }

    /// A caller who did not say who it is.
    pub fn anonymous() -> Self {
        static ANONYMOUS: LazyLock<Principal> = LazyLock::new(|| Principal(Arc::new(Identity::anonymous())));
        ANONYMOUS.clone()
    }

    /// Whoever launched the process, who owns it already: every scope, every tier.
    pub fn local() -> Self {
        static LOCAL: LazyLock<Principal> =
            LazyLock::new(|| Principal::new("local").with_scopes(ScopeSet::All).with_tier(Tier::Admin).with_second_factor(true));
        LOCAL.clone()
    }

    fn change(mut self, change: impl FnOnce(&mut Identity)) -> Self {
        let identity = Arc::make_mut(&mut self.0);
        identity.binding = Binding::default();
        change(identity);
        self
    }

    /// A copy that shares nothing with this one but the claims.
    ///
    /// Clones share what they hold and count who does. Where threads clone the same principal all the time, they wait for one
    /// another to count; a copy for each of them spares that.
    #[must_use]
    pub fn unshared(&self) -> Self {
        Self(Arc::new(Identity::clone(&self.0)))
    }

    /// Replaces the scopes held.
    #[must_use]
    pub fn with_scopes(self, scopes: ScopeSet) -> Self {
        self.change(|identity| identity.scopes = scopes)
    }

    /// Replaces the tier.
    #[must_use]
    pub fn with_tier(self, tier: Tier) -> Self {
        self.change(|identity| identity.tier = tier)
    }

    /// Names the OAuth client that acts for the subject.
    #[must_use]
    pub fn with_client(self, client: impl Into<String>) -> Self {
        let client = client.into();
        self.change(|identity| identity.client = Some(client))
    }

    /// Says whether a second factor was presented.
    #[must_use]
    pub fn with_second_factor(self, presented: bool) -> Self {
        self.change(|identity| identity.second_factor = presented)
    }

    /// Names who vouches for the subject: the issuer of its token. The same subject of two issuers is two callers.
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        self.change(|identity| identity.issuer = Some(issuer))
    }

    /// Sets when the caller has to identify itself again; what it asks after that is refused.
    #[must_use]
    pub fn with_expiry(self, at: SystemTime) -> Self {
        self.change(|identity| identity.expires_at = Some(at))
    }

    /// Sets what else is known of the caller, by the names of RFC 7519 and OpenID Connect Core section 5.1.
    #[must_use]
    pub fn with_claims(self, claims: serde_json::Map<String, serde_json::Value>) -> Self {
        self.change(|identity| identity.claims = Arc::new(claims))
    }

    /// Who vouches for the subject.
    pub fn issuer(&self) -> Option<&str> {
        self.0.issuer.as_deref()
    }

    /// When the caller has to identify itself again.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires_at
    }

    /// Something else that is known of the caller.
    pub fn claim(&self, name: &str) -> Option<&serde_json::Value> {
        self.0.claims.get(name)
    }

    /// The caller's e-mail address, if its issuer says that it is verified.
    pub fn email(&self) -> Option<&str> {
        self.claim("email_verified").filter(|verified| *verified == &serde_json::Value::Bool(true))?;
        self.claim("email")?.as_str()
    }

    /// Who is calling; `None` if the caller did not say.
    pub fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// The OAuth client that acts for the subject.
    pub fn client(&self) -> Option<&str> {
        self.0.client.as_deref()
    }

    /// The scopes held.
    pub fn scopes(&self) -> &ScopeSet {
        &self.0.scopes
    }

    /// How far the caller is trusted.
    pub fn tier(&self) -> Tier {
        self.0.tier
    }

    /// Whether a second factor was presented.
    pub fn has_second_factor(&self) -> bool {
        self.0.second_factor
    }

    /// Whether the caller did not say who it is.
    pub fn is_anonymous(&self) -> bool {
        self.0.subject.is_none()
    }

    /// Whether both are the same issuer, subject and client; what they hold may differ.
    pub fn is_same_caller(&self, other: &Self) -> bool {
        self.issuer() == other.issuer() && self.subject() == other.subject() && self.client() == other.client()
    }

    /// A text that is the same for the same issuer, subject and client, to bind state to.
    pub(crate) fn binding(&self) -> Arc<str> {
        let write = || {
            let Some(subject) = self.subject() else { return "".into() };
            let (issuer, client) = (self.issuer().unwrap_or_default(), self.client().unwrap_or_default());
            format!("{}:{issuer}{}:{subject}{client}", issuer.len(), subject.len()).into()
        };
        Arc::clone(self.0.binding.0.get_or_init(write))
    }
}

/// What an item asks of its caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    pub(crate) scopes: Vec<Cow<'static, str>>,
    pub(crate) tier: Tier,
    pub(crate) second_factor: bool,
}

/// Why a caller may not use an item.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denial {
    /// The item is above the caller's tier; to this caller it does not exist.
    Hidden,
    /// The caller has to say who it is.
    Identity,
    /// The caller lacks a scope. `needed` is every scope of the operation,
    /// `challenge` those joined with the ones held.
    Scope {
        /// Every scope the operation needs.
        needed: Vec<String>,
        /// The scopes to ask for: those needed and those held already.
        challenge: Vec<String>,
    },
    /// The caller must present a second factor.
    SecondFactor {
        /// The scopes to ask for besides: those needed and those held already.
        challenge: Vec<String>,
    },
}

impl Access {
    /// What an item asks for: all of these scopes, a tier, and a second factor if that is so.
    pub fn new<S: Into<Cow<'static, str>>>(scopes: impl IntoIterator<Item = S>, tier: Tier, second_factor: bool) -> Self {
        Self { scopes: scopes.into_iter().map(Into::into).collect(), tier, second_factor }
    }

    /// Whether the item asks for anything at all.
    pub fn is_open(&self) -> bool {
        self.scopes.is_empty() && self.tier == Tier::Public && !self.second_factor
    }

    /// The tier from which callers see the item.
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// Whether a second factor is needed.
    pub fn second_factor(&self) -> bool {
        self.second_factor
    }

    /// Every scope needed.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().map(AsRef::as_ref)
    }

    /// Decides whether `principal` may use the item: tier hides, scope challenges, mfa steps up.
    ///
    /// # Errors
    /// Says which of the three refused.
    pub fn check(&self, principal: &Principal) -> Result<(), Denial> {
        if !principal.tier().sees(self.tier) {
            return Err(Denial::Hidden);
        }
        if !self.scopes.iter().all(|scope| principal.scopes().contains(scope)) {
            let needed = self.scopes().map(str::to_owned).collect();
            return Err(Denial::Scope { needed, challenge: self.challenge(principal) });
        }
        if self.second_factor && !principal.has_second_factor() {
            return Err(Denial::SecondFactor { challenge: self.challenge(principal) });
        }
        Ok(())
    }

    /// The scopes that a caller asks for to use the item and lose nothing: those needed and those held.
    fn challenge(&self, principal: &Principal) -> Vec<String> {
        let mut challenge: BTreeSet<String> = self.scopes().map(str::to_owned).collect();
        if let ScopeSet::These(held) = principal.scopes() {
            challenge.extend(held.iter().cloned());
        }
        challenge.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tier_hides_scope_challenges_mfa_steps_up() {
        let access = Access { scopes: vec!["a".into(), "b".into()], tier: Tier::Developer, second_factor: true };
        let developer = Principal::new("dee").with_tier(Tier::Developer);
        let holder = developer.clone().with_scopes(ScopeSet::parse("a b c"));
        for (principal, verdict) in [
            (Principal::anonymous(), Err(Denial::Hidden)),
            (Principal::new("sam").with_tier(Tier::Service), Err(Denial::Hidden)),
            (
                developer.with_scopes(ScopeSet::parse("a z")),
                Err(Denial::Scope { needed: vec!["a".into(), "b".into()], challenge: vec!["a".into(), "b".into(), "z".into()] }),
            ),
            (holder.clone(), Err(Denial::SecondFactor { challenge: vec!["a".into(), "b".into(), "c".into()] })),
            (holder.with_second_factor(true), Ok(())),
            (Principal::local(), Ok(())),
        ] {
            assert_eq!(access.check(&principal), verdict, "{principal:?}");
        }
    }

    #[test]
    fn bindings_tell_callers_apart() {
        let plain = Principal::new("ab");
        assert_ne!(plain.binding(), Principal::new("a").with_client("b").binding());
        assert_ne!(plain.binding(), Principal::anonymous().binding());
        assert_eq!(plain.binding(), plain.clone().with_scopes(ScopeSet::All).binding());
        assert_ne!(plain.binding(), Principal::new("ab").with_issuer("https://issuer.example").binding());
    }
}
