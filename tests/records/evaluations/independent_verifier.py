"""A verifier of boards written from docs/reference/board.md alone: the standard library and `cryptography`, nothing of ours.

python independent_verifier.py BOARD.json [OPENING]
"""

import base64
import hashlib
import itertools
import json
import re
import sys

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

LIMIT = 2**53 - 1


class Broken(Exception):
    """The law `format` is broken."""


# --- section 1: reading ---


def load(text):
    """The value of strict JSON text (bytes)."""

    def pairs(found):
        if len({name for name, _ in found}) != len(found):
            raise Broken("name twice")
        return dict(found)

    def integer(digits):
        if len(digits) > 20 or abs(int(digits)) > LIMIT:
            raise Broken("integer too large")
        return int(digits)

    def never(_):
        raise Broken("no integer")

    try:
        return json.loads(
            text.decode("utf-8"), object_pairs_hook=pairs, parse_int=integer, parse_float=never, parse_constant=never
        )
    except (ValueError, RecursionError) as error:
        raise Broken(str(error)) from None


def need(truth, what="shape"):
    if not truth:
        raise Broken(what)


def sound(value, level=1):
    """Section 1's limits of depth, numbers and characters."""
    if isinstance(value, (list, dict)):
        need(level <= 32, "too deep")
        for each in value.values() if isinstance(value, dict) else value:
            sound(each, level + 1)
        for name in value if isinstance(value, dict) else ():
            sound(name, level + 1)
    elif isinstance(value, str):
        need(not any(0xD800 <= ord(character) <= 0xDFFF for character in value), "half a character")
    elif isinstance(value, int):
        need(abs(value) <= LIMIT)
    else:
        need(value is None)


def text(value):
    need(isinstance(value, str))


def count(value):
    need(type(value) is int and value >= 0)


def digits(length):
    def check(value):
        need(isinstance(value, str) and re.fullmatch(f"[0-9a-f]{{{length}}}", value))

    return check


hash_, key_id, message = digits(64), digits(16), digits(128)


def b64(value):
    need(isinstance(value, str))
    try:
        content = base64.b64decode(value, validate=True)
    except ValueError:
        raise Broken("base64") from None
    need(base64.b64encode(content).decode() == value, "base64")
    return content


def day(value):
    need(isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value))


def moment(value):
    pattern = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?\+08:00"
    need(isinstance(value, str) and re.fullmatch(pattern, value))


def several(kind):
    def check(value):
        need(isinstance(value, list))
        for each in value:
            kind(each)

    return check


def object_(exact, **kinds):
    def check(value):
        need(isinstance(value, dict))
        need(set(kinds) == set(value) if exact else set(kinds) <= set(value))
        for name, kind in kinds.items():
            kind(value[name])

    return check


def just(wanted):
    def check(value):
        need(value == wanted)

    return check


def anything(_):
    return


def token(value):
    need(isinstance(value, list) and len(value) == 3)
    key_id(value[0])
    message(value[1])
    b64(value[2])


BOARD = object_(
    True,
    format=just("quxin-board/1"),
    round=object_(
        False, code=text, title=text, organiser=text, kind=text, opens_at=moment, closes_at=moment, minimum=count,
        questionnaire_sha256=hash_,
        roster=object_(
            False, count=count, tokens_each=count, root=hash_,
            groups=several(object_(False, id=text, title=text, count=count, weight=count)),
        ),
        pool=object_(False, count=count, root=hash_),
        keys=several(object_(False, id=key_id, group=text, subject=text, spki=b64)),
        witnesses=several(object_(False, name=text, role=text, algorithm=text, public_key=b64)),
    ),
    opening=hash_,
    tokens=several(token),
    receipts=several(hash_),
    voided=several(object_(True, receipt=hash_, reason=text)),
    results=several(anything),
    statement=object_(
        False, format=just("quxin-statement/1"), round=text, opening=hash_, receipts_root=hash_, tokens_root=hash_,
        voided=hash_, results=hash_, roster=count, issued=count, cast=count, unused=count, void=count, closed_on=day,
        state=text, reason=text,
    ),
    signatures=several(object_(True, witness=count, algorithm=text, signature=b64, signed_on=day)),
)  # fmt: skip


# --- sections 2 and 3 ---


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha(content):
    return hashlib.sha256(content).digest()


def hash_of(value):
    return sha(canonical(value)).hex()


