//! The register from source to output.

#[cfg(test)]
mod counting;
#[cfg(test)]
mod differences;
#[cfg(test)]
mod earlier_system;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod export;
#[cfg(test)]
mod portal_register;
#[cfg(test)]
mod presentation;
#[cfg(test)]
mod raw_register;
#[cfg(test)]
mod short_list;
#[cfg(test)]
mod sync_apply;
#[cfg(test)]
mod sync_draft;
#[cfg(test)]
mod sync_journal;
#[cfg(test)]
mod sync_journal_model;
#[cfg(test)]
mod sync_mapping;
#[cfg(test)]
mod sync_personal;
#[cfg(test)]
mod sync_plan;
#[cfg(test)]
mod sync_run;
#[cfg(test)]
mod sync_source;
#[cfg(test)]
mod ten_seeds;
#[cfg(test)]
mod workbook;
