//! Every reason a plan gives, in Russian: what is the matter, and what to do. The workbook is for those who decide.

macro_rules! reasons {
    ($( $code:literal => $what:literal, $action:literal; )*) => {
        /// Codes of reasons that have a Russian text.
        pub const REASONS: &[&str] = &[ $( $code, )* ];

        /// What is the matter and what to do, in Russian.
        #[must_use]
        pub fn russian(code: &str) -> Option<(&'static str, &'static str)> {
            match code {
                $( $code => Some(($what, $action)), )*
                _ => None,
            }
        }
    };
}

reasons! {
    // Left alone by a rule.
    "sync.deal-closed" => "Сделка закрыта, поэтому не меняется",
        "Ничего не делайте; заводить ли новую сделку, когда запись меняется после закрытия, говорит closed в [deal] файла настройки";
    "sync.stage-final" => "Сделка на стадии, которую файл настройки запрещает трогать",
        "Ничего не делайте; список таких стадий — final в [stages]";
    "sync.revert-created" => "Сделку создал отменяемый запуск; программа ничего не удаляет",
        "Если сделка не нужна, удалите её вручную";
    "sync.revert-changed-since" => "После отменяемого запуска значение изменили, поэтому оно остаётся",
        "Если нужно прежнее значение, верните его вручную";
    // To be decided by a person.
    "sync.key-duplicate" => "В источнике несколько строк с этим ключом",
        "Сделайте так, чтобы у каждой записи была одна строка";
    "sync.key-case" => "Ключ отличается от другого только заглавными буквами, портал их не различает",
        "Исправьте ключ в источнике или в карточке сделки";
    "sync.key-taken" => "Ключ с номером, который получила бы следующая сделка одной записи, — собственный ключ другой записи",
        "Задайте closed = \"new-same-key\" в [deal] или другие ключи в источнике";
    "sync.deal-of-another" => "Сделку с этим ключом программа завела для другой записи",
        "Задайте closed = \"new-same-key\" в [deal] или другие ключи в источнике и впишите их в карточки сделок";
    "sync.key-lost" => "У сделки этой записи пропал внешний ключ",
        "Верните ключ в карточку сделки или удалите сделку, если она не нужна";
    "sync.deal-hidden" => "Сделка этой записи есть, но пользователю вебхука она не видна",
        "Дайте ему право читать эту сделку или назначьте другого ответственного";
    "sync.deal-ambiguous" => "У нескольких сделок один и тот же внешний ключ",
        "Оставьте ключ у одной сделки, у остальных очистите";
    "sync.adoption-ambiguous" => "У контакта несколько открытых сделок без ключа: непонятно, какая относится к записи",
        "Впишите ключ в нужную сделку или закройте лишние";
    "sync.contact-ambiguous" => "Запись подходит нескольким людям",
        "Объедините дубликаты контактов или уточните телефон и имя в источнике";
    "sync.update-starts-robots" => "Сделку нужно изменить, а файл настройки запрещает запускать роботов",
        "Измените сделку вручную или укажите automation = \"run\"";
    "sync.changed-since-plan" => "После составления плана запись на портале изменили",
        "Посмотрите карточку и составьте план заново";
    // Not known.
    "sync.look-up-unknown" => "Портал не ответил, есть ли такая запись",
        "Ничего не делайте: запись не пишется, её проверит следующий запуск";
    "sync.look-up-unanswered" => "Портал не ответил, есть ли такая запись",
        "Ничего не делайте: запись проверит следующий запуск";
    "sync.outcome-unknown" => "Ответ на отправленную запись потерян",
        "Ничего не делайте: её найдёт следующий запуск";
    "sync.not-sent" => "Запись не отправлена",
        "Ничего не делайте: её отправит следующий запуск";
    // Warnings.
    "sync.live-value-unreadable" => "Значение на портале не подходит типу поля, поэтому поле не меняется",
        "Посмотрите поле в карточке";
    "sync.contact-contradicted" => "У другой записи того же человека в этом поле другое значение; записывается значение той записи, которая стоит раньше",
        "Сделайте так, чтобы в источнике значения совпадали";
    "sync.stage-other-funnel" => "Сделку перенесли в другую воронку, поэтому стадия не меняется",
        "Верните сделку в воронку или оставьте: остальные поля обновляются";
    "sync.deal-gone" => "Сделки, созданной для этой записи раньше, больше нет; будет создана новая",
        "Если её удалили нарочно, уберите запись из источника";
    "sync.lead-several" => "С этим телефоном есть и другие открытые лиды",
        "Закройте лишние";
    "sync.lead-gone" => "Лида, который следовало привязать, больше нет; сделка создаётся без него",
        "Составьте план заново, если нужно привязать другой лид";
    // What is wrong with a row of the source.
    "sync.row-malformed" => "Строку источника нельзя прочитать",
        "Исправьте строку в источнике";
    "sync.cursor-malformed" => "Отметка изменения в строке — не дата и не число",
        "Исправьте её в источнике";
    "sync.contact-refused" => "Портал не принял контакт",
        "Исправьте данные человека в источнике";
    "sync.deal-refused" => "Портал не принял сделку",
        "Исправьте запись в источнике или файл настройки";
    "sync.comment-refused" => "Портал не принял комментарий; сделка записана",
        "Проверьте шаблон комментария в файле настройки";
    "sync.lead-refused" => "Портал не изменил лид; сделка записана",
        "Проверьте status в [leads] файла настройки";
    "sync.key-missing" => "В строке нет ключа",
        "Впишите ключ в источнике";
    "sync.column-missing" => "В источнике нет нужного столбца",
        "Проверьте название столбца в источнике и в файле настройки";
    "sync.value-missing" => "Обязательное поле пусто",
        "Заполните его в источнике";
    "sync.value-unknown" => "Такого значения в списке портала нет",
        "Добавьте значение на портал или в values файла настройки";
    "sync.value-ambiguous" => "Значению подходят несколько вариантов портала",
        "Укажите в values файла настройки, какой из них имеется в виду";
    "sync.number-unreadable" => "Значение — не число",
        "Исправьте его в источнике";
    "sync.date-unreadable" => "Значение — не дата",
        "Исправьте его в источнике";
    "sync.flag-unreadable" => "Значение — не «да» и не «нет»",
        "Исправьте его в источнике";
    "sync.text-too-long" => "Текст длиннее, чем принимает портал",
        "Сократите его в источнике";
    "sync.phone-invalid" => "Телефон не читается; запись обрабатывается без него",
        "Исправьте номер в источнике";
    "sync.amount-rounded" => "Сумма округлена до знаков, которые хранит портал",
        "Округлите её в источнике, если важно, как именно";
    "sync.status-unknown" => "Статуса нет в таблице стадий файла настройки; взята стадия по умолчанию",
        "Добавьте статус в [stages.map]";
}

