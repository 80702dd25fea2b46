//! What pages in browsers may ask and see (Fetch Standard, "CORS protocol").

use super::check::{Check, Verdict};
use super::evidence::Evidence;
use super::profile::Client;
use super::seen::Seen;

const PAGES: &[Client] = &[Client::Inspector];

/// What a page has to send.
pub(crate) const SENT: &[&str] = &["authorization", "content-type", "mcp-protocol-version", "mcp-session-id"];
/// What a page has to see.
const SEEN: &[&str] = &["www-authenticate", "mcp-session-id"];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "cors.allowed",
        what: "a page may read the refusal",
        clients: PAGES,
        why: "a client in a browser does not even see that it got a 401",
        cure: "send `Access-Control-Allow-Origin` on every answer, also on 401 and 403; with mcp-parity, add the origin to `allowed_origins` of \
               `HttpConfig`",
        source: "Fetch Standard, \"CORS protocol\"; seen of MCP Inspector",
        judge: allowed,
    },
    Check {
        id: "cors.exposed",
        what: "a page sees `WWW-Authenticate` and `Mcp-Session-Id`",
        clients: PAGES,
        why: "browsers hide headers that are not named, so the client finds neither the metadata nor its session",
        cure: "send `Access-Control-Expose-Headers: WWW-Authenticate, Mcp-Session-Id, MCP-Protocol-Version`; with mcp-parity, look for a proxy \
               that replaces the headers",
        source: "Fetch Standard, \"CORS protocol\"; seen of MCP Inspector",
        judge: exposed,
    },
    Check {
        id: "cors.preflight",
        what: "a browser is told, without a token, that the page may ask",
        clients: PAGES,
        why: "browsers ask first with `OPTIONS`, never with a token, and send nothing after a 401 or without the headers being allowed",
        cure: "answer `OPTIONS` with 204 before authorization, with `Access-Control-Allow-Headers: Authorization, Content-Type, \
               MCP-Protocol-Version, Mcp-Session-Id, Last-Event-ID` and `Access-Control-Allow-Methods: GET, POST, DELETE`",
        source: "Fetch Standard, \"CORS-preflight request\"",
        judge: preflight,
    },
    Check {
        id: "cors.metadata",
        what: "a page may read the metadata",
        clients: PAGES,
        why: "a client in a browser cannot find the authorization server",
        cure: "send `Access-Control-Allow-Origin: *` with the documents below `/.well-known/`",
        source: "Fetch Standard, \"CORS protocol\"; seen of MCP Inspector",
        judge: metadata,
    },
];

/// Judges an answer to a page, if pages of that origin are wanted at all.
fn of_page(evidence: &Evidence, judge: impl FnOnce(&Seen) -> Verdict) -> Verdict {
    match &evidence.from_page {
        None => Verdict::skip("no page was tried"),
        Some(seen) if !evidence.page_is_chosen && (seen.is(403) || knows_no_pages(evidence)) => {
            Verdict::Skip(format!("pages of `{}` are not let in; name one that should be with `--origin`", evidence.page))
        }
        Some(seen) if seen.answer.is_err() || seen.location().is_some() => Verdict::skip("the endpoint does not answer"),
        Some(seen) => judge(seen),
    }
}

/// Whether nothing that the server says is about pages: it does not want any.
fn knows_no_pages(evidence: &Evidence) -> bool {
    let mut answers = [&evidence.from_page, &evidence.preflight].into_iter().flatten();
    answers.all(|seen| seen.header("access-control-allow-origin").is_none())
}

fn is_allowed(seen: &Seen, page: &str) -> bool {
    seen.header("access-control-allow-origin").is_some_and(|origin| origin == "*" || origin == page)
}

fn allowed(evidence: &Evidence) -> Verdict {
    of_page(evidence, |seen| {
        Verdict::of(is_allowed(seen, &evidence.page), || match seen.header("access-control-allow-origin") {
            Some(origin) => format!("for `{}`, `Access-Control-Allow-Origin` is `{origin}`", evidence.page),
            None => format!("for `{}`, there is no `Access-Control-Allow-Origin`: {}", evidence.page, seen.describe()),
        })
    })
}

