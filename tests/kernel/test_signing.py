"""Witnesses' signatures: what fits, what is refused, and how another algorithm comes in."""

import base64
import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from quxin.config.environment import BadSetting, register_signatures
from quxin.kernel import signing
from quxin.kernel.signing import BadKeyFile, BadSignature

PASSPHRASE = "四个不相干的词：海带 台灯 马车 账簿"
KEY = signing.generate(PASSPHRASE)
DATA = b"quxin statement 1\n{}"
SIGNATURE = signing.sign(KEY.pem, DATA, passphrase=PASSPHRASE)


def flipped(text: str, bit: int) -> str:
    octets = bytearray(base64.b64decode(text))
    octets[bit // 8 % len(octets)] ^= 1 << bit % 8
    return base64.b64encode(octets).decode()


@given(st.binary())
def test_what_was_signed_verifies_and_nothing_else(data):
    signature = signing.sign(KEY.pem, data, passphrase=PASSPHRASE)
    signing.verify(KEY.public, data, signature)
    with pytest.raises(BadSignature):
        signing.verify(KEY.public, data + b"\0", signature)


@given(st.integers(0, 511))
def test_a_flipped_bit_is_refused_wherever_it_is(bit):
    with pytest.raises(BadSignature):
        signing.verify(KEY.public, DATA, flipped(SIGNATURE, bit))
    with pytest.raises(BadSignature):
        signing.verify(flipped(KEY.public, bit), DATA, SIGNATURE)
    changed = bytearray(DATA)
    changed[bit // 8 % len(DATA)] ^= 1 << bit % 8
    with pytest.raises(BadSignature):
        signing.verify(KEY.public, bytes(changed), SIGNATURE)


def test_the_example_of_rfc_8032():
    # Section 7.1, test 3: another maker's signature, so that ours is the algorithm and not merely like itself.
    public = base64.b64encode(
        bytes.fromhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
    ).decode()
    signature = base64.b64encode(
        bytes.fromhex(
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        )
    ).decode()
    signing.verify(public, bytes.fromhex("af82"), signature)


def test_keys_and_signatures_have_the_lengths_of_the_standard():
    assert len(base64.b64decode(KEY.public)) == 32
    assert len(base64.b64decode(SIGNATURE)) == 64
    assert signing.public_of(KEY.pem, passphrase=PASSPHRASE) == KEY.public


@pytest.mark.parametrize(
    "wrong",
    ["", "AAAA", "no base64!", " " + SIGNATURE, SIGNATURE + "\n", "签名", None, 7],
    ids=[
        "empty",
        "short",
        "no-base64",
        "blank-before",
        "line-after",
        "chinese",
        "none",
        "number",
    ],  # the key is new each time
)
def test_malformed_signatures_and_keys_get_one_clear_error(wrong):
    with pytest.raises(BadSignature):
        signing.verify(KEY.public, DATA, wrong)
    with pytest.raises(BadSignature):
        signing.verify(wrong, DATA, SIGNATURE)


def test_a_signature_has_one_spelling():
    # 64 bytes end in "==": four bits of the last letter mean nothing, and a lenient reader takes sixteen spellings.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = letters.index(SIGNATURE[-3])
    for other in range(last & ~15, last | 15):
        if other != last:
            with pytest.raises(BadSignature):
                signing.verify(KEY.public, DATA, SIGNATURE[:-3] + letters[other] + "==")


def test_the_private_key_is_encrypted_and_does_not_print_itself():
    assert "ENCRYPTED PRIVATE KEY" in KEY.pem
    assert "PRIVATE" not in repr(KEY)
    for passphrase in ("", "another passphrase"):
        with pytest.raises(BadKeyFile):
            signing.sign(KEY.pem, DATA, passphrase=passphrase)


def test_a_key_without_passphrase_is_read_too():
    key = serialization.load_pem_private_key(KEY.pem.encode(), PASSPHRASE.encode())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    signing.verify(KEY.public, DATA, signing.sign(pem, DATA))
    with pytest.raises(BadKeyFile):
        signing.sign(pem, DATA, passphrase="given although there is none")


def test_files_that_hold_no_such_key_are_refused():
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for pem in ("", "nothing", KEY.pem[:80], curve.decode(), "\udc80"):
        with pytest.raises(BadKeyFile):
            signing.sign(pem, DATA)
        with pytest.raises(BadKeyFile):
            signing.public_of(pem)


def test_short_passphrases_are_refused():
    with pytest.raises(signing.WeakPassphrase) as told:
        signing.generate("short")
    assert "12" in told.value.hint_text()


# --- the registry ---


class Toy:
    """Stands for an implementation from elsewhere: not safe, but complete."""

    name = "toy"

    def generate(self, passphrase):
        return b"toy", b"toy"

    def sign(self, pem, passphrase, data):
        return hmac.digest(pem, data, hashlib.sha256)

    def public_of(self, pem, passphrase):
        return pem

    def verify(self, public, data, signature):
        return hmac.compare_digest(self.sign(public, None, data), signature)


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(signing, "_REGISTRY", dict(signing._REGISTRY))


def test_another_algorithm_comes_in_by_its_dotted_path(registry):
    with pytest.raises(signing.UnknownAlgorithm):
        signing.generate(PASSPHRASE, "toy")
    signing.load("tests.kernel.test_signing.Toy")
    assert signing.names() == ("ed25519", "toy")
    key = signing.generate(PASSPHRASE, "toy")
    signature = signing.sign(key.pem, DATA, algorithm="toy")
    signing.verify(key.public, DATA, signature, algorithm="toy")
    with pytest.raises(BadSignature):
        signing.verify(key.public, DATA + b" ", signature, algorithm="toy")
    signing.load("tests.kernel.test_signing.Toy")  # again: settings may be read twice


def test_a_name_cannot_be_taken_over(registry):
    impostor = type("Impostor", (Toy,), {"name": "ed25519"})
    with pytest.raises(ValueError, match="already"):
        signing.register(impostor())


@pytest.mark.parametrize(
    "path", ["", "nothing", "no.such.module", "quxin.kernel.signing.Absent", "quxin.kernel.signing.DEFAULT"]
)
def test_a_path_to_nothing_is_named(path, registry):
    with pytest.raises(ValueError, match=path.replace(".", r"\.") or "Empty"):
        signing.load(path)


def test_the_setting_registers_or_stops_the_start(registry):
    register_signatures(["tests.kernel.test_signing.Toy"])
    assert "toy" in signing.names()
    with pytest.raises(BadSetting, match=r"QUXIN_SIGNATURES.*no\.such"):
        register_signatures(["no.such.Thing"])


def test_an_unknown_name_says_what_there_is():
    for name in ("sm2", "", None, []):
        with pytest.raises(signing.UnknownAlgorithm) as told:
            signing.verify(KEY.public, DATA, SIGNATURE, algorithm=name)
        assert "ed25519" in told.value.hint_text()
