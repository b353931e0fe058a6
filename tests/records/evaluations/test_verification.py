"""Every law is told when it is broken, by our verifier and by the one written from the documentation; hostile files too."""

import copy
import json
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quxin.kernel.blind import key_id
from quxin.records.evaluations import board
from quxin.records.evaluations.verification import LAWS, verify_board
from tests.records.evaluations import boards
from tests.records.evaluations import independent_verifier as independent
from tests.structure.tree import ROOT

GOOD = boards.good()
OPEN = boards.good(closed=False)
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def in_file(made):
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


def resealed(made):
    """A board whose owner reckoned all hashes anew, and whose witnesses signed what they were given."""
    told = made["statement"]
    marks = [board.token_mark(key, bytes.fromhex(message)) for key, message, _ in made["tokens"]]
    told["opening"] = made["opening"] = board.opening_hash(made["round"])
    told["tokens_root"], told["receipts_root"] = board.root_of(marks), board.root_of(made["receipts"])
    told["voided"], told["results"] = board.hash_of(made["voided"]), board.hash_of(made["results"])
    return boards.sign(made, 0, 1)


def both(path, content):
    """The verdicts of a file, on which the two verifiers must agree."""
    path.write_bytes(content)
    ours = verify_board(path).verdicts()
    assert ours == independent.verdicts(content)
    return ours


def broken(verdicts):
    return {law for law, kept in verdicts.items() if not kept}


# --- good boards ---


@pytest.mark.parametrize(
    "made",
    [
        GOOD, OPEN, boards.good(0, voided=0), boards.good(1, voided=1), boards.good(8, signed=()),
        boards.good(3, groups=(("one", 3),), issued=3), boards.good(2, closed=False, voided=2),
    ],
)  # fmt: skip
def test_good_boards_keep_every_law(tmp_path, made):
    verdicts = both(tmp_path / "board.json", in_file(made))
    assert list(verdicts) == list(LAWS)
    assert broken(verdicts) == set()
    assert verify_board(made) == verify_board(tmp_path / "board.json")


def test_a_round_set_aside_whole(tmp_path):
    made = copy.deepcopy(GOOD)
    made["statement"].update(state="void", reason="领票卡印错")
    made["results"] = []
    assert broken(both(tmp_path / "b", in_file(resealed(made)))) == set()


def test_who_has_not_signed_is_told():
    found = verify_board(GOOD)
    assert found.signed == ("王芳（机关纪委）", "李强（群众代表）")
    assert found.unsigned == ("赵敏（人大代表）",)
    assert verify_board(boards.good(signed=())).signed == ()


def test_order_and_white_space_say_nothing(tmp_path):
    made = {name: GOOD[name] for name in reversed(board.NAMES)}
    verdicts = both(tmp_path / "b", json.dumps(made, indent=7).encode())
    assert list(verdicts) == list(LAWS)
    assert broken(verdicts) == set()


def test_tokens_before_the_round_are_still_verified(tmp_path):
    made = copy.deepcopy(GOOD)
    made["tokens"][3][2] = made["tokens"][0][2]
    turned = {name: made[name] for name in ("tokens", *(name for name in board.NAMES if name != "tokens"))}
    assert broken(both(tmp_path / "b", json.dumps(turned).encode())) == {"tokens.signed"}


def test_the_hash_that_somebody_noted_before_the_round(tmp_path):
    path = tmp_path / "b"
    path.write_bytes(in_file(GOOD))
    assert verify_board(path, published=GOOD["opening"].upper() + "\n").ok
    for noted in ("0" * 64, "xyz"):
        assert broken(verify_board(path, published=noted).verdicts()) == {"opening"}
        assert broken(independent.verdicts(path.read_bytes(), noted)) == {"opening"}


# --- one law broken at a time, everything else made to fit ---


def put(*steps):
    """Set a value in a board: the last of `steps` at the place of the others."""

    def change(made):
        *places, last, value = steps
        for place in places:
            made = made[place]
        made[last] = value(made[last]) if callable(value) else value

    return change


def many(*changes):
    def change(made):
        for one in changes:
            one(made)

    return change


