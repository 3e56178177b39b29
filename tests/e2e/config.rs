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
      try: add --force to replace its address, or choose another name with --profile NAME
    ");
    assert_eq!(init(&["--force"]).code, 0);
    assert_eq!(init(&["--profile", "second"]).code, 0);
    let text = std::fs::read_to_string(stage.home.config()).unwrap();
    assert_eq!(text.matches("[profile.").count(), 2, "{text}");
}

#[test]
fn init_forgets_a_webhook_that_the_portal_refuses_and_force_keeps_the_other_keys() {
    let stage = Stage::new();
    let init = |args: &[&str], webhook: &str| {
        run(stage.home.b24(&[&["config", "init"], args].concat()).write_stdin(webhook.to_owned()))
    };
    let right = stage.sandbox.webhook();
    let wrong = right.replace("/sandbox/", "/wrong/");
    let ran = init(&[], &wrong);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stderr.contains("is not stored") && !stage.home.config().exists(), "{ran:?}");
    assert_eq!(init(&[], &right).code, 0, "the next one needs no --force");

    let text = std::fs::read_to_string(stage.home.config()).unwrap() + "access = \"read\"\n";
    std::fs::write(stage.home.config(), &text).unwrap();
    assert_eq!(init(&["--force"], &wrong).code, 4);
    assert_eq!(std::fs::read_to_string(stage.home.config()).unwrap(), text, "as it was");
    assert_eq!(init(&["--force"], &stage.sandbox.webhook_of(2, "restricted")).code, 0);
    let now = std::fs::read_to_string(stage.home.config()).unwrap();
    assert!(now.contains("/rest/2/restricted/") && now.contains("access = \"read\""), "{now}");
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

    INDEX         VALUE                                                                FROM
    embedder      builtin                                                              default
    max_file_mb   64                                                                   default
    chunk_tokens  450                                                                  default
    crm.lead      title, companyTitle, sourceDescription, statusDescription, comments  default
    crm.deal      title, sourceDescription, additionalInfo, comments                   default
    crm.contact   lastName, name, secondName, post, sourceDescription, comments        default
    crm.company   title, comments                                                      default
    crm.invoice   title, accountNumber, comments                                       default
    crm.comments  true                                                                 default
    ");
    let document = done(&mut home.b24(&["config", "show", "--json"])).json();
    assert_eq!(document["data"]["profiles"]["acme"]["webhook"], "https://acme.bitrix24.ru/rest/1/***/");
    assert_eq!(document["data"]["in_use"], serde_json::Value::Null, "two profiles, none chosen");
}

#[test]
fn show_tells_the_queue_s_settings_and_where_each_comes_from() {
    let home = Home::new();
    home.write(
        "config.toml",
        "[index]\nembedder = \"far\"\nmax_file_mb = 8\n[index.crm]\nlead = []\n\
         [embedder.far]\nkind = \"openai\"\nmodel = \"m\"\ndimensions = 16\nprice_per_million = \"0.15\"\n\
         [embedder.half]\nkind = \"ollama\"\n[embedder.own]\nkind = \"gemini\"\nkey_file = \"key.txt\"\n",
    );
    home.write("key.txt", SECRET);
    let show = |args: &[&str]| done(home.b24(args).env("OPENAI_API_KEY", SECRET));
    let ran = show(&["config", "show"]);
    insta::assert_snapshot!(ran.stdout.replace(&home.path().display().to_string(), "HOME"), @"
    config: HOME/config.toml
    in use: no portal
    limits: 2 requests per second, 50 at once

    INDEX         VALUE                                                          FROM
    embedder      far                                                            config file
    max_file_mb   8                                                              config file
    chunk_tokens  450                                                            default
    crm.lead      none                                                           config file
    crm.deal      title, sourceDescription, additionalInfo, comments             default
    crm.contact   lastName, name, secondName, post, sourceDescription, comments  default
    crm.company   title, comments                                                default
    crm.invoice   title, accountNumber, comments                                 default
    crm.comments  true                                                           default

    EMBEDDER far       VALUE                      FROM
    kind               openai                     config file
    model              m                          config file
    url                https://api.openai.com/v1  default
    dimensions         16                         config file
    ask_dimensions     false                      default
    key                ***                        OPENAI_API_KEY
    personal_data      not allowed                default
    document_prefix                               default
    query_prefix                                  default
    max_items          256                        default
    max_item_tokens    8192                       default
    timeout_s          60                         default
    price_per_million  0.15                       config file
    currency           USD                        default

    EMBEDDER half  VALUE              FROM
    problem        it names no model

    EMBEDDER own     VALUE                                             FROM
    kind             gemini                                            config file
    model            gemini-embedding-001                              default
    url              https://generativelanguage.googleapis.com/v1beta  default
    dimensions       768                                               default
    ask_dimensions   false                                             default
    key              ***                                               HOME/key.txt
    personal_data    not allowed                                       default
    document_prefix                                                    default
    query_prefix                                                       default
    max_items        100                                               default
    max_item_tokens  2048                                              default
    timeout_s        60                                                default
    ");
    let data = show(&["config", "show", "--json"]).json()["data"].clone();
    assert_eq!(data["index"]["max_file_mb"], serde_json::json!({ "value": "8", "from": "config file" }));
    assert_eq!(data["embedders"]["far"]["key"]["from"], "OPENAI_API_KEY", "{data}");
    assert_eq!(data["embedders"]["half"]["problem"], "it names no model");
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
