//! What keeps people from using a page with a keyboard or a screen reader.

use std::collections::HashSet;

use super::dom::{Dom, NodeId};

impl Dom {
    pub(super) fn accessibility_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let lang = self.elements(&["html"]).next().and_then(|html| self.attribute(html, "lang"));
        if lang.is_none_or(|lang| lang.trim().is_empty()) {
            problems.push("the page does not say its language: <html> has no lang".to_owned());
        }
        if self.title().is_empty() {
            problems.push("the page has no title".to_owned());
        }
        let headings = self.elements(&["h1"]).count();
        if headings != 1 {
            problems.push(format!("the page has {headings} <h1>, not one"));
        }
        let mut ids = HashSet::new();
        for node in self.below(0) {
            self.check(node, &mut problems);
            if let Some(id) = self.attribute(node, "id")
                && !ids.insert(id)
            {
                problems.push(format!("two elements have the id `{id}`"));
            }
        }
        problems
    }

    /// The text of the title.
    pub(super) fn title(&self) -> String {
        let title = self.elements(&["title"]).next().map(|title| self.raw_text(title)).unwrap_or_default();
        title.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn check(&self, node: NodeId, problems: &mut Vec<String>) {
        let kind = self.attribute(node, "type").unwrap_or_default().to_ascii_lowercase();
        let is_button = matches!(kind.as_str(), "submit" | "button" | "reset" | "image");
        match self.name(node) {
            "input" if kind == "hidden" => {}
            "input" if is_button && self.name_of(node).is_empty() => problems.push(format!("a button has no text: {}", self.tag(node))),
            "input" if is_button => {}
            "input" | "select" | "textarea" if self.name_of(node).is_empty() => problems.push(format!("{} has no label", self.tag(node))),
            "button" if self.name_of(node).is_empty() => problems.push(format!("a button has no text: {}", self.tag(node))),
            "a" if self.has(node, "href") && self.name_of(node).is_empty() => {
                problems.push(format!("a link has no text: {}", self.tag(node)));
            }
            "img" if !self.has(node, "alt") => problems.push(format!("an image has no alt: {}", self.tag(node))),
            "label" => match self.attribute(node, "for") {
                Some(id) if self.by_id(id).is_none() => problems.push(format!("the label `{}` points to nothing: {id}", self.line(node))),
                _ => {}
            },
            _ => {}
        }
        if self.attribute(node, "tabindex").and_then(|index| index.trim().parse::<i32>().ok()).is_some_and(|index| index > 0) {
            problems.push(format!("{} has a positive tabindex, which jumbles the order", self.tag(node)));
        }
    }

    /// An element, as short as it can be recognised by.
    fn tag(&self, node: NodeId) -> String {
        let shown =
            ["id", "name", "type", "href", "src"].iter().filter_map(|name| Some(format!(" {name}={}", self.attribute(node, name)?)));
        format!("<{}{}>", self.name(node), shown.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_named_and_good_pages_have_none() {
        let good = "<!doctype html><html lang=en><title>Sign in</title><h1>Sign in</h1><form><label for=e>E-mail</label><input id=e name=e>\
            <label><input type=checkbox name=c> Remember</label><input aria-label=Code name=o><select title=Role></select>\
            <input type=hidden name=h><input type=submit><button><img src=x alt=Go></button></form><a href=/ tabindex=0>Home</a><img src=d alt=''>";
        assert_eq!(Dom::parse(good).accessibility_problems(), [""; 0]);
        let bad = "<h1>a</h1><h1>b</h1><input name=e placeholder=E-mail><label><textarea name=t></textarea></label><select name=s></select>\
            <button id=b></button><input type=submit value=''><input type=image name=i><a href=/x></a><img src=y>\
            <p id=b tabindex=2><label for=nobody>Who</label>";
        let expected = [
            "the page does not say its language: <html> has no lang",
            "the page has no title",
            "the page has 2 <h1>, not one",
            "<input name=e> has no label",
            "<textarea name=t> has no label",
            "<select name=s> has no label",
            "a button has no text: <button id=b>",
            "a button has no text: <input type=submit>",
            "a button has no text: <input name=i type=image>",
            "a link has no text: <a href=/x>",
            "an image has no alt: <img src=y>",
            "<p id=b> has a positive tabindex, which jumbles the order",
            "two elements have the id `b`",
            "the label `Who` points to nothing: nobody",
        ];
        assert_eq!(Dom::parse(bad).accessibility_problems(), expected);
    }
}
