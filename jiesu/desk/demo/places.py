"""A few words the demo street keeps for its communities. All of them are made up."""

from datetime import datetime, timedelta

from jiesu.catalogue import keeping_places
from jiesu.org.models import Member, Office
from jiesu.rules.moments import BEIJING

WORDS = (
    ("会城门社区", "老供销社院", "社区别名", "", "居民习惯叫法"),
    ("铁东社区", "老机务段宿舍", "小区院落", "", ""),
    ("小马厂社区", "青禾苑", "小区院落", "1-6", "社区四至图"),
    ("西木楼社区", "青禾苑", "小区院落", "7-12", "社区四至图"),
    ("莲花小区社区", "莲花池畔小区", "小区院落", "", "推广名"),
    ("军事博物馆社区", "军博后身", "社区别名", "", ""),
)
ENDED = "军博后身"


def write(office: Office, *, actor: Member | None, at: datetime) -> None:
    """Keep the words from a month ago on; one of them was ended last week."""
    units = {unit.name: unit for unit in office.units.all()}
    day = at.astimezone(BEIJING).date()
    entries = [
        keeping_places.entry(units[community], *told)
        for community, *told in WORDS
        if community in units
    ]
    made = keeping_places.add(
        office, entries, actor=actor, at=at - timedelta(days=30), since=day - timedelta(days=30)
    )
    for place in made:
        if place.word == ENDED:
            keeping_places.end(place, actor=actor, on=day - timedelta(days=7))
