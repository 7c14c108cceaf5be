"""What every page of the shell needs: the navigation of this member's role, made only when shown."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from jiesu.desk import drafts, navigation
from jiesu.duty import strip as strips
from jiesu.org.models import Unit
from jiesu.org.rights import Right, may
from jiesu.triage import faults

PIECES = (("duty/_strip.html", Right.DUTY), ("desk/_model_faults.html", Right.AUTOMATE))


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return ``session_ends``, ``session_longest``, ``navigation``, ``office``, ``may_search``, ``may_note``, ``draft``, ``duty``, ``top_pieces``; a piece for a pane asks for none."""
    member = getattr(request, "user", None)
    if member is None or not member.is_authenticated:
        return {}

    def sections() -> list[navigation.Section]:
        if getattr(request, "htmx", None) and request.htmx.target == "dialog":
            return []
        return navigation.build(member, path=request.path, asked=request.GET, at=timezone.now())

    navigated = SimpleLazyObject(sections)

    def rail() -> str:  # stands on the page twice, for a wide screen and for a phone
        return render_to_string("core/_rail_list.html", {"navigation": navigated})

    def office() -> object:
        unit = Unit.objects.select_related("office").get(pk=member.unit_id)
        member.unit, member.office = unit, unit.office
        return unit.office

    def on_duty() -> strips.Strip:
        return strips.strip(member.office_id, timezone.now(), viewer=member.pk)

    return {
        "session_ends": SimpleLazyObject(lambda: request.session.ends[0]),
        "session_longest": SimpleLazyObject(lambda: request.session.ends[1]),
        "duty": SimpleLazyObject(on_duty),
        "top_pieces": [piece for piece, needed in PIECES if may(member, needed)],
        "model_faults": SimpleLazyObject(lambda: list(faults.open_faults())),
        "navigation": navigated,
        "rail_list": SimpleLazyObject(rail),
        "office": SimpleLazyObject(office),
        "draft": SimpleLazyObject(lambda: drafts.kept(request)),
        "may_search": may(member, Right.SEE_CASES),
        "may_note": may(member, Right.SUPERVISE),
    }
