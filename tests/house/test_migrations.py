"""The tables are what the models say, and what is personal is marked so."""

import pytest
from django.core.management import call_command

from jiesu.cases.models import Case

OF_A_PERSON = ("诉求人", "姓名", "电话", "手机", "地址", "住址", "身份证")


@pytest.mark.django_db
def test_no_migration_is_missing(capsys):
    try:
        call_command("makemigrations", "--check", "--dry-run", verbosity=1)
    except SystemExit:
        pytest.fail(f"有模型改了而没有迁移：\n{capsys.readouterr().out}")


def test_every_field_of_a_case_about_a_person_is_marked_personal():
    about_people = {
        field.name
        for field in Case._meta.get_fields()
        if field.concrete
        and (
            field.name.startswith("requester")
            or any(word in str(field.verbose_name) for word in OF_A_PERSON)
        )
    }

    assert about_people == set(Case.PERSONAL)


def test_a_personal_field_never_comes_out_of_its_mask_as_it_went_in():
    came = {
        "requester_name": "王小明",
        "requester_phone": "12900000000",
        "requester_address": "羊坊店路 1 号院 2 号楼 3 单元 401",
    }

    shown = {name: Case.PERSONAL[name](came[name]) for name in Case.PERSONAL}

    assert shown == {
        "requester_name": "王*",
        "requester_phone": "129****0000",
        "requester_address": "羊坊店路 1 号院 2 号楼 * 单元 ***",
    }
