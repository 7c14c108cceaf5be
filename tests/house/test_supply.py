"""What the release is made of is told whole, and an audit that could not ask is no pass."""

import json
import re
import subprocess
import sys
from datetime import date
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest

from tests.house.tracked import ROOT


def tool(name):
    loader = SourceFileLoader(name, str(ROOT / "tools" / name))
    made = module_from_spec(spec_from_loader(name, loader))
    loader.exec_module(made)
    return made


audit, sbom = tool("audit"), tool("sbom")
BORNE = [{"id": "GHSA-1", "package": "django", "until": date(2026, 12, 1), "reason": "not ours"}]
TODAY = date(2026, 11, 26)


def found(name, *ids, **more):
    return {"name": name, "version": "1.0", "vulns": [{"id": one, "aliases": [], "fix_versions": ["1.1"]} | more for one in ids]}  # fmt: skip


def test_the_bill_names_every_locked_package_and_vendored_file(tmp_path):
    subprocess.run([sys.executable, ROOT / "tools" / "sbom", tmp_path], check=True, capture_output=True)  # fmt: skip
    (path,) = tmp_path.iterdir()
    told = json.loads(path.read_text())

    lock = (ROOT / "requirements" / "base.txt").read_text()
    pins = {tuple(line.split(" ")[0].split("==")) for line in lock.splitlines() if re.match(r"^[a-z].*==", line)}  # fmt: skip
    names = {(name.partition("[")[0], version) for name, version in pins}
    parts = {(part["name"], part["version"]) for part in told["components"]}
    assert len(names) > 30
    assert parts - names == {("htmx", "2.0.11")}
    assert names - parts == set()
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert path.name == "jiesu-0.1.0.cdx.json"
    without = [part["name"] for part in told["components"] if not part.get("licenses")]
    assert without == []
    unhashed = [
        part["name"] for part in told["components"]
        if not part.get("hashes") and not any(p["name"] == "jiesu:sha256" for p in part["properties"])
    ]  # fmt: skip
    assert unhashed == []
    assert len({part["bom-ref"] for part in told["components"]}) == len(told["components"])


def test_the_same_lock_gives_the_same_bill():
    assert json.dumps(sbom.bom()) == json.dumps(sbom.bom())


def test_every_vendored_file_has_a_version_and_a_licence_beside_it():
    files = [line.split()[1] for line in (sbom.VENDOR / "SHA256SUMS").read_text().splitlines()]
    named = {sbom.FILE.match(file)["name"] for file in files if sbom.FILE.match(file)}

    assert named == set(sbom.LICENCES)
    assert {f"{name}-LICENSE.txt" for name in named} <= set(files)


@pytest.mark.parametrize(
    ("told", "against"),
    [
        pytest.param([found("django")], [], id="没有"),
        pytest.param([found("django", "GHSA-1")], [], id="承受着的"),
        pytest.param([found("django", "CVE-1", aliases=["GHSA-1"])], [], id="承受着的别名"),
        pytest.param([found("lxml", "GHSA-1")], ["lxml 1.0: GHSA-1, put right in 1.1"], id="别的组件的"),
        pytest.param([found("django", "GHSA-2")], ["django 1.0: GHSA-2, put right in 1.1"], id="新的"),
    ],
)  # fmt: skip
def test_an_advisory_stands_against_a_pass_unless_it_is_borne(told, against):
    assert audit.judged(told, BORNE, TODAY) == against


def test_what_is_borne_is_borne_only_until_its_day():
    told = audit.judged([found("django", "GHSA-1")], BORNE, date(2026, 12, 2))

    assert told == ["django 1.0: GHSA-1, borne until 2026-12-01, which has passed"]


def test_a_service_that_knows_none_of_them_has_not_answered():
    silent = [{"name": "django", "version": "1", "skip_reason": "not found"}]

    assert not audit.answered(silent)
    assert audit.answered([*silent, found("lxml")])


@pytest.mark.parametrize("answer", [None, []], ids=["连不上", "答了"])
def test_an_audit_that_could_not_ask_is_no_pass(monkeypatch, capsys, answer):
    monkeypatch.setattr(audit, "ask", lambda path: answer)

    status = audit.main()

    assert status == (audit.UNKNOWN if answer is None else 0)
    assert ("没有查成" in capsys.readouterr().err) == (answer is None)


def test_what_is_borne_is_written_with_its_reason_and_day():
    borne = audit.tomllib.loads((ROOT / "requirements" / "advisories.toml").read_text())["borne"]

    assert [one for one in borne if set(one) != {"id", "package", "until", "reason"}] == []
