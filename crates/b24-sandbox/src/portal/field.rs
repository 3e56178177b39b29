//! Descriptions of fields: one table per entity, read by both method families.

/// What a column holds; decides how it is parsed, compared and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Double,
    /// Two digits in the database; `"1000.00"` in legacy replies.
    Money,
    Text,
    /// An amount with its currency in one text: `1220.50|RUB`.
    Price,
    /// `Y` or `N`.
    Flag,
    Day,
    Moment,
    User,
    /// A reference book entry; the name of the book.
    Status(&'static str),
    Category,
    Company,
    Contact,
    Currency,
    Location,
    /// A bound element of another entity type.
    Parent(u32),
    /// Contacts or observers.
    Ids(&'static str),
    /// All multifields of a client.
    Multi,
    /// A boolean user field.
    UserFlag,
    /// A list user field: ids and labels.
    Choice(&'static [(u32, &'static str)]),
    /// A user field of several values.
    Many(&'static Kind),
}

impl Kind {
    /// The type's name in `crm.item.fields` and `crm.*.fields`.
    pub(crate) fn wire_name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Double | Self::Money => "double",
            Self::Text => "string",
            Self::Price => "money",
            Self::Flag => "char",
            Self::UserFlag => "boolean",
            Self::Day => "date",
            Self::Moment => "datetime",
            Self::User => "user",
            Self::Status(_) => "crm_status",
            Self::Category => "crm_category",
            Self::Company => "crm_company",
            Self::Contact => "crm_contact",
            Self::Currency => "crm_currency",
            Self::Location => "location",
            Self::Parent(_) => "crm_entity",
            Self::Ids(of) => of,
            Self::Multi => "crm_multifield",
            Self::Choice(_) => "enumeration",
            Self::Many(one) => one.wire_name(),
        }
    }

    /// References that hold 0 rather than null when they are empty.
    pub(crate) fn zero_when_empty(self) -> bool {
        matches!(self, Self::Company | Self::Contact | Self::User | Self::Category)
    }
}

/// Which family shows a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Both,
    Legacy,
    Item,
    /// Stored and filterable, shown by neither.
    Hidden,
}

/// One column of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    /// Name in the database and in legacy replies.
    pub(crate) column: &'static str,
    /// Name in the controllers.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) title: &'static str,
    pub(crate) side: Side,
    pub(crate) read_only: bool,
    pub(crate) immutable: bool,
    /// Nothing can be added without it.
    pub(crate) required: bool,
}

/// A writable column that both families show.
pub(crate) const fn field(
    column: &'static str,
    name: &'static str,
    kind: Kind,
    title: &'static str,
) -> Field {
    Field { column, name, kind, title, side: Side::Both, read_only: false, immutable: false, required: false }
}

impl Field {
    /// Written by the portal only.
    pub(crate) const fn ro(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Set when the element is added, unchangeable later.
    pub(crate) const fn fixed(mut self) -> Self {
        self.immutable = true;
        self
    }

    pub(crate) const fn on(mut self, side: Side) -> Self {
        self.side = side;
        self
    }

    /// Whether this is a user field.
    pub(crate) fn is_user_field(&self) -> bool {
        self.column.starts_with("UF_")
    }

    pub(crate) fn in_items(&self) -> bool {
        matches!(self.side, Side::Both | Side::Item)
    }

    pub(crate) fn in_legacy(&self) -> bool {
        matches!(self.side, Side::Both | Side::Legacy)
    }
}
