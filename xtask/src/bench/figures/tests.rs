use super::super::scenario::Bars;
use super::*;

fn scenario(bars: Bars, peers: &[&str]) -> Scenario {
    Scenario {
        name: "register-1k".to_owned(),
        title: "small register".to_owned(),
        sandbox: Vec::new(),
        program: None,
        package: "cli".to_owned(),
        arguments: Vec::new(),
        against: None,
        client: Vec::new(),
        raw: None,
        visits: None,
        peer: None,
        peer_invoices: None,
        caller: None,
        rivals: peers.iter().map(|name| (*name).to_owned()).collect(),
        repeat: 1,
        rows: None,
        config: toml::Table::new(),
        bars,
    }
}

fn memory(client_peak_mb: u64) -> Scenario {
    scenario(Bars { client_peak_mb: Some(client_peak_mb), ..Bars::default() }, &[])
}

fn run(wall_seconds: f64, client_peak_bytes: Option<u64>) -> Run {
    Run { wall_seconds, client_peak_bytes, requests: 82, commands: 600, ..Run::default() }
}

fn figures(client_peak_bytes: Option<u64>) -> Figures {
    Figures::of(&[run(1.5, client_peak_bytes)], Vec::new()).unwrap()
}

fn rival(name: &str, seconds: Option<f64>) -> Rival {
    let name = name.to_owned();
    Rival { name, seconds, ordered: false, peak_bytes: Some(92_000_000), requests: 41, rejected: 3 }
}

#[test]
fn the_table_shows_figures_beside_bars() {
    insta::assert_snapshot!(figures(Some(41_000_001)).table(&memory(300)), @"
    register-1k: small register
      figure                                   measured        bar  kept
      wall time, s                                 1.50          -
      slowest run, s                               1.50          -
      client peak, MB                                42      ≤ 300  yes
      sandbox peak, MB                     not measured          -
      HTTP requests                                  82          -
      commands                                      600          -
      refused by the limit                            0          -
    ");
}

#[test]
fn the_middle_time_counts_beside_peers_and_the_slowest_beside_the_limit() {
    let rivals = vec![rival("a", Some(3.0)), rival("a", None), rival("b", Some(5.0))];
    let runs = [run(1.0, None), run(18.0, None), run(1.4, None)];
    let bars = Bars {
        over_limit: Some(1.05),
        of_fastest_rival: Some(0.5),
        of_rival: [("b".to_owned(), 0.2)].into(),
        ..Bars::default()
    };
    let scenario = scenario(bars, &["a", "b"]);
    let figures = Figures::of(&runs, rivals).unwrap();
    assert!(figures.misses(&scenario));
    insta::assert_snapshot!(figures.table(&scenario), @"
    register-1k: small register
      figure                                   measured        bar  kept
      wall time, s                                 1.40          -
      slowest run, s                              18.00    ≤ 17.80  NO
      part of the fastest rival's time             0.47     ≤ 0.50  yes
      part of b's time                             0.28     ≤ 0.20  NO
      client peak, MB                      not measured          -
      sandbox peak, MB                     not measured          -
      HTTP requests                                  82          -
      commands                                      600          -
      refused by the limit                            0          -
      rival a: 3.00 s, 92 MB, 41 requests, 3 refused, not in order, 1 of 2 runs failed
      rival b: 5.00 s, 92 MB, 41 requests, 3 refused, not in order, 0 of 1 runs failed
    ");
}

#[test]
fn one_byte_over_the_bar_misses_it() {
    assert!(!figures(Some(300_000_000)).misses(&memory(300)));
    assert!(figures(Some(300_000_001)).misses(&memory(300)));
}

#[test]
fn what_was_not_measured_misses_no_bar() {
    assert!(!figures(None).misses(&memory(300)));
}

#[test]
fn bars_with_a_fraction_are_kept_or_missed() {
    let bars = Bars { times_the_peer: Some(8.0), peer_size: Some(1.25), ..Bars::default() };
    let scenario = scenario(bars, &[]);
    let run =
        Run { peer_seconds: Some(13.5), file_bytes: Some(130), peer_bytes: Some(100), ..run(1.5, None) };
    let figures = Figures::of(&[run], Vec::new()).unwrap();
    assert!(figures.misses(&scenario));
    let lines: Vec<String> = figures.ratios(&scenario).iter().map(Ratio::to_line).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
      × as fast as the peer                        9.00        ≥ 8  yes
      × the peer's file                            1.30     ≤ 1.25  NO
    ");
}

#[test]
fn a_program_s_figures_stand_beside_their_bars_and_one_that_is_missing_breaks_none() {
    let bars = Bars {
        least: [("recall".to_owned(), 0.99)].into(),
        most: [("of_peer_p50_ms".to_owned(), 0.1), ("peak_mb".to_owned(), 100.0)].into(),
        ..Bars::default()
    };
    let mut scenario = scenario(bars, &[]);
    scenario.program = Some("memory".to_owned());
    let named = [("recall", 0.98), ("of_peer_p50_ms", 0.05), ("p50_ms", 3.25)];
    let printed = named.map(|(name, figure)| (name.to_owned(), figure)).into();
    let figures = Figures::of(&[Run { printed, ..Run::default() }], Vec::new()).unwrap();
    assert!(figures.misses(&scenario));
    insta::assert_snapshot!(figures.table(&scenario), @"
    register-1k: small register
      figure                                   measured        bar  kept
      p50_ms                                      3.250          -
      recall                                       0.98     ≥ 0.99  NO
      of_peer_p50_ms                               0.05      ≤ 0.1  yes
      peak_mb                              not measured      ≤ 100
    ");
}
