//! All texts of this crate, in one place.

use super::Severity;

macro_rules! problems {
    ($( $(#[$doc:meta])* $name:ident = $code:literal $severity:ident {
        $message:literal, $hint:literal, $reason:literal, $action:literal $(,)?
    } )*) => {
        /// Every problem this crate reports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ProblemCode { $( $(#[$doc])* $name, )* }

        impl ProblemCode {
            /// All codes.
            pub const ALL: &[Self] = &[ $( Self::$name, )* ];

            /// Kebab code with its area.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $( Self::$name => $code, )* }
            }

            /// Whether it rejects the invoice.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $( Self::$name => Severity::$severity, )* }
            }

            /// What is wrong, in English.
            #[must_use]
            pub fn message(self) -> &'static str {
                match self { $( Self::$name => $message, )* }
            }

            /// What to do, in English.
            #[must_use]
            pub fn hint(self) -> &'static str {
                match self { $( Self::$name => $hint, )* }
            }

            /// Reason and what to do, in Russian.
            #[must_use]
            pub fn russian(self) -> (&'static str, &'static str) {
                match self { $( Self::$name => ($reason, $action), )* }
            }
        }
    };
}

problems! {
    /// An amount, price or quantity is no decimal number.
    AmountMalformed = "invoice.amount-malformed" Rejection {
        "the value is not a decimal number of at most 28 digits",
        "write digits with a decimal point, for example 12200.00",
        "Сумма, цена или количество — не число",
        "Исправьте значение в счёте: цифры с десятичной точкой, не больше 28 знаков, например 12200.00",
    }
    /// A VAT rate is no number or below zero.
    RateMalformed = "invoice.rate-malformed" Rejection {
        "the VAT rate is neither null nor a number of per cent from zero up",
        "correct the rate of the row, or choose no VAT",
        "Ставка НДС указана неверно",
        "Исправьте ставку в товарной строке или выберите «Без НДС»",
    }
    /// The numbers have too many digits for an exact result.
    AmountOverflow = "invoice.amount-overflow" Rejection {
        "the amounts have too many digits to compute them exactly",
        "check price, quantity and rate for a slip of the keyboard",
        "Слишком длинные числа: точный расчёт невозможен",
        "Проверьте цену, количество и ставку: вероятна опечатка",
    }
    /// There is no invoice date.
    DateMissing = "invoice.date-missing" Rejection {
        "the invoice has no date",
        "fill in the invoice date in the portal",
        "Не указана дата счёта",
        "Заполните дату выставления в карточке счёта",
    }
    /// The invoice date is no date.
    DateMalformed = "invoice.date-malformed" Rejection {
        "the invoice date is not a date",
        "correct the date; the portal writes it as 2026-03-31T03:00:00+03:00",
        "Дата счёта не читается",
        "Исправьте дату выставления в карточке счёта",
    }
    /// There is no currency.
    CurrencyMissing = "invoice.currency-missing" Rejection {
        "the invoice has no currency",
        "choose the currency of the invoice in the portal",
        "Не указана валюта счёта",
        "Выберите валюту в карточке счёта",
    }
    /// The currency is no three-letter code.
    CurrencyMalformed = "invoice.currency-malformed" Rejection {
        "the currency is not a code of three capital letters",
        "correct the currency of the invoice, for example RUB",
        "Код валюты указан неверно",
        "Укажите код из трёх заглавных латинских букв, например RUB",
    }
    /// The currency is not in the portal's list.
    CurrencyUnknown = "invoice.currency-unknown" Warning {
        "the portal does not know the currency, two decimal digits are assumed",
        "add the currency to the portal's list of currencies",
        "Валюта не заведена на портале, принято два знака после запятой",
        "Добавьте валюту в настройках CRM",
    }
    /// A date other than the invoice date is no date.
    DateIgnored = "invoice.date-ignored" Warning {
        "the value is not a date and is left empty",
        "correct the date in the portal",
        "Дата отгрузки, оплаты или срока не читается и оставлена пустой",
        "Исправьте дату в карточке счёта",
    }
    /// The portal's VAT is no number.
    PortalVatMalformed = "invoice.portal-vat-malformed" Warning {
        "the portal's VAT is not a decimal number and is left empty",
        "save the invoice again so that the portal computes it",
        "НДС портала — не число, оставлен пустым",
        "Пересохраните счёт, чтобы портал пересчитал НДС",
    }
    /// A discount is no number.
    DiscountMalformed = "invoice.discount-malformed" Warning {
        "the discount is not a decimal number and is left empty",
        "correct the discount of the row; the price already includes it",
        "Скидка — не число, оставлена пустой (на сумму не влияет)",
        "Исправьте скидку в товарной строке",
    }
    /// There is no document number.
    NumberMissing = "invoice.number-missing" Warning {
        "the invoice has no number",
        "give it a number in the portal",
        "У счёта нет номера",
        "Присвойте счёту номер",
    }
    /// The seller has another invoice of this number.
    NumberRepeated = "invoice.number-repeated" Warning {
        "an earlier invoice of the same seller has the same number",
        "check whether one of them is a copy",
        "Номер уже есть у другого счёта этой организации",
        "Проверьте, не дубль ли это, и исправьте номер",
    }
    /// The stage is not in the portal's list.
    StageUnknown = "invoice.stage-unknown" Warning {
        "the portal's list of stages does not have the stage",
        "move the invoice to a stage that exists",
        "Стадия счёта не найдена в справочнике портала",
        "Переведите счёт в существующую стадию",
    }
    /// There are no product rows, so VAT is unknown.
    RowsMissing = "invoice.rows-missing" Warning {
        "the invoice has no product rows, its VAT is unknown",
        "add the product rows with their VAT rates",
        "В счёте нет товарных строк, НДС неизвестен",
        "Добавьте товарные строки со ставками НДС",
    }
    /// Amount and rows differ by more than rounding.
    HeaderDiffers = "invoice.header-differs" Warning {
        "the amount of the invoice and the sum of its rows differ by more than rounding",
        "compare amount and rows; the value is amount minus rows",
        "Сумма счёта не равна сумме строк",
        "Сверьте сумму счёта и строки; показана разница «сумма минус строки»",
    }
    /// The amount was typed by hand and differs from the rows.
    HeaderManual = "invoice.header-manual" Warning {
        "the amount was entered by hand and differs from the sum of the rows",
        "let the portal compute the amount, or correct the rows; the value is amount minus rows",
        "Сумма введена вручную и не равна сумме строк",
        "Включите автоматический расчёт суммы или исправьте строки; показана разница «сумма минус строки»",
    }
    /// VAT of the rows and VAT of the portal differ by more than rounding.
    VatDiffers = "invoice.vat-differs" Warning {
        "the portal's VAT and the VAT of the rows differ by more than rounding",
        "save the invoice again so that the portal computes it; the value is the portal's VAT minus the rows'",
        "НДС портала не равен НДС по строкам",
        "Пересохраните счёт и сверьте ставки; показана разница «НДС портала минус НДС строк»",
    }
    /// A rate that was not in force.
    RateOutOfDate = "invoice.rate-out-of-date" Warning {
        "the VAT rate was not in force in Russia on that date",
        "check the rate: 20 % until 2025-12-31, 22 % from 2026-01-01, by shipment",
        "Ставка НДС не действовала на эту дату",
        "Проверьте ставку: 20 % по 31.12.2025, 22 % с 01.01.2026 — по дате отгрузки",
    }
    /// A rate Russia never had.
    RateUnknown = "invoice.rate-unknown" Warning {
        "the VAT rate is none of the Russian rates",
        "check the rate of the rows",
        "Такой ставки НДС в России нет",
        "Проверьте ставку в товарных строках",
    }
    /// There is no seller.
    SellerMissing = "invoice.seller-missing" Warning {
        "the invoice names no company of ours",
        "choose our company in the invoice",
        "Не указана наша организация",
        "Выберите «Мою компанию» в карточке счёта",
    }
    /// There is no client.
    CounterpartyMissing = "invoice.counterparty-missing" Warning {
        "the invoice names neither a company nor a contact",
        "choose the client in the invoice",
        "Не указан контрагент",
        "Выберите компанию или контакт в карточке счёта",
    }
    /// A company without a requisite.
    RequisiteMissing = "invoice.requisite-missing" Warning {
        "the company has no requisite",
        "add the requisite to the company's card and choose it in the invoice",
        "У компании нет реквизитов",
        "Заполните реквизиты в карточке компании и выберите их в счёте",
    }
    /// The chosen requisite is gone.
    RequisiteLinkBroken = "invoice.requisite-link-broken" Warning {
        "the requisite chosen in the invoice does not exist",
        "choose a requisite in the invoice again",
        "Выбранный в счёте реквизит не существует",
        "Выберите реквизит в счёте заново",
    }
    /// A requisite without a name, and a card without one.
    NameMissing = "invoice.name-missing" Warning {
        "neither the requisite nor the card has a name",
        "fill in the name",
        "Не указано наименование",
        "Заполните наименование в реквизитах",
    }
    /// A company's requisite without INN.
    InnMissing = "invoice.inn-missing" Warning {
        "the requisite of the company has no INN",
        "fill in the INN",
        "Не указан ИНН",
        "Заполните ИНН в реквизитах",
    }
    /// The INN has a wrong length, wrong characters or only zeros.
    InnMalformed = "invoice.inn-malformed" Warning {
        "the INN is not 10 or 12 digits, or only zeros",
        "correct the INN in the requisite",
        "ИНН должен состоять из 10 или 12 цифр и не может быть нулевым",
        "Исправьте ИНН в реквизитах",
    }
    /// The check digits of the INN do not fit.
    InnChecksum = "invoice.inn-checksum" Warning {
        "the check digits of the INN do not fit",
        "correct the INN in the requisite, a digit is wrong",
        "Контрольное число ИНН не сходится",
        "Исправьте ИНН в реквизитах: в нём опечатка",
    }
    /// The KPP has a wrong form.
    KppMalformed = "invoice.kpp-malformed" Warning {
        "the KPP is not 9 characters of the right form",
        "correct the KPP in the requisite",
        "КПП указан неверно: нужно 9 знаков",
        "Исправьте КПП в реквизитах",
    }
    /// The OGRN has a wrong length, wrong characters or only zeros.
    OgrnMalformed = "invoice.ogrn-malformed" Warning {
        "the OGRN is not 13 digits, or only zeros",
        "correct the OGRN in the requisite",
        "ОГРН должен состоять из 13 цифр и не может быть нулевым",
        "Исправьте ОГРН в реквизитах",
    }
    /// The check digit of the OGRN does not fit.
    OgrnChecksum = "invoice.ogrn-checksum" Warning {
        "the check digit of the OGRN does not fit",
        "correct the OGRN in the requisite, a digit is wrong",
        "Контрольное число ОГРН не сходится",
        "Исправьте ОГРН в реквизитах: в нём опечатка",
    }
    /// The OGRNIP has a wrong length or wrong characters.
    OgrnipMalformed = "invoice.ogrnip-malformed" Warning {
        "the OGRNIP is not 15 digits that begin with 3",
        "correct the OGRNIP in the requisite",
        "ОГРНИП должен состоять из 15 цифр и начинаться с 3",
        "Исправьте ОГРНИП в реквизитах",
    }
    /// The check digit of the OGRNIP does not fit.
    OgrnipChecksum = "invoice.ogrnip-checksum" Warning {
        "the check digit of the OGRNIP does not fit",
        "correct the OGRNIP in the requisite, a digit is wrong",
        "Контрольное число ОГРНИП не сходится",
        "Исправьте ОГРНИП в реквизитах: в нём опечатка",
    }
    /// A payment is no number.
    PaymentMalformed = "invoice.payment-malformed" Warning {
        "the amount of a payment is not a decimal number, so the sum paid is unknown",
        "correct the payment in the portal",
        "Сумма платежа — не число, сколько оплачено — неизвестно",
        "Исправьте платёж в карточке счёта",
    }
    /// A payment in another currency.
    PaymentCurrency = "invoice.payment-currency" Warning {
        "a payment is in another currency than the invoice, so the sum paid is unknown",
        "compare invoice and payment",
        "Валюта платежа не совпадает с валютой счёта, сколько оплачено — неизвестно",
        "Сверьте счёт и платёж",
    }
    /// The stage says paid, the payments say something else.
    PaymentDiffers = "invoice.payment-differs" Warning {
        "the invoice is in a paid stage, and its payments are not its amount",
        "compare invoice and payments; the value is amount minus payments",
        "Счёт в стадии «оплачен», а сумма платежей не равна сумме счёта",
        "Сверьте счёт и платежи; показан остаток «сумма минус платежи»",
    }
    /// The portal did not tell the payments.
    PaymentsUnknown = "invoice.payments-unknown" Warning {
        "the portal refused to tell the payments, so the payment date is taken from the stage",
        "give the webhook's user the right to read payments, or fill in the payment date of the invoice",
        "Портал не сообщил платежи, дата оплаты взята по стадии",
        "Дайте пользователю вебхука право на чтение платежей или заполните дату оплаты в счёте",
    }
    /// The source noticed something this crate has no code for.
    SourceNote = "invoice.source-note" Warning {
        "the source reports a peculiarity of the invoice",
        "look at the invoice in the portal",
        "Источник сообщил об особенности счёта",
        "Проверьте счёт на портале",
    }
}

/// Fields of the raw invoice as people call them.
pub(super) fn russian_field(name: &'static str) -> &'static str {
    match name {
        "number" => "номер",
        "date" => "дата счёта",
        "due" => "срок оплаты",
        "shipped_on" => "дата отгрузки",
        "paid_on" => "дата оплаты",
        "stage" => "стадия",
        "currency" => "валюта",
        "opportunity" => "сумма",
        "tax_value" => "НДС портала",
        "rows" => "товарные строки",
        "price" => "цена",
        "quantity" => "количество",
        "tax_rate" => "ставка НДС",
        "discount_sum" => "скидка",
        "seller" => "наша организация",
        "counterparty" => "контрагент",
        "inn" => "ИНН",
        "kpp" => "КПП",
        "ogrn" => "ОГРН",
        "ogrnip" => "ОГРНИП",
        "payments" => "платежи",
        "notes" => "замечания источника",
        other => other,
    }
}
