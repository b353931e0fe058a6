"""The entry form of activities: what is typed, turned into what the operation takes. Rules stay in the operation."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from quxin.access import Action, Actor
from quxin.desk.choices import FIND, by_campaign
from quxin.desk.entry import FilesField, OrganisationField, nonce_field
from quxin.desk.formkit import ask_all, set_choices
from quxin.kernel.errors import QuxinError
from quxin.orgs.models import Organisation, OrganisationKind, Person
from quxin.orgs.queries import roll
from quxin.records.activities.models import Activity
from quxin.records.activities.operations import (
    COMPETITIONS,
    CountWrong,
    Happening,
    NoContest,
    SeriesOfOtherKind,
    TitleMissing,
    UnknownKind,
    UnknownSeries,
    check_happening,
    series_kinds,
)
from quxin.records.activities.queries import kind_options, series_options
from quxin.records.campaigns.models import Campaign
from quxin.records.campaigns.operations import ReasonMissing
from quxin.records.campaigns.progress import InTheFuture, TooLongAgo
from quxin.ui.words import spoken

MOST_NAMES = 300
# The part of the page that follows the kind is fetched anew; what is typed meanwhile stays.
KEPT = {"hx-preserve": "true"}
FOLDED = 60
FIELDS_OF_ERRORS: tuple[tuple[type[QuxinError], str], ...] = (
    (InTheFuture, "held_on"),
    (TooLongAgo, "held_on"),
    (UnknownKind, "kind"),
    (UnknownSeries, "series"),
    (SeriesOfOtherKind, "series"),
    (TitleMissing, "title"),
    (NoContest, "contestants"),
    (CountWrong, "audience"),
    (ReasonMissing, "reason"),
)
"""At which field an error of the operation is shown."""


def field_of(error: QuxinError) -> str | None:
    """The field that an operation's error is about; None for the form as a whole."""
    if isinstance(error, CountWrong) and error.params["what"] == "参赛人数":
        return "contestants"
    return next((name for kind, name in FIELDS_OF_ERRORS if isinstance(error, kind)), None)


