//! How the pages look and whose they are.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::colour::Colour;

/// A calm blue.
const ACCENT: Colour = Colour::new(0x2f, 0x5b, 0xd0);
/// Kinds of pictures that a logo can be.
const PICTURES: [&str; 5] = ["svg+xml", "png", "jpeg", "webp", "gif"];

/// How the pages look and whose they are. Nothing of it is loaded from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    name: String,
    accent: Colour,
    logo: Option<String>,
    support_url: Option<String>,
}

/// Why something cannot be part of a [`Brand`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotABrand {
    /// The colour is not written `#rrggbb`.
    Accent,
    /// The logo is neither a picture in a `data:` URI nor a path on this server.
    Logo,
    /// The address of the support is neither `https:` nor `mailto:`.
    Support,
}

impl fmt::Display for NotABrand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accent => "an accent colour is written `#rrggbb`, as `#2f5bd0`",
            Self::Logo => "a logo is a path on this server, as `/logo.svg`, or a picture as `data:image/png;base64,…`",
            Self::Support => "the address of the support starts with `https://` or `mailto:`",
        })
    }
}

impl std::error::Error for NotABrand {}

impl Default for Brand {
    fn default() -> Self {
        Self::new("This server")
    }
}

impl Brand {
    /// Pages with this name on them, in calm colours.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), accent: ACCENT, logo: None, support_url: None }
    }

    /// Buttons in this colour, written `#rrggbb`. Links take a shade of it that can be read.
    ///
    /// # Errors
    /// When it is written in another way.
    pub fn accent(mut self, colour: &str) -> Result<Self, NotABrand> {
        self.accent = Colour::parse(colour).ok_or(NotABrand::Accent)?;
        Ok(self)
    }

    /// A picture beside the name: a path on this server, or a `data:` URI in base64. Shown in a square.
    ///
    /// # Errors
    /// When it would be loaded from elsewhere, or is no picture.
    pub fn logo(mut self, picture: impl Into<String>) -> Result<Self, NotABrand> {
        let picture = picture.into();
        let plain = picture.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'\\'));
        let inline = PICTURES.iter().any(|kind| {
            let data = picture.strip_prefix("data:image/").and_then(|rest| rest.strip_prefix(kind)?.strip_prefix(";base64,"));
            data.is_some_and(|data| STANDARD.decode(data).is_ok())
        });
        let served = picture.starts_with('/') && !picture.starts_with("//");
        if !plain || !(inline || served) {
            return Err(NotABrand::Logo);
        }
        self.logo = Some(picture);
        Ok(self)
    }

    /// Where people find help: an `https:` or `mailto:` address.
    ///
    /// # Errors
    /// When it is another one.
    pub fn support_url(mut self, url: impl Into<String>) -> Result<Self, NotABrand> {
        let url = url.into();
        if !(url.starts_with("https://") || url.starts_with("mailto:")) || url.chars().any(|char| char.is_whitespace() || char.is_control())
        {
            return Err(NotABrand::Support);
        }
        self.support_url = Some(url);
        Ok(self)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn colour(&self) -> Colour {
        self.accent
    }

    pub(crate) fn support(&self) -> Option<&str> {
        self.support_url.as_deref()
    }

    /// The logo, or a key hole in the accent colour.
    pub(crate) fn icon(&self) -> String {
        self.logo.clone().unwrap_or_else(|| {
            let (ground, hole) = (self.accent, self.accent.text_on());
            picture(&format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"9\" fill=\"{ground}\"/>\
                 <path d=\"M16 7.5a5 5 0 0 0-2.4 9.4L12.2 24h7.6l-1.4-7.1A5 5 0 0 0 16 7.5z\" fill=\"{hole}\"/></svg>"
            ))
        })
    }
}

/// An SVG as an address of a picture.
pub(crate) fn picture(svg: &str) -> String {
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        for logo in ["/logo.svg", "/static/a/logo.png", "data:image/png;base64,iVBORw0KGgo=", &Brand::default().icon()] {
            assert!(Brand::default().logo(logo).is_ok_and(|brand| brand.icon() == logo), "{logo}");
        }
        for logo in [
            "",
            "logo.svg",
            "//evil.example/logo.svg",
            "/\\evil.example/logo.svg",
            "https://evil.example/logo.svg",
            "data:text/html;base64,PGI+",
            "data:image/svg+xml,<svg/>",
            "data:image/png;base64,%%%",
            "/a b",
            "/a\"onerror=\"x",
        ] {
            assert_eq!(Brand::default().logo(logo), Err(NotABrand::Logo), "{logo}");
        }
    }

    #[test]
    fn colours_and_addresses_are_checked() {
        assert_eq!(Brand::default().accent("red;}"), Err(NotABrand::Accent));
        assert!(Brand::default().accent("#123456").is_ok());
        assert!(Brand::default().support_url("mailto:help@example.com").is_ok());
        for url in ["javascript:alert(1)", "http://example.com", "https://a b", "help"] {
            assert_eq!(Brand::default().support_url(url), Err(NotABrand::Support), "{url}");
        }
    }
}
