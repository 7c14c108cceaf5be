"""The ``jiesu`` command: grouped verbs, each a door to a module of ``jiesu.command``."""

import sys
import warnings
from argparse import Namespace
from importlib import import_module
from pathlib import Path

from jiesu import __version__
from jiesu.command.words import Parser, Stopped, result, say


def parser() -> Parser:
    """Return the parser of all verbs. Nothing of Django is needed to show help."""
    top = Parser(prog="jiesu", description="接诉：接诉即办案件全流程工作台")
    top.add_argument("--version", action="version", version=__version__, help="显示版本")
    verbs = top.add_subparsers(title="命令", metavar="命令", required=True)

    run = verbs.add_parser("run", help="启动网页和后台任务（Ctrl-C 结束）")
    run.add_argument("--demo", action="store_true", help="空库时先装入演示街道（一个月的虚构案件）")
    run.set_defaults(module="running", verb="run", prepares=False)

    stop = verbs.add_parser("stop", help="结束本数据目录上运行的一切（网页、后台任务、数据库）")
    stop.set_defaults(module="stopping", verb="stop", prepares=None)

    init = verbs.add_parser("init", help="准备数据目录：建库、建街道和单位；可反复运行")
    init.add_argument(
        "--office", type=Path, metavar="文件", help="街道文件（TOML），默认羊坊店街道"
    )
    init.add_argument("--demo", action="store_true", help="装入演示成员和案件")
    init.set_defaults(module="initial", verb="init", prepares=False)

    importing = verbs.add_parser("import", help="导入").add_subparsers(
        title="导入什么", metavar="种类", required=True
    )
    orders = importing.add_parser("orders", help="导入工单：xlsx、xls、csv、docx 或其 zip")
    orders.add_argument("files", nargs="+", type=Path, metavar="文件")
    orders.add_argument("--dry-run", action="store_true", help="只试读，不入库")
    orders.add_argument("--json", action="store_true", help="最后一行输出 JSON 结果")
    orders.add_argument("--street", metavar="代码", help="导入哪个街道（本机只有一个时可不写）")
    orders.add_argument("--refused", type=Path, metavar="目录", help="把未收的行写成文件放到此目录")
    orders.set_defaults(module="orders", verb="run", prepares=True)

    holidays = importing.add_parser("holidays", help="导入节假日安排：csv 或 toml，一年或几年")
    holidays.add_argument("file", type=Path, metavar="文件")
    holidays.add_argument("--dry-run", action="store_true", help="只试读，说出会改变什么")
    holidays.add_argument("--tentative", action="store_true", help="尚未公布，先按暂定录入")
    holidays.add_argument("--source", default="", metavar="文字", help="依据，如通知的全称和文号")
    holidays.add_argument("--json", action="store_true", help="最后一行输出 JSON 结果")
    holidays.add_argument("--street", metavar="代码", help="导入哪个街道（本机只有一个时可不写）")
    holidays.set_defaults(module="holidays", verb="run", prepares=True)

    _add_callbacks(
        importing.add_parser("callbacks", help="导入上级回访明细：xlsx、xls、csv 或其 zip")
    )
    _add_rates(verbs.add_parser("rates", help="三率和综合成绩：按考核期，全口径或不含剔除"))
    _add_keys(verbs.add_parser("keys", help="个人信息的密钥：查看，更换，加密以前的案件"))
    _add_audit(verbs.add_parser("audit", help="留痕：核对有没有被改动，写锚点"))
    _add_due(verbs.add_parser("due", help="算截止时间，并说明每一段为什么计、为什么不计"))
    _add_simulate(
        verbs.add_parser("simulate", help="模拟一个月：真的流程、时限和提醒，另建临时数据库")
    )
    _add_transcribe(verbs.add_parser("transcribe", help="转写录音，在本机做；有对照文本的算字错率"))
    _add_triage(verbs.add_parser("triage", help="初核：从带标签的内容训练模型，检验模型的好坏"))
    return top


def _add_callbacks(results: Parser) -> None:
    results.add_argument("file", type=Path, metavar="文件")
    results.add_argument(
        "--cycle", metavar="考核期", help="这份明细属于哪个考核期，如 2026-10；不写按派单时间"
    )
    results.add_argument("--dry-run", action="store_true", help="只试读，不入库")
    results.add_argument("--json", action="store_true", help="最后一行输出 JSON 结果")
    results.add_argument("--street", metavar="代码", help="哪个街道（本机只有一个时可不写）")
    results.set_defaults(module="callbacks", verb="run", prepares=True)


