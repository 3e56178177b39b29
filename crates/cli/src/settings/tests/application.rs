//! Profiles of applications.

use super::*;

const KEYS: &str = "[profile.app]\nportal = \"acme.bitrix24.ru\"\nclient_id = \"local.1\"\n";
const SECRET: [(&str, &str); 1] = [("B24_CLIENT_SECRET", "verysecret")];

fn opened(file: &str, variables: &[(&str, &str)]) -> Result<Portal, String> {
    settings(file, variables, None).portal().map_err(|failure| in_three_lines(&failure))
}

#[test]
fn an_application_has_its_tokens_in_the_state_folder_of_its_profile() {
    let text =
        format!("{KEYS}oauth_host = \"oauth.bitrix24.tech\"\naccept_host = \"https://New.bitrix24.ru/\"\n");
    let portal = opened(&text, &SECRET).unwrap();
    assert_eq!((portal.name(), portal.access), ("acme.bitrix24.ru", Access::Read));
    assert_eq!(portal.accept_host.as_deref(), Some("new.bitrix24.ru"));
    assert_eq!(portal.entrance.to_string(), "https://acme.bitrix24.ru, application local.1, not logged in");
    let Entrance::Application(installed) = &portal.entrance else { panic!("{portal:?}") };
    assert!(installed.tokens.ends_with("app/tokens.json"), "{}", installed.tokens.display());
    assert_eq!(portal.limiter.parent(), installed.tokens.parent());
    assert!(!format!("{portal:?}").contains("verysecret"));
}

#[test]
fn the_client_secret_comes_from_a_file_beside_the_config_or_from_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, format!("{KEYS}client_secret_file = \"secret.txt\"\n")).unwrap();
    let globals = || Globals { config: Some(path.clone()), ..Globals::default() };
    let open = || Settings::load(&globals(), &environment(&[])).unwrap().portal();
    assert_eq!(open().unwrap_err().code(), "file.access");
    fs::write(folder.path().join("secret.txt"), "verysecret\n").unwrap();
    let portal = open().unwrap();
    assert_eq!(portal.warnings.len(), usize::from(cfg!(unix)), "{:?}", portal.warnings);
    insta::assert_snapshot!(opened(KEYS, &[]).unwrap_err(), @"
    reading the profile `app`
    the client secret of its application is missing
    set B24_CLIENT_SECRET, or client_secret_file in [profile.app]
    ");
}

#[test]
fn an_incomplete_or_mixed_application_is_refused() {
    let cause = |text: &str| opened(text, &SECRET).unwrap_err().lines().nth(1).unwrap().to_owned();
    assert_eq!(cause("[profile.app]\nportal = \"acme.bitrix24.ru\"\n"), "it names no client_id");
    assert_eq!(cause("[profile.app]\nclient_id = \"local.1\"\n"), "it names no portal");
    assert_eq!(cause("[profile.app]\n"), "it names no webhook and no application");
    let mixed = format!("{KEYS}webhook = \"https://acme.bitrix24.ru/rest/1/secretcode/\"\n");
    insta::assert_snapshot!(cause(&mixed), @"it names a webhook and keys of an application (portal, client_id, client_secret_file, oauth_host)");
    for (key, reason) in [
        ("oauth_host = \"http://oauth.bitrix.info\"", "http:// is for portals on this machine only"),
        (
            "accept_host = \"https://new.bitrix24.ru/rest/1/secretcode/\"",
            "the address must end after the host",
        ),
    ] {
        assert_eq!(cause(&format!("{KEYS}{key}\n")), reason);
    }
    let secret = "[profile.app]\nclient_secret = \"verysecret\"\n";
    let text = refused(secret);
    assert!(text.contains("did you mean `client_secret_file`?") && !text.contains("verysecret"), "{text}");
}
