//! Precedence, unknown keys, portals and access.

mod application;

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::*;

const FILE: &str = r#"
[profile.acme]
webhook = "https://acme.bitrix24.ru/rest/1/secretcode/"
access = "write"

[profile.local]
webhook = "http://127.0.0.1:8024/rest/1/sandbox/"
ca_file = "ca.pem"
"#;

fn environment(variables: &[(&str, &str)]) -> Environment {
    let look_up = |name: &str| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
    };
    Environment::from_lookup(look_up).unwrap()
}

/// Settings from a config file with this text, these variables, and perhaps `--profile`.
fn settings(file: &str, variables: &[(&str, &str)], profile: Option<&str>) -> Settings {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    owner_only::write(&path, file).unwrap();
    let globals = Globals { config: Some(path), profile: profile.map(str::to_owned), ..Globals::default() };
    Settings::load(&globals, &environment(variables)).unwrap()
}

fn in_three_lines(failure: &Failure) -> String {
    let lines = [Some(failure.attempted()), failure.cause(), failure.advice()];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn refused(text: &str) -> String {
    let failure = ConfigFile::parse(text, Path::new("config.toml")).unwrap_err();
    format!("{}\n{}", failure.code(), in_three_lines(&failure))
}

#[test]
fn an_unknown_key_is_refused_with_file_line_key_and_suggestion() {
    insta::assert_snapshot!(refused("[limits]\nplan = \"standard\"\n\n[profile.acme]\nwehbook = \"x\"\n"), @"
    settings.unknown-key
    reading the config file config.toml
    line 5: unknown key `wehbook` in [profile.acme]
    did you mean `webhook`?
    ");
    insta::assert_snapshot!(refused("colour = true\n"), @"
    settings.unknown-key
    reading the config file config.toml
    line 1: unknown key `colour`
    known keys here: profile, limits, report, index, embedder
    ");
}

#[test]
fn an_unknown_column_is_refused_with_a_suggestion() {
    let told = refused("[report]\ncolumns = [\"number\", \"groos\"]\n");
    assert!(told.contains("the register has no column `groos`"), "{told}");
    assert!(told.contains("did you mean `gross`?"), "{told}");
}

#[test]
fn a_wrong_value_names_line_and_key_and_never_shows_the_secret() {
    insta::assert_snapshot!(refused("[profile.a]\naccess = \"https://a.ru/rest/1/secretcode/\"\n"), @"
    settings.value
    reading the config file config.toml
    line 2: key `access`: unknown variant `https://a.ru/rest/1/***/`, expected `read` or `write`
    correct the line; docs/cli.md lists the keys
    ");
    insta::assert_snapshot!(refused("[profile.a]\nwebhook = https://a.ru/rest/1/secretcode/\n"), @"
    settings.value
    reading the config file config.toml
    line 2: key `webhook`: string values must be quoted, expected literal string
    correct the line; docs/cli.md lists the keys
    ");
    insta::assert_snapshot!(refused("[limits]\nrate = -1.0\n"), @"
    settings.value
    reading the config file config.toml
    line 2: key `rate`: must be zero or more
    correct the line; docs/cli.md lists the keys
    ");
}

#[test]
fn flag_comes_before_environment_before_file() {
    let variables = [("B24_PROFILE", "acme")];
    assert_eq!(
        settings(FILE, &variables, Some("local")).portal().unwrap().entrance.portal().host(),
        "127.0.0.1"
    );
    assert_eq!(
        settings(FILE, &variables, None).portal().unwrap().entrance.portal().host(),
        "acme.bitrix24.ru"
    );
    let variables = [("B24_WEBHOOK", "https://other.bitrix24.ru/rest/1/x/")];
    assert_eq!(
        settings(FILE, &variables, None).portal().unwrap().entrance.portal().host(),
        "other.bitrix24.ru"
    );
}

#[test]
fn paths_of_the_environment_are_used_unless_a_flag_says_otherwise() {
    let environment = environment(&[("B24_CONFIG", "/from/environment.toml")]);
    let places = Places::resolve(&Globals::default(), &environment).unwrap();
    assert_eq!(places.config, Path::new("/from/environment.toml"));
    let globals = Globals {
        config: Some("/from/flag.toml".into()),
        state_dir: Some("/state".into()),
        ..Globals::default()
    };
    let places = Places::resolve(&globals, &environment).unwrap();
    assert_eq!(
        (places.config.as_path(), places.state.as_path()),
        (Path::new("/from/flag.toml"), Path::new("/state"))
    );
}

#[test]
fn a_profile_is_read_only_unless_it_says_write_and_loopback_is_writable() {
    let access =
        |file: &str, variables: &[(&str, &str)]| settings(file, variables, None).portal().unwrap().access;
    let real = "[profile.a]\nwebhook = \"https://a.ru/rest/1/x/\"\n";
    let local = "[profile.a]\nwebhook = \"http://localhost:8024/rest/1/x/\"\n";
    assert_eq!(access(real, &[]), Access::Read);
    assert_eq!(access(&format!("{real}access = \"write\"\n"), &[]), Access::Write);
    assert_eq!(access(local, &[]), Access::Write);
    assert_eq!(access(&format!("{local}access = \"read\"\n"), &[]), Access::Read);
    assert_eq!(access(real, &[("B24_ACCESS", "write")]), Access::Read, "the variable is for B24_WEBHOOK");
    assert_eq!(access(&format!("{real}access = \"write\"\n"), &[("B24_ACCESS", "read")]), Access::Read);
    let webhook = ("B24_WEBHOOK", "https://a.ru/rest/1/x/");
    assert_eq!(access("", &[webhook]), Access::Read);
    assert_eq!(access("", &[webhook, ("B24_ACCESS", "write")]), Access::Write);
}

#[test]
fn a_webhook_of_another_host_than_the_chosen_profile_is_refused() {
    let variables = [("B24_WEBHOOK", "https://other.bitrix24.ru/rest/1/secretcode/")];
    let failure = settings(FILE, &variables, Some("acme")).portal().unwrap_err();
    insta::assert_snapshot!(in_three_lines(&failure), @"
    choosing the portal
    B24_WEBHOOK is for other.bitrix24.ru, profile `acme` for acme.bitrix24.ru
    unset B24_WEBHOOK, or choose no profile
    ");
    let variables = [("B24_WEBHOOK", "https://ACME.bitrix24.ru/rest/7/another/")];
    let portal = settings(FILE, &variables, Some("acme")).portal().unwrap();
    assert_eq!(
        (portal.entrance.to_string().as_str(), portal.access),
        ("https://acme.bitrix24.ru/rest/7/***/", Access::Write),
        "same host: the profile's access holds"
    );
}

#[test]
fn without_a_choice_the_only_or_the_default_profile_is_taken() {
    let failure = settings("", &[], None).portal().unwrap_err();
    assert_eq!(failure.code(), "settings.no-portal");
    let failure = settings(FILE, &[], None).portal().unwrap_err();
    insta::assert_snapshot!(failure.advice().unwrap(), @"choose one with --profile: acme, local");
    let with_default = format!("{FILE}\n[profile.default]\nwebhook = \"https://d.ru/rest/1/x/\"\n");
    assert_eq!(settings(&with_default, &[], None).portal().unwrap().entrance.portal().host(), "d.ru");
    let failure = settings(FILE, &[], Some("acmee")).portal().unwrap_err();
    insta::assert_snapshot!(failure.advice().unwrap(), @"choose one of: acme, local");
}

#[test]
fn relative_paths_of_a_profile_start_at_the_config_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("конфиг с пробелом.toml");
    fs::write(&path, "[profile.a]\nwebhook_file = \"hook.txt\"\nca_file = \"ca.pem\"\n").unwrap();
    fs::write(folder.path().join("hook.txt"), "https://a.ru/rest/1/x/\n").unwrap();
    let globals = Globals { config: Some(path), ..Globals::default() };
    let portal = Settings::load(&globals, &Environment::default()).unwrap().portal().unwrap();
    assert_eq!(portal.entrance.portal().host(), "a.ru");
    assert_eq!(portal.ca_file.unwrap(), folder.path().join("ca.pem"));
}

#[test]
fn everybody_who_talks_to_a_portal_shares_its_limiter() {
    let limiter = |variables: &[(&str, &str)], profile: Option<&str>| {
        let portal = settings(FILE, variables, profile).portal().unwrap();
        let folder = portal.limiter.parent().unwrap().file_name().unwrap();
        folder.to_string_lossy().into_owned()
    };
    assert_eq!(limiter(&[], Some("acme")), "acme");
    let known = [("B24_WEBHOOK", "https://ACME.bitrix24.ru/rest/7/another/")];
    assert_eq!(limiter(&known, None), "acme", "the same portal has the same limiter");
    let unknown = [("B24_WEBHOOK", "http://127.0.0.1:4711/rest/1/sandbox/")];
    assert_eq!(limiter(&unknown, None), "127.0.0.1%3A4711");
}

#[test]
fn malformed_webhooks_are_refused_without_being_shown() {
    for (text, cause) in [
        ("acme secretcode", "not a web address"),
        (
            "https://a.ru/rest/1/secretcode/crm.deal.list",
            "the path must be /rest/USER-ID/SECRET/, as the portal shows it",
        ),
        ("http://a.ru/rest/1/secretcode/", "http:// would send the secret unprotected to a.ru"),
    ] {
        let failure = parse_webhook(&SecretText::from(text.to_owned()), "B24_WEBHOOK").unwrap_err();
        assert_eq!(failure.cause().unwrap(), cause);
        assert!(!in_three_lines(&failure).contains("secretcode"), "{failure:?}");
    }
}

#[test]
fn the_secret_is_in_no_debug_output() {
    let settings = settings(FILE, &[("B24_WEBHOOK", "https://acme.bitrix24.ru/rest/1/secretcode/")], None);
    let portal = settings.portal().unwrap();
    assert!(!format!("{settings:?} {portal:?}").contains("secretcode"));
}

#[cfg(unix)]
#[test]
fn files_are_owner_only_from_the_first_write_and_open_ones_are_warned_about() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("config.toml");
    owner_only::write(&path, FILE).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));

    let globals =
        Globals { config: Some(path.clone()), profile: Some("acme".to_owned()), ..Globals::default() };
    let warnings =
        |globals| Settings::load(globals, &Environment::default()).unwrap().portal().unwrap().warnings;
    assert!(warnings(&globals).is_empty());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(warnings(&globals).len(), 1);
}

#[test]
fn access_other_than_read_and_write_is_refused() {
    let look_up = |name: &str| (name == "B24_ACCESS").then(|| OsString::from("rw"));
    assert_eq!(Environment::from_lookup(look_up).unwrap_err().code(), "settings.access");
}
