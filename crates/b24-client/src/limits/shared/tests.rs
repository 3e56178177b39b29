//! The shared bucket on made-up clocks: many processes, killed ones, clocks that jump, texts that are broken.

use proptest::prelude::*;

use super::*;
use crate::limits::Pace;

const START: Duration = Duration::from_hours(500_000);
const LEASE: Duration = Duration::from_secs(90);

fn size() -> Size {
    Size::of(Pace::STANDARD).unwrap()
}

fn at(seconds: u64) -> Duration {
    START + Duration::from_secs(seconds)
}

#[test]
fn the_places_of_a_process_that_is_gone_are_free_as_soon_as_the_network_is_empty() {
    let mut file = Text(Vec::new());
    for _ in 0..49 {
        assert_eq!(file.look(at(0), |shared| shared.ask(Me(1), size(), LEASE)), Turn::Go);
    }
    file.look(at(1), |shared| shared.bury(Me(2), |_| false));
    assert_eq!(file.look(at(7), |shared| shared.ask(Me(2), size(), LEASE)), Turn::AfterAnswer, "it lives");
    file.look(at(10), |shared| shared.bury(Me(2), |user| user == Me(1)));
    assert_eq!(file.look(at(14), |shared| shared.ask(Me(2), size(), LEASE)), Turn::AfterAnswer);
    // Noticed again and again, it is not put off.
    file.look(at(14), |shared| shared.bury(Me(2), |user| user == Me(1)));
    assert!(matches!(file.look(at(15), |shared| shared.ask(Me(2), size(), LEASE)), Turn::At(_)));
    assert_eq!(file.look(at(16), |shared| shared.ask(Me(2), size(), LEASE)), Turn::Go);
    // Nobody buries himself.
    file.look(at(16), |shared| shared.bury(Me(2), |_| true));
    assert!(file.look(at(40), |shared| shared.bucket(size()).under_way) == 1);
}

/// The file between two looks at it.
struct Text(Vec<u8>);

impl Text {
    fn look<R>(&mut self, now: Duration, change: impl FnOnce(&mut Shared) -> R) -> R {
        let mut shared = Shared::read(&self.0, size(), now);
        let result = change(&mut shared);
        self.0 = shared.text().into_bytes();
        result
    }

    /// How many requests of a process may go at once, and get their answers at once.
    fn burst(&mut self, me: Me, now: Duration) -> u32 {
        let mut gone = 0;
        while self.look(now, |shared| shared.ask(me, size(), LEASE)) == Turn::Go {
            self.look(now, |shared| shared.answered(me, 1, size()));
            gone += 1;
        }
        gone
    }
}

#[test]
fn processes_share_one_bucket() {
    let mut file = Text(Vec::new());
    assert_eq!(file.burst(Me(1), at(0)), 49);
    assert_eq!(file.burst(Me(2), at(0)), 0);
    assert_eq!(file.burst(Me(3), at(10)), 19, "two a second, and the nanosecond of caution");
    assert_eq!(file.look(at(10), |shared| shared.users()), 3);
}

#[test]
fn a_killed_process_is_forgotten_when_its_requests_must_be_over() {
    let mut file = Text(Vec::new());
    for _ in 0..49 {
        assert_eq!(file.look(at(0), |shared| shared.ask(Me(1), size(), LEASE)), Turn::Go);
    }
    assert_eq!(file.look(at(89), |shared| shared.ask(Me(2), size(), LEASE)), Turn::AfterAnswer);
    assert!(matches!(file.look(at(90), |shared| shared.ask(Me(2), size(), LEASE)), Turn::At(_)));
    assert_eq!(file.look(at(91), |shared| shared.ask(Me(2), size(), LEASE)), Turn::Go);
}

#[test]
fn a_clock_set_back_lets_no_time_pass_and_stops_nobody() {
    let mut file = Text(Vec::new());
    assert_eq!(file.burst(Me(1), at(10_000)), 49);
    assert_eq!(file.burst(Me(2), at(0)), 0);
    let now = file.look(at(0), |shared| shared.now());
    assert_eq!(now, at(10_000), "the file's time does not run backwards");
    assert_eq!(file.burst(Me(2), now + Duration::from_secs(5)), 9);
}

