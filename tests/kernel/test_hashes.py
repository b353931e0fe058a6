import hashlib
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel import hashes
from quxin.kernel.hashes import MerkleAccumulator, canonical, digest, merkle_proof, merkle_root, verify_proof

leaf_lists = st.lists(st.binary(max_size=8), min_size=1, max_size=40)
fields = st.lists(st.text(max_size=8) | st.integers() | st.none() | st.binary(max_size=8) | st.dates(), max_size=6).map(
    tuple
)

# The roots over the first 0 to 8 of these leaves, as implementations of RFC 6962 publish them.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
_ROOTS = """
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
"""
ROOTS = _ROOTS.split()


def test_digests():
    assert digest(b"abc") == hashlib.sha256(b"abc").digest()
    sm3 = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905, example 1
    assert digest(b"abc", "sm3").hex() == sm3
    assert hashes._sm3_by_cryptography(b"abc").hex() == sm3
    with pytest.raises(ValueError, match="md5"):
        digest(b"abc", "md5")


def test_canonical_keeps_apart_what_differs():
    pairs = [
        (("ab", "c"), ("a", "bc")),
        ((1,), ("1",)),
        ((None,), ("",)),
        ((b"a",), ("a",)),
        ((date(2010, 4, 1),), ("2010-04-01",)),
        (("",), ("", "")),
        ((), (None,)),
    ]
    assert all(canonical(a) != canonical(b) for a, b in pairs)


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 70_000])
def test_words_of_every_length_are_encoded_with_their_length(count):
    words = "a" * count
    expected = b"\x00\x00\x00\x01s" + count.to_bytes(4) + words.encode()
    assert canonical((words,)) == expected


def test_days_and_numbers_are_encoded_as_documented():
    expected = b"\x00\x00\x00\x02d\x00\x00\x00\x0a2010-04-01i\x00\x00\x00\x02-7"
    assert canonical((date(2010, 4, 1), -7)) == expected


@given(fields, fields)
def test_canonical_is_unambiguous(a, b):
    same = a == b and list(map(type, a)) == list(map(type, b))
    assert (canonical(a) == canonical(b)) == same


def test_a_moment_is_the_same_in_every_zone():
    moment = datetime(2010, 4, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert canonical((moment,)) == canonical((moment.astimezone(UTC),)) != canonical((date(2010, 4, 1),))
    with pytest.raises(ValueError, match="naive"):
        canonical((datetime(2010, 4, 1),))


@pytest.mark.parametrize("value", [True, 1.5, ("nested",), [1]])
def test_other_types_have_no_canonical_form(value):
    with pytest.raises(TypeError):
        canonical((value,))


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_rfc_6962(size):
    assert merkle_root(LEAVES[:size]).hex() == ROOTS[size]


@given(leaf_lists, st.data(), st.sampled_from(hashes.ALGORITHMS))
def test_every_leaf_has_a_proof_and_nothing_else_has(leaves, data, algorithm):
    i = data.draw(st.integers(0, len(leaves) - 1))
    root, proof = merkle_root(leaves, algorithm), merkle_proof(leaves, i, algorithm)
    size = len(leaves)
    assert verify_proof(leaves[i], i, size, proof, root, algorithm)
    assert not verify_proof(leaves[i] + b"x", i, size, proof, root, algorithm)
    assert not verify_proof(leaves[i], i, size, [*proof, root], root, algorithm)
    assert not verify_proof(leaves[i], size, size, proof, root, algorithm)
    if proof:
        assert not verify_proof(leaves[i], i, size, proof[:-1], root, algorithm)
    assert len(proof) <= (size - 1).bit_length()


@given(leaf_lists, st.data())
def test_one_changed_leaf_changes_the_root(leaves, data):
    i = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:i], leaves[i] + b"\x00", *leaves[i + 1 :]]
    assert merkle_root(changed) != merkle_root(leaves)


@given(leaf_lists, st.data())
def test_an_accumulator_goes_on_where_another_stopped(leaves, data):
    cut = data.draw(st.integers(0, len(leaves)))
    first = MerkleAccumulator()
    first.extend(leaves[:cut])
    assert first.root() == merkle_root(leaves[:cut])
    second = MerkleAccumulator(size=first.size, peaks=first.peaks)
    second.extend(leaves[cut:])
    assert second.root() == merkle_root(leaves)
    assert len(second.peaks) == len(leaves).bit_count()


def test_a_node_cannot_pose_as_a_leaf():
    left, right = (digest(b"\x00" + leaf) for leaf in (b"a", b"b"))
    assert merkle_root([left + right]) != merkle_root([b"a", b"b"])


def test_wrong_use_is_told():
    with pytest.raises(IndexError):
        merkle_proof([b"a"], 1)
    with pytest.raises(ValueError, match="peaks"):
        MerkleAccumulator(size=3, peaks=[b""])
