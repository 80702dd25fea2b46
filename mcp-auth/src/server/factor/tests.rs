//! The second factor as people and those who want to get past it use it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::JoinSet;

use super::*;
use crate::server::login::testing::{START, db};

const USER: &str = "u_ann";

struct Case {
    factors: Factors,
    time: Arc<AtomicU64>,
}

impl Case {
    fn new() -> Self {
        let (time, db) = db();
        Self { factors: Factors::new(db), time }
    }

    /// With an app that is set up, and the recovery codes. A minute passed since.
    async fn enrolled() -> (Self, Vec<String>) {
        let case = Self::new();
        let _ = case.begin("s", START).await;
        let Confirmed::Done { recovery_codes } = case.confirm("s", &case.pending_code("s").await).await else { panic!("it was right") };
        case.pass(60);
        (case, recovery_codes)
    }

    async fn begin(&self, session: &str, signed_in: u64) -> Begun {
        self.factors.begin_enrolment(USER, session, signed_in, "ann@example.com", "Example").await.expect("the store works")
    }

    async fn confirm(&self, session: &str, code: &str) -> Confirmed {
        self.factors.confirm_enrolment(USER, session, code).await.expect("the store works")
    }

    async fn verify(&self, code: &str) -> Verdict {
        self.factors.verify(USER, code).await.expect("the store works")
    }

    /// The code that an app shows that is being set up.
    async fn pending_code(&self, session: &str) -> String {
        let Begun::Started(enrolment) = self.begin(session, self.now()).await else { panic!("it begins") };
        code_of(&enrolment.secret, self.now())
    }

    /// The code that the app shows.
    async fn code(&self) -> String {
        let factor = self.factors.db.get::<Factor>(USER).await.expect("the store works").expect("a factor");
        factor.value.secret.code(self.now() / 30)
    }

    /// A code of six digits that is none of those that are taken now.
    async fn wrong(&self) -> String {
        let factor = self.factors.db.get::<Factor>(USER).await.expect("the store works").expect("a factor");
        let codes = (0..10).map(|number| format!("{number:06}"));
        codes.into_iter().find(|code| factor.value.secret.period_of(code, self.now()).is_none()).expect("three codes are right")
    }

    fn now(&self) -> u64 {
        self.time.load(Ordering::SeqCst)
    }

    fn pass(&self, seconds: u64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// What an app shows into which this was typed.
fn code_of(typed: &str, now: u64) -> String {
    let letters = typed.bytes().filter(|byte| *byte != b' ');
    let bits: Vec<u8> = letters
        .flat_map(|letter| {
            let value = if letter.is_ascii_uppercase() { letter - b'A' } else { letter - b'2' + 26 };
            (0..5).rev().map(move |bit| value >> bit & 1)
        })
        .collect();
    let bytes: Vec<u8> = bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | bit)).collect();
    let secret: Secret = serde_json::from_value(serde_json::json!(bytes)).expect("twenty bytes");
    secret.code(now / 30)
}

fn otp(recovery_left: usize) -> Verdict {
    Verdict::Verified { amr: vec!["otp"], recovery_left }
}

#[tokio::test]
async fn an_app_is_set_up_with_a_code_of_it() {
    let case = Case::new();
    assert_eq!(case.verify("000000").await, Verdict::NotEnrolled);
    let Begun::Started(enrolment) = case.begin("s", START).await else { panic!("it begins") };
    assert!(enrolment.uri.starts_with("otpauth://totp/Example:ann%40example.com?secret="), "{}", enrolment.uri);
    assert!(enrolment.uri.contains(&enrolment.secret.replace(' ', "")));
    assert!(enrolment.qr_svg.starts_with("<svg") && enrolment.qr_svg.ends_with("</svg>"));
    assert!(!format!("{enrolment:?}").contains(&enrolment.secret[..4]));

    assert!(!case.factors.is_enrolled(USER).await.expect("the store works"), "it is not confirmed");
    assert_eq!(case.confirm("s", "12345").await, Confirmed::Wrong(enrolment.clone()));
    assert_eq!(case.confirm("other", &code_of(&enrolment.secret, START)).await, Confirmed::Gone);
    let code = code_of(&enrolment.secret, START);
    let Confirmed::Done { recovery_codes } = case.confirm("s", &code).await else { panic!("it is right") };
    assert_eq!(recovery_codes.len(), 10);
    assert!(case.factors.is_enrolled(USER).await.expect("the store works"));
    assert_eq!(case.confirm("s", &code).await, Confirmed::Gone);
    assert_eq!(case.verify(&code).await, Verdict::Wrong, "it was used to confirm");
    case.pass(30);
    assert_eq!(case.verify(&code_of(&enrolment.secret, case.now())).await, otp(10));
    assert_eq!(case.begin("s", case.now()).await, Begun::AlreadyEnrolled);
}

