//! What a process takes, as the kernel counts it, and the figure in the middle of many.

use std::fs::read_to_string;

/// Returns the figure in the middle.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().expect("at least one figure")
}

/// Returns a line of a process's memory, in MiB.
pub fn memory(id: u32, line: &str) -> Option<f64> {
    let status = read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':'))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}

/// Returns the processor seconds that a process has used.
pub fn processor_time(id: u32) -> Option<f64> {
    let stat = read_to_string(format!("/proc/{id}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
    // Linux counts in hundredths of a second wherever this runs.
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

/// Lets a process's peak begin anew.
pub fn forget_peak(id: u32) {
    std::fs::write(format!("/proc/{id}/clear_refs"), "5").expect("the peak of a process of ours");
}