def twice(name, place=0):
    return lambda made: made[name].insert(place, copy.deepcopy(made[name][place]))


def swapped(name):
    return lambda made: made[name].insert(0, made[name].pop())


def foreign_token(made):
    """A token of a key that is not of this round; the mark decides the place."""
    made["tokens"].append(boards.token(99, key=7))
    made["tokens"].sort(key=lambda one: board.token_mark(one[0], bytes.fromhex(one[1])))
    made["receipts"] = sorted([*made["receipts"], boards.leaf(boards.sheet(99))])
    made["statement"].update(cast=made["statement"]["cast"] + 1, unused=1)


def stuffed(made):
    """As many tokens of the smaller group as its owner likes to sign: the group has four people."""
    made["tokens"] += [boards.token(100 + n, key=1) for n in range(3)]
    made["tokens"].sort(key=lambda one: board.token_mark(one[0], bytes.fromhex(one[1])))
    made["receipts"] = sorted([*made["receipts"], *(boards.leaf(boards.sheet(100 + n)) for n in range(3))])
    made["statement"].update(cast=7, unused=0, issued=8)


def short_key(made):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 1024).public_key()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    extra = {"id": key_id(der), "group": "people", "subject": "", "spki": boards.b64(der)}
    made["round"]["keys"].append(extra)


PLUS = {name: put("statement", name, lambda n: n + 1) for name in ("issued", "cast", "unused", "void", "roster")}
LAW_BY_LAW = {
    "statement of another round": (put("statement", "round", "OTHER"), {"round"}),
    "roster of the statement": (PLUS["roster"], {"round"}),
    "groups that do not sum": (put("round", "roster", "groups", 0, "count", 9), {"groups"}),
    "a group twice": (
        many(lambda b: b["round"]["roster"]["groups"].append({"id": "people", "title": "", "count": 0, "weight": 0})),
        {"groups"},
    ),
    "key of another name": (put("round", "keys", 1, "id", "0" * 16), {"keys", "tokens.signed"}),
    "key of no group": (put("round", "keys", 1, "group", "nobody"), {"keys", "tokens.groups"}),
    "key twice": (lambda b: b["round"]["keys"].append(dict(b["round"]["keys"][0])), {"keys"}),
    "key that is none": (put("round", "keys", 0, "spki", boards.b64(b"no key")), {"keys", "tokens.signed"}),
    "key with something behind": (
        put("round", "keys", 0, "spki", boards.b64(boards.spki(0) + b"\x00")), {"keys", "tokens.signed"},
    ),
    "key too short": (short_key, {"keys"}),
    "signature of another token": (put("tokens", 0, 2, GOOD["tokens"][1][2]), {"tokens.signed"}),
    "no signature": (put("tokens", 0, 2, ""), {"tokens.signed"}),
    "token of another round": (foreign_token, {"tokens.signed"}),
    "token twice": (many(twice("tokens"), twice("receipts")), {"tokens.distinct", "receipts.distinct", "cast"}),
    "tokens not sorted": (swapped("tokens"), {"tokens.distinct"}),
    "stuffed by one group": (stuffed, {"tokens.groups"}),
    "receipts not sorted": (swapped("receipts"), {"receipts.distinct"}),
    "receipt missing": (lambda b: b["receipts"].pop(), {"ballots", "cast"}),
    "receipt too many": (lambda b: b["receipts"].append("f" * 64), {"ballots", "cast"}),
    "token missing": (lambda b: b["tokens"].pop(), {"ballots"}),
    "voided that was never cast": (put("voided", 0, "receipt", "0" * 64), {"voided"}),
    "voided twice": (
        many(twice("voided"), PLUS["void"], put("statement", "cast", 3)), {"voided"},
    ),
    "voided for no reason": (put("voided", 0, "reason", " \u3000\n"), {"voided"}),
    "voided more than told": (
        many(lambda b: b["voided"].append({"receipt": b["receipts"][2], "reason": "x"}), put("statement", "cast", 3)),
        {"voided", "conservation"},
    ),
    "one cast too many": (many(PLUS["cast"], PLUS["issued"]), {"cast"}),
    "one vanished": (PLUS["issued"], {"conservation"}),
    "more issued than people": (put("statement", "issued", 13), {"conservation", "roster"}),
    "more issued, all unused": (many(put("statement", "issued", 13), put("statement", "unused", 8)), {"roster"}),
    "a pool larger than the roster": (put("round", "pool", "count", 13), {"roster"}),
    "no such state": (put("statement", "state", "open"), {"state"}),
    "closed with a reason": (put("statement", "reason", "x"), {"state"}),
    "void without a reason": (many(put("statement", "state", "void"), put("results", [])), {"state"}),
    "void with results": (many(put("statement", "state", "void"), put("statement", "reason", "x")), {"state"}),
}  # fmt: skip


