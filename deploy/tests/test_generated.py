"""What deploy/generate.py makes is current; BLESS=1 rewrites it."""

import os
import unittest

from support import DEPLOY, run


class Generated(unittest.TestCase):
    def test_generated_files_are_current(self):
        words = [] if os.environ.get("BLESS") == "1" else ["--check"]
        finished = run("python3", DEPLOY / "generate.py", *words, code=None)
        self.assertEqual(finished.returncode, 0, finished.stdout + finished.stderr)


if __name__ == "__main__":
    unittest.main()
