"""The runners count right, end what hangs, and leave no process behind."""
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from devkit import suite
from devkit.common import Tally, run_part

TESTS = '''
import subprocess
from pathlib import Path
from lib.nodes import Skip

def test_passes(nodes):
    assert nodes.folder.is_dir()

def test_fails(nodes):
    assert 1 == 2, "one is not two"

def test_is_skipped(nodes):
    raise Skip("not today")

def test_hangs(nodes):
    child = subprocess.Popen(["sleep", "1000"])
    Path(__file__).with_name("pid").write_text(str(child.pid))
    try:
        child.wait()
    finally:
        child.kill()
        child.wait()

test_hangs.limit_s = 1
'''


class RunnerTest(unittest.TestCase):
    def test_each_outcome_is_counted(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "some_test.py").write_text(TESTS)
            done = subprocess.run([sys.executable, ROOT / "tests/run.py", folder / "some_test.py",
                                   "--tally", folder / "tally"], capture_output=True, text=True)
            tally = json.loads((folder / "tally").read_text())
            left_behind = int((folder / "pid").read_text())
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertEqual((tally["passed"], tally["failed"], tally["skipped"]), (1, 2, 1))
        self.assertEqual(tally["failures"], ["some_test.test_fails", "some_test.test_hangs"])
        self.assertIn("one is not two", done.stdout)
        self.assertIn("skip  some_test.test_is_skipped: not today", done.stdout)
        self.assertIn("no end after 1 s", done.stdout)
        with self.assertRaises(ProcessLookupError):
            os.kill(left_behind, 0)

    def test_gtest_reports_are_counted_by_case(self):
        cases = [{"name": "a", "result": "COMPLETED"}, {"name": "b", "result": "SKIPPED"},
                 {"name": "c", "result": "COMPLETED", "failures": [{"failure": "no"}]},
                 {"name": "d", "result": "SUPPRESSED"}]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as report:
            json.dump({"testsuites": [{"name": "Some", "testsuite": cases}]}, report)
            report.flush()
            tally = suite.read_gtest(Path(report.name), "asan:")
        self.assertEqual(tally, Tally(1, 1, 1, ["asan:Some.c"]))

    def test_a_part_that_breaks_counts_as_failed(self):
        with contextlib.redirect_stdout(io.StringIO()):
            tally = run_part("broken", lambda: 1 // 0)
        self.assertEqual(tally, Tally(failed=1, failures=["broken"]))


if __name__ == "__main__":
    unittest.main()