def _add_rates(rates: Parser) -> None:
    rates.add_argument(
        "what", nargs="?", default="show", choices=("show", "freeze", "backtest"),
        help="show 给出三率（默认）；freeze 冻结已结束的考核期；backtest 检验期末预计准不准",
    )  # fmt: skip
    rates.add_argument(
        "--file", type=Path, metavar="文件", help="backtest：带三问结果的历年工单，不写用在案的"
    )
    rates.add_argument("--cycle", metavar="考核期", help="如 2026-10，默认本期")
    rates.add_argument(
        "--basis", choices=("full", "excl"), default="full",
        help="口径：full 全口径（含剔除），excl 不含剔除；默认全口径",
    )  # fmt: skip
    rates.add_argument(
        "--by",
        choices=("unit", "community", "category", "person"),
        help="分别列出：单位、社区、问题分类、承办人",
    )
    rates.add_argument("--json", action="store_true", help="最后一行输出 JSON 结果")
    rates.add_argument("--street", metavar="代码", help="哪个街道（本机只有一个时可不写）")
    rates.set_defaults(module="rates", verb="run", prepares=True)


def _add_keys(keys: Parser) -> None:
    verbs = keys.add_subparsers(title="做什么", metavar="动作", required=True)
    show = verbs.add_parser("show", help="列出密钥的编号和年龄，不显示密钥")
    show.set_defaults(module="keys", verb="show", prepares=True)
    rotate = verbs.add_parser("rotate", help="更换主密钥，重新包裹所有密钥")
    rotate.add_argument("--data", action="store_true", help="数据密钥也换，全部内容重新加密")
    rotate.add_argument("--resume", action="store_true", help="接着做上次没做完的重新加密")
    rotate.set_defaults(module="keys", verb="rotate", prepares=True)
    seal = verbs.add_parser("seal", help="把以前没有加密的案件和佐证加密")
    seal.set_defaults(module="keys", verb="seal", prepares=True)


def _add_audit(audit: Parser) -> None:
    verbs = audit.add_subparsers(title="做什么", metavar="动作", required=True)
    verify = verbs.add_parser("verify", help="核对操作留痕和案件记录，发现任何改动返回 1")
    verify.add_argument("--json", action="store_true", help="最后一行输出 JSON 结果")
    verify.add_argument(
        "--from", dest="first", type=int, default=1, metavar="环", help="从第几环起，默认从头"
    )
    verify.add_argument("--anchors", type=Path, metavar="文件", help="与锚点文件比对")
    verify.set_defaults(module="audit", verb="verify", prepares=True)
    anchor = verbs.add_parser("anchor", help="把链尾写进外面的文件，作日后比对的锚点")
    anchor.add_argument("--to", type=Path, metavar="文件", help="写到哪里，默认 JIESU_ANCHORS")
    anchor.set_defaults(module="audit", verb="anchor", prepares=True)


def _add_due(due: Parser) -> None:
    due.add_argument("--start", metavar="时间", help="开始时间，如 2026-09-30T16:00（北京时间）")
    due.add_argument("--limit", metavar="时长", help="时限，如 72h、90m、1.5h、3d（1d 是 24 小时）")
    due.add_argument(
        "--count", choices=("calendar", "workday", "service"), default="calendar",
        help="计时方式：calendar 自然日，workday 工作日，service 服务时间；默认自然日",
    )  # fmt: skip
    due.add_argument("--hours", metavar="钟点", help="服务时间，如 09:00-12:00,13:30-17:30")
    due.add_argument(
        "--pause", action="append", default=[], metavar="起/止",
        help="暂停的一段，可写多次；还没有恢复的，止留空",
    )  # fmt: skip
    due.add_argument("--explain", action="store_true", help="逐段说明")
    due.add_argument("--json", action="store_true", help="输出一行 JSON")
    due.add_argument("--batch", metavar="文件", help="JSONL 文件，每行一题，- 为标准输入")
    due.add_argument("--holidays", type=Path, metavar="文件", help="增补或替换节假日安排")
    due.add_argument("--street", metavar="代码", help="用哪个街道录入的节假日安排")
    due.set_defaults(module="due", verb="run", prepares=None)


