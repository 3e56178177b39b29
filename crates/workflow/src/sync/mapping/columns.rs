//! The columns that a mapping asks of its source.

use super::Mapping;
use super::fields::{FieldSource, FieldTable};
use super::template::Template;

/// A column and the place in the mapping that names it.
pub(super) struct Asked {
    pub(super) place: String,
    pub(super) column: String,
}

impl Mapping {
    /// The columns that the mapping reads, with the places that name them.
    pub(super) fn asked(&self) -> Vec<Asked> {
        let mut asked = vec![Asked { place: "key.column".to_owned(), column: self.key.column.clone() }];
        let mut add = |place: &str, column: &str| {
            asked.push(Asked { place: place.to_owned(), column: column.to_owned() });
        };
        if let Some(contact) = &self.contact {
            contact.phone.as_slice().iter().for_each(|column| add("contact.phone", column));
            let names = [
                ("contact.full_name", &contact.full_name),
                ("contact.last_name", &contact.last_name),
                ("contact.first_name", &contact.first_name),
                ("contact.second_name", &contact.second_name),
            ];
            for (place, column) in names {
                if let Some(column) = column {
                    add(place, column);
                }
            }
        }
        if let Some(column) = self.stages.as_ref().and_then(|stages| stages.column.as_deref()) {
            add("stages.column", column);
        }
        for column in self.comment.iter().flat_map(|comment| of_template(&comment.template)) {
            add("comment.template", &column);
        }
        of_table("deal.fields", &self.deal.fields, &mut add);
        if let Some(contact) = &self.contact {
            of_table("contact.fields", &contact.fields, &mut add);
        }
        asked
    }

    /// The columns that the mapping reads, each once, in the order of the file's tables.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        for asked in self.asked() {
            if !columns.contains(&asked.column) {
                columns.push(asked.column);
            }
        }
        columns
    }
}

fn of_table(table: &str, fields: &FieldTable, add: &mut impl FnMut(&str, &str)) {
    for entry in fields.iter() {
        let place = format!("{table}.{}", entry.field);
        match &entry.settings.source {
            FieldSource::Column(column) => add(&place, column),
            FieldSource::Template(text) => of_template(text).iter().for_each(|column| add(&place, column)),
            FieldSource::Constant(_) => {}
        }
    }
}

/// The columns of a template; none of one that cannot be read, which is said elsewhere.
fn of_template(text: &str) -> Vec<String> {
    let template = Template::parse(text);
    template.map(|template| template.columns().into_iter().map(str::to_owned).collect()).unwrap_or_default()
}
