//! What a batch asks for, and what goes wrong with it.

use proptest::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Read,
    Write,
    Repeatable,
}

/// Where a command refers to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum At {
    /// In its mandatory id: the portal resolves it.
    Id,
    /// In a field: of a write it waits for the value.
    Field,
    /// In the midst of a text.
    Text,
}

/// What becomes of a command, drawn anew each time it is executed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    Fine,
    Refused,
    Limit,
    Internal,
    /// Executed, and in neither map.
    Missing,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Way {
    There,
    NoConnection,
    TooMany,
    LostAfter,
    LostBefore,
    /// Executed half a minute after the client gave up.
    Late,
    Page,
    Cut,
    Denied,
}

/// What a look-up comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Look {
    Answered,
    Unanswered,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) kind: Kind,
    pub(super) referent: Option<(usize, At)>,
    /// Whether it can be looked up.
    pub(super) keyed: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) commands: Vec<Asked>,
    pub(super) fates: Vec<Fate>,
    pub(super) ways: Vec<Way>,
    pub(super) looks: Vec<Look>,
    pub(super) halt: bool,
    pub(super) at_most: usize,
}

pub(super) fn plans() -> impl Strategy<Value = Plan> {
    let kind = prop_oneof![Just(Kind::Read), Just(Kind::Write), Just(Kind::Repeatable)];
    let place = prop_oneof![Just(At::Id), Just(At::Field), Just(At::Text)];
    let fate = prop_oneof![
        8 => Just(Fate::Fine), 1 => Just(Fate::Refused), 1 => Just(Fate::Limit), 1 => Just(Fate::Internal), 1 => Just(Fate::Missing)
    ];
    let way = prop_oneof![
        6 => Just(Way::There), 1 => Just(Way::NoConnection), 1 => Just(Way::TooMany), 1 => Just(Way::LostAfter),
        1 => Just(Way::LostBefore), 1 => Just(Way::Late), 1 => Just(Way::Page), 1 => Just(Way::Cut), 1 => Just(Way::Denied)
    ];
    let look = prop_oneof![4 => Just(Look::Answered), 1 => Just(Look::Unanswered)];
    let command = (kind, prop::option::weighted(0.3, place), any::<bool>());
    (
        prop::collection::vec(command, 1..130),
        prop::collection::vec(fate, 1..40),
        prop::collection::vec(way, 1..12),
        prop::collection::vec(look, 1..10),
        any::<bool>(),
        prop::sample::select(vec![50_usize, 50, 7]),
    )
        .prop_map(|(commands, fates, ways, looks, halt, at_most)| {
            // Groups stay below 50: only every seventh command may be referred to, by the six after it.
            let asked = |(number, (kind, place, keyed)): (usize, (Kind, Option<At>, bool))| {
                let first = number / 7 * 7;
                let referent = place.filter(|_| first < number).map(|place| (first, place));
                Asked { kind, referent, keyed }
            };
            let commands = commands.into_iter().enumerate().map(asked).collect();
            Plan { commands, fates, ways, looks, halt, at_most }
        })
}
