//! `b24 login`: lets an application into the portal. It opens nothing by itself: it prints the address and takes the
//! code that comes back.

use crate::ask;
use crate::code::Code;
use crate::commands::doctor;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;
use crate::settings::Entrance;

const INTRODUCTION: &str =
    "Then paste the address the browser ends at, or the code in it (30 seconds, not echoed):";

/// Exchanges a code for tokens, stores them, then runs doctor.
pub(super) async fn run(context: &Context) -> Result<Answer, Failure> {
    let settings = context.settings()?;
    let portal = settings.portal()?;
    let Entrance::Application(installed) = &portal.entrance else {
        return Err(Failure::new(Code::NoApplication, "logging in")
            .because(format!("{} is reached by a webhook, which needs no login", portal.name()))
            .advise("choose a profile with portal and client_id; unset B24_WEBHOOK"));
    };
    context.out.insist("Open this address in a browser as the user whose rights b24 is to have:");
    context.out.insist(installed.application.login_address());
    let given = ask::secret(context, "code", INTRODUCTION)?;
    let code = code_in(given.expose()).ok_or_else(|| {
        Failure::new(Code::LoginGiven, "reading the code of the login")
            .because("what was given is neither a code nor an address with one")
            .advise("copy the address from the browser's address bar, from https:// to its end")
    })?;
    let builder = portal.builder(&settings.file.limits);
    builder.login(code.to_owned().into()).await?;
    context
        .out
        .note(format!("the tokens are stored in {}, readable by you only", installed.tokens.display()));
    doctor::check(context, &portal).await
}

/// The code of an address, or a text that is one.
fn code_in(text: &str) -> Option<&str> {
    let code = match text.split_once('?') {
        Some((_, query)) => query.split(['&', '#']).find_map(|pair| pair.strip_prefix("code="))?,
        None => text,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!code.is_empty() && code.chars().all(plain)).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::code_in;

    #[test]
    fn a_code_is_found_in_an_address_and_taken_as_it_is() {
        assert_eq!(code_in("abc123"), Some("abc123"));
        assert_eq!(
            code_in("https://app.example/?state=&code=abc123&domain=acme.bitrix24.ru"),
            Some("abc123")
        );
        assert_eq!(code_in("https://app.example/?code=abc123#top"), Some("abc123"));
        for nothing in ["", "https://app.example/", "https://app.example/?error=access_denied", "a b"] {
            assert_eq!(code_in(nothing), None, "{nothing}");
        }
    }
}
