"""What docs/reference/board.md shows is true, and the page names every law and no other."""

import hashlib
import json
import re

from quxin.records.evaluations import board, recount
from quxin.records.evaluations.verification import LAWS, verify_board
from tests.records.evaluations import independent_verifier as independent
from tests.structure.tree import ROOT

PAGE = (ROOT / "docs/reference/board.md").read_text("utf-8")
FILE = ROOT / "docs/reference/board-example.json"
EXAMPLE = json.loads(FILE.read_bytes())


def shown(name):
    """The value beside `name` in the table of the example."""
    row = re.search(rf"^\| {re.escape(name)} \| (.*) \|$", PAGE[PAGE.index("## 8.") :], re.MULTILINE)
    return row[1].strip("`")


def test_the_example_is_a_good_board():
    assert verify_board(FILE).ok
    assert all(independent.verdicts(FILE.read_bytes()).values())
    assert [name.split("（")[0] for name in verify_board(FILE).unsigned] == ["赵敏"]


def test_the_values_of_the_example_are_those_of_its_file():
    told = EXAMPLE["statement"]
    assert shown("`opening`") == EXAMPLE["opening"] == independent.hash_of(EXAMPLE["round"])
    assert shown("canonical JSON of `round`") == f"{len(independent.canonical(EXAMPLE['round']))} bytes"
    assert shown("the key's id") == EXAMPLE["round"]["keys"][0]["id"]
    for number, (key, message, _) in enumerate(EXAMPLE["tokens"]):
        assert shown(f"mark of `tokens[{number}]`") == board.token_mark(key, bytes.fromhex(message))
    assert shown("`tokens_root`") == told["tokens_root"]
    assert (
        shown("`receipts_root`")
        == told["receipts_root"]
        == independent.root([bytes.fromhex(receipt) for receipt in EXAMPLE["receipts"]]).hex()
    )
    assert shown("hash of `voided`") == independent.hash_of(EXAMPLE["voided"])
    assert shown("hash of `results`") == independent.hash_of(EXAMPLE["results"])
    signed = b"quxin statement 1\n" + independent.canonical(told)
    assert shown("bytes that are signed") == f"{len(signed)}, their SHA-256 `{hashlib.sha256(signed).hexdigest()}"


def test_the_ballot_and_the_statement_shown():
    blocks = re.findall(r"\n\n((?:    .*\n)+)", PAGE[PAGE.index("## 8.") : PAGE.index("## 9.")])
    ballot, receipt, code = (line.strip() for line in blocks[0].strip().splitlines())
    assert hashlib.sha256(b"quxin ballot 1\n" + ballot.encode()).hexdigest() == receipt
    assert receipt in EXAMPLE["receipts"]
    assert code == board.receipt_code(receipt)
    assert "".join(line[4:] for line in blocks[1].splitlines()).encode() == independent.canonical(EXAMPLE["statement"])


def test_the_page_names_every_law_in_order_and_no_other():
    def table(after):
        rows = PAGE[PAGE.index(after) :].split("| --- | --- |\n", 1)[1].split("\n\n", 1)[0]
        return re.findall(r"^\| `([a-z.]+)` \|", rows, re.MULTILINE)

    assert table("## 7. The laws") == list(LAWS)
    assert table("adds laws:") == list(recount.LAWS)


def test_the_tests_and_laws_that_the_threat_model_names_are_there():
    page = (ROOT / "docs/threat-model.md").read_text("utf-8")
    named = set(re.findall(r"`(tests/[\w/.]+)`", page))
    assert len(named) > 5
    assert [path for path in named if not (ROOT / path).exists()] == []
    words = " ".join(re.findall(r"laws? (`[a-z.]+`(?:, `[a-z.]+`)*)", page))
    laws = set(re.findall(r"`([a-z.]+)`", words))
    assert laws
    assert laws <= set(LAWS)
