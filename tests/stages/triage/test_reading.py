import pytest

from jiesu.triage.learning.reading import LONGEST, OPENS, grams, read, read_words


def test_text_and_cut_words_of_it_come_out_alike():
    text = "\t\n尊敬的领导：\u3000小区的暖气\xa0不热，_x000D_请解决！"

    assert read(text) == read_words("小区 暖气 不热 解决")
    assert read(text).words == ("小区", "暖气", "不热", "解决")


def test_widths_and_capitals_are_one():
    assert read("ＷＩＦＩ坏了") == read("wifi坏了")


@pytest.mark.parametrize("text", ["", " \n\t", "的", "！？", "\ud800", "_x000D_"])
def test_a_message_that_says_nothing_has_no_grams(text):
    found = grams(read(text))

    assert len(found.ids) == len(found.starts) == len(found.sizes) == 0


def test_every_gram_stands_where_it_says():
    reading = read("小区停车位被占，居民多次反映，物业没有解决，停车位还是被占")
    found = grams(reading)
    written: dict[int, set[str]] = {}
    for gram, start, size in zip(found.ids, found.starts, found.sizes, strict=True):
        written.setdefault(int(gram), set()).add(reading.chars[start : start + size])

    assert all(len(pieces) == 1 for pieces in written.values())
    assert {"停车位", "车位", "位"} <= {piece for pieces in written.values() for piece in pieces}


def test_the_same_piece_is_another_thing_in_the_opening_than_later():
    long = read("供暖" + "居民反映问题" * OPENS + "停车")
    opening = read("停车")

    shared = set(grams(long).ids.tolist()) & set(grams(opening).ids.tolist())

    assert shared  # inside the word
    assert shared < set(grams(opening).ids.tolist())  # but not as its opening


def test_a_book_is_read_as_far_as_its_beginning():
    words = "供暖 " * LONGEST

    assert read_words(words) == read_words(words[:LONGEST])
