"""The command's own Chinese: argparse with its words translated, and where words and results go."""

import argparse
import json
import sys
from typing import Any, NoReturn

_WORDS = {
    "usage: ": "用法：",
    "positional arguments": "参数",
    "options": "选项",
    "show this help message and exit": "显示帮助",
    "the following arguments are required: %s": "缺少参数：%s",
    "unrecognized arguments: %s": "不认识的参数：%s",
    "invalid choice: %(value)r (choose from %(choices)s)": "没有“%(value)s”，可用：%(choices)s",
    "expected one argument": "后面要跟一个值",
    "expected at least one argument": "后面至少要跟一个值",
    "invalid %(type)s value: %(value)r": "“%(value)s”不能用",
    "argument %(argument_name)s: %(message)s": "参数 %(argument_name)s：%(message)s",
    "%(prog)s: error: %(message)s\n": "%(prog)s：%(message)s\n",
}
argparse._ = lambda text: _WORDS.get(text, text)  # type: ignore[attr-defined]


class Parser(argparse.ArgumentParser):
    """A parser that says in Chinese what is wrong and how to see the help."""

    def error(self, message: str) -> NoReturn:
        say(f"{message}\n用 {self.prog} --help 看用法。")
        sys.exit(2)


class Stopped(Exception):
    """The command cannot go on; the message says in Chinese what to do. Exit status 1."""


def say(text: str) -> None:
    """Words for a person go to standard error."""
    print(text, file=sys.stderr, flush=True)


def result(told: dict[str, Any]) -> None:
    """A result for a program: one JSON object, the last line of standard output."""
    print(json.dumps(told, ensure_ascii=False, default=str), flush=True)