#[test]
fn what_nobody_can_read_is_a_full_bucket() {
    let mut whole = Text(Vec::new());
    assert_eq!(whole.burst(Me(1), at(0)), 49);
    let cut = whole.0[..whole.0.len() / 2].to_vec();
    let far = String::from_utf8(whole.0).unwrap().replace("1800000000", "99999999999999999");
    let texts = [cut, far.into_bytes(), b"\xff\xfe".to_vec(), b"{}".to_vec(), b"null".to_vec()];
    for text in texts {
        let mut file = Text(text);
        assert_eq!(file.burst(Me(1), at(0)), 0);
        assert_eq!(file.burst(Me(1), at(25)), 49, "and it leaks as any other");
    }
}

#[test]
fn a_refusal_and_a_held_method_are_told_to_the_others() {
    let mut file = Text(Vec::new());
    file.look(at(0), |shared| {
        shared.refused(at(0), size());
        shared.hold("CRM.item.list", Duration::from_secs(40));
    });
    assert_eq!(file.look(at(31), |shared| shared.bucket(size()).capacity(shared.now())), 33, "24 at first");
    let holds = file.look(at(31), |shared| shared.holds());
    assert_eq!(holds, [("crm.item.list".to_owned(), Duration::from_secs(9))]);
    assert!(file.look(at(41), |shared| shared.holds()).is_empty());
}

/// The portal's own bucket.
struct Portal {
    level: f64,
    at: f64,
}

impl Portal {
    fn accepts(&mut self, at: f64) -> bool {
        self.level = (self.level - (at - self.at) * 2.0).max(0.0);
        self.at = at;
        let accepted = self.level + 1.0 <= 50.0;
        self.level += f64::from(u8::from(accepted));
        accepted
    }
}

#[derive(Debug, Clone, Copy)]
enum Event {
    /// A process asks, and if it may, its answer comes after so many milliseconds.
    Ask { process: u64, delay: u64 },
    /// A process is killed: nobody hears of its answers.
    Kill(u64),
    /// Time passes.
    Wait(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        12 => (0_u64..5, 0_u64..5_000).prop_map(|(process, delay)| Event::Ask { process, delay }),
        1 => (0_u64..5).prop_map(Event::Kill),
        4 => (0_u64..3_000).prop_map(Event::Wait),
    ];
    prop::collection::vec(event, 1..400)
}

proptest! {
    #[test]
    fn no_order_of_processes_makes_the_portal_refuse_p30(events in events()) {
        let mut file = Text(Vec::new());
        let mut portal = Portal { level: 0.0, at: 0.0 };
        let mut now = 0;
        let mut answers: Vec<(u64, u64)> = Vec::new();
        let clock = |now: u64| START + Duration::from_millis(now);
        for event in events {
            match event {
                Event::Wait(time) => now += time,
                Event::Kill(process) => answers.retain(|(_, of)| *of != process),
                Event::Ask { process, delay } => {
                    if file.look(clock(now), |shared| shared.ask(Me(process), size(), LEASE)) == Turn::Go {
                        #[expect(clippy::cast_precision_loss, reason = "a few hours in milliseconds")]
                        let seconds = now as f64 / 1000.0;
                        prop_assert!(portal.accepts(seconds));
                        answers.push((now + delay, process));
                    }
                }
            }
            answers.sort_unstable_by(|one, other| other.cmp(one));
            while answers.last().is_some_and(|(at, _)| *at <= now) {
                let Some((_, process)) = answers.pop() else { break };
                file.look(clock(now), |shared| shared.answered(Me(process), 1, size()));
            }
        }
    }

    #[test]
    fn no_text_and_no_clock_makes_it_panic_or_wait_forever(
        text in prop::collection::vec(any::<u8>(), 0..200), jumps in prop::collection::vec(0_u64..4_000_000_000, 1..20)
    ) {
        let mut file = Text(text);
        for jump in jumps {
            let _turn = file.look(Duration::from_secs(jump), |shared| shared.ask(Me(1), size(), LEASE));
            file.look(Duration::from_secs(jump), |shared| shared.answered(Me(1), 1, size()));
        }
        let now = file.look(Duration::ZERO, |shared| shared.now());
        let later = now + Duration::from_mins(2);
        prop_assert_eq!(file.look(later, |shared| shared.ask(Me(2), size(), LEASE)), Turn::Go);
    }
}