fn exposed(evidence: &Evidence) -> Verdict {
    of_page(evidence, |seen| {
        if !is_allowed(seen, &evidence.page) {
            return Verdict::skip("the page sees nothing at all");
        }
        let exposed = seen.words("access-control-expose-headers");
        // Clients send no cookies, so that a star stands for every header.
        let hidden: Vec<&str> =
            SEEN.iter().copied().filter(|name| !exposed.iter().any(|exposed| exposed == name || exposed == "*")).collect();
        Verdict::of(hidden.is_empty(), || format!("`Access-Control-Expose-Headers` does not name {}", hidden.join(", ")))
    })
}

fn preflight(evidence: &Evidence) -> Verdict {
    of_page(evidence, |_| {
        let Some(seen) = &evidence.preflight else { return Verdict::skip("it was not asked") };
        if !seen.succeeded() || !is_allowed(seen, &evidence.page) {
            return Verdict::Fail(seen.describe());
        }
        let allowed = seen.words("access-control-allow-headers");
        // A star does not stand for `Authorization`.
        let any = allowed.iter().any(|name| name == "*");
        let missing: Vec<&str> = SENT
            .iter()
            .copied()
            .filter(|name| !allowed.iter().any(|allowed| allowed == name) && (!any || *name == "authorization"))
            .collect();
        Verdict::of(missing.is_empty(), || format!("`Access-Control-Allow-Headers` does not name {}", missing.join(", ")))
    })
}

fn metadata(evidence: &Evidence) -> Verdict {
    of_page(evidence, |_| {
        let Some(seen) = evidence.resource_from_page.as_ref().filter(|seen| seen.object().is_some()) else {
            return Verdict::skip("there is no metadata to read");
        };
        let documents = evidence.tried.iter().filter(|seen| seen.object().is_some());
        let hidden = [seen].into_iter().chain(documents).find(|seen| !is_allowed(seen, &evidence.page));
        hidden.map_or(Verdict::Pass, |seen| Verdict::Fail(format!("{}, without `Access-Control-Allow-Origin`", seen.describe())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "http://localhost:6274";

    fn failures(answer: &[(&'static str, &str)], preflight: &[(&'static str, &str)]) -> Vec<&'static str> {
        let evidence = Evidence {
            page: PAGE.to_owned(),
            from_page: Some(Seen::made_up(401, answer, "")),
            preflight: Some(Seen::made_up(204, preflight, "")),
            ..Evidence::default()
        };
        let failed = CHECKS.iter().filter(|check| matches!((check.judge)(&evidence), Verdict::Fail(_)));
        failed.map(|check| check.id).collect()
    }

    #[test]
    fn headers_are_read_as_browsers_read_them() {
        let allow = ("access-control-allow-origin", PAGE);
        let expose = ("access-control-expose-headers", "WWW-Authenticate,mcp-session-id , X-Other");
        let headers = ("access-control-allow-headers", "Authorization, Content-Type, MCP-Protocol-Version, Mcp-Session-Id");
        for (answer, preflight, expected) in [
            (&[allow, expose][..], &[allow, headers][..], &[][..]),
            (&[("access-control-allow-origin", "*"), expose], &[allow, headers], &[]),
            (&[], &[allow, headers], &["cors.allowed"]),
            (&[("access-control-allow-origin", "http://localhost"), expose], &[allow, headers], &["cors.allowed"]),
            (&[allow], &[allow, headers], &["cors.exposed"]),
            (&[allow, ("access-control-expose-headers", "*")], &[allow, headers], &[]),
            (&[allow, ("access-control-expose-headers", "mcp-session-id")], &[allow, headers], &["cors.exposed"]),
            (&[allow, expose], &[headers], &["cors.preflight"]),
            // A star does not stand for `Authorization`.
            (&[allow, expose], &[allow, ("access-control-allow-headers", "*")], &["cors.preflight"]),
            (&[allow, expose], &[allow, ("access-control-allow-headers", "*, authorization")], &[]),
        ] {
            assert_eq!(failures(answer, preflight), expected, "{answer:?} {preflight:?}");
        }
    }

    #[test]
    fn a_page_that_nobody_chose_need_not_be_let_in() {
        for status in [401, 403] {
            for (chosen, failed) in [(false, false), (true, true)] {
                let (from_page, preflight) = (Some(Seen::made_up(status, &[], "")), Some(Seen::made_up(405, &[], "")));
                let evidence = Evidence { page: PAGE.to_owned(), page_is_chosen: chosen, from_page, preflight, ..Evidence::default() };
                assert_eq!(matches!(allowed(&evidence), Verdict::Fail(_)), failed, "{status}");
            }
        }
    }
}