#[tokio::test]
async fn an_app_is_set_up_soon_after_signing_in_and_in_ten_minutes() {
    let case = Case::new();
    assert!(matches!(case.begin("s", START - 600).await, Begun::Started(_)));
    assert_eq!(case.begin("s", START - 601).await, Begun::SignInAgain);
    let Begun::Started(enrolment) = case.begin("s", START).await else { panic!("it begins") };
    case.pass(600);
    assert_eq!(case.confirm("s", &code_of(&enrolment.secret, case.now())).await, Confirmed::Gone);
}

#[tokio::test]
async fn of_two_sessions_that_set_an_app_up_the_first_to_confirm_has() {
    let case = Case::new();
    let (one, other) = (case.pending_code("one").await, case.pending_code("other").await);
    assert!(matches!(case.confirm("one", &one).await, Confirmed::Done { .. }));
    assert_eq!(case.confirm("other", &other).await, Confirmed::Gone);
}

#[tokio::test]
async fn a_code_is_good_once_and_so_are_those_before_it() {
    let (case, _) = Case::enrolled().await;
    let old = case.code().await;
    case.pass(30);
    let code = case.code().await;
    assert_eq!(case.verify(&code).await, otp(10));
    for _ in 0..20 {
        assert_eq!(case.verify(&code).await, Verdict::Wrong);
        assert_eq!(case.verify(&old).await, Verdict::Wrong);
    }
    case.pass(30);
    assert_eq!(case.verify(&code).await, Verdict::Wrong, "it is still within reach of the clock");
    assert_eq!(case.verify(&case.code().await).await, otp(10), "codes that were right once are no guesses");
}

#[tokio::test]
async fn of_many_who_send_a_code_at_once_one_gets_in() {
    let (case, recovery) = Case::enrolled().await;
    for (code, amr) in [(case.code().await, "otp"), (recovery[0].clone(), "recovery")] {
        let mut sending = JoinSet::new();
        for _ in 0..64 {
            let (factors, code) = (case.factors.clone(), code.clone());
            sending.spawn(async move { factors.verify(USER, &code).await.expect("the store works") });
        }
        let verdicts = sending.join_all().await;
        let verified = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Verified { amr: how, .. } if how[..] == [amr]));
        assert_eq!(verified.count(), 1, "{amr}");
    }
}

#[tokio::test]
async fn wrong_codes_lock_for_longer_and_longer() {
    let (case, recovery) = Case::enrolled().await;
    for _ in 0..4 {
        assert_eq!(case.verify(&case.wrong().await).await, Verdict::Wrong);
    }
    for seconds in [60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
        let until = case.now() + seconds;
        assert_eq!(case.verify(&case.wrong().await).await, Verdict::Locked { until });
        case.pass(seconds - 1);
        assert_eq!(case.verify(&case.code().await).await, Verdict::Locked { until }, "the right code is not looked at either");
        assert_eq!(case.verify(&recovery[0]).await, Verdict::Locked { until });
        case.pass(1);
    }
    assert_eq!(case.verify(&case.code().await).await, otp(10));
    case.pass(60);
    for _ in 0..4 {
        assert_eq!(case.verify(&case.wrong().await).await, Verdict::Wrong, "it begins anew");
    }
}

#[tokio::test]
async fn guesses_that_come_at_once_all_count() {
    let (case, _) = Case::enrolled().await;
    let wrong = case.wrong().await;
    let mut guessing = JoinSet::new();
    for _ in 0..64 {
        let (factors, wrong) = (case.factors.clone(), wrong.clone());
        guessing.spawn(async move { factors.verify(USER, &wrong).await.expect("the store works") });
    }
    let verdicts = guessing.join_all().await;
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Wrong).count(), 4);
    assert_eq!(case.verify(&case.code().await).await, Verdict::Locked { until: case.now() + 60 });
}

#[tokio::test]
async fn recovery_codes_are_good_once_and_for_one_person() {
    let (case, codes) = Case::enrolled().await;
    let written = [codes[0].clone(), codes[1].to_uppercase(), codes[2].replace('-', " "), codes[3].replace('-', "")];
    for (used, code) in written.iter().enumerate() {
        assert_eq!(case.verify(code).await, Verdict::Verified { amr: vec!["recovery"], recovery_left: 9 - used }, "{code}");
        assert_eq!(case.verify(code).await, Verdict::Wrong, "{code}");
    }
    for _ in 0..3 {
        assert_eq!(case.verify(&codes[4][1..]).await, Verdict::Wrong);
    }
    assert_eq!(case.verify(&codes[4][1..]).await, Verdict::Locked { until: case.now() + 60 }, "they are guesses as any other");
    let (other, _) = Case::enrolled().await;
    assert_eq!(other.verify(&codes[5]).await, Verdict::Wrong);
}

#[tokio::test]
async fn a_factor_that_was_taken_away_is_gone_with_its_codes() {
    let (case, codes) = Case::enrolled().await;
    case.factors.reset(USER).await.expect("the store works");
    assert!(!case.factors.is_enrolled(USER).await.expect("the store works"));
    assert_eq!(case.verify(&codes[0]).await, Verdict::NotEnrolled);
    let _ = case.begin("s", case.now()).await;
    case.factors.reset(USER).await.expect("the store works");
    assert_eq!(case.confirm("s", "000000").await, Confirmed::Gone);
}
