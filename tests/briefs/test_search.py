"""Search finds names, titles, codes and initials, and nothing outside the scope of who asks."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quxin.access import ANYONE
from quxin.briefs.search import FEW, GROUPS, search
from quxin.kernel.scaled import ONE
from quxin.records.activities.operations import Happening, record_activity
from quxin.records.campaigns.progress import Progress, record_progress
from quxin.records.commitments.operations import make_commitment
from quxin.records.commitments.rules import Promise
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def players():
    """The cast with a campaign, and one record of each kind with 计量 in it."""
    made = cast.build()
    cast.campaign(made.offices)
    actor, branch = made.actor("secretary"), made.offices.branch
    record_activity(
        actor=actor,
        organisation=branch,
        happening=Happening(kind="study", title="学习计量法", held_on=cast.TODAY),
        people=[],
        today=cast.TODAY,
        now=cast.NOW,
    )
    record_progress(
        actor=actor,
        organisation=branch,
        progress=Progress(kind="article", title="计量工作纪实", occurred_on=cast.TODAY),
        today=cast.TODAY,
        now=cast.NOW,
    )
    make_commitment(
        actor=actor,
        organisation=branch,
        promise=Promise("deed", "免费检定计量器具100台", 100 * ONE, "台", cast.TODAY),
        today=cast.TODAY,
        now=cast.NOW,
    )
    return made


def found(actor, text, **more):
    """{kind: titles} of what was found."""
    return {group.kind: [hit.title for hit in group.hits] for group in search(actor, text, **more)}


@pytest.mark.parametrize(
    ("text", "kind", "title"),
    [
        ("南京", "organisation", "南京市质量技术监督局"),
        ("njszljs", "organisation", "南京市质量技术监督局"),
        ("NJSZL", "organisation", "南京市质量技术监督局"),
        ("320100", "organisation", "南京市质量技术监督局"),
        ("３２０１", "organisation", "南京市质量技术监督局"),
        ("江苏省局", "organisation", "江苏省质量技术监督局"),
        ("秀英", "person", "李秀英"),
        ("lxy", "person", "李秀英"),
        ("sxx", "person", "单雄信"),
        ("P003", "person", "张伟"),
        ("计量法", "activity", "学习计量法"),
        ("计量工作", "progress", "计量工作纪实"),
        ("检定 器具", "commitment", "免费检定计量器具100台"),
        ("创先争优", "campaign", None),
    ],
)
def test_everything_is_found_by_its_name(players, text, kind, title):
    hits = found(players.actor("organiser"), text)
    assert hits.get(kind), hits
    assert title is None or title in hits[kind]


def test_several_kinds_stand_in_their_order(players):
    assert list(found(players.actor("organiser"), "计量"))[-3:] == ["commitment", "activity", "progress"]


def test_nothing_outside_the_scope_is_found(players):
    stranger = players.actor("stranger")
    for text in ("南京", "李秀英", "计量", "办公厅", "lxy"):
        assert not {"organisation", "person", "activity", "progress", "commitment"} & set(found(stranger, text)), text
    assert found(ANYONE, "计量") == {}


def test_a_member_finds_himself_and_no_other(players):
    member = players.actor("member")
    assert found(member, "王建国")["person"] == ["王建国"]
    assert "person" not in found(member, "李秀英")


@pytest.mark.parametrize("text", ["", "   ", "%", "_", "'; --", "\\", "\x00", "💡" * 80, "(((", "a" * 5000])
def test_odd_words_find_nothing_and_break_nothing(players, text):
    assert found(players.actor("organiser"), text) == {}


def test_one_kind_alone_comes_in_pages(players):
    for number in range(FEW + 3):
        record_activity(
            actor=players.actor("secretary"),
            organisation=players.offices.branch,
            happening=Happening(kind="study", title=f"读书会{number}", held_on=cast.TODAY),
            people=[],
            today=cast.TODAY,
            now=cast.NOW,
        )
    (few,) = search(players.actor("organiser"), "读书会")
    assert (len(few.hits), few.more) == (FEW, True)
    (all_,) = search(players.actor("organiser"), "读书会", only="activity")
    assert (len(all_.hits), all_.more) == (FEW + 3, False)
    (beyond,) = search(players.actor("organiser"), "读书会", only="activity", page=2)
    assert beyond.hits == ()


def test_each_group_costs_one_query(players):
    actor = players.actor("organiser")
    with CaptureQueriesContext(connection) as caught:
        search(actor, "计量")
    assert len(caught) <= len(GROUPS)
