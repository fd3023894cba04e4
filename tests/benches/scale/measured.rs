//! A program that runs, and what it took: time, processor time, memory at its peak.

use std::fs::read_to_string;
use std::time::{Duration, Instant};

use barycenter_e2e::{Deployment, program};
use tokio::process::Command;
use tokio::time::sleep;

use crate::Door;

/// What a run took.
pub(crate) struct Measured {
    pub(crate) wall: Duration,
    /// Processor seconds of the program itself.
    pub(crate) processor: f64,
    /// MiB.
    pub(crate) peak: f64,
}

/// Runs `baryctl` through a door and expects this exit code.
pub(crate) async fn baryctl(deployment: &Deployment, door: Door, arguments: &[&str], code: i32) -> Measured {
    let (admin, token, config) =
        (deployment.admin(), deployment.path("data/admin.token"), deployment.path("app/config.toml"));
    let mut all = match door {
        Door::Direct => vec!["--direct", "--config", config.to_str().expect("UTF-8")],
        Door::Online => vec!["--server", &admin, "--token-file", token.to_str().expect("UTF-8")],
    };
    all.extend(arguments);
    run(deployment.command(program::find("baryctl"), &all), code).await
}

/// Runs a program to its end.
pub(crate) async fn run(mut command: Command, code: i32) -> Measured {
    let began = Instant::now();
    let child = command.spawn().expect("the program starts");
    let id = child.id().expect("it runs");
    let finished = child.wait_with_output();
    tokio::pin!(finished);
    let (mut peak, mut processor) = (0.0, 0.0);
    loop {
        tokio::select! {
            output = &mut finished => {
                let output = output.expect("the program ends");
                assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
                return Measured { wall: began.elapsed(), processor, peak };
            }
            () = sleep(Duration::from_millis(20)) => {
                peak = memory(id, "VmHWM").unwrap_or(peak);
                processor = processor_time(id).unwrap_or(processor);
            }
        }
    }
}

/// Returns the figure in the middle.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().expect("at least one figure")
}

/// Returns a line of a process's memory, in MiB.
pub(crate) fn memory(id: u32, line: &str) -> Option<f64> {
    let status = read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':'))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}

/// Returns the processor seconds that a process has used.
pub(crate) fn processor_time(id: u32) -> Option<f64> {
    let stat = read_to_string(format!("/proc/{id}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
    // Linux counts in hundredths of a second wherever this runs.
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

/// Lets a process's peak begin anew.
pub(crate) fn forget_peak(id: u32) {
    std::fs::write(format!("/proc/{id}/clear_refs"), "5").expect("the peak of a process of ours");
}
