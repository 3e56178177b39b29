use super::*;

fn rendered(template: &str, columns: &[(&str, &str)]) -> String {
    let value = |name: &str| columns.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    Template::parse(template).unwrap().render(&value)
}

#[test]
fn a_part_and_a_line_are_left_out_when_all_their_columns_are_empty() {
    let template = "Приём {Start}\nВрач: {Doctor}[ ({Speciality})]\nКомментарий: {Comment}\n--";
    let full = [("Start", "10:00"), ("Doctor", "Попов"), ("Speciality", "хирург"), ("Comment", "")];
    assert_eq!(rendered(template, &full), "Приём 10:00\nВрач: Попов (хирург)\n--");
    let less = [("Start", "10:00"), ("Doctor", "Попов"), ("Speciality", " "), ("Comment", "ждёт")];
    assert_eq!(rendered(template, &less), "Приём 10:00\nВрач: Попов\nКомментарий: ждёт\n--");
}

#[test]
fn the_space_beside_an_empty_column_goes_with_it() {
    let name = "{Last} {First} {Second}";
    assert_eq!(rendered(name, &[("Last", "Попов"), ("Second", "Ильич")]), "Попов Ильич");
    assert_eq!(rendered(name, &[("First", "Иван")]), "Иван");
    assert_eq!(rendered("Визит {A}[, {B}[, {C}]] {D}", &[("B", "x"), ("D", "y")]), "Визит , x y");
    assert_eq!(rendered("{A}[, {B}]: {C}", &[("A", "1"), ("C", "3")]), "1: 3");
}

#[test]
fn doubled_characters_are_themselves() {
    assert_eq!(rendered("[[b]]{A}[[/b]] {{x}}", &[("A", "1")]), "[b]1[/b] {x}");
    assert_eq!(rendered("]]{A}", &[("A", "1")]), "]1");
}

#[test]
fn what_cannot_be_read_is_said() {
    let error = |text: &str| Template::parse(text).unwrap_err().to_string();
    insta::assert_snapshot!(
        ["{A", "{}", "[{A}", "a]", "a}", "[b]x[/b]"].map(error).join("\n"),
        @"
    `{` is not closed with `}` on the same line
    `{}` names no column
    `[` is not closed with `]` on the same line
    `]` closes nothing; write it twice for the character itself
    `}` closes nothing; write it twice for the character itself
    the part `[b]` names no column, so that it could never be left out; write `[[` for a bracket
    "
    );
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_its_rendering_holds_no_column(text in "[a-z{}\\[\\] \n]{0,30}") {
        if let Ok(template) = Template::parse(&text) {
            let columns = template.columns().len();
            let rendered = template.render(&|_| Some("§"));
            proptest::prop_assert!(rendered.matches('§').count() == columns);
        }
    }
}
