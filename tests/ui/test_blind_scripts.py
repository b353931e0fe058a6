"""Blind signatures and proofs of work in the browser, against the server's half and the RFC."""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from quxin.kernel import blind, signing, work
from tests.kernel.test_blind import VECTORS, flipped, rfc_key
from tests.ui.modules import MODULES, STATIC, tab

__all__ = ["tab"]
pytestmark = pytest.mark.journey  # wants the browser, and runs in the stage that has one


@pytest.fixture(scope="module")
def key():
    return blind.generate_key()


# --- blind signatures ---

BLIND = """async ([spki, message, fixed, variant]) => {
    const key = await blind_.readKey(raw(spki));
    const options = Object.fromEntries(Object.entries(fixed).map(([name, text]) => [name, raw(text)]));
    const made = await blind_.blind(key, raw(message), { variant: variant || undefined, ...options });
    return [hex(made.blinded), hex(made.inverse)];
}"""
FINALIZE = """async ([spki, message, answer, inverse, variant]) => {
    const key = await blind_.readKey(raw(spki));
    return hex(await blind_.finalize(key, raw(message), raw(answer), raw(inverse), variant || undefined));
}"""
VERIFY = """async ([spki, message, signature, variant]) =>
    blind_.verify(await blind_.readKey(raw(spki)), raw(message), raw(signature), variant || undefined)
"""


@VECTORS
def test_rfc_example(vector, tab):
    public = rfc_key()[1].hex()
    variant = {"salt": len(vector["salt"]) // 2, "prefix": len(vector["msg_prefix"]) // 2}
    message = vector["msg_prefix"] + vector["msg"]
    fixed = {"salt": vector["salt"], "inverse": vector["inv"]}
    assert tab.evaluate(BLIND, [public, message, fixed, variant])[0] == vector["blinded_msg"]
    finished = tab.evaluate(FINALIZE, [public, message, vector["blind_sig"], vector["inv"], variant])
    assert finished == vector["sig"]
    assert tab.evaluate(VERIFY, [public, message, vector["sig"], variant]) is True
    assert tab.evaluate(VERIFY, [public, vector["msg_prefix"] + "00" + vector["msg"], vector["sig"], variant]) is False


def test_browser_blinds_server_signs_library_verifies(tab, key):
    for bits in (2048, 2049, 2055):
        key = blind.generate_key(bits)
        message = tab.evaluate("hex(blind_.prepare())")
        assert len(message) == 2 * blind.MESSAGE_BYTES
        blinded, inverse = tab.evaluate(BLIND, [key.public.hex(), message, {}, None])
        answer = blind.blind_sign(key.private, bytes.fromhex(blinded)).hex()
        signature = bytes.fromhex(tab.evaluate(FINALIZE, [key.public.hex(), message, answer, inverse, None]))
        blind.verify(key.public, bytes.fromhex(message), signature)
        serialization.load_der_public_key(key.public).verify(
            signature, bytes.fromhex(message), padding.PSS(padding.MGF1(hashes.SHA384()), 48), hashes.SHA384()
        )


def test_what_python_finalized_the_browser_verifies(tab, key):
    message = blind.prepare()
    blinded = blind.blind(key.public, message)
    answer = blind.blind_sign(key.private, blinded.message)
    signature = blind.finalize(key.public, message, answer, blinded.inverse)
    given_ = [key.public.hex(), message.hex()]
    assert tab.evaluate(VERIFY, [*given_, signature.hex(), None]) is True
    assert tab.evaluate(FINALIZE, [*given_, answer.hex(), blinded.inverse.hex(), None]) == signature.hex()
    for bit in (0, 777, 2047):
        assert tab.evaluate(VERIFY, [*given_, flipped(signature, bit).hex(), None]) is False
        assert tab.evaluate(VERIFY, [given_[0], flipped(message, bit % 512).hex(), signature.hex(), None]) is False


def test_the_browser_never_blinds_the_same_way_twice_and_always_ends_in_the_same_signature(tab, key):
    message, salt = blind.prepare().hex(), "11" * 48
    made = [tab.evaluate(BLIND, [key.public.hex(), message, {"salt": salt}, None]) for _ in range(5)]
    assert len({blinded for blinded, _ in made}) == len({inverse for _, inverse in made}) == 5
    signatures = set()
    for blinded, inverse in made:
        answer = blind.blind_sign(key.private, bytes.fromhex(blinded)).hex()
        signatures.add(tab.evaluate(FINALIZE, [key.public.hex(), message, answer, inverse, None]))
    assert len(signatures) == 1
    messages = tab.evaluate("Array.from({length: 50}, () => hex(blind_.prepare()))")
    assert len({message[:64] for message in messages}) == len({message[64:] for message in messages}) == 50


def test_the_browser_refuses_what_the_server_should_not_send(tab, key):
    message = blind.prepare()
    blinded = blind.blind(key.public, message)
    right = blind.blind_sign(key.private, blinded.message)
    n = serialization.load_der_public_key(key.public).public_numbers().n
    finalize = f"async (given) => code(() => ({FINALIZE})(given))"
    for answer, said in (
        (flipped(right, 2047), "signature"), (right[:-1], "length"), (right + b"\0", "length"), (b"", "length"),
        (bytes(256), "range"), ((1).to_bytes(256), "range"), ((n - 1).to_bytes(256), "range"), (n.to_bytes(256), "range"),
        (b"\xff" * 256, "range"), (blind.blind_sign(key.private, (2).to_bytes(256)), "signature"),
    ):  # fmt: skip
        given_ = [key.public.hex(), message.hex(), answer.hex(), blinded.inverse.hex(), None]
        assert tab.evaluate(finalize, given_) == said
    for public in (b"", b"no key", key.public[:-1], signing.generate("a long enough one").public.encode()):
        assert tab.evaluate("(spki) => code(() => blind_.readKey(raw(spki)))", public.hex()) == "key"


# --- work ---


def test_the_page_solves_what_the_server_checks_and_does_not_freeze(tab):
    challenge = hashlib.sha256(b"form").hexdigest()
    solution, shares, beats = tab.evaluate(
        """async (challenge) => {
            const shares = [];
            let beats = 0, going = true;
            const beat = () => { beats++; if (going) setTimeout(beat, 0); };
            beat();
            const solution = await work_.solve(challenge, { progress: (share) => shares.push(share) });
            going = false;
            return [solution, shares, beats];
        }""",
        challenge,
    )
    work.check(solution, challenge)
    assert solution == work.solve(challenge)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) > 3  # it stopped to let others in between,
    assert beats > 3  # and others did come in


def test_work_can_be_stopped_and_refuses_odd_challenges(tab):
    stopped = """async () => {
        const stop = new AbortController();
        return code(() => { const solving = work_.solve("00".repeat(32), { signal: stop.signal }); stop.abort(); return solving; });
    }"""
    assert tab.evaluate(stopped) == "AbortError"
    for challenge in ("", "00", "zz" * 32, "00" * 33):
        assert tab.evaluate("(c) => code(() => work_.solve(c))", challenge) == "RangeError"


# --- what it costs ---


@pytest.mark.parametrize("name", MODULES)
def test_modules_stay_short(name):
    assert (STATIC / f"{name}.js").stat().st_size <= 8192
