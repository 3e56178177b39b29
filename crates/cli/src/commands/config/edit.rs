//! Puts a profile into the text of a config file and leaves everything else as it is, comments included.

/// The text with `[profile.NAME]` holding this webhook; a table of this name that is there already is replaced.
pub(super) fn with_profile(text: &str, name: &str, webhook: &str) -> String {
    let mut kept = without_profile(text, name);
    if !kept.is_empty() && !kept.ends_with('\n') {
        kept.push('\n');
    }
    if !kept.is_empty() && !kept.ends_with("\n\n") {
        kept.push('\n');
    }
    format!("{kept}[profile.{}]\nwebhook = {}\n", key(name), toml::Value::from(webhook))
}

fn without_profile(text: &str, name: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('[') {
            inside = is_header_of(line, name);
        }
        if !inside {
            kept.push_str(line);
        }
    }
    kept
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
    fn a_profile_is_replaced_with_all_its_keys() {
        let text = "[profile.a]\nwebhook = \"old\"\naccess = \"write\"\n\n[profile.b]\nwebhook = \"other\"\n";
        insta::assert_snapshot!(with_profile(text, "a", "new"), @r#"
        [profile.b]
        webhook = "other"

        [profile.a]
        webhook = "new"
        "#);
    }

    #[test]
    fn names_that_are_no_bare_keys_are_quoted() {
        let text = with_profile("", "наш портал", "w");
        assert_eq!(text, "[profile.\"наш портал\"]\nwebhook = \"w\"\n");
        assert_eq!(with_profile(&text, "наш портал", "w"), text);
    }
}