@pytest.mark.parametrize("name", LAW_BY_LAW)
def test_a_law_broken_alone(tmp_path, name):
    change, expected = LAW_BY_LAW[name]
    made = copy.deepcopy(GOOD)
    change(made)
    assert broken(both(tmp_path / "b", in_file(resealed(made)))) == expected


OPEN_LAWS = {
    "token in an open round": (lambda b: b["tokens"].append(GOOD["tokens"][0]), {"ballots", "tokens.signed"}),
    "roster in an open round": (
        many(put("round", "roster", "count", 3), PLUS["roster"], PLUS["roster"], PLUS["roster"]), {"ballots", "groups"},
    ),
    "unused in an open round": (many(PLUS["unused"], PLUS["issued"]), {"conservation"}),
    "pool in an open round": (put("round", "pool", "count", 1), {"roster"}),
}  # fmt: skip


@pytest.mark.parametrize("name", OPEN_LAWS)
def test_laws_of_open_rounds(tmp_path, name):
    change, expected = OPEN_LAWS[name]
    made = copy.deepcopy(OPEN)
    change(made)
    assert broken(both(tmp_path / "b", in_file(resealed(made)))) == expected


UNSEALED = {
    "round edited": (put("round", "minimum", 3), {"opening"}),
    "opening edited": (put("opening", "0" * 64), {"opening"}),
    "opening of the statement edited": (put("statement", "opening", "0" * 64), {"opening", "signatures"}),
    "results edited": (put("results", 0, "counts", "满意", 5), {"results"}),
    "voided edited": (put("voided", 0, "reason", "另一个理由"), {"voided"}),
    "statement edited": (put("statement", "closed_on", "2026-11-23"), {"signatures"}),
    "tokens root": (put("statement", "tokens_root", "0" * 64), {"tokens.root", "signatures"}),
    "receipts root": (put("statement", "receipts_root", "0" * 64), {"receipts.root", "signatures"}),
    "receipt exchanged": (put("receipts", 4, "f" * 64), {"receipts.root"}),
    "somebody else's signature": (
        put("signatures", 0, "signature", GOOD["signatures"][1]["signature"]),
        {"signatures"},
    ),
    "a witness who is none": (put("signatures", 0, "witness", 3), {"signatures"}),
    "a witness twice": (twice("signatures"), {"signatures"}),
    "another algorithm": (put("signatures", 0, "algorithm", "sm2"), {"signatures"}),
}


@pytest.mark.parametrize("name", UNSEALED)
def test_what_is_changed_after_signing(tmp_path, name):
    change, expected = UNSEALED[name]
    made = copy.deepcopy(GOOD)
    change(made)
    assert broken(both(tmp_path / "b", in_file(made))) == expected


def test_an_algorithm_that_nobody_knows(tmp_path):
    made = copy.deepcopy(GOOD)
    made["round"]["witnesses"][0]["algorithm"] = "none"
    resealed(made)
    made["signatures"][0]["algorithm"] = "none"
    assert broken(both(tmp_path / "b", in_file(made))) == {"signatures"}


def test_every_law_has_a_test_that_breaks_it():
    tested = set().union(*(laws for table in (LAW_BY_LAW, OPEN_LAWS, UNSEALED) for _, laws in table.values()))
    assert set(LAWS) - tested == {"format"}


