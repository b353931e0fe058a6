"""A report as it was: names of its period, numbers as of a day, and the facts that made a number another."""

from datetime import UTC, date, datetime

import pytest

from quxin.access import SYSTEM
from quxin.briefs.report_changes import report_changes
from quxin.briefs.report_places import default_period, offered_periods, reports_of, sources_of
from quxin.briefs.reports import report_brief
from quxin.kernel.periods import Period
from quxin.orgs.models import Organisation
from quxin.orgs.operations import rename
from quxin.packs.queries import pack_of
from quxin.records.activities.operations import withdraw_activity
from quxin.reports.compose import compose
from tests import cast
from tests.briefs.making import lecture
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
PERIOD = Period.parse("2010-04..2010-11")
EARLY = datetime(2010, 11, 10, 2, 0, tzinfo=UTC)
BETWEEN = datetime(2010, 11, 12, 2, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture
def tree():
    """The offices."""
    return cast.offices()


@pytest.fixture
def campaign(tree):
    """The campaign of 2010, deployed."""
    return cast.campaign(tree)


def given(campaign, organisation=None) -> dict:
    """What a report needs."""
    return {
        "pack": pack_of(campaign.pack_version),
        "campaign": campaign,
        "organisation": organisation or campaign.sponsor,
        "period": PERIOD,
    }


def test_an_organisation_is_called_as_it_was_called_then(tree, campaign):
    rename(tree.hq, name="国家市场监督管理总局", on=date(2018, 4, 10), actor=SYSTEM, now=LATER)
    campaign.refresh_from_db()
    hq = Organisation.objects.get(pk=tree.hq.pk)
    brief = report_brief(**given(campaign, hq))
    words = "".join(
        piece for section in brief.sections for part in section.paragraphs for piece in part if isinstance(piece, str)
    )
    assert brief.issuer == "国家质量监督检验检疫总局"
    assert "国家质量监督检验检疫总局党组" in words
    assert "市场监督管理" not in words
    document = compose(brief, on=TODAY)
    assert document.issuer == "国家质量监督检验检疫总局"
    assert {row.organisation for row in document.sources} == {"国家质量监督检验检疫总局"}
    assert {figure.organisation for figure in brief.figures()} == {"国家质量监督检验检疫总局"}


def test_a_report_of_this_year_has_todays_name(tree, campaign):
    rename(tree.hq, name="国家市场监督管理总局", on=date(2018, 4, 10), actor=SYSTEM, now=LATER)
    campaign.refresh_from_db()
    hq = Organisation.objects.get(pk=tree.hq.pk)
    assert report_brief(**given(campaign, hq) | {"period": Period.parse("2018")}).issuer == "国家市场监督管理总局"


def test_nothing_changed(tree, campaign):
    changes = report_changes(**given(campaign), since=NOW)
    assert changes.changed == ()
    assert changes.unchanged > 20


def test_a_new_record_is_named_as_the_reason(tree, campaign):
    organiser = cast.actor("organiser", tree.hq)
    lecture(tree.hq, organiser, date(2010, 5, 20), 1960, campaign=campaign, now=EARLY)
    made = lecture(tree.hq, organiser, date(2010, 6, 24), 300, campaign=campaign, now=NOW)
    changes = report_changes(**given(campaign), since=BETWEEN)
    attendances = next(one for one in changes.changed if one.after.unit == "人次")
    assert (attendances.before.value, attendances.after.value) == (1960, 2260)
    assert [(row.subject, subject.code) for row, subject in attendances.facts] == [(f"activity:{made.pk}", made.code)]
    assert attendances.more == 0
    measures = {one.after.measure for one in changes.changed if ".lectures." in one.after.measure}
    assert measures == {"aqsiq-2010.lectures.sessions", "aqsiq-2010.lectures.attendances"}


def test_a_withdrawn_record_changes_the_number_back(tree, campaign):
    organiser = cast.actor("organiser", tree.hq)
    made = lecture(tree.hq, organiser, date(2010, 5, 20), 1960, campaign=campaign, now=EARLY)
    withdraw_activity(actor=organiser, activity=made, reason="记错了", now=NOW)
    changes = report_changes(**given(campaign), since=BETWEEN)
    attendances = next(one for one in changes.changed if one.after.unit == "人次")
    assert attendances.before.value == 1960
    assert [row.sign for row, _subject in attendances.facts] == [-1]


def test_the_words_may_stay_though_the_number_moved(tree, campaign):
    organiser = cast.actor("organiser", tree.hq)
    lecture(tree.hq, organiser, date(2010, 5, 20), 1960, campaign=campaign, now=EARLY)
    lecture(tree.hq, organiser, date(2010, 6, 24), 20, campaign=campaign, now=NOW)
    attendances = next(
        one for one in report_changes(**given(campaign), since=BETWEEN).changed if one.after.unit == "人次"
    )
    assert attendances.is_text_same
    assert attendances.before.value != attendances.after.value


def test_periods_and_outlines_that_are_offered(campaign):
    assert str(default_period(campaign, TODAY)) == "2010-04..2010-11"
    assert str(default_period(campaign, date(2026, 1, 1))) == "2010-04..2010-12"
    assert str(default_period(campaign, date(2009, 1, 1))) == "2010-04"
    offered = [str(one) for one in offered_periods(campaign, date(2026, 1, 1))]
    assert offered == ["2010-04..2010-07", "2010-04..2010-11", "2010-04..2010-12"]
    outline = reports_of(campaign, today=TODAY).outlines[0]
    assert outline.title == "全国质检系统开展“以质取胜、创先争优”活动情况综述"


def test_numbers_with_and_without_a_source_are_counted(tree, campaign):
    brief = report_brief(**given(campaign))
    found = sources_of(brief, typed=2)
    assert found.numbers == len({figure.measure for figure in brief.figures()}) + 2
    assert 0 < found.sourced < found.numbers
    assert not found.is_whole
