//! The documented list methods, one line each (sections 5 and 6 of the wire reference; for the others the pages of
//! the methods in the REST documentation).

use super::{Order, Paging, Profile};
use crate::envelope::Wrapper;

/// Key `ID` in conditions and in rows, no wrapper: the older lists.
const LEGACY: &[&str] = &[
    "bizproc.task.list",
    "crm.activity.list",
    "crm.company.list",
    "crm.contact.list",
    "crm.deal.list",
    "crm.invoice.list",
    "crm.invoice.recurring.list",
    "crm.lead.list",
    "crm.measure.list",
    "crm.product.list",
    "crm.productsection.list",
    "crm.quote.list",
    "crm.requisite.bankdetail.list",
    "crm.requisite.list",
    "crm.requisite.preset.list",
    "disk.storage.getlist",
];

/// Key `id` in conditions and in rows, under a wrapper: the controllers.
const CONTROLLERS: &[(&str, &str)] = &[
    ("catalog.document.element.list", "documentElements"),
    ("catalog.document.list", "documents"),
    ("catalog.price.list", "prices"),
    ("catalog.pricetype.list", "priceTypes"),
    ("catalog.product.list", "products"),
    ("catalog.product.offer.list", "offers"),
    ("catalog.product.service.list", "services"),
    ("catalog.product.sku.list", "units"),
    ("catalog.productproperty.list", "productProperties"),
    ("catalog.productpropertyenum.list", "productPropertyEnums"),
    ("catalog.ratio.list", "ratios"),
    ("catalog.section.list", "sections"),
    ("catalog.store.list", "stores"),
    ("catalog.storeproduct.list", "storeProducts"),
    ("catalog.vat.list", "vats"),
    ("crm.documentgenerator.document.list", "documents"),
    ("crm.documentgenerator.template.list", "templates"),
    ("crm.item.list", "items"),
    ("crm.item.productrow.list", "productRows"),
    ("sale.basketitem.list", "basketItems"),
    ("sale.order.list", "orders"),
    ("sale.payment.list", "payments"),
    ("sale.property.list", "properties"),
    ("sale.shipment.list", "shipments"),
];

/// Key `ID` in conditions, under a wrapper; the key's name in rows differs.
const MIXED: &[(&str, &str, &str)] = &[
    ("crm.stagehistory.list", "items", "ID"),
    ("tasks.task.list", "tasks", "id"),
    ("socialnetwork.api.workgroup.list", "workgroups", "id"),
];

/// Counted offsets: wrapper (or none), key in rows (or none), order.
const COUNTED: &[(&str, Option<&str>, Option<&str>, Order)] = &[
    ("bizproc.workflow.template.list", None, None, Order::Fixed),
    ("crm.address.list", None, None, Order::By(&["TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID"])),
    ("crm.dealcategory.list", None, Some("ID"), Order::By(&["ID"])),
    ("crm.requisite.link.list", None, None, Order::By(&["ENTITY_TYPE_ID", "ENTITY_ID"])),
    ("crm.timeline.bindings.list", None, None, Order::Fixed),
    ("crm.timeline.comment.list", None, Some("ID"), Order::By(&["ID"])),
    ("crm.type.list", Some("types"), Some("id"), Order::By(&["id"])),
    ("crm.vat.list", None, Some("ID"), Order::By(&["ID"])),
    ("department.get", None, Some("ID"), Order::TwoTexts("ID")),
    ("disk.folder.getchildren", None, Some("ID"), Order::Fixed),
    ("entity.item.get", None, Some("ID"), Order::Fixed),
    ("lists.element.get", None, Some("ID"), Order::Fixed),
    ("log.blogpost.get", None, Some("ID"), Order::Fixed),
    ("sonet_group.get", None, Some("ID"), Order::By(&["ID"])),
    ("user.get", None, Some("ID"), Order::TwoTexts("ID")),
    ("user.search", None, Some("ID"), Order::TwoTexts("ID")),
    ("userfieldconfig.list", Some("fields"), Some("id"), Order::Fixed),
    ("voximplant.statistic.get", None, Some("ID"), Order::TwoTexts("ID")),
];

