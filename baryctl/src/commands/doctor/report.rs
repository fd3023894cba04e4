//! The checks as JUnit XML: one case each, which GitLab, Jenkins and Azure show.

use std::fs;
use std::path::Path;
use std::time::Duration;

use barycenter_core::doctor::Status;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::error::{CtlError, Exit};
use crate::render::plain;
use crate::target::answer::Check;

/// Writes the report. With `strict`, warnings are failures there as well.
pub(super) fn junit(file: &Path, checks: &[Check], strict: bool) -> Result<(), CtlError> {
    let unwritable =
        |why: String| CtlError::new(Exit::Failed, format!("the report {} cannot be written: {why}", file.display()));
    let mut suite = TestSuite::new("baryctl doctor");
    suite.add_test_cases(checks.iter().map(|check| case(check, strict)));
    let mut report = Report::new("baryctl doctor");
    report.add_test_suite(suite);
    let xml = report.to_string().map_err(|error| unwritable(error.to_string()))?;
    fs::write(file, xml).map_err(|error| unwritable(error.to_string()))
}

fn case(check: &Check, strict: bool) -> TestCase {
    let Check { id, group, status, message, fix, took_ms } = check;
    let failure = || {
        let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
        failure.set_type(status.as_str()).set_message(plain(message));
        if let Some(fix) = fix {
            failure.set_description(format!("fix: {}", plain(fix)));
        }
        failure
    };
    let outcome = match status {
        Status::Failed => failure(),
        Status::Warning if strict => failure(),
        Status::Skipped => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(plain(message));
            skipped
        }
        Status::Ok | Status::Warning => TestCaseStatus::success(),
    };
    let mut case = TestCase::new(id.clone(), outcome);
    case.set_classname(group.clone()).set_time(Duration::from_millis(*took_ms));
    if *status == Status::Warning && !strict {
        case.set_system_out(format!("warning: {}", plain(message)));
    }
    case
}
