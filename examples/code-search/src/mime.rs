//! MIME types of the files in a source tree.

use std::{ffi::OsStr, path::Path};

/// Types by extension, for what source trees usually hold.
const TYPES: [(&str, &str); 45] = [
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("c", "text/x-c"),
    ("cc", "text/x-c++"),
    ("cpp", "text/x-c++"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("cts", "text/typescript"),
    ("gif", "image/gif"),
    ("go", "text/x-go"),
    ("gz", "application/gzip"),
    ("h", "text/x-c"),
    ("hpp", "text/x-c++"),
    ("html", "text/html"),
    ("ico", "image/x-icon"),
    ("java", "text/x-java"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("jsx", "text/javascript"),
    ("markdown", "text/markdown"),
    ("md", "text/markdown"),
    ("mjs", "text/javascript"),
    ("mts", "text/typescript"),
    ("otf", "font/otf"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("py", "text/x-python"),
    ("pyi", "text/x-python"),
    ("rs", "text/rust"),
    ("sh", "application/x-sh"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("toml", "application/toml"),
    ("ts", "text/typescript"),
    ("tsx", "text/typescript"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain"),
    ("wasm", "application/wasm"),
    ("webp", "image/webp"),
    ("woff2", "font/woff2"),
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
];

/// The type of a file, by its extension or else by whether it is text.
pub(crate) fn mime_type(path: &str, binary: bool) -> &'static str {
    let extension = Path::new(path).extension().and_then(OsStr::to_str);
    let known = extension.and_then(|extension| TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension)));
    match known {
        // A `.ts` may also be a video; the contents decide.
        Some((_, mime)) if !(binary && mime.starts_with("text/")) => mime,
        _ if binary => "application/octet-stream",
        _ => "text/plain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_come_from_the_extension_or_the_contents() {
        let cases = [
            ("src/main.rs", false, "text/rust"),
            ("A/README.MD", false, "text/markdown"),
            ("logo.png", true, "image/png"),
            ("video.ts", true, "application/octet-stream"),
            ("Makefile", false, "text/plain"),
            ("a.rs/Makefile", false, "text/plain"),
            (".gitignore", false, "text/plain"),
            ("core", true, "application/octet-stream"),
            ("", false, "text/plain"),
        ];
        for (path, binary, mime) in cases {
            assert_eq!(mime_type(path, binary), mime, "{path}");
        }
    }

    #[test]
    fn every_type_is_listed_once_in_order() {
        assert!(TYPES.is_sorted_by(|(a, _), (b, _)| a < b));
    }
}
