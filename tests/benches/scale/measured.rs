//! A program that runs, and what it took: time, processor time, memory at its peak.

use std::time::{Duration, Instant};

use barycenter_e2e::measure::{memory, processor_time};
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
