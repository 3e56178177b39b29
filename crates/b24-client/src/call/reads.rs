//! Which methods only read.

/// Methods that read although their last word does not say so.
const READS: &[&str] = &[
    "app.info",
    "app.option.get",
    "crm.duplicate.findbycomm",
    "crm.item.payment.list",
    "crm.enum.ownertype",
    "disk.folder.getchildren",
    "event.get",
    "feature.get",
    "method.get",
    "methods",
    "profile",
    "scope",
    "server.time",
    "user.current",
    "user.search",
];

/// Last words of method names that only read, in every family of the portal.
const READING_WORDS: &[&str] = &["list", "get", "fields", "current", "count", "getlist", "search"];

/// Methods that end in a reading word and yet change something: `event.offline.get` takes events off the queue,
/// the others are unknown to change nothing.
const NOT_READS: &[&str] = &["event.offline.get"];

/// Whether a method is known to only read. What is not known is a write.
#[must_use]
pub fn is_known_read(method: &str) -> bool {
    let method = method.trim().to_ascii_lowercase();
    if NOT_READS.contains(&method.as_str()) {
        return false;
    }
    READS.contains(&method.as_str())
        || (method.contains('.')
            && method.rsplit('.').next().is_some_and(|word| READING_WORDS.contains(&word)))
}
