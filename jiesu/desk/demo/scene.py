"""The office the demo plays in: its communities and what its units are called."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import jiesu.rulesets

OFFICE_FILE = Path(jiesu.rulesets.__path__[0]) / "offices" / "yangfangdian.toml"


@dataclass(frozen=True, slots=True)
class Community:
    """A community (社区): its unit code and short name."""

    code: str
    name: str


@dataclass(frozen=True)
class Scene:
    """Where the demo plays. ``units`` maps unit codes to names, communities included.

    ``silent`` are the communities without an account: their matters are led by 社区建设办公室.
    """

    district: str
    street: str
    communities: tuple[Community, ...]
    units: Mapping[str, str]
    silent: frozenset[str] = frozenset()
    roles: Mapping[str, str] = field(default_factory=dict)  # unit code -> role code


@cache
def scene(path: Path = OFFICE_FILE) -> Scene:
    """Read the scene from an office file."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    neighbourhoods = [unit for unit in data["units"] if unit["kind"] == "community"]
    return Scene(
        district=data["office"]["district"],
        street=data["office"]["street"],
        communities=tuple(Community(unit["code"], unit["short"]) for unit in neighbourhoods),
        units={
            unit["code"]: unit["short" if unit["kind"] == "community" else "name"]
            for unit in data["units"]
        },
        roles={u["code"]: u["role"] for u in data["units"] if u["kind"] != "community"},
    )