def test_the_sentence_names_the_offender():
    made = copy.deepcopy(GOOD)
    made["tokens"][2][2] = made["tokens"][0][2]
    (finding,) = [one for one in verify_board(made).laws if not one.ok]
    assert finding.text() == "tokens[2] 的签名无效"
    made = copy.deepcopy(GOOD)
    made["statement"]["issued"] = 9
    found = {one.law: one.text() for one in verify_board(made).laws if not one.ok}
    assert found["conservation"] == "声明写发出 9 张，投出、未用、作废共 7 张"


# --- tampering at random ---

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["0" * 64, "closed"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def places(value, at=()):
    """The places of everything inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield (*at, name)
        yield from places(each, (*at, name))


PLACES = sorted(places(GOOD), key=repr)


def at(made, place):
    for step in place:
        made = made[step]
    return made


@st.composite
def tampered(draw):
    """A board with one to three places changed: another value, the value of another place, or gone."""
    made = copy.deepcopy(GOOD)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(PLACES))
        how = draw(st.sampled_from(["other", "moved", "gone", "nudged"]))
        try:
            inside, last = at(made, place[:-1]), place[-1]
            if how == "gone":
                del inside[last]
            elif how == "moved":
                inside[last] = copy.deepcopy(at(GOOD, draw(st.sampled_from(PLACES))))
            elif how == "nudged" and type(inside[last]) is int:
                inside[last] += draw(st.integers(-2, 2))
            elif how == "nudged" and type(inside[last]) is str and inside[last]:
                spot = draw(st.integers(0, len(inside[last]) - 1))
                inside[last] = inside[last][:spot] + draw(st.sampled_from("09afAZ=我")) + inside[last][spot + 1 :]
            else:
                inside[last] = draw(JSON)
        except (LookupError, TypeError):
            pass  # an earlier change took the place away
    return made


def comparable(made):
    """A board without what no signature covers: the signatures' days, and that somebody has not signed."""
    rest = {name: part for name, part in made.items() if name != "signatures"}
    signed = made.get("signatures")
    if isinstance(signed, list) and all(isinstance(one, dict) for one in signed):
        whole = [{name: one[name] for name in one if name != "signed_on"} for one in signed]
        kept = [
            one for one in GOOD["signatures"] if {**one, "signed_on": 0} in [{**each, "signed_on": 0} for each in whole]
        ]
        signed = "fewer" if len(kept) == len(whole) else whole
    return json.dumps({**rest, "signatures": signed}, sort_keys=True)


@FUZZ
@given(made=tampered())
def test_tampering_is_found_by_both(tmp_path, made):
    verdicts = both(tmp_path / "b", json.dumps(made, ensure_ascii=True).encode())
    if broken(verdicts) == set():
        assert comparable(made) == comparable(GOOD)


@FUZZ
@given(made=tampered())
def test_both_agree_when_the_owner_seals_anew(tmp_path, made):
    try:
        resealed(made)
        content = in_file(made)
    except (LookupError, TypeError, ValueError, AttributeError):
        return  # too broken to be sealed; the test before has it
    both(tmp_path / "b", content)


@FUZZ
@given(st.lists(st.tuples(st.integers(0, len(in_file(GOOD)) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_bytes_changed_at_random(tmp_path, changes):
    content = bytearray(in_file(GOOD))
    for place, byte in changes:
        content[place] = byte
    both(tmp_path / "b", bytes(content))


# --- hostile files ---

TEXT = in_file(GOOD).decode()
DEEP = 200_000
HOSTILE = {
    "nothing": b"",
    "white space": b" \n\t",
    "no object": b"[]",
    "a number": b"1",
    "an empty object": b"{}",
    "with a byte order mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "in UTF-16": TEXT.encode("utf-16"),
    "no text": bytes(range(256)) * 50,
    "half a character at the end": TEXT.encode() + b"\xe4\xbd",
    "something behind": TEXT.encode() + b"{}",
    "a name twice": TEXT.replace('"opening":', '"format":"quxin-board/1","opening":', 1).encode(),
    "a name twice inside": TEXT.replace('"minimum":5', '"minimum":5,"minimum":5', 1).encode(),
    "another format": TEXT.replace("quxin-board/1", "quxin-board/2", 1).encode(),
    "NaN": TEXT.replace('"minimum":5', '"minimum":NaN', 1).encode(),
    "Infinity": TEXT.replace('"minimum":5', '"minimum":-Infinity', 1).encode(),
    "a fraction": TEXT.replace('"minimum":5', '"minimum":5.0', 1).encode(),
    "an exponent": TEXT.replace('"minimum":5', '"minimum":5e0', 1).encode(),
    "a huge integer": TEXT.replace('"minimum":5', '"minimum":' + "9" * 100_000, 1).encode(),
    "an integer just too large": TEXT.replace('"minimum":5', f'"minimum":{2**53}', 1).encode(),
    "a negative count": TEXT.replace('"minimum":5', '"minimum":-5', 1).encode(),
    "true for 1": TEXT.replace('"tokens_each":1', '"tokens_each":true', 1).encode(),
    "half a surrogate pair": TEXT.replace('"minimum":5', '"minimum":5,"x":"\\ud800"', 1).encode(),
    "nested lists": b'{"results":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "nested objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "nested without end": b'{"tokens":' + b"[" * DEEP,
    "33 levels": TEXT.replace('"results":', '"results":' + "[" * 33 + "]" * 33 + ',"x":', 1).encode(),
    "a trailing comma": TEXT.replace('"signatures":[', '"signatures":[,', 1).encode(),
    "receipts that are an object": TEXT.replace('"receipts":[', '"receipts":{},"x":[', 1).encode(),
    "a token of two": json.dumps({**GOOD, "tokens": [["0" * 16, "0" * 128]]}).encode(),
    "a token that is text": json.dumps({**GOOD, "tokens": ["abc"]}).encode(),
    "capitals in a receipt": json.dumps({**GOOD, "receipts": ["A" * 64]}).encode(),
    "other digits": json.dumps({**GOOD, "receipts": ["٣" * 64]}).encode(),
    "a line feed behind": json.dumps({**GOOD, "opening": GOOD["opening"] + "\n"}).encode(),
    "two spellings of base64": TEXT.replace("==", "=", 1).encode(),
}


def test_every_hostile_file_is_another_than_the_good_one():
    assert TEXT.encode() not in HOSTILE.values()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_told_and_never_raise(tmp_path, name):
    verdicts = both(tmp_path / "b", HOSTILE[name])
    assert verdicts == {"format": False}
    (finding,) = verify_board(tmp_path / "b").laws
    assert finding.text()
    assert "%(" not in finding.text()


@pytest.mark.parametrize("cut", range(1, len(TEXT.encode()) - 2, 211))
def test_a_file_cut_off_anywhere(tmp_path, cut):
    assert both(tmp_path / "b", TEXT.encode()[:cut]) == {"format": False}


@pytest.mark.parametrize(
    "made", [{}, {1: 2}, {**GOOD, "tokens": None}, {**GOOD, "receipts": {}}, {**GOOD, "results": [1.5]}]
)
def test_what_is_handed_over_in_memory_may_be_anything(made):
    assert verify_board(made).verdicts() == {"format": False}


def test_the_independent_verifier_knows_nothing_of_ours(tmp_path):
    """It runs in a bare interpreter, without Django, without our package on its path."""
    path = tmp_path / "board.json"
    path.write_bytes(in_file(GOOD))
    file = ROOT / "tests/records/evaluations/independent_verifier.py"
    assert "quxin." not in file.read_text("utf-8").replace("quxin-board", "")
    done = subprocess.run(
        [sys.executable, "-I", str(file), str(path)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("kept") == len(LAWS)


def test_ours_needs_no_django(tmp_path):
    path = tmp_path / "board.json"
    path.write_bytes(in_file(GOOD))
    code = (
        "import sys, pathlib; from quxin.records.evaluations.verification import verify_board;"
        "assert verify_board(pathlib.Path(sys.argv[1])).ok;"
        "assert not [name for name in sys.modules if name.partition('.')[0] == 'django']"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
