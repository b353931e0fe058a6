import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel.paths import (
    CAPACITY,
    PathError,
    ancestors,
    child_path,
    common_path,
    decode,
    depth,
    encode,
    is_path,
    is_within,
    parent_path,
    subtree_range,
)

numbers = st.integers(0, CAPACITY - 1) | st.integers(0, 40)
path_lists = st.lists(numbers, min_size=1, max_size=5)


def made(steps):
    path = ""
    for n in steps:
        path = child_path(path, n)
    return path


def test_examples():
    assert [encode(n) for n in (0, 35, 37, CAPACITY - 1)] == ["0000", "000z", "0011", "zzzz"]
    assert child_path("0001", 36) == "00010010"
    assert ancestors("000100020003") == ["0001", "00010002"]
    assert ancestors("00010002", include_self=True) == ["0001", "00010002"]
    assert (parent_path("0001"), depth(""), depth("00010002")) == ("", 0, 2)


@given(numbers, numbers)
def test_steps_sort_as_their_numbers_and_come_back(a, b):
    assert (encode(a) < encode(b)) == (a < b)
    assert decode(encode(a)) == a


@given(path_lists, path_lists)
def test_the_range_holds_exactly_the_node_and_its_descendants(a, b):
    path, root = made(a), made(b)
    lo, hi = subtree_range(root)
    expected = a[: len(b)] == b
    assert (lo.encode() <= path.encode() < hi.encode()) is expected
    assert is_within(path, root) is expected


@given(path_lists, path_lists)
def test_descendants_are_in_range(a, b):
    path, root = made(a + b), made(a)
    lo, hi = subtree_range(root)
    assert lo <= path < hi
    assert is_within(path, root)
    assert not is_within(root, path)


@given(path_lists)
def test_ancestors_are_the_chain_of_parents(steps):
    path, chain = made(steps), []
    while path:
        chain.insert(0, path)
        path = parent_path(path)
    assert ancestors(made(steps), include_self=True) == chain
    assert ancestors(made(steps)) == chain[:-1]
    assert [depth(one) for one in chain] == list(range(1, len(chain) + 1))


def test_an_empty_or_broken_root_opens_nothing():
    assert not is_within("0001", "")
    assert not is_within("", "")
    assert not is_within("0001", "00")
    for root in ("", "00", "000A", "0001\n", "000~"):
        with pytest.raises(PathError):
            subtree_range(root)


@pytest.mark.parametrize("n", [-1, CAPACITY])
def test_numbers_beyond_a_step_are_refused(n):
    with pytest.raises(PathError):
        encode(n)


def test_is_path():
    assert is_path("0001")
    assert not any(is_path(text) for text in ("", "001", "000A", "0001 ", "００01"))


@pytest.mark.parametrize(
    ("given", "common"),
    [
        ([], ""),
        (["00010002"], "00010002"),
        (["00010002", "0001"], "0001"),
        (["00010002", "000100030001", "00010004"], "0001"),
        (["0001", "0002"], ""),
        (["00010020", "00010021"], "0001"),
    ],
)
def test_what_paths_have_in_common(given, common):
    assert common_path(given) == common
