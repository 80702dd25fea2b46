//! The style of the pages.

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, PRAGMA};

use super::brand::Brand;
use super::colour::Colour;
use crate::server::http::{self as answers, Answer};

/// Where pages look for their style.
pub(crate) const STYLE_PATH: &str = "/auth.css";

/// The style of all pages, in terms of the colours that [`stylesheet`] puts before it.
const STYLE: &str = include_str!("style.css");

/// Least contrast of text (WCAG 2.2, success criterion 1.4.3).
const READABLE: f64 = 4.5;
/// What text stands on in light and in dark surroundings, as in `style.css`.
const LIGHT: [Colour; 2] = [Colour::WHITE, Colour::new(0xf4, 0xf5, 0xf8)];
const DARK: [Colour; 2] = [Colour::new(0x1b, 0x1e, 0x24), Colour::new(0x11, 0x13, 0x17)];

/// Answers with the style. It may be kept for a while: it changes with the program and its configuration.
pub(crate) fn style_answer(brand: &Brand) -> Answer {
    let mut answer = answers::text(StatusCode::OK, stylesheet(brand));
    let headers = answer.headers_mut();
    headers.remove(PRAGMA);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    answer
}

/// What is served at [`STYLE_PATH`]: the brand's colours, and the style.
pub(crate) fn stylesheet(brand: &Brand) -> String {
    let accent = brand.colour();
    let (light, dark) = (accent.readable_on(&LIGHT, READABLE), accent.readable_on(&DARK, READABLE));
    let on_accent = accent.text_on();
    format!(
        ":root {{ --accent: {accent}; --on-accent: {on_accent}; --link: {light}; }}\n\
         @media (prefers-color-scheme: dark) {{ :root {{ --link: {dark}; }} }}\n\n{STYLE}"
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The colours of a style in light and in dark surroundings.
    fn colours(style: &str) -> [BTreeMap<&str, Colour>; 2] {
        let mut found = [BTreeMap::new(), BTreeMap::new()];
        let mut dark = false;
        for line in style.lines() {
            if line.starts_with([':', '@']) {
                dark = line.contains("prefers-color-scheme: dark");
            }
            for declaration in line.split(['{', ';']) {
                if let Some((name, value)) = declaration.split_once(':')
                    && let Some(name) = name.trim().strip_prefix("--")
                    && let Some(colour) = Colour::parse(value.trim())
                {
                    if !dark {
                        found[0].insert(name, colour);
                    }
                    // What is not said of dark surroundings is as in light ones.
                    found[1].insert(name, colour);
                }
            }
        }
        found
    }

    #[test]
    fn every_text_can_be_read_whatever_the_accent() {
        let accents = ["#2f5bd0", "#ffee00", "#000000", "#ffffff", "#767676", "#ff0000", "#00ff00", "#0b1020", "#f4f5f8"];
        for accent in accents {
            let style = stylesheet(&Brand::default().accent(accent).unwrap());
            for (colours, mode) in colours(&style).iter().zip(["light", "dark"]) {
                for (text, ground, least) in [
                    ("text", "card", 7.0),
                    ("text", "page", 7.0),
                    ("muted", "card", READABLE),
                    ("muted", "page", READABLE),
                    ("link", "card", READABLE),
                    ("link", "page", READABLE),
                    ("on-accent", "accent", READABLE),
                    ("warn-text", "warn", READABLE),
                    ("bad-text", "bad", READABLE),
                    ("bad-text", "card", READABLE),
                    ("good-text", "good", READABLE),
                    ("on-alarm", "alarm", READABLE),
                    ("edge", "card", 3.0),
                ] {
                    let contrast = colours[text].contrast(colours[ground]);
                    assert!(contrast >= least, "{text} on {ground}, {mode}, with {accent}: {contrast:.2}");
                }
                let grounds = if mode == "light" { LIGHT } else { DARK };
                assert_eq!([colours["card"], colours["page"]], grounds);
            }
        }
    }

    #[test]
    fn the_style_loads_nothing() {
        let style = stylesheet(&Brand::default());
        for loads in ["url(", "@import", "@font-face", "http:", "https:", "image-set"] {
            assert!(!style.contains(loads), "{loads}");
        }
        for asked in ["prefers-color-scheme: dark", "prefers-reduced-motion", "forced-colors: active", ":focus-visible"] {
            assert!(style.contains(asked), "{asked}");
        }
    }
}
