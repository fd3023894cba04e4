//! What monitoring reads of this process, from Linux's own account of it, under the names that every client library of
//! Prometheus uses.

use std::fs;

use barycenter_core::model::Timestamp;
use prometheus::{Counter, Error, IntGauge, Registry};

use crate::metrics::family::gauge;

/// How many ticks Linux counts a second of processor time as, on every architecture that there is.
const TICKS: f64 = 100.0;

/// The metrics of the process.
pub(super) struct ProcessMetrics {
    cpu: Counter,
    resident: IntGauge,
    virtual_memory: IntGauge,
    threads: IntGauge,
    open_fds: IntGauge,
    max_fds: IntGauge,
}

impl ProcessMetrics {
    pub(super) fn new(registry: &Registry, started_at: Timestamp) -> Result<Self, Error> {
        let cpu =
            Counter::new("process_cpu_seconds_total", "Processor time spent by users and the system, in seconds.")?;
        registry.register(Box::new(cpu.clone()))?;
        let started = "When the process started, in Unix time.";
        gauge(registry, "process_start_time_seconds", started)?.set(started_at.as_unix());
        Ok(Self {
            cpu,
            resident: gauge(
                registry,
                "process_resident_memory_bytes",
                "Memory that lies in the machine's own, in bytes.",
            )?,
            virtual_memory: gauge(
                registry,
                "process_virtual_memory_bytes",
                "Memory that the process has asked for, in bytes.",
            )?,
            threads: gauge(registry, "process_threads", "Threads.")?,
            open_fds: gauge(registry, "process_open_fds", "Open files and sockets.")?,
            max_fds: gauge(registry, "process_max_fds", "The most files and sockets that may be open.")?,
        })
    }

    /// Reads everything anew; what cannot be read stays as it was.
    pub(super) fn sample(&self) {
        let read = |name: &str| fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
        if let Some(seconds) = cpu_seconds(&read("stat")) {
            self.cpu.inc_by((seconds - self.cpu.get()).max(0.0));
        }
        let status = read("status");
        let kilobytes = |name| number_after(&status, name).map(|kilobytes| kilobytes.saturating_mul(1024));
        for (gauge, value) in [
            (&self.resident, kilobytes("VmRSS:")),
            (&self.virtual_memory, kilobytes("VmSize:")),
            (&self.threads, number_after(&status, "Threads:")),
            (&self.max_fds, number_after(&read("limits"), "Max open files")),
            // The folder that is being read is one of them.
            (&self.open_fds, fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as i64 - 1)),
        ] {
            if let Some(value) = value {
                gauge.set(value);
            }
        }
    }
}

/// Returns the time in user and in system mode: the 14th and 15th of the fields, of which the second is the program's
/// name in brackets, with whatever it holds.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}

/// Returns the first number behind a name that begins a line.
fn number_after(text: &str, name: &str) -> Option<i64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_tells_is_read() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 2000 0 1 0 250 50 0 0 20 0 5 0 100 9 9";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(cpu_seconds(""), None);
        assert_eq!(number_after("VmSize:\t  10 kB\nVmRSS:\t  123 kB\n", "VmRSS:"), Some(123));
        assert_eq!(
            number_after("Max open files            1024                 4096                 files", "Max open files"),
            Some(1024)
        );
    }
}
