//! The plan against a made-up portal: how many requests lists of different shapes take.

use std::collections::BTreeSet;

use super::*;
use crate::envelope::{Piece, Rows, Shape, Wrapper};

fn wish(look_ahead: u64) -> Wish {
    Wish { low: 0, high: None, expecting: None, limit: None, look_ahead, offsets: false }
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
    let mut plan = Plan::new(wish(look_ahead));
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
