"""值班日志 as data: its columns. Its rows are handovers, read by ``ledger.duty_log``."""

from jiesu.ledger.sheets import Column, Sheet
from jiesu.ledger.workbook import Form

C, F = Column, Form
DUTY = Sheet(
    "duty",
    "值班日志",
    "每一班谁带班、谁到岗、接了多少单、交了什么班，一次交接一行。",
    (
        C("序号", 7, form=F.NUMBER),
        C("日期", 12),
        C("班次", 10),
        C("带班", 10),
        C("人员", 24),
        C("到岗情况", 26),
        C("接单量", 9, form=F.NUMBER),
        C("异常", 36),
        C("交接事项", 48),
        C("领导批示", 36),
        C("交班人", 10),
        C("接班人", 10),
        C("交接时间", 17, form=F.MOMENT),
    ),
    lambda at: {},
)
