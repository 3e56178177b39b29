//! How much memory a running process needed at most, where the system tells.

use std::fs;

/// Peak resident memory in bytes: `VmHWM` of Linux, nothing elsewhere or once the process has ended.
pub(crate) fn peak(pid: u32) -> Option<u64> {
    high_water_mark(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn high_water_mark(status: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_given_in_kibibytes() {
        let status = "Name:\tb24\nVmPeak:\t  9000 kB\nVmHWM:\t    2048 kB\nThreads:\t3\n";
        assert_eq!(high_water_mark(status), Some(2 * 1024 * 1024));
    }

    #[test]
    fn a_process_that_has_ended_has_none() {
        assert_eq!(high_water_mark("Name:\tb24\nState:\tZ (zombie)\n"), None);
    }
}
