"""Receipts and witnesses' signatures in the browser: the same bytes as on the server, whatever the texts hold."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quxin.kernel import blind, signing, work
from quxin.records.evaluations import board
from tests.ui.modules import opened, tab

__all__ = ["tab"]
pytestmark = pytest.mark.journey  # wants the browser, and runs in the stage that has one


@pytest.fixture(scope="module")
def key():
    return blind.generate_key()


# --- what a ballot is called ---

NASTY = [
    "", "取信", "\u3000全角 空格", "😀🏳️‍🌈", "\U0010ffff", "\ufffd\uffff", '"\\/\b\f\n\r\t', "\0\x01\x1f\x7f\x80\x9f",
    "\u2028\u2029\u200b\ufeff", "e\u0301 é", "</script><!--", "__proto__", "constructor", "1", "01", "-0",
]  # fmt: skip
SHEETS = [
    {}, [], {"a": [], "b": {}}, {text: text for text in NASTY}, {"q1": 5, "q2": "g3", "q3": ["a", "b"], "字": None},
    {"\U0001f600": 1, "\ufa10": 2, "z": 3, "中": 4, "\ue000": 5, "a": 6, "aa": 7, "": 8},
    [True, False, None, 0, -1, 2**53 - 1, -(2**53) + 1], {"10": 1, "9": 2, "1": 3},
    json.loads("[" * 31 + "]" * 31),  # the leaf adds one level more
]  # fmt: skip
CANONICAL = "(sheet) => { const text = ballot_.canonical(JSON.parse(sheet)); return hex(bytes_.utf8(text)); }"
LEAF = "(ballot) => ballot_.leaf(JSON.parse(ballot))"


def both(tab, sheet):
    """Canonical form and leaf in both languages."""
    ballot = {"round": "r1", "answers": sheet, "nonce": "0" * 32, "key": "ab", "subject": "x"}
    here = board.ballot_leaf(round_code="r1", answers=sheet, nonce="0" * 32, key="ab", subject="x")
    return (board.canonical(sheet).hex(), here), (
        tab.evaluate(CANONICAL, json.dumps(sheet)), tab.evaluate(LEAF, json.dumps(ballot))
    )  # fmt: skip


@pytest.mark.parametrize("sheet", SHEETS, ids=range(len(SHEETS)))
def test_nasty_sheets_are_written_alike_in_both_languages(sheet, tab):
    here, there = both(tab, sheet)
    assert here == there


LETTERS = st.text(st.characters(codec="utf-8"), max_size=8)
VALUES = st.recursive(
    st.one_of(LETTERS, st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.none()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(LETTERS, inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(VALUES)
def test_any_sheet_is_written_alike_in_both_languages(tab, sheet):
    here, there = both(tab, sheet)
    assert here == there


@pytest.mark.parametrize(
    "script",
    [
        "1.5", "2 ** 53", "-(2 ** 53)", "NaN", "Infinity", "undefined", "10n", "Symbol()", "() => 1", "new Date()",
        "new Map()", "[,1]", "[undefined]", "{a: undefined}", "'\\ud800'", "'a\\udc00b'", "{'\\ud83d': 1}",
        "'\\ude00\\ud83d'", "new Uint8Array(2)", "JSON.parse('['.repeat(33) + ']'.repeat(33))", "new (class A {})()",
    ],
)  # fmt: skip
def test_what_has_no_canonical_form_is_refused(script, tab):
    assert tab.evaluate(f"code(() => ballot_.canonical({script}))") == "TypeError"


def test_python_refuses_the_same():
    for value in (1.5, 2**53, "\ud800", {"\ud83d": 1}, json.loads("[" * 33 + "]" * 33), {1: 2}, object()):
        with pytest.raises(board.NotPlain):
            board.canonical(value)


def test_names_of_tokens_keys_and_receipts_are_the_same(tab, key):
    message = blind.prepare()
    assert tab.evaluate("(spki) => ballot_.keyId(raw(spki))", key.public.hex()) == key.id
    mark = tab.evaluate("([id, message]) => ballot_.mark(id, raw(message))", [key.id, message.hex()])
    assert mark == board.token_mark(key.id, message)
    leaf = "3f9a0c27b1d488e6" + "0" * 48
    assert (
        tab.evaluate("(leaf) => ballot_.receiptCode(leaf)", leaf) == board.receipt_code(leaf) == "3F9A-0C27-B1D4-88E6"
    )
    assert tab.evaluate("new Set(Array.from({length: 50}, ballot_.newNonce)).size") == 50
    assert len(tab.evaluate("ballot_.newNonce()")) == 32


@pytest.mark.parametrize("length", [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000])
def test_our_sha256_is_sha256(length, tab):
    data = bytes(n * 7 % 256 for n in range(length))
    assert tab.evaluate("(data) => hex(sha256_.sha256(raw(data)))", data.hex()) == hashlib.sha256(data).hexdigest()


def test_text_that_is_no_hex_or_base64_is_refused(tab):
    for text in ("0", "0g", "AB", "ab\n", " ab"):
        assert tab.evaluate("(text) => code(() => bytes_.fromHex(text))", text) == "RangeError"
    for text in ("A", "AB==", "AA", " AA==", "AA==\n", "签名"):
        assert tab.evaluate("(text) => code(() => bytes_.fromBase64(text))", text) == "RangeError"
    data = bytes(range(256)).hex()
    assert tab.evaluate("(d) => hex(bytes_.fromBase64(bytes_.base64(bytes_.fromHex(d))))", data) == data
    assert tab.evaluate("(d) => hex(bytes_.fromNumber(bytes_.toNumber(bytes_.fromHex(d)), 256))", data) == data


def test_on_plain_http_receipts_and_work_go_on_and_tokens_say_no(browser):
    page = opened(browser, "http://quxin.example")
    try:
        assert page.evaluate("isSecureContext") is False
        assert page.evaluate("blind_.available()") is False
        assert page.evaluate("witness_.available()") is False
        assert page.evaluate("code(() => witness_.openKey('x'))") == "unsupported"
        ballot = {"round": "r1", "answers": {"q": "好"}, "nonce": page.evaluate("ballot_.newNonce()")}
        expected = board.ballot_leaf(round_code="r1", answers=ballot["answers"], nonce=ballot["nonce"])
        assert page.evaluate(LEAF, json.dumps(ballot)) == expected
        challenge = hashlib.sha256(b"any").hexdigest()
        work.check(page.evaluate("(c) => work_.solve(c)", challenge), challenge)
    finally:
        page.close()


# --- witnesses ---

PASSPHRASE = "四个不相干的词：海带 台灯"
STATEMENT = {"format": "quxin-statement/1", "round": "r1", "cast": 12, "reason": "无 “引号”"}
SIGN = """async ([pem, passphrase, statement]) => {
    const key = await witness_.openKey(pem, passphrase);
    return [key.public, await witness_.sign(key, statement)];
}"""


def test_a_witness_signs_in_the_browser_with_a_key_from_the_command_line(tab):
    key = signing.generate(PASSPHRASE)
    public, signature = tab.evaluate(SIGN, [key.pem, PASSPHRASE, STATEMENT])
    assert public == key.public
    signing.verify(public, board.signed_bytes(STATEMENT), signature)
    assert signature == signing.sign(key.pem, board.signed_bytes(STATEMENT), passphrase=PASSPHRASE)


def test_a_key_without_passphrase_signs_too(tab):
    key = signing.generate(PASSPHRASE)
    bare = serialization.load_pem_private_key(key.pem.encode(), PASSPHRASE.encode()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert tab.evaluate(SIGN, [bare.decode(), "", STATEMENT])[0] == key.public


def test_a_key_made_in_the_browser_is_read_by_both(tab):
    made = tab.evaluate("(passphrase) => witness_.newKey(passphrase)", PASSPHRASE)
    assert "ENCRYPTED" in made["pem"]
    assert signing.public_of(made["pem"], passphrase=PASSPHRASE) == made["public"]
    public, signature = tab.evaluate(SIGN, [made["pem"], PASSPHRASE, STATEMENT])
    assert public == made["public"]
    signing.verify(public, board.signed_bytes(STATEMENT), signature)


def test_wrong_files_and_passphrases_are_told_apart(tab):
    key = signing.generate(PASSPHRASE)
    sign = f"(given) => code(() => ({SIGN})(given))"
    assert tab.evaluate(sign, [key.pem, "another", STATEMENT]) == "passphrase"
    assert tab.evaluate(sign, [key.pem, "", STATEMENT]) == "passphrase"
    rsa_key = base64.encodebytes(blind.generate_key().private).decode()
    for pem in (
        "", "text", key.public, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{rsa_key}-----END PRIVATE KEY-----",
        key.pem.replace("ENCRYPTED ", ""),
    ):  # fmt: skip
        assert tab.evaluate(sign, [pem, PASSPHRASE, STATEMENT]) == "file", pem
    assert tab.evaluate("code(() => witness_.newKey(''))") == "passphrase"


def test_a_file_that_would_keep_the_browser_busy_for_hours_is_refused(tab):
    text = signing.generate(PASSPHRASE).pem
    der = base64.b64decode("".join(text.splitlines()[1:-1]))
    # Two bytes more for the number of rounds, and for every element around it.
    head = bytes.fromhex("3081a3305f06092a864886f70d01050d3052303106092a864886f70d01050c3024")
    longer = bytes.fromhex("3081a5306106092a864886f70d01050d3054303306092a864886f70d01050c3026")
    assert der.startswith(head)
    der = der.replace(head, longer).replace(bytes.fromhex("02020800"), bytes.fromhex("02047fffffff"))
    pem = f"{text.splitlines()[0]}\n{base64.b64encode(der).decode()}\n{text.splitlines()[-1]}\n"
    assert tab.evaluate(f"(given) => code(() => ({SIGN})(given))", [pem, PASSPHRASE, STATEMENT]) == "file"
