"""Blind signatures: the RFC's own examples, what nobody may be able to do, and what bad input gets."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel import blind
from quxin.kernel.blind import VARIANTS, BadToken

RFC = json.loads((Path(__file__).parent / "vectors" / "rfc9474.json").read_text("utf-8"))
VECTORS = pytest.mark.parametrize("vector", RFC["vectors"], ids=lambda vector: vector["name"])


def rfc_key() -> tuple[bytes, bytes]:
    """The key of the RFC's examples, as PKCS8 and SPKI DER."""
    p, q, n, e, d = (int(RFC["key"][name], 16) for name in "pqned")
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), rsa.RSAPublicNumbers(e, n)
    )
    private = numbers.private_key().private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, blind.public_of(private)


@pytest.fixture(scope="module")
def rfc():
    return rfc_key()


KEY = blind.generate_key()
OTHER = blind.generate_key()
N, OTHER_N = (serialization.load_der_public_key(key.public).public_numbers().n for key in (KEY, OTHER))


def octets(vector, name: str) -> bytes:
    return bytes.fromhex(vector[name])


def token(message: bytes, key: blind.Key = KEY) -> bytes:
    """The signature of a voter who does everything right."""
    blinded = blind.blind(key.public, message)
    return blind.finalize(key.public, message, blind.blind_sign(key.private, blinded.message), blinded.inverse)


# --- the RFC's examples ---


@VECTORS
def test_rfc_example(vector, rfc):
    private, public = rfc
    variant = VARIANTS[vector["name"]]
    assert len(octets(vector, "msg_prefix")) == variant.prefix_bytes
    message = octets(vector, "msg_prefix") + octets(vector, "msg")
    blinded = blind.blind(public, message, variant, salt=octets(vector, "salt"), inverse=octets(vector, "inv"))
    assert blinded.message == octets(vector, "blinded_msg")
    answer = blind.blind_sign(private, blinded.message)
    assert answer == octets(vector, "blind_sig")
    assert blind.finalize(public, message, answer, blinded.inverse, variant) == octets(vector, "sig")
    blind.verify(public, message, octets(vector, "sig"), variant)


@VECTORS
def test_another_variant_refuses_the_example(vector, rfc):
    for variant in VARIANTS.values():
        message = octets(vector, "msg_prefix") + octets(vector, "msg")
        if variant.salt_bytes != VARIANTS[vector["name"]].salt_bytes:
            with pytest.raises(BadToken):
                blind.verify(rfc[1], message, octets(vector, "sig"), variant)


# --- what holds for every token ---


@given(st.binary(min_size=0, max_size=100))
def test_whatever_is_signed_blindly_verifies_with_the_library_too(word):
    message = blind.prepare(word)
    signature = token(message)
    blind.verify(KEY.public, message, signature)
    library = serialization.load_der_public_key(KEY.public)
    library.verify(signature, message, padding.PSS(padding.MGF1(hashes.SHA384()), 48), hashes.SHA384())


def test_keys_of_odd_sizes_work():
    # Where the modulus has 8k + 1 bits, the encoded message is a byte shorter than the modulus.
    for bits in (2049, 2050, 2055):
        key = blind.generate_key(bits)
        message = blind.prepare()
        blind.verify(key.public, message, token(message, key))


def test_prepared_messages_have_the_lengths_of_the_product_and_never_repeat():
    made = {blind.prepare() for _ in range(100)}
    assert len(made) == 100
    assert {len(message) for message in made} == {blind.MESSAGE_BYTES}
    assert len({message[:32] for message in made}) == len({message[32:] for message in made}) == 100


def test_blinded_messages_of_one_token_never_repeat():
    message = blind.prepare()
    salt = bytes(48)
    blinded = [blind.blind(KEY.public, message, salt=salt) for _ in range(50)]
    assert len({one.message for one in blinded}) == len({one.inverse for one in blinded}) == 50


