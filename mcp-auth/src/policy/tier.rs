//! The names of the tiers, and which of two is higher.

use mcp_core::Tier;

const NAMES: [(&str, Tier); 4] =
    [("public", Tier::Public), ("developer", Tier::Developer), ("admin", Tier::Admin), ("service", Tier::Service)];

/// A tier by its name.
pub(crate) fn tier_from_name(name: &str) -> Option<Tier> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, tier)| *tier)
}

/// The name of a tier.
pub(crate) fn tier_name(tier: Tier) -> &'static str {
    NAMES.iter().find(|(_, known)| *known == tier).map_or("unknown", |(name, _)| name)
}

/// The tier of a caller who was given both. `Service` is an axis of its own: any tier of a person goes before it.
pub(super) fn higher(one: Tier, other: Tier) -> Tier {
    [Tier::Admin, Tier::Developer, Tier::Service].into_iter().find(|tier| [one, other].contains(tier)).unwrap_or(Tier::Public)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_have_names_and_an_order() {
        for (name, tier) in NAMES {
            assert_eq!((tier_from_name(name), tier_name(tier)), (Some(tier), name));
        }
        assert_eq!(tier_from_name("Admin"), None);
        for (one, other, both) in [
            (Tier::Public, Tier::Public, Tier::Public),
            (Tier::Public, Tier::Service, Tier::Service),
            (Tier::Service, Tier::Developer, Tier::Developer),
            (Tier::Developer, Tier::Admin, Tier::Admin),
        ] {
            assert_eq!((higher(one, other), higher(other, one)), (both, both));
        }
    }
}
