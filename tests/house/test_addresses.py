"""Every address has a declared right."""

from jiesu.desk.checks import addresses
from jiesu.org.rights import GRANTED, Right


def test_every_address_declares_a_right():
    undeclared = [str(a.route) for a in addresses() if a.right is None]

    assert undeclared == []


def test_every_right_is_granted_to_somebody():
    assert {right for right in Right if right not in GRANTED} == {Right.PUBLIC}
