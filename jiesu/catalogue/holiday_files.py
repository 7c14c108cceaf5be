"""Holiday files as people have them: csv or TOML, UTF-8 or the GBK that Excel writes. No Django."""

from jiesu.rules.holidays import YearTable, parse_csv, parse_toml, tentative

LARGEST = 1_000_000  # bytes; a year is a few hundred


def read(
    name: str, body: bytes, *, source: str = "", confirmed: bool = True
) -> dict[int, YearTable]:
    """Return the year tables of a file. A TOML file says its own source and whether it is confirmed.

    :raises ValueError: what is wrong and what to do, in Chinese
    """
    if len(body) > LARGEST:
        raise ValueError("文件太大，不像节假日安排，请核对。")
    text = _text(body)
    kind = name.rpartition(".")[2].lower()
    if kind == "toml":
        found = parse_toml(text)
        return found if confirmed else {year: tentative(table) for year, table in found.items()}
    if kind == "csv":
        return parse_csv(text, source=source, confirmed=confirmed)
    raise ValueError("节假日文件要用 .csv 或 .toml；Excel 表请另存为 CSV 再导入。")


def _text(body: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("文件的文字编码看不懂，请另存为 UTF-8 编码的 CSV。")
