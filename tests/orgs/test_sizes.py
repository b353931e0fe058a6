"""Sizes of party organisations warn at the numbers of the regulations, and never block."""

import pytest

from quxin.orgs.sizes import Size, judge_size, size_warnings
from tests.orgs.conftest import TODAY


@pytest.mark.parametrize(
    ("party_type", "members", "full", "committee", "codes"),
    [
        ("branch", 3, 3, 0, []),
        ("branch", 5, 2, 0, ["branch-small"]),
        ("branch", 50, 6, 0, []),
        ("branch", 51, 6, 0, ["branch-large"]),
        ("branch", 7, 7, 2, ["branch-needs-committee"]),
        ("branch", 7, 7, 3, []),
        ("joint-branch", 2, 2, 0, ["branch-small"]),
        ("branch", 20, 20, 8, ["branch-committee-large"]),
        ("general-branch", 49, 49, 5, ["general-branch-small"]),
        ("general-branch", 50, 40, 5, []),
        ("general-branch", 100, 99, 5, ["general-branch-large"]),
        ("committee", 99, 99, 9, ["committee-small"]),
        ("agency-committee", 100, 90, 9, []),
        ("leading-group", 0, 0, 0, []),
    ],
)
def test_the_numbers(party_type, members, full, committee, codes):
    found = judge_size(party_type, Size(members, full, committee))
    assert [one.code for one in found] == codes
    assert all("%(" not in one.text() for one in found)


def test_members_below_count_for_the_organisation_above(tree, person_of):
    for number in range(3):
        person_of(f"党员{number}", status="full")
    person_of("小张", status="probationary")
    assert size_warnings(tree.branch, on=TODAY) == []
    assert [one.code for one in size_warnings(tree.second, on=TODAY)] == ["branch-small"]
    general = tree.make("党总支", "party", tree.hq, party_type="general-branch")
    (warning,) = size_warnings(general, on=TODAY)
    assert warning.params == {"members": 0, "limit": 50}
    assert size_warnings(tree.office, on=TODAY) == []
