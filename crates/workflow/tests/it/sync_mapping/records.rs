//! Records of a source become wishes, or rejects with reasons.

use proptest::prelude::*;
use workflow::sync::wanted::PersonName;
use workflow::sync::{FieldValue, Reject, ValueKind, Wanted};

use super::fixtures::{MAPPING, facts, format, mapping, record, resolved};

fn wanted(cells: &[(&str, &str)]) -> Wanted {
    resolved().transform(&record(cells)).unwrap()
}

fn value(wanted: &Wanted, title: &str) -> Option<String> {
    let field = wanted.deal.iter().find(|field| field.title == title)?;
    Some(field.value.texts.join(" & "))
}

fn told(reject: &Reject) -> String {
    format!(
        "{} [{}] {}: {}\n  {}",
        reject.code,
        reject.field.as_deref().unwrap_or("-"),
        reject.value.as_deref().unwrap_or("-"),
        reject.message,
        reject.hint
    )
}

fn refused(cells: &[(&str, &str)]) -> String {
    told(&resolved().transform(&record(cells)).unwrap_err())
}

#[test]
fn a_record_becomes_fields_person_stage_and_comment() {
    let wanted = wanted(&[("phone2", "+7 495 111-22-33"), ("doctor", "Орлов")]);
    assert_eq!(wanted.key, "F1_1001");
    assert_eq!(value(&wanted, "Название").unwrap(), "Семёнова Анна Петровна");
    assert_eq!(value(&wanted, "Сумма").unwrap(), "1800.5");
    assert_eq!(value(&wanted, "Начало приёма").unwrap(), "2026-11-02T06:30:00Z");
    assert_eq!(value(&wanted, "Филиал").unwrap(), "45");
    assert_eq!(value(&wanted, "Ответственный").unwrap(), "1");
    let contact = wanted.contact.unwrap();
    assert_eq!(contact.phones, ["+79991234567", "+74951112233"]);
    assert_eq!(
        contact.name,
        PersonName {
            last: "Семёнова".into(), first: "Анна".into(), second: "Петровна".into()
        }
    );
    assert_eq!(contact.fields[0].value, FieldValue::one(ValueKind::Text, "CLIENT"));
    assert_eq!(wanted.stage.as_deref(), Some("NEW"));
    assert_eq!(wanted.comment.as_deref(), Some("Приём 02.11.2026 09:30\nВрач: Орлов"));
    assert_eq!(wanted.warnings, []);
}

#[test]
fn empty_cells_change_nothing_unless_the_policy_says_clear() {
    let wanted = wanted(&[("amount", ""), ("services", "")]);
    assert_eq!(value(&wanted, "Сумма"), None);
    assert_eq!(value(&wanted, "Услуги").unwrap(), "Не указаны");
    assert_eq!(value(&wanted, "Примечание").unwrap(), "");
}

#[test]
fn texts_of_the_source_are_mapped_and_long_lists_are_cut() {
    let wanted = wanted(&[("branch", " цо "), ("services", "Осмотр, Снимок, Пломба, Анестезия")]);
    assert_eq!(value(&wanted, "Филиал").unwrap(), "44");
    assert_eq!(value(&wanted, "Услуги").unwrap(), "Осмотр, Снимок, Пломба…");
}

#[test]
fn a_status_is_read_tolerantly() {
    for status in ["Завершен (счет выдан)", "завершён\u{a0}(счёт выдан )", "ЗАВЕРШЕН(СЧЕТ ВЫДАН)"]
    {
        assert_eq!(wanted(&[("status", status)]).stage.as_deref(), Some("WON"), "{status}");
    }
    assert_eq!(wanted(&[("status", "")]).stage, None);
}

#[test]
fn a_bad_number_is_warned_about_and_the_record_goes_on() {
    let wanted = wanted(&[("phone", "8 999 123-45-6, 8 495 111-22-33")]);
    assert_eq!(wanted.contact.unwrap().phones, ["+74951112233"]);
    insta::assert_snapshot!(told(&wanted.warnings[0]), @"
    sync.phone-invalid [phone] 899***3456: no telephone number: no area or mobile code of +7 begins so
      correct it in the source; the record goes on without this number
    ");
}

#[test]
fn rejects_say_what_is_wrong_and_what_to_do_without_personal_data() {
    let long = "я".repeat(60);
    let told = [
        refused(&[("id", " ")]),
        refused(&[("amount", "много")]),
        refused(&[("start", "31.02.2026 10:00")]),
        refused(&[("branch", "Севрный")]),
        refused(&[("registrar", "Анна Орлова")]),
        refused(&[("status", "Перенесен")]),
        refused(&[("surname", &long)]),
    ];
    insta::assert_snapshot!(told.join("\n"), @"
    sync.key-missing [id] -: the column `id` is empty, and it holds the key
      give the row a key in the source, or leave it out there
    sync.number-unreadable [amount] много: `Сумма`: not an amount or number
      correct it in the source, or set `decimal_mark` of [source]
    sync.date-unreadable [start] 31.02.2026 10:00: `Начало приёма`: not a date with a time
      correct it in the source, or set `date_format` of [source], such as \"dd.mm.yyyy\"
    sync.value-unknown [branch] Севрный: `Филиал`: not one of its values
      did you mean `Северный`? `values` of the mapping says which text is which value
    sync.value-ambiguous [registrar] Анна Орлова: `Ответственный`: more than one of its values
      say in `values` of the mapping which of 2, 3 is meant
    sync.status-unknown [status] Перенесен: the status `Перенесен` is not in [stages.map]
      add it to [stages.map], or set `default` of [stages]
    sync.text-too-long [name] яяя*** (60 characters): 60 characters, and the portal takes 50
      shorten it in the source
    ");
}

#[test]
fn a_record_without_the_column_of_the_key_is_told_so() {
    let text = MAPPING.replace("column = \"id\"", "column = \"ide\"");
    let rules = mapping(&text).resolve(&facts(), &format()).unwrap();
    let reject = rules.transform(&record(&[])).unwrap_err();
    assert_eq!((reject.code.as_str(), reject.hint.as_str()), ("sync.column-missing", "did you mean `id`?"));
}

#[test]
fn digits_that_the_portal_does_not_keep_are_rounded_and_said() {
    let wanted = wanted(&[("amount", "10,005")]);
    assert_eq!(value(&wanted, "Сумма").unwrap(), "10.01");
    assert_eq!(wanted.warnings[0].code, "sync.amount-rounded");
}

proptest! {
    #[test]
    fn the_same_record_gives_the_same_answer(
        amount in "[0-9 ,.-]{0,8}", start in "[0-9.: ]{0,16}", comment in "\\PC{0,20}", phone in "[0-9+ ,;]{0,25}",
    ) {
        let cells = [("amount", &*amount), ("start", &*start), ("comment", &*comment), ("phone", &*phone)];
        let (one, other) = (resolved().transform(&record(&cells)), resolved().transform(&record(&cells)));
        prop_assert_eq!(one, other);
    }
}