def test_the_signature_does_not_depend_on_the_blinding():
    # What the signer saw leaves no trace in what is shown later: every blinding of one token ends in the same signature.
    message, salt = blind.prepare(), bytes(range(48))
    signatures = set()
    for _ in range(5):
        blinded = blind.blind(KEY.public, message, salt=salt)
        answer = blind.blind_sign(KEY.private, blinded.message)
        signatures.add(blind.finalize(KEY.public, message, answer, blinded.inverse))
    assert len(signatures) == 1


def test_every_blinded_message_could_be_of_every_token():
    # For what the signer saw and any finished token there is a blinding that joins them: he cannot tell which it was.
    seen = [blind.blind(KEY.public, blind.prepare()) for _ in range(3)]
    for _ in range(3):
        message = blind.prepare()
        signature = int.from_bytes(token(message))
        for one in seen:
            answer = int.from_bytes(blind.blind_sign(KEY.private, one.message))
            inverse = signature * pow(answer, -1, N) % N
            finished = blind.finalize(KEY.public, message, answer.to_bytes(256), inverse.to_bytes(256))
            assert int.from_bytes(finished) == signature


# --- what is refused ---

SIGNED = blind.prepare()
SIGNATURE = token(SIGNED)


def flipped(data: bytes, bit: int) -> bytes:
    place = bit % (8 * len(data))
    changed = bytearray(data)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


@given(bit=st.integers(0, 8 * len(SIGNED) - 1))
def test_a_flipped_bit_of_prefix_or_token_is_refused(bit):
    with pytest.raises(BadToken):
        blind.verify(KEY.public, flipped(SIGNED, bit), SIGNATURE)


@given(bit=st.integers(0, 8 * 256 - 1))
def test_a_flipped_bit_of_the_signature_is_refused(bit):
    with pytest.raises(BadToken):
        blind.verify(KEY.public, SIGNED, flipped(SIGNATURE, bit))


@given(bit=st.integers(0, 8 * len(KEY.public) - 1))
def test_a_flipped_bit_of_the_key_is_refused(bit):
    with pytest.raises(BadToken):
        blind.verify(flipped(KEY.public, bit), SIGNED, SIGNATURE)


@given(bit=st.integers(0, 8 * 256 - 1))
def test_a_flipped_bit_of_the_answer_is_refused(bit):
    blinded = blind.blind(KEY.public, SIGNED)
    answer = blind.blind_sign(KEY.private, blinded.message)
    with pytest.raises(BadToken):
        blind.finalize(KEY.public, SIGNED, flipped(answer, bit), blinded.inverse)
    with pytest.raises(BadToken):
        blind.finalize(KEY.public, SIGNED, answer, flipped(blinded.inverse, bit))


@given(bit=st.integers(0, 8 * len(KEY.private) - 1))
def test_a_flipped_bit_of_the_private_key_signs_rightly_or_not_at_all(bit):
    # Some numbers of the file are not used in signing; no other may lead to an answer, since a wrong one tells secrets.
    blinded = blind.blind(KEY.public, SIGNED)
    try:
        answer = blind.blind_sign(flipped(KEY.private, bit), blinded.message)
    except BadToken:
        return
    blind.finalize(KEY.public, SIGNED, answer, blinded.inverse)


def test_another_key_is_refused():
    with pytest.raises(BadToken):
        blind.verify(OTHER.public, SIGNED, SIGNATURE)
    blinded = blind.blind(KEY.public, SIGNED)
    number = int.from_bytes(blinded.message) % OTHER_N  # or it might be out of the other key's range already
    answer = blind.blind_sign(OTHER.private, number.to_bytes(256))
    with pytest.raises(BadToken):
        blind.finalize(KEY.public, SIGNED, answer, blinded.inverse)


