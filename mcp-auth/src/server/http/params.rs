//! Names and values, of a query or a form.

use std::fmt;

/// Names and values in the order in which they were sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

/// A parameter was sent more than once, which is not allowed (RFC 6749, sections 3.1 and 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Repeated(pub(crate) String);

impl fmt::Debug for Params {
    /// Shows names and no value: many of them are secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Params {
    /// Reads `application/x-www-form-urlencoded`, of a query or a body.
    pub fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The same as the query of a URL.
    pub(crate) fn to_query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// The values of a name, in order; those that are empty count as not sent (RFC 6749, section 3.1).
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(found, value)| found == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The first value of a name.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, value)| found == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The one value of a name.
    ///
    /// # Errors
    /// When it was sent more than once.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, Repeated> {
        match self.0.iter().filter(|(found, _)| found == name).nth(1) {
            Some(_) => Err(Repeated(name.to_owned())),
            None => Ok(self.first(name)),
        }
    }

    /// Refuses parameters that were sent more than once, but for those in `several`.
    ///
    /// # Errors
    /// Names the first one.
    pub(crate) fn check_repeated(&self, several: &[&str]) -> Result<(), Repeated> {
        let names = self.0.iter().map(|(name, _)| name.as_str()).filter(|name| !several.contains(name));
        let mut seen = std::collections::BTreeSet::new();
        match names.into_iter().find(|name| !seen.insert(*name)) {
            Some(name) => Err(Repeated(name.chars().take(40).collect())),
            None => Ok(()),
        }
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(params: I) -> Self {
        Self(params.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_sent_once() {
        let params = Params::parse(b"a=1&b=&c=2&c=3&d=x%26y+z");
        assert_eq!((params.one("a"), params.one("b"), params.one("e")), (Ok(Some("1")), Ok(None), Ok(None)));
        assert_eq!(params.one("c"), Err(Repeated("c".to_owned())));
        assert_eq!((params.one("d"), params.all("c").collect::<Vec<_>>()), (Ok(Some("x&y z")), vec!["2", "3"]));
        assert_eq!((params.check_repeated(&[]), params.check_repeated(&["c"])), (Err(Repeated("c".to_owned())), Ok(())));
        assert!(!format!("{params:?}").contains("x&y"));
    }
}
