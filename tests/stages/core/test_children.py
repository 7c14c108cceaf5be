"""A long training does not go on when the worker that wanted it is gone."""

import subprocess
import sys

import psutil

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", %r], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
sys.stdin.read()
"""
CHILD = """
import sys, time
from jiesu.core.children import end_with_parent
end_with_parent()
print(flush=True)
time.sleep(600)
"""


def test_a_child_ends_when_its_parent_is_killed():
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT % CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    child = psutil.Process(int(parent.stdout.readline()))

    parent.kill()
    parent.wait()
    psutil.wait_procs([child], timeout=20)

    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
