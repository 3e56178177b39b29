//! The plan against a made-up portal: how many requests lists of different shapes take.

use std::collections::BTreeSet;

use super::*;
use crate::envelope::{Piece, Rows, Shape, Wrapper};

fn wish(look_ahead: u64) -> Wish {
    Wish { low: 0, high: None, expecting: None, limit: None, look_ahead, offsets: false, hurried: false }
}

fn page(ids: &[u64]) -> RawPage {
    let rows: Vec<String> = ids.iter().map(|id| format!(r#"{{"ID":{id}}}"#)).collect();
    let text = std::sync::Arc::new(format!("[{}]", rows.join(",")));
    let shape = Shape { wrapper: Wrapper::Bare, key: Some("ID") };
    RawPage::new(Rows::of(&Piece::of(&text, &text), shape).expect("rows"))
}

fn read(ids: &BTreeSet<u64>, part: &Part) -> Got {
    let (mut pages, mut last, mut ended) = (Vec::new(), part.low, false);
    for _ in 0..part.pages {
        let high = part.high.unwrap_or(u64::MAX);
        let found: Vec<u64> = ids.range(last + 1..=high).take(50).copied().collect();
        last = found.last().copied().unwrap_or(last);
        ended = found.len() < 50 || part.high == Some(last);
        if !found.is_empty() {
            pages.push(page(&found));
        }
        if ended {
            break;
        }
    }
    Got { segment: part.segment, pages, last, ended, total: None, failure: None }
}

/// Reads everything with so many requests under way; gives the number of requests and of rounds.
fn walk(ids: &BTreeSet<u64>, at_once: usize, look_ahead: u64) -> (usize, usize) {
    walk_as(ids, at_once, wish(look_ahead))
}

fn walk_as(ids: &BTreeSet<u64>, at_once: usize, wish: Wish) -> (usize, usize) {
    let mut plan = Plan::new(wish);
    let (mut requests, mut rounds, mut given) = (0, 0, Vec::new());
    while !plan.is_done() {
        let mut loads = Vec::new();
        while loads.len() < at_once {
            let load = plan.next(50);
            if load.parts.is_empty() {
                break;
            }
            loads.push(load);
        }
        requests += loads.len();
        rounds += 1;
        assert!(rounds < 10_000, "it does not end");
        // Answers come in the wrong order.
        for load in loads.iter().rev() {
            if load.wants_top {
                let page: Vec<u64> = ids.iter().rev().take(50).copied().collect();
                if let (Some(top), Some(from)) = (page.first(), page.last()) {
                    plan.top((*from, *top, page.len() as u64));
                }
            }
            for part in &load.parts {
                plan.received(read(ids, part));
            }
            if plan.wants_spreading() {
                plan.spread(47);
            }
        }
        while let Some(page) = plan.pop() {
            given.extend(page.rows().map(str::to_owned));
        }
    }
    let expected: Vec<String> = ids.iter().map(|id| format!(r#"{{"ID":{id}}}"#)).collect();
    assert_eq!(given, expected);
    (requests, rounds)
}

#[test]
fn even_keys_take_hardly_more_requests_than_pages_demand() {
    let dense: BTreeSet<u64> = (1..=100_000).collect();
    assert_eq!(walk(&dense, 48, u64::MAX), (41, 2), "39.8 requests of 2,500 rows after the first");
    let sparse: BTreeSet<u64> = (1..).filter(|id| id % 8 != 0).take(200_000).collect();
    let (requests, rounds) = walk(&sparse, 48, u64::MAX);
    assert!(requests <= 83 && rounds <= 4, "{requests} requests in {rounds} rounds");
}

#[test]
fn uneven_keys_are_cut_again_and_a_gap_of_any_size_costs_little() {
    let rising: BTreeSet<u64> = (1..=20_000_u64).map(|n| n * n / 100 + n).collect();
    let (requests, _) = walk(&rising, 48, u64::MAX);
    assert!(requests <= 70, "{requests} requests for at least 8");
    let gap: BTreeSet<u64> = (1..=20_000).chain(1_000_000_000_000..1_000_000_020_000).collect();
    let (requests, _) = walk(&gap, 48, u64::MAX);
    assert!(requests <= 110, "{requests} requests for at least 16");
}

#[test]
fn without_look_ahead_one_request_follows_the_other() {
    let ids: BTreeSet<u64> = (1..=10_000).collect();
    let (requests, rounds) = walk(&ids, 48, 0);
    assert_eq!(requests, rounds);
}

#[test]
fn rows_added_above_the_largest_key_are_read() {
    let mut plan = Plan::new(wish(u64::MAX));
    let few: BTreeSet<u64> = (1..=500).collect();
    let load = plan.next(50);
    assert!(load.wants_top);
    plan.top((451, 500, 50));
    plan.received(read(&few, &load.parts[0]));
    let more: BTreeSet<u64> = (1..=700).collect();
    while plan.pop().is_some() {}
    let load = plan.next(50);
    plan.received(read(&more, &load.parts[0]));
    let rest: usize = std::iter::from_fn(|| plan.pop()).map(|page| page.len()).sum();
    assert_eq!((rest, plan.is_done()), (200, true));
}

fn hurried() -> Wish {
    Wish { hurried: true, ..wish(u64::MAX) }
}

#[test]
fn a_hurried_list_spreads_its_pages_over_the_requests_that_may_go() {
    let sparse: BTreeSet<u64> = (1..).filter(|id| id % 8 != 0).take(100_000).collect();
    assert_eq!(walk_as(&sparse, 48, hurried()), (48, 2), "the range, then everything else at once");
    let mut plan = Plan::new(hurried());
    let first = plan.next(50);
    assert_eq!((first.pages(), first.wants_top), (1, true));
    plan.top((114_228, 114_285, 50));
    plan.received(read(&sparse, &first.parts[0]));
    plan.spread(47);
    let loads: Vec<u64> = std::iter::repeat_with(|| plan.next(50).pages()).take(48).collect();
    assert_eq!(loads, [[43; 47].as_slice(), &[0]].concat());
}

#[test]
fn a_hurried_list_takes_at_most_twice_the_requests_and_full_ones_where_they_are_needed() {
    let medium: BTreeSet<u64> = (1..=10_000).collect();
    assert_eq!(walk_as(&medium, 48, hurried()), (9, 2), "five full ones would do");
    let few: BTreeSet<u64> = (1..=300).collect();
    assert_eq!(walk_as(&few, 48, hurried()), (2, 2));
    let many: BTreeSet<u64> = (1..).filter(|id| id % 8 != 0).take(200_000).collect();
    let (requests, rounds) = walk_as(&many, 48, hurried());
    assert!(requests <= 83 && rounds <= 4, "{requests} requests in {rounds} rounds");
    let random: BTreeSet<u64> =
        (1..114_000_u64).filter(|id| id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 61 != 0).collect();
    let (requests, rounds) = walk_as(&random, 48, hurried());
    assert!(requests <= 60 && rounds <= 4, "{requests} requests in {rounds} rounds");
}

#[test]
fn a_hurried_list_is_as_complete_when_its_keys_are_uneven() {
    let rising: BTreeSet<u64> = (1..=20_000_u64).map(|n| n * n / 100 + n).collect();
    let (requests, _) = walk_as(&rising, 48, hurried());
    assert!(requests <= 100, "{requests} requests");
    let gap: BTreeSet<u64> = (1..=20_000).chain(1_000_000_000_000..1_000_000_020_000).collect();
    let (requests, _) = walk_as(&gap, 48, hurried());
    assert!(requests <= 130, "{requests} requests");
    for count in [0_u64, 1, 49, 50, 51, 100, 1_249, 1_250, 1_251, 2_499, 2_500, 2_501] {
        walk_as(&(1..=count).collect(), 48, hurried());
        walk_as(&(1..=count).map(|id| id * 3 + 1_000_000).collect(), 48, hurried());
    }
}