@pytest.mark.parametrize(
    "wrong",
    [
        b"", b"\1", bytes(255), bytes(257), bytes(256), (1).to_bytes(256), (N - 1).to_bytes(256), N.to_bytes(256),
        b"\xff" * 256, "text", None, 3,
    ],
    ids=["nothing", "short", "255", "257", "0", "1", "n-1", "n", "above n", "text", "none", "number"],
)  # fmt: skip
def test_malformed_numbers_get_one_clear_error(wrong):
    with pytest.raises(BadToken):
        blind.blind_sign(KEY.private, wrong)
    with pytest.raises(BadToken):
        blind.verify(KEY.public, SIGNED, wrong)
    with pytest.raises(BadToken):
        blind.finalize(KEY.public, SIGNED, wrong, (2).to_bytes(256))
    with pytest.raises(BadToken):
        blind.finalize(KEY.public, SIGNED, (2).to_bytes(256), wrong)
    if wrong is not None:
        with pytest.raises(BadToken):
            blind.blind(KEY.public, SIGNED, inverse=wrong)


@pytest.mark.parametrize("wrong", [b"", b"short", bytes(31), "text", None])
def test_malformed_messages_get_the_same_error(wrong):
    with pytest.raises(BadToken):
        blind.blind(KEY.public, wrong)
    with pytest.raises(BadToken):
        blind.verify(KEY.public, wrong, SIGNATURE)


def weak_and_foreign_keys():
    small = rsa.generate_private_key(65537, 1024)
    three = rsa.generate_private_key(3, 2048)
    curve = ec.generate_private_key(ec.SECP256R1())
    encoding, private, public = (
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.PublicFormat,
    )
    for key in (small, three, curve):
        yield (
            key.private_bytes(encoding, private, serialization.NoEncryption()),
            key.public_key().public_bytes(encoding, public.SubjectPublicKeyInfo),
        )
    yield b"", b""
    yield b"no key at all", b"no key at all"
    yield KEY.public, KEY.private
    yield KEY.private[:-1], KEY.public[:-1]
    yield None, None


@pytest.mark.parametrize(
    "pair", list(weak_and_foreign_keys()), ids=["1024", "exponent", "curve", "empty", "text", "swapped", "cut", "none"]
)
def test_keys_that_are_weak_or_none_get_the_same_error(pair):
    private, public = pair
    with pytest.raises(BadToken):
        blind.blind_sign(private, (2).to_bytes(256))
    with pytest.raises(BadToken):
        blind.verify(public, SIGNED, SIGNATURE)
    with pytest.raises(BadToken):
        blind.blind(public, SIGNED)


def test_a_second_spelling_of_a_key_is_refused():
    # The same key with other bytes would have another id, and a token could be spent once under each.
    with pytest.raises(BadToken):
        blind.verify(KEY.public + b"\0", SIGNED, SIGNATURE)


def test_a_signature_that_was_computed_wrongly_is_never_handed_out(monkeypatch):
    # One wrong half of the Chinese remainders, and gcd(s^e - m, n) is a prime of the key.
    right = blind._secret(KEY.private)
    monkeypatch.setattr(blind, "_secret", lambda private: replace(right, dp=right.dp ^ 1))
    with pytest.raises(BadToken) as told:
        blind.blind_sign(KEY.private, blind.blind(KEY.public, SIGNED).message)
    assert "没有发出签名" in told.value.text()


def test_key_sizes_outside_the_range_are_a_programming_mistake():
    for bits in (1024, 2047, 8192):
        with pytest.raises(ValueError, match="bits"):
            blind.generate_key(bits)


def test_a_key_does_not_print_itself():
    assert KEY.private.hex()[:40] not in repr(KEY)
    assert repr(KEY.private) not in repr(KEY)
    assert "inverse" not in repr(blind.blind(KEY.public, SIGNED))


def test_the_id_names_the_key():
    assert KEY.id == blind.key_id(KEY.public) != OTHER.id
    assert len(KEY.id) == 16
    assert blind.public_of(KEY.private) == KEY.public
