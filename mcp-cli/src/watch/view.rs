//! What the screen shows.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Style, Stylize as _};
use ratatui::text::Line;
use ratatui::widgets::{Block, Cell, List, Paragraph, Row, Table};

use super::event::Event;
use super::latency::shown;
use super::tally::Tally;
use crate::terminal::plain;

/// Draws what was seen so far: a line for everything, items, refusals, and the latest records.
pub(super) fn draw(frame: &mut Frame<'_>, tally: &Tally) {
    let [head, items, refusals, recent] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(3), Constraint::Fill(2), Constraint::Fill(3)]).areas(frame.area());
    frame.render_widget(summary(tally), head);
    let rows = tally.items().into_iter().map(|(name, item)| {
        let [median, high, most] = item.latency.shown();
        let refused = Cell::from(item.refused.to_string()).style(alarm(item.refused));
        let failed = Cell::from(item.failed.to_string()).style(alarm(item.failed));
        Row::new([Cell::from(plain(name)), Cell::from(item.calls.to_string()), failed, refused, median.into(), high.into(), most.into()])
    });
    let widths = [
        Constraint::Fill(1),
        Constraint::Length(9),
        Constraint::Length(8),
        Constraint::Length(8),
        Constraint::Length(9),
        Constraint::Length(9),
        Constraint::Length(9),
    ];
    let table = Table::new(rows, widths)
        .header(Row::new(["item", "calls", "failed", "refused", "median", "95 %", "most"]).bold())
        .block(Block::bordered().title("Items"));
    frame.render_widget(table, items);
    let lines = |events: &mut dyn Iterator<Item = &Event>| List::new(events.map(line).collect::<Vec<_>>());
    frame.render_widget(lines(&mut tally.refusals().iter().rev()).block(Block::bordered().title("Refusals, the latest first")), refusals);
    frame.render_widget(
        lines(&mut tally.recent().iter().rev()).block(Block::bordered().title("Records, the latest first — q leaves")),
        recent,
    );
}

fn summary(tally: &Tally) -> Paragraph<'static> {
    let all = tally.all();
    let latency = if all.calls > all.refused { shown(all.latency.percentile(95)) } else { "–".to_owned() };
    let mut text = format!(" {} calls, {} failed, {} refused, 95 % within {latency}", all.calls, all.failed, all.refused);
    if tally.unreadable() > 0 {
        text.push_str(&format!(", {} lines that are not audit records", tally.unreadable()));
    }
    Paragraph::new(text).reversed()
}

fn alarm(count: u64) -> Style {
    if count > 0 { Style::new().fg(Color::Red) } else { Style::new() }
}

fn line(event: &Event) -> Line<'static> {
    let reason = event.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let text = format!(
        "{}  {:<7} {:<20} {:<28} {}{reason}  {}",
        event.time,
        event.transport,
        event.who(),
        event.what(),
        event.verdict,
        shown(event.latency_us)
    );
    let text = plain(&text).replace(['\n', '\t'], " ");
    let style = match (event.is_refused(), event.has_failed()) {
        (true, _) => Style::new().fg(Color::Red),
        (_, true) => Style::new().fg(Color::Yellow),
        _ => Style::new(),
    };
    Line::styled(text, style)
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;

    #[test]
    fn the_screen_shows_items_refusals_and_records() {
        let mut tally = Tally::default();
        tally.take(br#"{"time":"12:00","subject":"ada","operation":"tools/call","item":"add","transport":"http","verdict":"succeeded","latency_us":1500}"#);
        tally.take(br#"{"time":"12:01","operation":"tools/call","item":"drop\u001b[2J","transport":"stdio","verdict":"denied","reason":"insufficient scope","latency_us":3}"#);
        for (width, height) in [(120, 30), (20, 6), (1, 1)] {
            let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a screen in memory");
            terminal.draw(|frame| draw(frame, &tally)).expect("memory can be drawn on");
            let screen: String = terminal.backend().buffer().content().iter().map(ratatui::buffer::Cell::symbol).collect();
            if width == 120 {
                for text in ["2 calls, 0 failed, 1 refused", "add", "1.5 ms", "insufficient scope", "ada", "drop\u{fffd}[2J"] {
                    assert!(screen.contains(text), "`{text}` is not on {screen}");
                }
            }
            assert!(!screen.contains('\u{1b}'));
        }
    }
}
