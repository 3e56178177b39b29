//! What a run may do: read-only unless it says otherwise, loopback writable, refused before anything is sent.

use crate::stage::{Home, SECRET, Stage, done, run};

const ADD: [&str; 4] = ["call", "crm.deal.add", "-p", "fields[TITLE]=Проба"];

#[test]
fn a_write_on_a_read_only_portal_is_refused_before_anything_is_sent() {
    let home = Home::new();
    // Nobody answers under this name: a request would end with another exit code.
    let webhook = format!("https://portal.invalid/rest/1/{SECRET}/");
    let ran = run(home.b24(&ADD).env("B24_WEBHOOK", &webhook));
    assert_eq!(ran.code, 4, "{ran:?}");
    insta::assert_snapshot!(ran.stderr, @"
    error[access.read-only]: calling crm.deal.add on portal.invalid
      why: the access to this portal is read, and this method is not known to only read
      try: if you mean it, allow writing: B24_ACCESS=write
    ");
}

#[test]
fn a_profile_with_access_read_sends_nothing_even_to_a_portal_on_this_machine() {
    let stage = Stage::new();
    let profile = format!("[profile.a]\nwebhook = \"{}\"\naccess = \"read\"\n", stage.sandbox.webhook());
    stage.home.write("config.toml", &profile);
    let ran = run(&mut stage.home.b24(&ADD));
    assert_eq!((ran.code, stage.sandbox.journal().requests), (4, 0), "{ran:?}");
    assert!(ran.stderr.contains("access = \"write\" in [profile.a]"), "{ran:?}");
}

#[test]
fn a_portal_on_this_machine_is_writable() {
    let stage = Stage::new();
    let ran = done(&mut stage.b24(&ADD));
    let id = ran.stdout.trim();
    let ran = done(&mut stage.b24(&["call", "crm.deal.get", "--json", "-p", &format!("id={id}")]));
    assert_eq!(ran.json()["result"]["TITLE"], "Проба");
}

#[test]
fn the_environment_narrows_a_portal_on_this_machine() {
    let stage = Stage::new();
    let ran = run(stage.b24(&ADD).env("B24_ACCESS", "read"));
    assert_eq!((ran.code, stage.sandbox.journal().requests), (4, 0), "{ran:?}");
    assert!(ran.stderr.contains("allow writing: B24_ACCESS=write\n"), "{ran:?}");
    let (narrowed, read) = ("allow writing: unset B24_ACCESS, which says read", "[profile.a]");
    for (access, both) in [("write", false), ("read", true)] {
        let profile =
            format!("[profile.a]\nwebhook = \"{}\"\naccess = \"{access}\"\n", stage.sandbox.webhook());
        stage.home.write("config.toml", &profile);
        let ran = run(stage.home.b24(&ADD).env("B24_ACCESS", "read"));
        assert!(ran.stderr.contains(narrowed) && ran.stderr.contains(read) == both, "{ran:?}");
    }
}