/// What is the matter and what to do with a record of this outcome, in English; what is wrong with a row of the source
/// stands with its reject.
#[must_use]
pub fn english(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "sync.deal-closed" => {
            ("the deal is closed", "nothing to do; `closed` of [deal] says what becomes of closed deals")
        }
        "sync.stage-final" => (
            "the deal is in a stage that is left alone",
            "nothing to do; `final` of [stages] lists these stages",
        ),
        "sync.revert-created" => {
            ("the run created the deal, and nothing is ever deleted", "delete it by hand if it has to go")
        }
        "sync.revert-changed-since" => {
            ("it was changed again after the run, so it stays", "change it by hand if it has to go back")
        }
        "sync.key-duplicate" => {
            ("the key stands in several rows of the source", "make the source give one row per key")
        }
        "sync.key-case" => (
            "another key differs in capitals only, and the portal cannot tell them apart",
            "correct the key in the source or in the deal",
        ),
        "sync.key-lost" => {
            ("the record's deal no longer has its key", "write the key into the deal, or delete it")
        }
        "sync.deal-hidden" => (
            "the webhook's user must not see the record's deal",
            "give it the rights, or the deal to somebody it may see",
        ),
        "sync.deal-ambiguous" => ("several deals have the key", "leave the key in one of them"),
        "sync.adoption-ambiguous" => (
            "the contact has several open deals without a key",
            "write the key into the right one, or close the others",
        ),
        "sync.contact-ambiguous" => (
            "several people can be the person of the record",
            "merge duplicate contacts, or make telephone and name clear in the source",
        ),
        "sync.update-starts-robots" => (
            "the deal has to change, and automation = \"skip\" allows no change",
            "change it by hand, or write automation = \"run\"",
        ),
        "sync.changed-since-plan" => {
            ("it was changed on the portal after the plan was made", "look at the card and plan again")
        }
        "sync.look-up-unknown" | "sync.look-up-unanswered" => {
            ("the portal did not say whether it is there", "nothing to do; the next run asks again")
        }
        "sync.outcome-unknown" => {
            ("the answer to a write was lost", "nothing to do; the next run looks for it first")
        }
        "sync.not-sent" => ("it was not sent", "nothing to do; the next run sends it"),
        _ => return None,
    })
}
