//! Colours, and how well they can be told apart.

use std::fmt;

/// A colour of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour([u8; 3]);

impl Colour {
    pub(crate) const WHITE: Self = Self([0xff; 3]);
    pub(crate) const BLACK: Self = Self([0x00; 3]);

    /// A colour of its parts red, green and blue.
    pub(crate) const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// Reads `#rrggbb`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// The contrast with another colour, from 1 to 21 (WCAG 2.2, "contrast ratio").
    pub(crate) fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Black or white, whichever is read better on this colour. One of them always has a contrast of 4.5 or more.
    pub(crate) fn text_on(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }

    /// The nearest shade of this colour that has a contrast of `least` or more with every one of `grounds`, towards black on
    /// light grounds and towards white on dark ones.
    pub(crate) fn readable_on(self, grounds: &[Self], least: f64) -> Self {
        let towards = if grounds.iter().all(|ground| ground.text_on() == Self::BLACK) { Self::BLACK } else { Self::WHITE };
        let reads = |shade: &Self| grounds.iter().all(|ground| shade.contrast(*ground) >= least);
        (0..=50).map(|step| self.mixed(towards, step)).find(reads).unwrap_or(towards)
    }

    /// This colour with `fiftieths` of another one in it.
    fn mixed(self, other: Self, fiftieths: u16) -> Self {
        let mix = |mine: u8, others: u8| (u16::from(mine) * (50 - fiftieths) + u16::from(others) * fiftieths) / 50;
        let part = |at: usize| u8::try_from(mix(self.0[at], other.0[at])).unwrap_or(u8::MAX);
        Self([part(0), part(1), part(2)])
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_six_digits() {
        assert_eq!(Colour::parse("#0aF5ff"), Some(Colour::new(0x0a, 0xf5, 0xff)));
        for wrong in ["", "#", "0af5ff", "#0af", "#0af5ff0", "#0af5fg", "#+af5ff", "#0af5f;", "red", "#é0f5f"] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        for (one, two, expected) in [("#ffffff", "#000000", 21.0), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59)] {
            let contrast = Colour::parse(one).unwrap().contrast(Colour::parse(two).unwrap());
            assert!((contrast - expected).abs() < 0.01, "{one} on {two}: {contrast}");
        }
    }

    #[test]
    fn shades_are_only_changed_as_far_as_needed() {
        let blue = Colour::parse("#0000ff").unwrap();
        assert_eq!(blue.readable_on(&[Colour::WHITE], 4.5), blue);
        let yellow = Colour::parse("#ffee00").unwrap();
        let contrast = yellow.readable_on(&[Colour::WHITE], 4.5).contrast(Colour::WHITE);
        assert!((4.5..5.5).contains(&contrast), "{contrast}");
        assert_eq!(yellow.readable_on(&[Colour::BLACK], 4.5), yellow);
    }
}
