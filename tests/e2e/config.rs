//! `b24 config`.

use crate::stage::{Home, SECRET, Stage, done, run};

#[test]
fn init_reads_the_webhook_from_stdin_stores_it_and_runs_doctor() {
    let stage = Stage::new();
    let init = |args: &[&str]| {
        let args = [&["config", "init"], args].concat();
        run(stage.home.b24(&args).write_stdin(stage.sandbox.webhook()))
    };
    let ran = init(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("companies"), "doctor ran: {ran:?}");
    done(&mut stage.home.b24(&["call", "profile"]));

    let ran = init(&[]);
    assert_eq!(ran.code, 4, "{ran:?}");
    insta::assert_snapshot!(ran.stderr.replace(&stage.home.config().display().to_string(), "CONFIG"), @"
    error[settings.profile-exists]: creating the profile `default`
      why: CONFIG has it already
      try: add --force to replace it, or choose another name with --profile NAME
    ");
    assert_eq!(init(&["--force"]).code, 0);
    assert_eq!(init(&["--profile", "second"]).code, 0);
    let text = std::fs::read_to_string(stage.home.config()).unwrap();
    assert_eq!(text.matches("[profile.").count(), 2, "{text}");
}

#[cfg(unix)]
#[test]
fn init_writes_owner_only_below_a_folder_of_its_own() {
    use std::os::unix::fs::PermissionsExt as _;

    let stage = Stage::new();
    let mut command = stage.home.b24(&["config", "init"]);
    command.env_remove("B24_CONFIG").env("XDG_CONFIG_HOME", stage.home.path().join("xdg"));
    assert_eq!(run(command.write_stdin(stage.sandbox.webhook())).code, 0);
    let folder = stage.home.path().join("xdg").join("b24");
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(folder.clone()), mode(folder.join("config.toml"))), (0o700, 0o600));
}

#[test]
fn init_stores_no_malformed_webhook() {
    let home = Home::new();
    let ran = run(home.b24(&["config", "init"]).write_stdin(format!("https://acme.bitrix24.ru/{SECRET}")));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(!home.config().exists());
}

#[test]
fn show_masks_the_secret_and_says_what_is_in_use() {
    let home = Home::new();
    let text = format!(
        "[profile.acme]\nwebhook = \"https://acme.bitrix24.ru/rest/1/{SECRET}/\"\naccess = \"write\"\n\n\
         [profile.broken]\n\n[limits]\nplan = \"enterprise\"\n"
    );
    let path = home.write("config.toml", &text);
    let ran = done(home.b24(&["config", "show"]).env("B24_PROFILE", "acme"));
    insta::assert_snapshot!(ran.stdout.replace(&path.display().to_string(), "CONFIG"), @"
    config: CONFIG
    in use: https://acme.bitrix24.ru/rest/1/***/, access write
    limits: 5 requests per second, 250 at once

    PROFILE  ACCESS  PORTAL                                  CA FILE
    acme     write   https://acme.bitrix24.ru/rest/1/***/
    broken           it names no webhook and no application
    ");
    let document = done(&mut home.b24(&["config", "show", "--json"])).json();
    assert_eq!(document["data"]["profiles"]["acme"]["webhook"], "https://acme.bitrix24.ru/rest/1/***/");
    assert_eq!(document["data"]["in_use"], serde_json::Value::Null, "two profiles, none chosen");
}

#[test]
fn path_works_with_a_broken_config_file() {
    let home = Home::new();
    home.write("config.toml", "this is no TOML");
    let state = home.path().join("state");
    let ran = done(&mut home.b24(&["config", "path", "--state-dir", state.to_str().unwrap()]));
    let expected = format!("config: {}\nstate:  {}\n", home.config().display(), state.display());
    assert_eq!(ran.stdout, expected);
    assert_eq!(run(&mut home.b24(&["config", "show"])).code, 4);
}

#[test]
fn a_file_with_a_webhook_that_others_can_read_is_warned_about() {
    let stage = Stage::new();
    stage.home.write("config.toml", &format!("[profile.a]\nwebhook = \"{}\"\n", stage.sandbox.webhook()));
    let ran = done(&mut stage.home.b24(&["call", "scope"]));
    assert_eq!(ran.stderr.contains("other users can read it"), cfg!(unix), "{ran:?}");
}
