"""The house keeps its one order."""

import subprocess
import sys
import tomllib
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]


def test_imports_keep_the_one_order():
    ran = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 0, ran.stdout


def test_installed_apps_stand_in_the_order_of_imports():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = told["tool"]["importlinter"]["contracts"][0]["layers"]
    order = [name.strip("()") for name in reversed(layers)]
    apps = [app for app in settings.INSTALLED_APPS if app.startswith("jiesu.")]

    assert apps == [name for name in order if name in apps]
