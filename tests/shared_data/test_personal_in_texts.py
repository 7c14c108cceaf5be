"""Invented people put into citizens' own words: what the finder finds of them, and what it takes for people.

The texts are not in the repository; what is put into them nobody has. Run with ``-s`` to read the figures.
"""

import gzip
import json
import random
import re
from pathlib import Path

import pytest

from jiesu.rules.personal_text import find, mask
from tests.shared_data.inventing import KINDS, Inventor

DATA = Path(__file__).parents[3] / "shared" / "data"
FILE = DATA / "zhzw_unlabeled" / "messages.jsonl.gz"  # the finder was tuned beside zhzw_labeled
COUNT, SEED = 300, 20261126
LEAST = {"name": 0.95, "door": 0.95, "phone": 0.99, "identity": 0.99, "bank": 0.99, "plate": 0.99}
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="../shared/data is not there")


def texts():
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        bodies = [json.loads(line)["body"] for line in lines]
    bodies = [body for body in bodies if body and body.strip()]
    random.Random(SEED).shuffle(bodies)
    return bodies[:COUNT]


def put_in(chance, text, sentence):
    """Put a sentence behind one of the text's own."""
    cuts = [found.end() for found in re.finditer(r"[。！？；\n]", text)] or [len(text)]
    at = chance.choice(cuts)
    return at, text[:at] + sentence + text[at:]


def missed(kind, sentences):
    """Return the sentences whose invented part is not found whole, or stands in the masked text still."""
    invent, chance = Inventor(SEED), random.Random(SEED)
    out = []
    for text in texts():
        what = KINDS[kind][0](invent)
        sentence = chance.choice(sentences).format(what)
        at, whole = put_in(chance, text, sentence)
        start = at + sentence.index(what)
        end = start + len(what)
        spans = find(whole)
        covered = any(
            span.kind == kind and span.start <= start and end <= span.end for span in spans
        ) or (kind == "door" and any(s.kind == kind and s.start < end <= s.end for s in spans))
        if not covered or what in mask(whole[max(at - 40, 0) : at + len(sentence) + 40]):
            out.append(sentence)
    return out


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("half", ["tuned", "held"])
def test_what_is_put_into_three_hundred_texts_is_found(kind, half):
    gone = missed(kind, KINDS[kind][1 if half == "tuned" else 2])

    recall = 1 - len(gone) / COUNT
    print(f"\n{kind:9} {half:5} recall {recall:.3f} ({len(gone)} of {COUNT} missed)")
    assert recall >= LEAST[kind], gone


def test_what_is_found_in_the_untouched_texts_is_told():
    found = {}
    for text in texts():
        for span in find(text):
            found[span.kind.value] = found.get(span.kind.value, 0) + 1

    print(f"\nfound in {COUNT} untouched texts: {found}")
    numbers = sum(found.get(kind, 0) for kind in ("phone", "identity", "bank", "plate"))
    assert numbers <= COUNT // 20, "their own numbers were starred out, but for a few"
