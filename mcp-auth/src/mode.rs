//! Who may come in without saying who it is.

/// What an endpoint does with a caller who presents no credentials. Credentials that are presented are always verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthMode {
    /// Refuses it.
    #[default]
    Required,
    /// Lets it open sessions and read lists; whatever it wants to use is refused until it says who it is.
    Lazy,
    /// Lets it use what asks for nothing.
    Optional,
}
