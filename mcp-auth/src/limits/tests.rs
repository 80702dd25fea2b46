//! Rate limits, by table.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// A clock that stands until it is told.
#[derive(Clone)]
struct Hand(Arc<AtomicU64>);

impl Hand {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_000_000_000)))
    }

    fn clock(&self) -> Clock {
        let millis = self.0.clone();
        Clock::new(move || UNIX_EPOCH + Duration::from_millis(millis.load(Ordering::SeqCst)))
    }

    fn set(&self, millis: u64) {
        self.0.store(1_000_000_000 + millis, Ordering::SeqCst);
    }
}

fn rate(text: &str) -> Rate {
    text.parse().expect("a rate")
}

#[test]
fn rates_are_read_from_text() {
    let seconds = Duration::from_secs;
    for (text, expected) in [
        ("60/min", Rate::new(60, seconds(60))),
        ("1/s", Rate::new(1, seconds(1))),
        (" 10 / h ", Rate::new(10, seconds(3_600))),
        ("5/day", Rate::new(5, seconds(86_400))),
        ("0/min", Err(InvalidRate)),
        ("-1/min", Err(InvalidRate)),
        ("60", Err(InvalidRate)),
        ("60/fortnight", Err(InvalidRate)),
        ("/min", Err(InvalidRate)),
        ("99999999999/s", Err(InvalidRate)),
        ("4000000000/s", Err(InvalidRate)),
    ] {
        assert_eq!(text.parse(), expected, "{text}");
    }
    assert_eq!(Rate::new(1, Duration::MAX), Err(InvalidRate));
    assert_eq!(rate("60/min").with_burst(0).burst(), 1);
}

#[test]
fn a_burst_is_let_in_and_then_an_even_stream() {
    let hand = Hand::new();
    let limits = RateLimits::new(hand.clock()).per_principal(rate("60/min").with_burst(3));
    let alice = Principal::new("alice");
    for (at, expected) in [
        (0, Ok(())),
        (0, Ok(())),
        (0, Ok(())),
        (0, Err(1_000)),
        (400, Err(600)),
        (999, Err(1)),
        (1_000, Ok(())),
        (1_000, Err(1_000)),
        (4_000, Ok(())),
        (4_000, Ok(())),
        (4_000, Ok(())),
        (4_000, Err(1_000)),
        (3_600_000, Ok(())),
    ] {
        hand.set(at);
        assert_eq!(limits.admit(&alice, None), expected.map_err(Duration::from_millis), "{at}");
    }
}

#[test]
fn every_limit_has_its_own_keys() {
    let principal = |issuer: &str, subject: &str, client: &str| Principal::new(subject).with_issuer(issuer).with_client(client);
    let address = |text: &str| Some(text.parse().expect("an address"));
    let limits = || RateLimits::new(Hand::new().clock());
    let once = rate("1/min");
    let alice = principal("i", "alice", "c");
    for (name, limits, first, second, both) in [
        ("no limit", limits(), (alice.clone(), None), (alice.clone(), None), true),
        ("same", limits().per_principal(once), (alice.clone(), None), (principal("i", "alice", "d"), None), false),
        ("subject", limits().per_principal(once), (alice.clone(), None), (principal("i", "bob", "c"), None), true),
        ("issuer", limits().per_principal(once), (alice.clone(), None), (principal("j", "alice", "c"), None), true),
        ("joint", limits().per_principal(once), (principal("ia", "b", "c"), None), (principal("i", "ab", "c"), None), true),
        ("client", limits().per_client(once), (alice.clone(), None), (principal("i", "bob", "c"), None), false),
        ("clients", limits().per_client(once), (alice.clone(), None), (principal("i", "alice", "d"), None), true),
        ("no client", limits().per_client(once), (Principal::new("a"), None), (Principal::new("a"), None), true),
        ("anonymous", limits().per_principal(once), (Principal::anonymous(), None), (Principal::anonymous(), None), true),
        (
            "address",
            limits().per_address(once),
            (alice.clone(), address("192.0.2.1")),
            (principal("", "b", ""), address("192.0.2.1")),
            false,
        ),
        ("mapped", limits().per_address(once), (alice.clone(), address("192.0.2.1")), (alice.clone(), address("::ffff:192.0.2.1")), false),
        ("addresses", limits().per_address(once), (alice.clone(), address("192.0.2.1")), (alice.clone(), address("192.0.2.2")), true),
        ("one /64", limits().per_address(once), (alice.clone(), address("2001:db8::1")), (alice.clone(), address("2001:db8::2")), false),
        ("two /64", limits().per_address(once), (alice.clone(), address("2001:db8::1")), (alice.clone(), address("2001:db8:0:1::1")), true),
        ("no address", limits().per_address(once), (alice.clone(), None), (alice, None), true),
    ] {
        assert_eq!(limits.admit(&first.0, first.1), Ok(()), "{name}");
        assert_eq!(limits.admit(&second.0, second.1).is_ok(), both, "{name}");
    }
}

#[test]
fn the_longest_wait_is_told_and_is_enough() {
    let hand = Hand::new();
    let limits = RateLimits::new(hand.clock()).per_principal(rate("1/s")).per_address(rate("1/min"));
    let (alice, bob) = (Principal::new("alice"), Principal::new("bob"));
    let home = Some(IpAddr::from([192, 0, 2, 1]));
    assert_eq!(limits.admit(&alice, home), Ok(()));
    assert_eq!(limits.admit(&alice, home), Err(Duration::from_secs(60)));
    // What the address refuses costs the principal nothing.
    assert_eq!(limits.admit(&bob, home), Err(Duration::from_secs(60)));
    assert_eq!(limits.admit(&bob, None), Ok(()));
    hand.set(60_000);
    assert_eq!(limits.admit(&alice, home), Ok(()));
}

#[test]
fn a_clock_that_is_set_does_not_lock_callers_out() {
    let hand = Hand::new();
    let limits = RateLimits::new(hand.clock()).per_principal(rate("1/s").with_burst(2));
    let alice = Principal::new("alice");
    for (at, expected) in [
        (7_200_000, Ok(())),
        (7_200_000, Ok(())),
        (3_600_000, Err(1_000)),
        (0, Err(1_000)),
        (500, Err(500)),
        (1_000, Ok(())),
        (1_000, Err(1_000)),
        (9_000_000, Ok(())),
    ] {
        hand.set(at);
        assert_eq!(limits.admit(&alice, None), expected.map_err(Duration::from_millis), "{at}");
    }
}

#[test]
fn a_full_table_forgets_the_idle_and_limits_the_rest() {
    let second = 1_000_000_000;
    let mut meter = Meter::with_capacity(rate("1/min"), 100);
    let ask = |meter: &mut Meter, key: u32, now: u64| {
        let cell = meter.find(&key, now);
        let wait = cell.wait(now);
        if wait == 0 {
            cell.count(now);
        }
        wait == 0
    };
    assert!((0..100).all(|key| ask(&mut meter, key, second)));
    // Full: newcomers share 1,024 keys, and those in the table keep theirs.
    let admitted = (1_000..101_000).filter(|key| ask(&mut meter, *key, second)).count();
    assert!((1_000..=1_024).contains(&admitted), "{admitted}");
    assert!((0..100).all(|key| !ask(&mut meter, key, second)));
    assert!(meter.keys() <= 100 + 1_024);
    // A minute later all of them are idle, and are forgotten once there is a newcomer.
    assert!(ask(&mut meter, 7_000_000, 61 * second));
    assert_eq!(meter.keys(), 1);
    assert!(!ask(&mut meter, 7_000_000, 61 * second));
}
