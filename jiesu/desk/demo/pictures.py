"""Pictures of the demo month, drawn by code: a wall with a stain before the work, and without it after."""

from datetime import datetime, timedelta
from io import BytesIO

from django.core.files.base import ContentFile
from django.db.models import Max
from PIL import Image, ImageDraw, ImageFilter

from jiesu.cases.models import Case
from jiesu.evidence import actions, checks
from jiesu.org.models import Office
from jiesu.org.rights import Role
from jiesu.rules.workflow import Stage

CASES = 4
SIZE = (1200, 900)
BRICK = (60, 30)
QUIET = timedelta(minutes=10)  # since the last step, so that the pictures come last


def write(office: Office, *, at: datetime) -> int:
    """Add two pictures to a few cases that are being handled. Returns how many files."""
    handled = Case.objects.filter(office=office, stage=Stage.HANDLING, unit__isnull=False)
    quiet = handled.annotate(last=Max("events__at")).filter(last__lte=at - QUIET)
    made = 0
    for place, case in enumerate(quiet.order_by("-last")[: CASES * 2]):
        handler = office.members.filter(unit=case.unit, role=Role.HANDLER, is_active=True).first()
        if handler is None:
            continue
        files = [_checked("整改前.jpg", True), _checked("整改后.jpg", False)]
        when = at - timedelta(minutes=3 + place)
        made += len(actions.add(case, files, actor=handler, at=when, note="现场照片，前后对比"))
        if made == 2 * CASES:
            break
    return made


def _checked(name: str, stained: bool) -> actions.Checked:
    content = draw(stained)
    kind = checks.inspect(name, len(content), BytesIO(content))
    return actions.Checked(name, kind, ContentFile(content))


def draw(stained: bool) -> bytes:
    """Return a picture of a brick wall."""
    wall = Image.new("RGB", SIZE, (176, 168, 158))
    pen = ImageDraw.Draw(wall)
    for row, top in enumerate(range(0, SIZE[1], BRICK[1])):
        for left in range(-(row % 2) * BRICK[0] // 2, SIZE[0], BRICK[0]):
            shade = 150 + (left * 7 + top * 13) % 24
            pen.rectangle(
                (left + 2, top + 2, left + BRICK[0] - 2, top + BRICK[1] - 2),
                fill=(shade, shade - 38, shade - 52),
            )
    if stained:
        damp = Image.new("L", SIZE, 0)
        ImageDraw.Draw(damp).ellipse((330, 180, 900, 760), fill=170)
        wall.paste((62, 58, 50), mask=damp.filter(ImageFilter.GaussianBlur(60)))
    out = BytesIO()
    wall.save(out, "JPEG", quality=80)
    return out.getvalue()
