//! Puts a profile into the text of a config file and leaves everything else as it is, comments included.

/// Keys that say where a portal is and what opens it.
const ENTRANCE: [&str; 6] =
    ["webhook", "webhook_file", "portal", "client_id", "client_secret_file", "oauth_host"];

/// The text with `[profile.NAME]` entered by this webhook; the other keys of a profile that is there already stay.
pub(super) fn with_profile(text: &str, name: &str, webhook: &str) -> String {
    let address = format!("webhook = {}\n", toml::Value::from(webhook));
    let mut edited = String::with_capacity(text.len() + address.len());
    let (mut inside, mut found) = (false, false);
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('[') {
            inside = is_header_of(line, name);
            edited.push_str(line);
            if inside {
                found = true;
                end_line(&mut edited);
                edited.push_str(&address);
            }
        } else if !(inside && is_entrance(line)) {
            edited.push_str(line);
        }
    }
    if !found {
        end_line(&mut edited);
        if !edited.is_empty() && !edited.ends_with("\n\n") {
            edited.push('\n');
        }
        edited.extend(["[profile.", &key(name), "]\n", &address]);
    }
    edited
}

fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

fn is_entrance(line: &str) -> bool {
    let key = line.split_once('=').map(|(key, _)| key.trim().trim_matches(['"', '\'']));
    key.is_some_and(|key| ENTRANCE.contains(&key))
}

fn is_header_of(line: &str, name: &str) -> bool {
    let header = line.split('#').next().unwrap_or_default().trim();
    let Some(path) = header.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else { return false };
    let Some((table, profile)) = path.split_once('.') else { return false };
    table.trim() == "profile"
        && [key(name), name.to_owned(), format!("'{name}'")].iter().any(|k| k == profile.trim())
}

/// A bare key where TOML allows one, a quoted one otherwise.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if bare { name.to_owned() } else { toml::Value::from(name).to_string() }
}

#[cfg(test)]
mod tests {
    use super::with_profile;

    #[test]
    fn a_profile_is_appended_and_the_rest_stays() {
        let text = "# mine\n[limits]\nplan = \"enterprise\" # ours";
        insta::assert_snapshot!(with_profile(text, "acme", "https://a.ru/rest/1/x/"), @r#"
        # mine
        [limits]
        plan = "enterprise" # ours

        [profile.acme]
        webhook = "https://a.ru/rest/1/x/"
        "#);
    }

    #[test]
    fn only_the_address_of_a_profile_is_replaced() {
        let text = "[profile.a] # ours\nca_file = \"ca.pem\"\nwebhook = \"old\"\naccess = \"read\"\n\n\
                    [profile.b]\nwebhook = \"other\"\n";
        insta::assert_snapshot!(with_profile(text, "a", "new"), @r#"
        [profile.a] # ours
        webhook = "new"
        ca_file = "ca.pem"
        access = "read"

        [profile.b]
        webhook = "other"
        "#);
        let application = "[profile.a]\nportal = \"a.ru\"\nclient_id = \"app\"\nclient_secret_file = \"s\"\naccess = \"write\"";
        assert_eq!(
            with_profile(application, "a", "new"),
            "[profile.a]\nwebhook = \"new\"\naccess = \"write\""
        );
        assert_eq!(with_profile("[profile.a]", "a", "new"), "[profile.a]\nwebhook = \"new\"\n");
    }

    #[test]
    fn names_that_are_no_bare_keys_are_quoted() {
        let text = with_profile("", "наш портал", "w");
        assert_eq!(text, "[profile.\"наш портал\"]\nwebhook = \"w\"\n");
        assert_eq!(with_profile(&text, "наш портал", "w"), text);
    }
}
