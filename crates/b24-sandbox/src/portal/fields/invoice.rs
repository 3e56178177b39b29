//! Smart invoices (entity type 31): wire reference, section 6.1.3.

use crate::portal::field::Side::{Hidden, Item};
use crate::portal::field::{
    Field,
    Kind::{
        Category, Company, Contact, Currency, Day, Double, Flag, Ids, Integer, Location, Moment, Money,
        Parent, Status, Text, User,
    },
    field,
};

/// «Дата отгрузки».
pub(crate) const SHIPPED: &str = "UF_CRM_SMART_INVOICE_1772717699";
/// «Дата оплаты».
pub(crate) const PAID: &str = "UF_CRM_1772717712";

pub(in crate::portal) const FIELDS: &[Field] = &[
    field("ID", "id", Integer, "ID").ro(),
    field("XML_ID", "xmlId", Text, "Внешний код"),
    field("TITLE", "title", Text, "Тема"),
    field("CREATED_BY", "createdBy", User, "Кем создан").ro(),
    field("UPDATED_BY", "updatedBy", User, "Кем изменён").ro(),
    field("MOVED_BY", "movedBy", User, "Кем изменена стадия").ro(),
    field("CREATED_TIME", "createdTime", Moment, "Когда создан").ro(),
    field("UPDATED_TIME", "updatedTime", Moment, "Когда обновлён").ro(),
    field("MOVED_TIME", "movedTime", Moment, "Когда изменена стадия").ro(),
    field("CATEGORY_ID", "categoryId", Category, "Воронка"),
    field("OPENED", "opened", Flag, "Доступен для всех"),
    field("STAGE_ID", "stageId", Status("SMART_INVOICE_STAGE_3"), "Стадия"),
    field("PREVIOUS_STAGE_ID", "previousStageId", Status("SMART_INVOICE_STAGE_3"), "Предыдущая стадия").ro(),
    field("BEGINDATE", "begindate", Day, "Дата выставления"),
    field("CLOSEDATE", "closedate", Day, "Срок оплаты"),
    field("COMPANY_ID", "companyId", Company, "Компания"),
    field("CONTACT_ID", "contactId", Contact, "Контакт"),
    field("OPPORTUNITY", "opportunity", Money, "Сумма"),
    field("IS_MANUAL_OPPORTUNITY", "isManualOpportunity", Flag, "Сумма введена вручную"),
    field("TAX_VALUE", "taxValue", Money, "Сумма налога").ro(),
    field("CURRENCY_ID", "currencyId", Currency, "Валюта"),
    field("MYCOMPANY_ID", "mycompanyId", Company, "Реквизиты вашей компании"),
    field("SOURCE_ID", "sourceId", Status("SOURCE"), "Источник"),
    field("SOURCE_DESCRIPTION", "sourceDescription", Text, "Дополнительно об источнике"),
    field("WEBFORM_ID", "webformId", Integer, "Создано CRM-формой"),
    field("COMMENTS", "comments", Text, "Комментарий"),
    field("ACCOUNT_NUMBER", "accountNumber", Text, "Номер"),
    field("LOCATION_ID", "locationId", Location, "Местоположение"),
    field("IS_RECURRING", "isRecurring", Flag, "Регулярный счёт").ro(),
    field("LAST_ACTIVITY_BY", "lastActivityBy", User, "Кем совершена последняя активность").ro(),
    field("LAST_ACTIVITY_TIME", "lastActivityTime", Moment, "Последняя активность").ro(),
    field("ASSIGNED_BY_ID", "assignedById", User, "Ответственный"),
    field(SHIPPED, "ufCrm_SMART_INVOICE_1772717699", Day, "Дата отгрузки"),
    field(PAID, "ufCrm_1772717712", Day, "Дата оплаты"),
    field("PARENT_ID_2", "parentId2", Parent(2), "Сделка"),
    field("PARENT_ID_7", "parentId7", Parent(7), "Предложение"),
    field("UTM_SOURCE", "utmSource", Text, "Рекламная система"),
    field("UTM_MEDIUM", "utmMedium", Text, "Тип трафика"),
    field("UTM_CAMPAIGN", "utmCampaign", Text, "Рекламная кампания"),
    field("UTM_CONTENT", "utmContent", Text, "Содержание кампании"),
    field("UTM_TERM", "utmTerm", Text, "Условие поиска кампании"),
    field("OBSERVERS", "observers", Ids("user"), "Наблюдатели").on(Item),
    field("CONTACT_IDS", "contactIds", Ids("crm_contact"), "Контакты").on(Item),
    field("ENTITY_TYPE_ID", "entityTypeId", Integer, "Тип").ro().on(Item),
    field("OPPORTUNITY_ACCOUNT", "opportunityAccount", Double, "Сумма в валюте отчётов").ro().on(Hidden),
    field("TAX_VALUE_ACCOUNT", "taxValueAccount", Double, "Налог в валюте отчётов").ro().on(Hidden),
    field("ACCOUNT_CURRENCY_ID", "accountCurrencyId", Currency, "Валюта отчётов").ro().on(Hidden),
];
