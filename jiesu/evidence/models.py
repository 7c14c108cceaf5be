"""佐证: files of a case, kept under random names with their hash."""

from django.db import models
from django.db.models.functions import Now

from jiesu.cases.models import Case
from jiesu.core import personal
from jiesu.org.models import Member

PREVIEWED = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})


class Evidence(models.Model):
    """One file. ``stored`` is a random name below the files folder; the bytes never change.

    ``is_sealed`` is False for one from before files were sealed, until the next start has sealed it.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="evidence")
    name = personal.ShortWordsField("文件名", max_length=200)
    stored = models.CharField(max_length=80, unique=True)
    kind = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小")
    sha256 = models.CharField(max_length=64)
    is_sealed = models.BooleanField("已加密", db_default=False)
    note = personal.ShortWordsField("说明", max_length=200, blank=True, default="")
    added_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    added_at = models.DateTimeField("上传时间", db_default=Now())

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(is_sealed=False), name="evidence_in_the_clear"
            )
        ]

    @property
    def shown(self) -> bool:
        """True for a picture that has a preview."""
        return self.kind in PREVIEWED
