"""Seals cover everything once, proofs check without a database, and a false proof fails."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from quxin.kernel.hashes import merkle_root
from quxin.ledger import seals
from quxin.ledger.models import Book, Fact, Seal
from quxin.ledger.offline import check_proof, check_seals
from quxin.ledger.operations import open_book
from quxin.ledger.verification import verify

from .acts import entry, guards_lifted, later, record

ROOT = Path(__file__).parents[2]


def sealed(count, *, more=0, algorithm="sha256"):
    """A book with `count` facts sealed and `more` that are not."""
    book = open_book(key="main", title="总账", path="")
    Book.objects.update(algorithm=algorithm)
    record(*(entry(n) for n in range(count)))
    seals.seal(book, now=later(1))
    if more:
        record(*(entry(n) for n in range(more)))
    return book


@pytest.mark.django_db
def test_each_seal_covers_what_came_since_the_last():
    book = sealed(3, more=2)
    made = seals.seal(book, now=later(2))
    assert [(seal.number, seal.first_seq, seal.last_seq) for seal in made] == [(2, 4, 5)]
    leaves = [bytes(fact.hash) for fact in Fact.objects.order_by("seq")]
    assert bytes(Seal.objects.get(number=1).root) == merkle_root(leaves[:3])
    assert bytes(Seal.objects.get(number=2).root) == merkle_root(leaves[3:])
    assert seals.seal(book, now=later(3)) == []
    assert verify().ok
    assert verify().seals == 2
    assert check_seals(seals.public_seals(book)) == []


@pytest.mark.django_db
def test_a_long_run_is_cut_into_several_seals(monkeypatch):
    monkeypatch.setattr(seals, "LARGEST", 4)
    book = sealed(10)
    assert list(book.seals.values_list("first_seq", "last_seq")) == [(1, 4), (5, 8), (9, 10)]
    assert verify().ok
    assert [check_proof(seals.proof(book, seq).as_json(), seals.public_seals()) for seq in range(1, 11)] == [[]] * 10


@pytest.mark.django_db
def test_all_books_are_sealed():
    open_book(key="east", title="东省", path="0001")
    record(entry(1), entry(2, path="00010001"))
    assert len(seals.seal_all(now=later(1))) == 2
    assert [(seal["book"], seal["number"]) for seal in seals.public_seals()] == [("east", 1), ("main", 1)]


@pytest.mark.django_db
def test_a_book_with_a_gap_is_not_sealed():
    from django.db import connection

    book = open_book(key="main", title="总账", path="")
    record(entry(1), entry(2), entry(3))
    with guards_lifted(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_fact WHERE seq = 2")
    with pytest.raises(seals.BrokenBook):
        seals.seal(book, now=later(1))


@pytest.mark.django_db
def test_no_proof_before_the_seal():
    book = sealed(1, more=1)
    for seq in (0, 2, 3):
        with pytest.raises(seals.NotSealed):
            seals.proof(book, seq)


class Proofs(TestCase):
    @settings(max_examples=20)
    @given(data=st.data(), size=st.integers(1, 20), algorithm=st.sampled_from(["sha256", "sm3"]))
    def test_a_proof_holds_and_any_change_breaks_it(self, data, size, algorithm):
        book = sealed(size, algorithm=algorithm)
        seq = data.draw(st.integers(1, size))
        # Through JSON, as it travels.
        proof = json.loads(json.dumps(seals.proof(book, seq).as_json()))
        published = json.loads(json.dumps(seals.public_seals()))
        assert check_proof(proof, published) == []
        for path, value in leaves_of(proof):
            if path[-1] in ("format", "algorithm", "sealed_at") or path == ("seal", "book"):
                continue
            forged = json.loads(json.dumps(proof))
            place = forged
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = other(value)
            assert check_proof(forged, published) != [], path

    def test_nonsense_is_no_proof(self):
        for nonsense in ({}, {"format": "quxin-ledger-1", "algorithm": "sha256"}, {"format": 1, "algorithm": "md5"}):
            assert check_proof(nonsense) != []
        assert check_seals([{}]) != []


def leaves_of(value, path=()):
    """Every single value in nested data, with where it stands."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if children is None:
        yield path, value
        return
    for key, child in children:
        yield from leaves_of(child, (*path, key))


def other(value):
    """Something else of the same kind."""
    if value is None or isinstance(value, int):
        return (value or 0) + 1
    if len(value) >= 64:
        return ("0" if value[0] != "0" else "1") + value[1:]
    return "2011-01-01" if value == "2010-04-15" else value + "x"


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["drop", "swap", "root", "chained"])
def test_saved_seals_that_were_touched_do_not_check(change):
    book = sealed(2, more=2)
    seals.seal(book, now=later(2))
    copies = seals.public_seals()
    if change == "drop":
        del copies[0]
    elif change == "swap":
        copies.reverse()
    else:
        copies[0][change] = "00" * 32
    assert check_seals(copies) != []


@pytest.mark.django_db
def test_the_program_in_the_essay_checks_a_real_proof(tmp_path):
    """docs/ledger.md prints a program for anyone: it must run on its own, agree, and notice a forgery."""
    text = (ROOT / "docs/ledger.md").read_text("utf-8")
    program = text.split("```python\n", 1)[1].split("```", 1)[0]
    (tmp_path / "check.py").write_text(program, "utf-8")
    book = sealed(7)
    proof = seals.proof(book, 5).as_json()
    answers = []
    for unit in (7, 8):
        proof["fact"]["unit"] = unit
        (tmp_path / "proof.json").write_text(json.dumps(proof), "utf-8")
        done = subprocess.run(
            [sys.executable, "-I", "check.py", "proof.json"], cwd=tmp_path, capture_output=True, text=True
        )
        answers.append(done.stdout.strip() or done.stderr)
    assert answers == ["true", "false"]


def test_the_offline_checks_need_no_django():
    program = "import sys, quxin.ledger.offline; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0
