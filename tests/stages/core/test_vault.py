"""Keys outside the database: what is sealed opens in its own place only, and keys come and go."""

import base64
import json

import pytest

from jiesu.core import environment, sealed_files, vault


@pytest.fixture(autouse=True)
def own_ring(tmp_path, monkeypatch):
    monkeypatch.setenv("JIESU_KEYS", str(tmp_path / "keys.json"))
    monkeypatch.delenv("JIESU_MASTER_KEY_FILE", raising=False)


def test_what_is_sealed_opens_in_its_own_place_alone():
    sealed = vault.seal("张三丰".encode(), place="case:1", month="2026-11")

    assert vault.unseal(sealed, place="case:1").decode() == "张三丰"
    assert "张三丰".encode() not in sealed
    with pytest.raises(vault.Gone):
        vault.unseal(sealed, place="case:2")
    with pytest.raises(vault.Gone):
        vault.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), place="case:1")


def test_the_same_text_sealed_twice_looks_different_and_its_digest_the_same():
    one, two = (vault.seal(b"x", place="p", month="2026-11") for _ in range(2))

    assert one != two
    assert vault.digest("phone", "12900001234") == vault.digest("phone", "12900001234")
    assert vault.digest("phone", "12900001234") != vault.digest("plate", "12900001234")


def test_each_month_has_a_key_and_a_destroyed_one_opens_nothing():
    october = vault.seal(b"10", place="p", month="2026-10")
    november = vault.seal(b"11", place="p", month="2026-11")

    gone = vault.destroy([vault.key_of(october)])

    assert gone == [vault.key_of(october)]
    assert vault.destroy([vault.key_of(october)]) == []
    assert vault.unseal(november, place="p") == b"11"
    with pytest.raises(vault.Gone):
        vault.unseal(october, place="p")
    assert json.loads(environment.keys().read_text())["data"][0]["wrapped"] is None


def test_a_new_master_key_opens_all_that_was_sealed_before():
    sealed = vault.seal(b"x", place="p", month="2026-11")
    index, master = vault.digest("phone", "1"), vault.ring().master

    vault.rotate()

    assert vault.ring().master != master
    assert vault.unseal(sealed, place="p") == b"x"
    assert vault.digest("phone", "1") == index


def test_new_data_keys_seal_and_the_old_still_open():
    old = vault.seal(b"x", place="p", month="2026-11")

    (number,) = vault.renew(["2026-11"]).values()
    new = vault.seal(b"x", place="p", month="2026-11")

    assert (vault.key_of(new), vault.unseal(old, place="p")) == (number, b"x")
    assert vault.key_of(old) != number


def test_a_ring_that_others_can_read_is_refused():
    vault.ring()
    environment.keys().chmod(0o644)

    with pytest.raises(vault.Unsafe, match="chmod 600"):
        vault.seal(b"x", place="p", month="2026-12")


def test_the_master_key_may_lie_elsewhere(tmp_path, monkeypatch):
    apart = tmp_path / "usb" / "master.key"
    apart.parent.mkdir()
    apart.write_text(base64.b64encode(b"k" * 32).decode())
    apart.chmod(0o600)
    monkeypatch.setenv("JIESU_MASTER_KEY_FILE", str(apart))

    sealed = vault.seal(b"x", place="p", month="2026-11")
    vault.rotate()

    assert vault.unseal(sealed, place="p") == b"x"
    assert "key" not in json.loads(environment.keys().read_text())["master"]
    assert base64.b64decode(apart.read_text()) != b"k" * 32
    apart.write_text(base64.b64encode(b"z" * 32).decode())
    with pytest.raises(vault.Unsafe, match="同一套"):
        vault.rotate()


@pytest.mark.parametrize("size", [0, 1, sealed_files.PIECE, sealed_files.PIECE * 2 + 7])
def test_a_sealed_file_comes_out_as_it_went_in(tmp_path, size):
    path = tmp_path / "a.csv"
    plain = b"\xe5\xbc\xa0" * (size // 3) + b"x" * (size % 3)

    sealed_files.write(path, [plain[:10], plain[10:]], month="2026-11")

    assert b"".join(sealed_files.read(path)) == plain
    assert len(plain) < 9 or plain[:9] not in path.read_bytes()
    with sealed_files.opened(path) as copy:
        assert copy.read_bytes() == plain
    assert not copy.exists()


def test_a_sealed_file_that_was_cut_or_put_elsewhere_does_not_open(tmp_path):
    path = tmp_path / "a.csv"
    sealed_files.write(path, [b"x" * (sealed_files.PIECE + 5)], month="2026-11")
    other = tmp_path / "b.csv"
    other.write_bytes(path.read_bytes())
    path.write_bytes(path.read_bytes()[: sealed_files.PIECE + 4 + 5 + 33])

    for wrong in (path, other):
        with pytest.raises(vault.Gone):
            b"".join(sealed_files.read(wrong))


def test_a_plain_copy_that_a_killed_process_left_is_cleared_and_one_in_use_is_not(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(environment, "files", lambda: tmp_path)
    monkeypatch.setattr(sealed_files, "FRESH", 0)
    kept = tmp_path / "in.xlsx"
    sealed_files.write(kept, [b"rows"], month="2026-11")
    left = tmp_path / sealed_files.FOLDER / "left.xlsx"

    with sealed_files.opened(kept) as plain:
        left.write_bytes(b"somebody's rows")
        assert sealed_files.clear() == 1
        assert plain.read_bytes() == b"rows"

    assert list(left.parent.iterdir()) == []