def _add_triage(triage: Parser) -> None:
    doing = triage.add_subparsers(title="做什么", metavar="动作", required=True)
    train = doing.add_parser("train", help="训练：JSON 行（有标签，有 text 或 words），或工单文件")
    evaluate = doing.add_parser("evaluate", help="检验：准确率、覆盖率、校准误差、快慢")
    for verb, name in ((train, "train"), (evaluate, "evaluate")):
        verb.add_argument(
            "--data", type=Path, required=True, metavar="文件",
            help="jsonl、jsonl.gz；学主办单位时给工单文件（xlsx、xls、csv、zip）",
        )  # fmt: skip
        verb.add_argument(
            "--target", default="label", metavar="列",
            help="学哪一列，默认 label；工单文件可学 unit（主办单位）、category（问题分类）",
        )  # fmt: skip
        verb.add_argument("--json", action="store_true", help="最后一行输出 JSON 结果")
        verb.set_defaults(module="triage", verb=name, prepares=None)
    train.add_argument("--out", type=Path, metavar="文件", help="默认数据目录的 triage/列名.model")
    _add_address(doing.add_parser("address", help="地址拆分：从标好各部分的地址训练，检验好坏"))
    evaluate.add_argument("--model", type=Path, metavar="文件", help="默认同 train 的默认位置")
    evaluate.add_argument(
        "--cv", action="store_true", help="不用现成模型：数据分五份，轮流训练和检验"
    )
    evaluate.add_argument("--only", choices=("text", "words"), help="只计有原文（或只有分词）的行")
    compare = doing.add_parser("compare", help="主办单位：按时间先后检验，与两种简单做法并列")
    compare.add_argument("--data", type=Path, required=True, metavar="文件", help="办结的工单文件")
    compare.add_argument("--target", choices=("unit",), default="unit", help="主办单位")
    compare.add_argument("--cycles", type=int, default=3, metavar="期", help="检验最后几个考核期")
    compare.add_argument("--office", type=Path, metavar="文件", help="街道文件，默认羊坊店街道")
    compare.add_argument("--json", action="store_true", help="最后一行输出 JSON 结果")
    compare.set_defaults(module="triage", verb="compare", prepares=None)


def _add_transcribe(transcribe: Parser) -> None:
    transcribe.add_argument("files", nargs="*", type=Path, metavar="文件")
    transcribe.add_argument(
        "--install-model",
        action="store_true",
        help="把软件包带来的语音模型放进数据目录，以后就用它（先执行 make speech）",
    )
    transcribe.add_argument(
        "--evaluate", type=Path, metavar="csv", help="对照文本：file 和 transcript 两列"
    )
    transcribe.add_argument(
        "--model",
        type=Path,
        metavar="目录",
        help="语音模型，默认 JIESU_SPEECH_MODEL 或数据目录里的 speech",
    )
    transcribe.add_argument("--json", action="store_true", help="最后一行输出 JSON 结果")
    transcribe.set_defaults(module="transcribe", verb="run", prepares=None)


def _add_address(address: Parser) -> None:
    doing = address.add_subparsers(title="做什么", metavar="动作", required=True)
    train = doing.add_parser(
        "train", help="训练：每行一个 JSON，有 text 和 spans（[种类, 起, 止]）"
    )
    evaluate = doing.add_parser("evaluate", help="检验：微平均 F1，各部分的 F1，快慢")
    for verb, name in ((train, "train"), (evaluate, "evaluate")):
        verb.add_argument(
            "--data", type=Path, required=True, metavar="文件", help="jsonl 或 jsonl.gz"
        )
        verb.add_argument("--split", metavar="名", help="只用 split 为此名的行，如 train、dev")
        verb.add_argument("--json", action="store_true", help="最后一行输出 JSON 结果")
        verb.set_defaults(module="address", verb=name, prepares=None)
    train.add_argument(
        "--out", type=Path, metavar="文件", help="默认数据目录的 triage/address.model"
    )
    evaluate.add_argument("--model", type=Path, metavar="文件", help="默认同 train 的默认位置")


def _add_simulate(simulate: Parser) -> None:
    simulate.add_argument("--days", type=int, default=31, metavar="天数", help="默认 31")
    simulate.add_argument("--orders", type=int, default=900, metavar="件数", help="默认 900")
    simulate.add_argument(
        "--seed", type=int, default=1, metavar="种子", help="同一种子得到同一份记录，默认 1"
    )
    simulate.add_argument(
        "--start",
        default="2026-09-19",
        metavar="日期",
        help="第一天，默认 2026-09-19（含国庆调休）",
    )
    simulate.add_argument("--json", action="store_true", help="最后一行输出 JSON 结果")
    simulate.add_argument("--record", type=Path, metavar="文件", help="把全部记录写成 JSONL")
    simulate.add_argument("--keep", action="store_true", help="结束后留下模拟的数据库")
    simulate.set_defaults(module="simulate", verb="run", prepares=None)


def main(argv: list[str] | None = None) -> int:
    """Run one verb. Returns 0 only when all of it was done."""
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")  # of the embedded server's package
    asked = parser().parse_args(argv)
    try:
        return _do(asked)
    except Stopped as why:
        return _fail(asked, str(why))
    except KeyboardInterrupt:
        say("已中断。已入库的行不受影响，再运行一次会接着做完。")
        return 130


def _fail(asked: Namespace, why: str) -> int:
    if getattr(asked, "json", False):
        result({"error": why})
    say(why)
    return 1


def _do(asked: Namespace) -> int:
    if asked.prepares is not None:
        return int(import_module("jiesu.command.connecting").do(asked))
    module = import_module(f"jiesu.command.{asked.module}")
    return int(getattr(module, asked.verb)(asked))


def connect() -> None:
    """Start the embedded server if need be and wake Django.

    :raises Stopped: the database cannot be reached, or a setting is wrong
    """
    import_module("jiesu.command.connecting").connect()


if __name__ == "__main__":
    sys.exit(main())
