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
        "the amount is not a decimal number",
        "write digits with a decimal point, for example 12200.00",
        "Сумма, цена или количество не является числом",
        "Исправьте значение в карточке счёта или у источника: цифры с десятичной точкой, например 12200.00",
    }
    /// The currency is not in the portal's list.
    CurrencyUnknown = "invoice.currency-unknown" Warning {
        "the portal does not know the currency",
        "add the currency in the portal; two decimal digits are assumed",
        "Валюта не заведена на портале",
        "Добавьте валюту в настройках CRM; сейчас принято два знака после запятой",
    }
    /// The source noticed something.
    SourceNote = "invoice.source-note" Warning {
        "the source reports a peculiarity of the invoice",
        "look at the invoice in the portal",
        "Источник сообщил об особенности счёта",
        "Проверьте счёт на портале",
    }
}
