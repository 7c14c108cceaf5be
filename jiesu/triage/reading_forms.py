"""What settling the points of a case takes."""

from jiesu.cases.forms import ActForm, Words
from jiesu.rules.demands import MOST


class PointsForm(ActForm):
    points = Words(
        "诉求点", "至少要有一个诉求点。", rows=8, longest=4000,
        help_text=f"一行一个，最多 {MOST} 个；写清要解决或答复的事。有两个及以上的，提交结果时要逐一答复。",
    )  # fmt: skip