class ActivityForm(forms.Form):
    """An activity about to be recorded. Everything but who, what and when may be left out."""

    kind = forms.ChoiceField(label=_("活动种类"))
    title = forms.CharField(
        label=_("名称或主题"), max_length=200, help_text=_("写清楚做了什么，如“集中学习廉政准则”。")
    )
    held_on = forms.DateField(label=_("日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    series = forms.ChoiceField(
        label=_("系列"), required=False, widget=forms.Select(attrs=FIND), help_text=_("不属于任何系列的，不必选。")
    )
    campaign = forms.ChoiceField(
        label=_("主题活动"), required=False, help_text=_("专为某项主题活动办的才选；任务会按种类自动对上。")
    )
    people = forms.MultipleChoiceField(
        label=_("参加人员"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("按名册勾选。")
    )
    audience = forms.IntegerField(
        label=_("其他到场人数"),
        required=False,
        min_value=0,
        help_text=_("勾选的人以外还有多少人；没有就不填。"),
        widget=forms.NumberInput(attrs=KEPT),
    )
    contestants = forms.IntegerField(
        label=_("参赛人数"), required=False, min_value=0, help_text=_("只在演讲比赛和征文中填。")
    )
    starts_at = forms.TimeField(
        label=_("开始时间"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    place = forms.CharField(label=_("地点"), required=False, max_length=120)
    host = forms.CharField(label=_("主持人"), required=False, max_length=60)
    speaker = forms.CharField(label=_("主讲人"), required=False, max_length=120)
    agenda = forms.CharField(label=_("议程"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    minutes = forms.CharField(label=_("会议记录"), required=False, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        organisation: Organisation,
        campaigns: Sequence[Campaign],
        today: date,
        named: Sequence[Person] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.organisation, self.today = actor, organisation, today
        self.campaigns = {campaign.code: campaign for campaign in campaigns}
        set_choices(self, "kind", [("", _("请选择")), *((one.value, spoken(one)) for one in kind_options())])
        now = [one for one in campaigns if one.starts_on <= today <= one.ends_on and one.state != one.State.CLOSED]
        series = [(one.value.partition(".")[0], one.value, spoken(one)) for one in series_options()]
        set_choices(self, "series", [("", _("不属于系列")), *by_campaign(series, now)])
        set_choices(self, "campaign", [("", _("不专属哪项活动")), *((one.code, _(one.title)) for one in campaigns)])
        self.fields["held_on"].widget.attrs["max"] = today.isoformat()
        set_choices(self, "people", names_of(actor, organisation, today, named))

    def clean(self) -> dict[str, Any]:
        """What the operation would refuse is told together with what the fields refuse."""
        said = super().clean() or self.cleaned_data
        kind = said.get("kind") or next(iter(COMPETITIONS))
        neutral = {"kind": kind, "title": "-", "held_on": self.today, "series": "", "audience": 0, "contestants": 0}
        ask_all(self, lambda told: check_happening(Happening(**told), self.today, series_kinds()), neutral, field_of)
        return said

    def shows_contestants(self) -> bool:
        """Whether the kind chosen is a competition."""
        return str(self["kind"].value() or "") in COMPETITIONS

    def offers_many(self) -> bool:
        """Whether the roll is so long that it is better folded."""
        return len(cast(Any, self.fields["people"]).choices) > FOLDED

    def happening(self) -> Happening:
        """What was typed, as the operation takes it; only after `is_valid()`."""
        said = self.cleaned_data
        return Happening(
            kind=said["kind"],
            title=said["title"],
            held_on=said["held_on"],
            series=said["series"],
            starts_at=said["starts_at"],
            place=said["place"],
            host=said["host"],
            speaker=said["speaker"],
            agenda=said["agenda"],
            minutes=said["minutes"],
            audience=said["audience"] or 0,
            contestants=said["contestants"] or 0,
        )

    def people_named(self) -> list[Person]:
        """The people ticked."""
        return list(Person.objects.filter(code__in=self.cleaned_data["people"]))

    def chosen_campaign(self) -> Campaign | None:
        """The campaign chosen, if any."""
        return self.campaigns.get(self.cleaned_data["campaign"])


class NewActivityForm(ActivityForm):
    """A first entry: whose it is, and files if there are any."""

    evidence = FilesField(
        label=_("依据"),
        required=False,
        help_text=_("不需要照片。已有签到表、通知等文件的，可以附上（PDF、图片、docx、xlsx、pptx）。"),
    )
    nonce = nonce_field()

    def __init__(self, *args: Any, here: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"] = OrganisationField(
            actor=self.actor, action=Action.RECORD_ACTIVITY, here=here, label=_("单位")
        )


class CorrectionForm(ActivityForm):
    """A correction: what stands now, and why it changes."""

    reason = forms.CharField(label=_("更正理由"), max_length=200, help_text=_("一句话，会留在经过里。"))
    version = forms.IntegerField(widget=forms.HiddenInput)


def names_of(
    actor: Actor, organisation: Organisation, today: date, named: Sequence[Person] = ()
) -> list[tuple[str, str]]:
    """Whom the form offers by name: the roll of a party organisation, or of those below it; and those named already."""
    is_party = organisation.kind == OrganisationKind.PARTY
    rows = roll(actor, organisation, on=today, limit=MOST_NAMES) if is_party else []
    if not rows:
        rows = roll(actor, organisation, on=today, below=True, limit=MOST_NAMES)
    offered = {row.person_code: row.name for row in rows}
    offered |= {person.code: person.name for person in named if person.code not in offered}
    return list(offered.items())


def typed(activity: Activity, people: Sequence[Person]) -> dict[str, Any]:
    """An activity as the initial values of its correction."""
    names = [name for name in Happening.__slots__ if name not in ("audience", "contestants")]
    return {name: getattr(activity, name) for name in names} | {
        "audience": activity.audience or None,
        "contestants": activity.contestants or None,
        "campaign": activity.campaign.code if activity.campaign else "",
        "people": [person.code for person in people],
        "version": activity.version,
    }
