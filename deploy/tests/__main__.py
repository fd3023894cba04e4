"""Runs the checks of deploy/ and docs/: `deploy/tests/run.sh [NAME…]`, and ends with a line for each file of them.

The lines are for tests/run.sh: `tally NAME PASSED FAILED REMARK`, separated by tabs. What was skipped is named with its
reason.
"""

import pathlib
import sys
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent


def main():
    sys.path.insert(0, str(FOLDER))
    wanted = sys.argv[1:] or sorted(path.stem.removeprefix("test_") for path in FOLDER.glob("test_*.py"))
    lines, failed = [], False
    for name in wanted:
        print(f"--- {name}", flush=True)
        suite = unittest.defaultTestLoader.loadTestsFromName(f"test_{name}")
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite)
        bad = len(result.failures) + len(result.errors)
        passed = max(result.testsRun - bad - len(result.skipped), 0)
        reasons = sorted({reason for _, reason in result.skipped})
        remark = f"{len(result.skipped)} skipped: {'; '.join(reasons)}" if reasons else ""
        lines.append(f"tally\tdeploy: {name}\t{passed}\t{bad}\t{remark}")
        failed = failed or bad > 0
    print("\n".join(lines))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
