//! What has to hold for every page.

use std::path::Path;

use expect_test::expect_file;

use super::samples::{HOSTILE, all};
use super::style::STYLE_PATH;
use super::*;

/// A start tag: its name, and its attributes with their values, still escaped.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(found, _)| *found == name).map(|(_, value)| *value)
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.get(name) == Some(value)
    }
}

/// The start tags of a page of ours, whose values are all in double quotes.
fn tags(page: &str) -> Vec<Tag<'_>> {
    page.split('<').skip(1).filter(|rest| rest.starts_with(|first: char| first.is_ascii_alphabetic())).map(tag).collect()
}

fn tag(text: &str) -> Tag<'_> {
    let (name, mut rest) = text.split_at(text.find([' ', '>']).expect("a tag ends"));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        let end = rest.find([' ', '>', '=']).expect("a tag ends");
        let attribute = &rest[..end];
        match rest.as_bytes()[end] {
            b'=' => {
                let (value, after) = rest[end + 1..].strip_prefix('"').and_then(|value| value.split_once('"')).expect("values are quoted");
                attributes.push((attribute, value));
                rest = after;
            }
            last => {
                if !attribute.is_empty() {
                    attributes.push((attribute, ""));
                }
                if last == b'>' {
                    return Tag { name, attributes };
                }
                rest = &rest[end..];
            }
        }
    }
}

fn check_all(check: impl Fn(&str, &[Tag<'_>]) -> Result<(), String>) {
    for (name, view) in all() {
        let page = render(&view, &brand());
        if let Err(problem) = check(&page, &tags(&page)) {
            panic!("{name}: {problem}\n{page}");
        }
    }
}

fn brand() -> Brand {
    Brand::new("code-search").support_url("https://example.com/help").unwrap()
}

fn verify(holds: bool, problem: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem.into()) }
}

#[test]
fn nothing_that_is_shown_becomes_markup() {
    let named = Brand::new(HOSTILE);
    for (name, view) in all() {
        for page in [render(&view, &brand()), render(&view, &named)] {
            assert!(!page.to_ascii_lowercase().contains("<script"), "{name}");
            assert!(!page.contains(HOSTILE), "{name}");
            for tag in tags(&page) {
                for (attribute, _) in &tag.attributes {
                    assert!(*attribute != "style" && !attribute.starts_with("on"), "{name}: <{} {attribute}>", tag.name);
                }
                assert!(!["style", "iframe", "object", "embed", "base"].contains(&tag.name), "{name}: <{}>", tag.name);
            }
        }
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    check_all(|_, tags| {
        for tag in tags {
            let loads = ["src", "srcset", "poster", "background"].iter().filter_map(|name| tag.get(name));
            let links = tag.get("href").filter(|_| tag.name == "link");
            for address in loads.chain(links) {
                verify(address == STYLE_PATH || address.starts_with("data:image/svg+xml;base64,"), format!("loads {address}"))?;
            }
        }
        Ok(())
    });
}

#[test]
fn a_page_has_a_language_a_title_and_one_heading() {
    check_all(|page, tags| {
        let count = |name: &str| tags.iter().filter(|tag| tag.name == name).count();
        verify(page.starts_with("<!doctype html>\n<html lang=\"en\">"), "no language")?;
        verify(count("h1") == 1 && count("title") == 1 && count("main") == 1, "headings, titles or main parts")?;
        verify(!page.contains("<title> ·"), "an empty title")?;
        verify(tags.iter().filter(|tag| tag.name == "img").all(|tag| tag.get("alt").is_some()), "a picture without a text")
    });
}

#[test]
fn every_field_has_a_label_and_its_descriptions() {
    check_all(|_, tags| {
        let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        for (position, id) in ids.iter().enumerate() {
            verify(!ids[..position].contains(id), format!("two are called {id}"))?;
        }
        for tag in tags {
            if ["input", "select", "textarea"].contains(&tag.name) && !tag.has("type", "hidden") {
                let id = tag.get("id").ok_or("a field without an id")?;
                verify(tags.iter().any(|label| label.name == "label" && label.has("for", id)), format!("no label for {id}"))?;
            }
            for described in ["aria-describedby", "for", "aria-labelledby"].iter().filter_map(|name| tag.get(name)) {
                let missing = described.split(' ').find(|id| !ids.contains(id));
                verify(missing.is_none(), format!("nothing is called {missing:?}"))?;
            }
            verify(
                !tag.has("aria-invalid", "true") || tag.get("aria-describedby").is_some_and(|ids| ids.contains("problem")),
                "no reason",
            )?;
            verify(!tag.has("id", "problem") || tag.has("role", "alert"), "a problem that is not said")?;
        }
        Ok(())
    });
}

#[test]
fn every_form_is_posted_and_shows_whose_it_is() {
    check_all(|page, _| {
        for form in page.split("<form").skip(1) {
            let (form, _) = form.split_once("</form>").ok_or("a form without an end")?;
            verify(form.starts_with(" method=\"post\" action=\""), "a form that is not posted")?;
            verify(form.matches("<input type=\"hidden\" name=\"csrf\" value=\"").count() == 1, "a form without its token")?;
            verify(form.contains("<button type=\"submit\""), "a form without a button")?;
        }
        for button in tags(page).iter().filter(|tag| tag.name == "button") {
            verify(button.has("type", "submit"), "a button that does nothing")?;
        }
        Ok(())
    });
}

#[test]
fn pages_are_as_they_were() {
    for (name, view) in all() {
        let page = render(&view, &brand());
        expect_file![Path::new("golden").join(format!("{name}.html"))].assert_eq(&page);
    }
}
