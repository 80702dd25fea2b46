//! Values that are written as text.
//!
//! A text is looked at inside the visitor, because that is where the reader of the file knows which line it is on.

use std::fmt;
use std::marker::PhantomData;

use ipnet::IpNet;
use mcp_core::{ScopeSet, Tier, is_scope_token};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use crate::policy::tier_from_name;

/// Reads a value that is written as text; `expected` says what, as "a rate".
pub(crate) fn text<'de, D, T, E>(deserializer: D, expected: &'static str, parse: fn(&str) -> Result<T, E>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    E: fmt::Display,
{
    struct Text<T, E>(&'static str, fn(&str) -> Result<T, E>, PhantomData<T>);

    impl<T, E: fmt::Display> Visitor<'_> for Text<T, E> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<F: Error>(self, text: &str) -> Result<T, F> {
            (self.1)(text).map_err(F::custom)
        }
    }

    deserializer.deserialize_str(Text(expected, parse, PhantomData))
}

/// One scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ScopeName(String);

impl From<ScopeName> for String {
    fn from(name: ScopeName) -> Self {
        name.0
    }
}

impl<'de> Deserialize<'de> for ScopeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, "a scope", |text| {
            let valid = is_scope_token(text);
            valid.then(|| Self(text.to_owned())).ok_or("a scope is one word without quotes and backslashes")
        })
    }
}

/// A list of scopes.
pub(crate) fn scope_set<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ScopeSet, D::Error> {
    Vec::<ScopeName>::deserialize(deserializer).map(ScopeSet::from_iter)
}

/// A list of scopes, where there may be none.
pub(crate) fn some_scopes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ScopeSet>, D::Error> {
    scope_set(deserializer).map(Some)
}

/// A tier by its name.
pub(crate) fn tier<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tier, D::Error> {
    text(deserializer, "a tier", |text| tier_from_name(text).ok_or("a tier is one of `public`, `developer`, `admin`, `service`"))
}

/// A network, or one address.
#[derive(Clone, Debug)]
pub(crate) struct Net(IpNet);

impl From<Net> for IpNet {
    fn from(net: Net) -> Self {
        net.0
    }
}

impl<'de> Deserialize<'de> for Net {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, "a network", |text| {
            let net = text.parse::<IpNet>().or_else(|_| text.parse().map(|address: std::net::IpAddr| address.into()));
            net.map(Self).map_err(|_: std::net::AddrParseError| "a network is an address and a length, as `10.0.0.0/8`")
        })
    }
}