def root(leaves):
    """The Merkle root by the definition: split at the largest power of two below n."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return sha(b"\x00" + leaves[0])
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha(b"\x01" + root(leaves[:half]) + root(leaves[half:]))


# --- sections 5 and 6 ---


def good_key(der):
    """The RSA key, or None."""
    try:
        key = serialization.load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    good = (
        isinstance(key, rsa.RSAPublicKey)
        and 2048 <= key.public_numbers().n.bit_length() <= 4096
        and key.public_numbers().e == 65537
        and key.public_bytes(encoding, form) == der
    )
    return key if good else None


def token_fits(key, content, signature):
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)
    try:
        key.verify(signature, content, pss, hashes.SHA384())
    except InvalidSignature:
        return False
    return True


def witness_fits(algorithm, public, content, signature):
    if algorithm != "ed25519":
        return False
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


# --- section 7 ---


def judge(board, noted=""):
    """The verdict of each law for a board of the right shape."""
    told, state = board["round"], board["statement"]
    roster, closed = told["roster"], bool(told["keys"])
    opening = hash_of(told)
    by_id, keys_good = {}, True
    names = [group["id"] for group in roster["groups"]]
    for key in told["keys"]:
        der = b64(key["spki"])
        loaded = good_key(der)
        keys_good &= loaded is not None and sha(der).hex()[:16] == key["id"]
        keys_good &= key["id"] not in by_id and key["group"] in names
        by_id.setdefault(key["id"], (loaded, key["group"]))
    marks, signed, spent = [], True, {}
    for key, content, signature in board["tokens"]:
        raw = bytes.fromhex(content)
        marks.append(sha(b"quxin token 1\n" + key.encode() + b"\n" + raw))
        loaded, group = by_id.get(key, (None, None))
        signed &= loaded is not None and token_fits(loaded, raw, b64(signature))
        if group is not None:
            spent[group] = spent.get(group, 0) + 1
    receipts = [bytes.fromhex(receipt) for receipt in board["receipts"]]
    aside = [one["receipt"] for one in board["voided"]]
    most = roster["count"] * roster["tokens_each"]
    sizes = {group["id"]: group["count"] for group in reversed(roster["groups"])}
    product = {name: size * roster["tokens_each"] for name, size in sizes.items()}
    known = set(board["receipts"])
    return {
        "format": True,
        "opening": board["opening"] == opening == state["opening"] and noted in ("", opening),
        "round": state["round"] == told["code"] and state["roster"] == roster["count"],
        "groups": len(set(names)) == len(names) and sum(one["count"] for one in roster["groups"]) == roster["count"],
        "keys": keys_good,
        "tokens.signed": signed,
        "tokens.distinct": all(a < b for a, b in itertools.pairwise(marks)),
        "tokens.root": root(marks).hex() == state["tokens_root"],
        "tokens.groups": all(number <= product.get(group, 0) for group, number in spent.items()),
        "receipts.distinct": all(a < b for a, b in itertools.pairwise(receipts)),
        "receipts.root": root(receipts).hex() == state["receipts_root"],
        "ballots": len(marks) == len(receipts) if closed else not marks and roster["count"] == 0,
        "voided": (
            set(aside) <= known
            and len(set(aside)) == len(aside) == state["void"]
            and all(one["reason"].strip() for one in board["voided"])
            and hash_of(board["voided"]) == state["voided"]
        ),
        "cast": state["cast"] == len(receipts) - len(aside),
        "conservation": state["issued"] == state["cast"] + state["unused"] + state["void"]
        and (closed or state["unused"] == 0),
        "roster": (not closed or state["issued"] <= most) and told["pool"]["count"] <= most,
        "results": hash_of(board["results"]) == state["results"],
        "state": (state["state"] == "closed" and not state["reason"])
        or (state["state"] == "void" and bool(state["reason"].strip()) and not board["results"]),
        "signatures": all_signed(board, told["witnesses"]),
    }


def all_signed(board, witnesses):
    content = b"quxin statement 1\n" + canonical(board["statement"])
    seen = set()
    for one in board["signatures"]:
        if one["witness"] >= len(witnesses) or one["witness"] in seen:
            return False
        seen.add(one["witness"])
        witness = witnesses[one["witness"]]
        if one["algorithm"] != witness["algorithm"]:
            return False
        if not witness_fits(witness["algorithm"], b64(witness["public_key"]), content, b64(one["signature"])):
            return False
    return True


def verdicts(content, noted=""):
    """Law by law whether the board in `content` (bytes) keeps it; {"format": False} when it has no shape."""
    try:
        board = load(content)
        need(isinstance(board, dict))
        for member in board.values():
            sound(member)
        BOARD(board)
    except Broken:
        return {"format": False}
    return judge(board, noted)


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        found = verdicts(file.read(), *sys.argv[2:3])
    for law, kept in found.items():
        print("kept  " if kept else "BROKEN", law)
    sys.exit(0 if all(found.values()) else 1)
