//! Deals: wire reference, sections 6.1.5 and 6.4.

use crate::portal::field::Side::{Item, Legacy};
use crate::portal::field::{
    Field,
    Kind::{
        Category, Choice, Company, Contact, Currency, Day, Flag, Ids, Integer, Location, Moment, Money,
        Status, Text, User, UserFlag,
    },
    field,
};

/// The key of the record in the business system the deal came from.
pub(crate) const EXTERNAL_KEY: &str = "UF_CRM_1721244482250";

/// Branches of the group.
pub(crate) const BRANCHES: &[(u32, &str)] = &[(44, "Центральный"), (45, "Северный"), (46, "Заречный")];

/// What becomes of an appointment.
const VISITS: &[(u32, &str)] = &[
    (51, "Запланирован"),
    (52, "Пациент пришел"),
    (53, "В процессе"),
    (54, "Завершен"),
    (55, "Завершен (счет выдан)"),
    (56, "Отменен"),
];

pub(in crate::portal) const FIELDS: &[Field] = &[
    field("ID", "id", Integer, "ID").ro(),
    field("TITLE", "title", Text, "Название"),
    field("TYPE_ID", "typeId", Status("DEAL_TYPE"), "Тип"),
    field("CATEGORY_ID", "categoryId", Category, "Воронка").fixed(),
    field("STAGE_ID", "stageId", Status("DEAL_STAGE"), "Стадия сделки"),
    field("STAGE_SEMANTIC_ID", "stageSemanticId", Text, "Группа стадии").ro(),
    field("IS_NEW", "isNew", Flag, "Новая сделка").ro(),
    field("IS_RECURRING", "isRecurring", Flag, "Регулярная сделка").ro(),
    field("IS_RETURN_CUSTOMER", "isReturnCustomer", Flag, "Повторная сделка").ro(),
    field("IS_REPEATED_APPROACH", "isRepeatedApproach", Flag, "Повторное обращение").ro(),
    field("PROBABILITY", "probability", Integer, "Вероятность"),
    field("CURRENCY_ID", "currencyId", Currency, "Валюта"),
    field("OPPORTUNITY", "opportunity", Money, "Сумма"),
    field("IS_MANUAL_OPPORTUNITY", "isManualOpportunity", Flag, "Сумма введена вручную"),
    field("TAX_VALUE", "taxValue", Money, "Сумма налога").ro(),
    field("COMPANY_ID", "companyId", Company, "Компания"),
    field("CONTACT_ID", "contactId", Contact, "Контакт"),
    field("CONTACT_IDS", "contactIds", Ids("crm_contact"), "Контакты").on(Item),
    field("QUOTE_ID", "quoteId", Integer, "Предложение"),
    field("BEGINDATE", "begindate", Day, "Дата начала"),
    field("CLOSEDATE", "closedate", Day, "Дата завершения"),
    field("OPENED", "opened", Flag, "Доступна для всех"),
    field("CLOSED", "closed", Flag, "Закрыта").ro(),
    field("COMMENTS", "comments", Text, "Комментарий"),
    field("ASSIGNED_BY_ID", "assignedById", User, "Ответственный"),
    field("CREATED_BY_ID", "createdBy", User, "Кем создана").ro(),
    field("MODIFY_BY_ID", "updatedBy", User, "Кем изменена").ro(),
    field("MOVED_BY_ID", "movedBy", User, "Кем изменена стадия").ro(),
    field("DATE_CREATE", "createdTime", Moment, "Дата создания").ro(),
    field("DATE_MODIFY", "updatedTime", Moment, "Дата изменения").ro(),
    field("MOVED_TIME", "movedTime", Moment, "Дата изменения стадии").ro(),
    field("SOURCE_ID", "sourceId", Status("SOURCE"), "Источник"),
    field("SOURCE_DESCRIPTION", "sourceDescription", Text, "Дополнительно об источнике"),
    field("LEAD_ID", "leadId", Integer, "Лид").ro(),
    field("ADDITIONAL_INFO", "additionalInfo", Text, "Дополнительная информация"),
    field("LOCATION_ID", "locationId", Location, "Местоположение"),
    field("ORIGINATOR_ID", "originatorId", Text, "Внешний источник"),
    field("ORIGIN_ID", "originId", Text, "Идентификатор во внешнем источнике"),
    field("UTM_SOURCE", "utmSource", Text, "Рекламная система"),
    field("UTM_MEDIUM", "utmMedium", Text, "Тип трафика"),
    field("UTM_CAMPAIGN", "utmCampaign", Text, "Рекламная кампания"),
    field("UTM_CONTENT", "utmContent", Text, "Содержание кампании"),
    field("UTM_TERM", "utmTerm", Text, "Условие поиска кампании"),
    field("LAST_ACTIVITY_BY", "lastActivityBy", User, "Кем совершена последняя активность").ro(),
    field("LAST_ACTIVITY_TIME", "lastActivityTime", Moment, "Последняя активность").ro(),
    field("LAST_COMMUNICATION_TIME", "lastCommunicationTime", Moment, "Последнее обращение").ro().on(Legacy),
    field(EXTERNAL_KEY, "ufCrm_1721244482250", Text, "Внешний ключ"),
    field("UF_CRM_1769008900", "ufCrm_1769008900", Moment, "Начало приёма"),
    field("UF_CRM_1769008947", "ufCrm_1769008947", Choice(BRANCHES), "Филиал"),
    field("UF_CRM_1769008960", "ufCrm_1769008960", Moment, "Окончание приёма"),
    field("UF_CRM_1769008972", "ufCrm_1769008972", Text, "Врач"),
    field("UF_CRM_1769008985", "ufCrm_1769008985", Text, "Специальность врача"),
    field("UF_CRM_1769008998", "ufCrm_1769008998", Text, "Услуги"),
    field("UF_CRM_1769009011", "ufCrm_1769009011", Choice(VISITS), "Статус приёма"),
    field("UF_CRM_1769009024", "ufCrm_1769009024", Day, "Дата заказа"),
    field("UF_CRM_1769009037", "ufCrm_1769009037", Integer, "Кресло"),
    field("UF_CRM_1769009050", "ufCrm_1769009050", Text, "Комментарий клиники"),
    field("UF_CRM_FIRST_VISIT", "ufCrmFirstVisit", UserFlag, "Первичный визит"),
    field("UF_CRM_SOURCE_NOTE", "ufCrmSourceNote", Text, "Примечание из учётной системы"),
    field("OBSERVERS", "observers", Ids("user"), "Наблюдатели").on(Item),
    field("ENTITY_TYPE_ID", "entityTypeId", Integer, "Тип").ro().on(Item),
];
