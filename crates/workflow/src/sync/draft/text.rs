//! The words of a draft. They are Russian, as the portals' are.

use std::fmt::Write as _;

use super::Draft;
use super::columns::{Column, Columns, Role, plain};
use crate::sync::facts::{FieldFact, Funnel, PortalFacts, Semantics, Stage};
use crate::sync::value::ValueKind;

/// The title that a key field gets when there is none.
const KEY_TITLE: &str = "Внешний ключ";

/// English names of columns and what fields of the same meaning are called.
const WORDS: [(&str, &str); 12] = [
    ("amount", "сумма"),
    ("total", "сумма"),
    ("currency", "валюта"),
    ("doctor", "врач"),
    ("speciality", "специальность"),
    ("service", "услуг"),
    ("branch", "филиал"),
    ("chair", "кресло"),
    ("start", "начало"),
    ("end", "окончание"),
    ("status", "статус"),
    ("comment", "комментарий"),
];

/// A text as TOML has it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Writes line by line.
struct Writer<'a> {
    text: String,
    decisions: Vec<String>,
    columns: &'a Columns,
    facts: &'a PortalFacts,
}

pub(super) fn write(
    name: &str,
    source: &str,
    notes: &[String],
    columns: &Columns,
    facts: &PortalFacts,
) -> Draft {
    let mut writer = Writer { text: String::new(), decisions: Vec::new(), columns, facts };
    writer.head(name);
    writer.line(source);
    writer.decisions.extend(notes.iter().cloned());
    writer.cursor(source);
    writer.key();
    let used = writer.deal();
    writer.contact();
    writer.stages();
    writer.rest(&used);
    let Writer { text, decisions, .. } = writer;
    let mut list = String::new();
    for decision in &decisions {
        let _always_fits = writeln!(list, "#   - {decision}");
    }
    let head = "# Черновик маппинга: проверьте его, решите оставшееся и запустите `b24 sync check`.\n\
                # Все ключи описаны в docs/sync.md.\n#\n# Осталось решить:\n";
    Draft { text: format!("{head}{list}\n{}\n", text.trim_end()), decisions }
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn decide(&mut self, decision: impl Into<String>) {
        self.decisions.push(decision.into());
    }

    fn head(&mut self, name: &str) {
        self.line("# Как источник зовётся в журнале и в ORIGINATOR_ID созданных контактов.");
        self.line(&format!("name = {}", quoted(name)));
        self.line("");
        self.line("# \"run\": каждая запись запускает роботов и бизнес-процессы портала (могут уйти SMS);");
        self.line("# \"skip\": записи создаются без них, но изменять записи тогда нельзя.");
        self.line("automation = \"skip\"");
        self.line("");
        self.decide("automation: запускать ли роботов портала; пока \"skip\", то есть только создавать");
    }

    /// A cursor is proposed, not set: whether the column tells every change, only its owner knows.
    fn cursor(&mut self, source: &str) {
        let changed = self.columns.of_role(Role::Changed).map(|column| column.name.clone());
        let (false, Some(column)) = (source.contains("[source.cursor]"), changed) else { return };
        self.line(
            "# Читать только изменившееся. Включите, если колонка меняется при каждом изменении строки.",
        );
        self.line("# [source.cursor]");
        self.line(&format!("# column = {}", quoted(&column)));
        self.line("# type = \"time\"\n# overlap = \"15m\"\n");
        self.decide(format!("[source.cursor]: читать ли только изменившееся по колонке «{column}»"));
    }

    fn key(&mut self) {
        let key = self.columns.key();
        let (column, is_key) = (key.name.clone(), self.columns.is_key(key));
        let field = self.key_field();
        self.line("# По ключу сделка узнаётся в следующий раз. Приставка своя у каждого источника.");
        self.line("[key]");
        self.line(&format!("column = {}", quoted(&column)));
        self.line("prefix = \"S1_\"");
        if field.is_none() {
            self.line("# Такого поля у сделок ещё нет. Создайте его (нужно право «Разрешить изменять настройки CRM»):");
            self.line("# CRM → Сделки → откройте любую сделку → «Создать поле» под её полями → «Строка» →");
            self.line(&format!("# название «{KEY_TITLE}», не множественное → «Сохранить»."));
            let clicks = "CRM → Сделки → любая сделка → «Создать поле» → «Строка» → «Сохранить»";
            self.decide(format!(
                "[key] field: у сделок нет поля для ключа; создайте «{KEY_TITLE}»: {clicks}"
            ));
        }
        let field = field.unwrap_or_else(|| KEY_TITLE.to_owned());
        self.line(&format!("field = {}\n", quoted(&field)));
        self.decide("[key] prefix: приставка ключей, своя у каждого источника");
        if !is_key {
            self.decide(format!("[key] column: в колонке «{column}» не все значения есть или не все разные"));
        }
    }

    fn key_field(&self) -> Option<String> {
        let fits = |field: &&FieldFact| {
            let title = plain(&field.title);
            let told = ["внешнийключ", "внешнийid", "externalkey", "externalid", "ident"];
            let is_told = told.iter().any(|word| title.contains(word)) || field.original.contains("EXTERNAL");
            field.user_made && field.kind == "string" && !field.multiple && !field.read_only && is_told
        };
        self.facts.deal.iter().find(fits).map(|field| self.reference(field))
    }

    /// The title of a field, or its code where two have the title.
    fn reference(&self, field: &FieldFact) -> String {
        let same = self.facts.deal.iter().filter(|other| other.title == field.title).count();
        if same == 1 && !field.title.is_empty() { field.title.clone() } else { field.original.clone() }
    }

    /// The deal's table; gives the columns that are used.
    fn deal(&mut self) -> Vec<String> {
        let funnel = self.funnel().map(|funnel| quoted(&funnel.name));
        self.line("[deal]");
        if let Some(funnel) = funnel {
            let others: Vec<String> =
                self.facts.funnels.iter().map(|funnel| format!("«{}»", funnel.name)).collect();
            self.line(&format!("# Воронки портала: {}.", others.join(", ")));
            self.line(&format!("funnel = {funnel}"));
            if others.len() > 1 {
                self.decide("[deal] funnel: в какой воронке создавать сделки");
            }
        }
        self.line(
            "closed = \"skip\"   # закрытую сделку не трогать; ещё \"new-same-key\", \"new-suffixed-key\"\n",
        );
        self.line("# Поле портала = колонка, шаблон с {колонками} или таблица: { column = \"…\", policy = \"if-empty\" }.");
        self.line("[deal.fields]");
        let title = self.facts.deal.iter().find(|field| field.original == "TITLE");
        let title = title.map_or_else(|| "TITLE".to_owned(), |field| self.reference(field));
        self.line(&format!("{} = {}", quoted(&title), quoted(&self.title())));
        let (columns, mut taken, mut used) = (self.columns, vec![title], Vec::new());
        for column in columns.iter().filter(|column| column.name != columns.key().name) {
            let Some(field) = self.field_for(column).filter(|field| !taken.contains(field)) else { continue };
            self.line(&format!("{} = {}", quoted(&field), quoted(&column.name)));
            taken.push(field);
            used.push(column.name.clone());
        }
        let facts = self.facts;
        for field in facts.deal.iter().filter(|field| field.required && field.user_made && !field.read_only) {
            let reference = self.reference(field);
            if !taken.contains(&reference) && self.key_field().as_ref() != Some(&reference) {
                self.line(&format!("# {} = \"…\"   # обязательное поле портала", quoted(&reference)));
                self.decide(format!("[deal.fields]: чем заполнять обязательное поле «{reference}»"));
            }
        }
        self.line("");
        used
    }

    fn title(&self) -> String {
        let name = |role| self.columns.of_role(role).map(|column| format!("{{{}}}", column.name));
        match (name(Role::LastName), name(Role::FirstName), name(Role::FullName)) {
            (Some(last), Some(first), _) => format!("{last} {first}"),
            (_, _, Some(full)) => full,
            _ => format!("№ {{{}}}", self.columns.key().name),
        }
    }

    /// The field that is called like a column and can hold its values.
    fn field_for(&self, column: &Column) -> Option<String> {
        let own = column.plain();
        let translated = WORDS.iter().find(|(word, _)| own.starts_with(word)).map(|(_, word)| *word);
        let writable = |field: &&FieldFact| {
            !field.read_only && field.original != "TITLE" && field.original != "STAGE_ID"
        };
        let equal = |field: &&FieldFact| plain(&field.title) == own || plain(&field.original) == own;
        let alike = |field: &&FieldFact| translated.is_some_and(|word| plain(&field.title).starts_with(word));
        let fields = || self.facts.deal.iter().filter(writable);
        let made = || fields().filter(|field| field.user_made);
        let found = fields().find(equal).or_else(|| made().find(alike)).or_else(|| fields().find(alike))?;
        let kind = match found.kind.as_str() {
            "integer" => ValueKind::Integer,
            "double" | "money" => ValueKind::Decimal,
            "date" => ValueKind::Date,
            "datetime" => ValueKind::Instant,
            "boolean" | "char" => ValueKind::Flag,
            _ => ValueKind::Text,
        };
        let is_choice = |value: &&str| found.choices.iter().any(|choice| plain(&choice.text) == plain(value));
        let fits = found.choices.is_empty() || column.distinct().iter().all(is_choice);
        (fits && self.columns.fits(column, kind)).then(|| self.reference(found))
    }

    fn contact(&mut self) {
        let name = |role| self.columns.of_role(role).map(|column| quoted(&column.name));
        let Some(phone) = name(Role::Phone) else {
            self.line("# Колонки с телефоном не нашлось, поэтому контакты не создаются. С ней:");
            self.line("# [contact]\n# phone = \"…\"\n# full_name = \"…\"\n");
            self.decide("[contact]: в какой колонке телефон; без неё сделки будут без контактов");
            return;
        };
        self.line("# Человек узнаётся по телефону и имени: у семьи телефон бывает один. \"phone\": только по телефону.");
        self.line("[contact]\nmatch = \"phone-and-name\"");
        self.line(&format!("phone = {phone}"));
        match (name(Role::LastName), name(Role::FirstName), name(Role::FullName)) {
            (Some(last), Some(first), _) => {
                self.line(&format!("last_name = {last}\nfirst_name = {first}"));
                if let Some(second) = name(Role::SecondName) {
                    self.line(&format!("second_name = {second}"));
                }
            }
            (_, _, Some(full)) => self.line(&format!("full_name = {full}")),
            _ => {
                self.line("# full_name = \"…\"");
                self.decide("[contact]: в какой колонке имя");
            }
        }
        self.line("\n# Открытый лид с тем же телефоном: созданная сделка берёт у него источник (source = false — не брать).");
        self.line("# [leads]\n# field = \"…\"    # поле сделки для номера лида\n# status = \"…\"   # статус, который получит лид\n");
        self.decide("[contact] match: узнавать ли человека по телефону и имени или только по телефону");
    }

    /// The funnel whose stages are called most like the statuses.
    fn funnel(&self) -> Option<&Funnel> {
        let statuses = self.statuses();
        let alike = |funnel: &&Funnel| {
            funnel
                .stages
                .iter()
                .filter(|stage| statuses.iter().any(|status| plain(status) == plain(&stage.name)))
                .count()
        };
        // Of equals the first.
        self.facts.funnels.iter().rev().max_by_key(alike)
    }

    fn statuses(&self) -> Vec<&str> {
        self.columns.of_role(Role::Status).map(Column::distinct).unwrap_or_default()
    }

    fn stages(&mut self) {
        let column = self.columns.of_role(Role::Status).map(|column| quoted(&column.name));
        let Some(funnel) = self.funnel() else { return };
        let name = |stage: &Stage| {
            let same = funnel.stages.iter().filter(|other| other.name == stage.name).count();
            quoted(if same == 1 { &stage.name } else { &stage.id })
        };
        let of = |open: bool| -> Vec<String> {
            funnel
                .stages
                .iter()
                .filter(|stage| (stage.semantics == Semantics::Open) == open)
                .map(name)
                .collect()
        };
        let (open, closed) = (of(true), of(false));
        let mut lines = String::from(
            "# Стадия ставится при создании сделки; update = true двигает её и потом.\n[stages]\n",
        );
        let told = |status: &str| funnel.stages.iter().find(|stage| plain(&stage.name) == plain(status));
        // A table of stages without a stage would be refused: it waits for the first one.
        let waits = if self.statuses().into_iter().any(|status| told(status).is_some()) { "" } else { "# " };
        if let Some(column) = &column {
            let _always_fits = writeln!(lines, "{waits}column = {column}");
        }
        if let Some(first) = open.first() {
            let _always_fits = writeln!(lines, "default = {first}");
        }
        let _always_fits = writeln!(
            lines,
            "update = false\n# В этих стадиях сделку не трогать вовсе.\nfinal = [{}]",
            closed.join(", ")
        );
        let _always_fits = writeln!(
            lines,
            "# В этих менять поля, но не стадию. Есть ещё: {}.\nprotected = []\n",
            open.join(", ")
        );
        let mut unknown = Vec::new();
        if column.is_some() {
            let _always_fits = writeln!(lines, "# Статус источника = стадия портала.\n{waits}[stages.map]");
            for status in self.statuses() {
                let stage = told(status);
                let line = match stage {
                    Some(stage) => format!("{} = {}", quoted(status), name(stage)),
                    None => format!("# {} = \"…\"", quoted(status)),
                };
                let _always_fits = writeln!(lines, "{line}");
                if stage.is_none() {
                    unknown.push(format!("«{status}»"));
                }
            }
        }
        self.line(&lines);
        if !unknown.is_empty() {
            self.decide(format!("[stages.map]: какие стадии у статусов {}", unknown.join(", ")));
        }
        self.decide("[stages]: какие стадии защищены (protected) и двигать ли стадии потом (update)");
    }

    /// Comments, guards, and the columns that no field was found for.
    fn rest(&mut self, used: &[String]) {
        if let Some(column) = self.columns.of_role(Role::Comment).map(|column| column.name.clone()) {
            self.line("# Комментарий в ленте сделки, один раз на каждый новый текст.");
            self.line(&format!("# [comment]\n# template = {}\n", quoted(&format!("{{{column}}}"))));
        }
        self.line("# Больше этого за один запуск — не записывается ничего.");
        self.line("[guards]\ncreates = 200\nupdates = 500\npercent = 20\n");
        let columns = self.columns;
        let roles = [
            Role::Phone,
            Role::LastName,
            Role::FirstName,
            Role::SecondName,
            Role::FullName,
            Role::Status,
            Role::Changed,
        ];
        let told: Vec<&str> = roles
            .iter()
            .filter_map(|role| columns.of_role(*role))
            .map(|column| column.name.as_str())
            .collect();
        let left = columns.iter().filter(|column| {
            column.name != columns.key().name
                && !used.contains(&column.name)
                && !told.contains(&column.name.as_str())
        });
        let left: Vec<String> = left.map(|column| format!("«{}»", column.name)).collect();
        if !left.is_empty() {
            self.line(&format!("# Колонки без поля: {}.", left.join(", ")));
            self.decide(format!("[deal.fields]: нужны ли колонки без поля: {}", left.join(", ")));
        }
    }
}
