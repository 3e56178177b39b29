//! The law of lists: a row that matches throughout the read comes exactly once and in order, or there is an error.

use std::collections::BTreeSet;

use b24_client::{Error, List, Params};
use futures::StreamExt as _;
use proptest::prelude::*;

use crate::portal::Portal;
use crate::script::{client, paced};

/// Ids in clusters with gaps between them.
fn ids() -> impl Strategy<Value = BTreeSet<u64>> {
    let cluster = (1_u64..200_000, 1_usize..900, 1_u64..40);
    prop::collection::vec(cluster, 0..6).prop_map(|clusters| {
        clusters
            .into_iter()
            .flat_map(|(first, length, step)| (0..length as u64).map(move |n| first + n * step))
            .collect()
    })
}

fn read(portal: Portal, list: List<()>) -> (Vec<u64>, Option<Error>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut pages = Box::pin(paced(portal.script()).pages(list));
        let (mut keys, mut failure) = (Vec::new(), None);
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => keys.extend(page.rows().map(id_of)),
                Err(error) => failure = Some(error),
            }
        }
        (keys, failure)
    })
}

fn id_of(row: &str) -> u64 {
    let row: serde_json::Value = serde_json::from_str(row).unwrap();
    row["ID"].as_str().unwrap().parse().unwrap()
}

fn deals() -> List<()> {
    List::new("crm.deal.list", Params::new())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_quiet_portal_gives_every_row_once_and_in_order(ids in ids(), look_ahead in prop::sample::select(vec![0_u64, 50_000, 16_000_000]), hurried: bool) {
        let expected: Vec<u64> = ids.iter().copied().collect();
        let list = deals().look_ahead(look_ahead);
        let (keys, failure) = read(Portal::of(ids), if hurried { list.hurried() } else { list });
        prop_assert!(failure.is_none(), "{failure:?}");
        prop_assert_eq!(keys, expected);
    }

    #[test]
    fn rows_that_stay_come_once_and_in_order_whatever_else_comes_and_goes_p21(
        ids in ids(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 1_u64..400_000), 1..60),
        every in 1_u64..20,
        hurried: bool,
    ) {
        let all: Vec<u64> = ids.iter().copied().collect();
        let doomed: Vec<u64> = changes
            .iter()
            .filter(|_| !all.is_empty())
            .map(|(index, _)| *index.get(&all))
            .collect();
        let stays: Vec<u64> = all.iter().copied().filter(|id| !doomed.contains(id)).collect();
        let born: Vec<u64> = changes.iter().map(|(_, id)| *id).collect();
        let known: BTreeSet<u64> = all.iter().chain(&born).copied().collect();
        let portal = Portal::of(ids).changing(move |number, rows| {
            if number.is_multiple_of(every) {
                let at = usize::try_from(number / every).unwrap() - 1;
                if let Some(id) = doomed.get(at) {
                    rows.remove(id);
                }
                if let Some(id) = born.get(at) {
                    rows.entry(*id).or_insert_with(|| "new".to_owned());
                }
            }
        });
        let (keys, failure) = read(portal, if hurried { deals().hurried() } else { deals() });
        prop_assert!(failure.is_none(), "{failure:?}");
        prop_assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "in order, none twice");
        prop_assert!(keys.iter().all(|key| known.contains(key)));
        let given: BTreeSet<u64> = keys.into_iter().collect();
        prop_assert!(stays.iter().all(|id| given.contains(id)), "none is missing");
    }

    #[test]
    fn counted_offsets_give_every_row_or_an_error_p21(
        ids in prop::collection::btree_set(1_u64..5_000, 0..1_200),
        at in 1_u64..30,
        deletes in any::<bool>(),
    ) {
        let all: Vec<u64> = ids.iter().copied().collect();
        let portal = Portal::of(ids).changing(move |number, rows| {
            if number == at && deletes {
                rows.pop_first();
            } else if number == at {
                rows.insert(100_000, "new".to_owned());
            }
        });
        let order = Params::new().set("order", Params::new().set("ID", "DESC"));
        let (mut keys, failure) = read(portal, List::new("crm.deal.list", order));
        if failure.is_none() {
            keys.sort_unstable();
            keys.dedup();
            let missing = all.iter().filter(|id| !keys.contains(id)).count();
            prop_assert!(missing <= usize::from(deletes), "only the row that was deleted may be missing");
        }
    }

    #[test]
    fn a_limit_is_kept_and_takes_no_page_too_many_p28(rows in 0_u64..3_000, limit in 0_u64..3_000) {
        let portal = Portal::of(1..=rows);
        let script = portal.script();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let given = runtime.block_on(async {
            let pages = client(script.clone()).pages(deals().limit(limit));
            pages.map(|page| page.unwrap().len() as u64).collect::<Vec<_>>().await
        });
        prop_assert_eq!(given.iter().sum::<u64>(), limit.min(rows));
        let asked: usize = script.requests().iter().map(|request| crate::script::commands(request).len()).sum();
        prop_assert!(asked as u64 <= limit.div_ceil(50));
    }
}