/// Everything in one answer: wrapper, or none.
const WHOLE: &[(&str, Option<&str>)] = &[
    ("crm.category.list", Some("categories")),
    ("crm.company.userfield.list", None),
    ("crm.contact.userfield.list", None),
    ("crm.currency.list", None),
    ("crm.deal.userfield.list", None),
    ("crm.dealcategory.stage.list", None),
    ("crm.lead.userfield.list", None),
    ("crm.requisite.userfield.list", None),
    ("crm.status.list", None),
    ("event.get", None),
    ("mailservice.list", None),
    ("placement.list", None),
    ("task.checklistitem.getlist", None),
];

/// Parameters by position (`ctaskitem` of the REST documentation: in this order, none left out in between).
const POSITIONAL: &[(&str, &[&str])] = &[
    ("task.item.list", &["ORDER", "FILTER", "PARAMS", "SELECT"]),
    ("task.items.getlist", &["ORDER", "FILTER", "PARAMS", "SELECT"]),
];

/// The profile of a method named in lower case.
pub(super) fn find(method: &str) -> Option<Profile> {
    let profile = |wrapper: Option<&'static str>, key, row_key, paging, order| Profile {
        wrapper: wrapper.map_or(Wrapper::Bare, Wrapper::Under),
        key,
        row_key,
        paging,
        order,
        positions: None,
    };
    let keyset = |wrapper, key: &'static str, row_key| {
        let order = if key == "id" { Order::By(&["id"]) } else { Order::By(&["ID"]) };
        profile(wrapper, key, Some(row_key), Paging::Keyset, order)
    };
    if LEGACY.contains(&method) {
        return Some(keyset(None, "ID", "ID"));
    }
    if let Some((_, wrapper)) = CONTROLLERS.iter().find(|(name, _)| *name == method) {
        return Some(keyset(Some(wrapper), "id", "id"));
    }
    if let Some((_, wrapper, row_key)) = MIXED.iter().find(|(name, ..)| *name == method) {
        return Some(keyset(Some(wrapper), "ID", row_key));
    }
    if let Some((_, wrapper, row_key, order)) = COUNTED.iter().find(|(name, ..)| *name == method) {
        return Some(profile(*wrapper, "ID", *row_key, Paging::Offsets, *order));
    }
    if let Some((_, wrapper)) = WHOLE.iter().find(|(name, _)| *name == method) {
        return Some(profile(*wrapper, "ID", None, Paging::Whole, Order::Fixed));
    }
    let (_, positions) = POSITIONAL.iter().find(|(name, _)| *name == method)?;
    Some(Profile { positions: Some(positions), ..keyset(None, "ID", "ID") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_method_is_listed_twice_and_all_are_in_lower_case() {
        let mut names: Vec<&str> = LEGACY.to_vec();
        names.extend(CONTROLLERS.iter().map(|(name, _)| *name));
        names.extend(MIXED.iter().map(|(name, ..)| *name));
        names.extend(COUNTED.iter().map(|(name, ..)| *name));
        names.extend(WHOLE.iter().map(|(name, _)| *name));
        names.extend(POSITIONAL.iter().map(|(name, _)| *name));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        for name in names {
            assert_eq!(name, name.to_ascii_lowercase());
            assert!(crate::is_known_read(name), "{name}");
            assert!(find(name).is_some());
        }
    }

    #[test]
    fn the_key_may_be_spelt_differently_in_conditions_and_in_rows() {
        let tasks = find("tasks.task.list").unwrap();
        assert_eq!((tasks.key, tasks.row_key), ("ID", Some("id")));
        let items = find("crm.item.list").unwrap();
        assert_eq!((items.key, items.row_key), ("id", Some("id")));
    }
}
