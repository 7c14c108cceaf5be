"""Who a user name and password are, and who a session is."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest
from django.utils import timezone

from jiesu.org.models import Member


class Members(BaseBackend):
    """The members. An account that does not work now is nobody, at log-in as at every request."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None,
        **kwargs: Any,
    ) -> Member | None:  # fmt: skip
        """Return the member, or None. An unknown name takes as much work as a known one."""
        if not username or not password:
            return None
        known = Member.objects.select_related("contract").filter(username=username).first()
        if known is None:
            Member().set_password(password)
            return None
        if known.check_password(password) and known.works_at(timezone.now()):
            return known
        return None

    def get_user(self, user_id: int) -> Member | None:
        found = Member.objects.select_related("contract").filter(pk=user_id).first()
        return found if found is not None and found.works_at(timezone.now()) else None
