"""The forms of promises on the desk: what is typed becomes a `Promise`; the rules are the operations'."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quxin.access import Action, Actor
from quxin.desk.choices import FIND, by_campaign
from quxin.desk.entry import FilesField, OrganisationField, nonce_field
from quxin.desk.formkit import ask_all, set_choices
from quxin.kernel.errors import QuxinError
from quxin.kernel.hashes import canonical, digest
from quxin.kernel.scaled import ONE, plain, scale
from quxin.kernel.text import narrow
from quxin.measures.registry import all_measures
from quxin.measures.types import Declared
from quxin.orgs.models import Organisation
from quxin.packs.measure_types import MeasureSpec
from quxin.packs.vocabulary import UNITS
from quxin.records.campaigns.models import Campaign
from quxin.records.commitments.models import Commitment
from quxin.records.commitments.operations import InTheFuture, NotLater, Promise
from quxin.records.commitments.rules import (
    DueTooEarly,
    NoSingleEntries,
    PersonalNumbers,
    ReasonMissing,
    TargetWrong,
    check_promise,
)

OWN = "own"
MINE, OURS = "me", "organisation"


def measures() -> list[Declared]:
    """The measures that a promise may be held to: public numbers, no dates."""
    return [one for one in all_measures() if one.spec.public and one.spec.form != "first"]


def _titled(spec: MeasureSpec) -> str:
    """A measure in the list: what it counts, and in what."""
    label = gettext(spec.label)
    return gettext("%(label)s（%(unit)s）") % {"label": label, "unit": gettext(spec.unit)} if spec.unit else label


class DayInput(forms.DateInput):
    """A day from the browser's own calendar."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class QuantityField(forms.CharField):
    """A number with at most three decimals; its value is scaled."""

    def clean(self, value: Any) -> int | None:
        """The scaled integer; full-width digits and thousands commas are forgiven."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return scale(text)
        except QuxinError as error:
            raise forms.ValidationError(f"{error.text(gettext)} {error.hint_text(gettext)}".strip()) from error


class PromiseForm(forms.Form):
    """What a promise says. `promise()` is what was typed, after `is_valid()`; measures of `running` campaigns stand first."""

    text = forms.CharField(
        label=_("承诺什么"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("一句话，写清做什么、做到什么程度；“尽快”“进一步”这类话会被标出来。"),
    )
    kind = forms.ChoiceField(
        label=_("类别"), choices=[(value, _(str(label))) for value, label in Commitment.Kind.choices]
    )
    measure = forms.ChoiceField(
        label=_("怎样衡量"),
        widget=forms.Select(attrs=FIND),
        help_text=_("选“自己记数”就逐笔报进展；选一个指标，数字由台账自动算，不用另报。"),
    )
    direction = forms.ChoiceField(
        label=_("目标的意思"),
        required=False,
        choices=[
            (Commitment.Direction.AT_LEAST.value, _("不少于：合计达到目标，例如走访 40 家")),
            (Commitment.Direction.AT_MOST.value, _("不超过：合计不超过目标，例如有效投诉 3 件以内")),
            (Commitment.Direction.EACH_AT_MOST.value, _("每一笔都不超过目标，例如每件 5 天内办结")),
        ],
        help_text=_("不超过的，没有发生也要记 0：到期还没有数，就算没有兑现。"),
    )
    target = QuantityField(label=_("目标"), max_length=20, help_text=_("要达到或者不超过的数，例如 40 或 98.5。"))
    unit = forms.CharField(
        label=_("计量单位"),
        max_length=20,
        required=False,
        help_text=_("家、次、件、%……选了指标就用指标的单位，可不填。"),
        widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
    )
    due_on = forms.DateField(label=_("哪天兑现"), widget=DayInput(), help_text=_("到这一天，公开页自己说兑现没有。"))
    verifier = forms.CharField(
        label=_("由谁核验"),
        max_length=120,
        required=False,
        help_text=_("最好不是承诺单位自己，例如服务对象代表、上级业务处。"),
    )

    def __init__(self, *args: Any, today: date, running: Sequence[Campaign] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.offered = measures()
        options = [(one.pack, one.id, _titled(one.spec)) for one in self.offered]
        set_choices(self, "measure", [(OWN, gettext("自己记数（逐笔报进展）")), *by_campaign(options, running)])
        self.units = list(UNITS)

    def clean(self) -> dict[str, Any]:
        """A measure brings its unit; an own count needs one."""
        data = super().clean() or {}
        units = {one.id: one.spec.unit for one in self.offered}
        if data.get("measure") in units:
            data["unit"] = units[data["measure"]]
            if data.get("direction") == Commitment.Direction.EACH_AT_MOST:
                self.add_error("direction", NoSingleEntries().text(gettext) + NoSingleEntries().hint_text(gettext))
        elif not data.get("unit") and "unit" not in self.errors:
            self.add_error("unit", _("请写单位，例如“家”“次”“%”。"))
        least = Commitment.Direction.AT_LEAST.value
        neutral = {"text": "", "target": ONE, "direction": least, "due_on": self.today, "verifier": ""}
        ask_all(self, self._rule, neutral, field_of)
        return data

    def _rule(self, said: dict[str, Any]) -> None:
        said["direction"] = said["direction"] or Commitment.Direction.AT_LEAST.value
        check_promise(Promise(kind="", unit="", **said), self.today)

    def promise(self) -> Promise:
        """What was typed."""
        data = self.cleaned_data
        return Promise(
            kind=data["kind"],
            text=narrow(data["text"]),
            target=data["target"],
            unit=narrow(data["unit"]),
            due_on=data["due_on"],
            measure="" if data["measure"] == OWN else data["measure"],
            verifier=narrow(data["verifier"]),
            direction=data["direction"] or Commitment.Direction.AT_LEAST.value,
        )


class NewPromiseForm(PromiseForm):
    """A new promise: whose it is, and the campaign that it belongs to."""

    nonce = nonce_field()
    field_order = (
        "whose",
        "organisation",
        "text",
        "kind",
        "measure",
        "direction",
        "target",
        "unit",
        "due_on",
        "verifier",
        "campaign",
    )

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        here: Organisation,
        may_promise: bool,
        campaigns: QuerySet[Campaign],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        whose = [(OURS, gettext("单位"))] if may_promise else []
        whose += [(MINE, gettext("本人"))] if actor.person else []
        self.fields["whose"] = forms.ChoiceField(
            label=_("谁来承诺"),
            choices=whose,
            initial=whose[0][0] if whose else None,
            widget=forms.RadioSelect() if len(whose) > 1 else forms.HiddenInput(),
        )
        if may_promise:
            self.fields["organisation"] = OrganisationField(
                label=_("承诺单位"), actor=actor, action=Action.MAKE_COMMITMENT, here=here
            )
        self.fields["campaign"] = forms.ModelChoiceField(
            label=_("属于哪项活动"), queryset=campaigns, required=False, empty_label=_("不属于哪项活动")
        )
        self.order_fields(self.field_order)


class ChangeForm(PromiseForm):
    """A change of a published promise: a reason that the public reads."""

    reason = forms.CharField(
        label=_("为什么改"), max_length=300, help_text=_("会和改前改后的内容一起公开，例如“与省局口径一致”。")
    )
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    def fingerprint(self) -> str:
        """Of what was typed: a preview counts only for just these words."""
        said = self.promise()
        told = (
            said.kind,
            said.text,
            said.target,
            said.unit,
            str(said.due_on),
            said.measure,
            said.verifier,
            said.direction,
        )
        return digest(canonical((*told, self.cleaned_data["reason"]))).hex()[:32]

    def is_previewed(self) -> bool:
        """Whether the difference was shown for exactly this."""
        return self.cleaned_data["previewed"] == self.fingerprint()


class ExtendForm(forms.Form):
    """A later due day and why."""

    due_on = forms.DateField(label=_("延到哪天"), widget=DayInput())
    reason = forms.CharField(label=_("为什么延期"), max_length=300, help_text=_("会和新旧期限一起公开。"))


class ProgressForm(forms.Form):
    """One entry of progress: one screen."""

    on = forms.DateField(label=_("哪天做的"), widget=DayInput())
    quantity = QuantityField(label=_("做了多少"), max_length=20)
    note = forms.CharField(label=_("做了什么"), max_length=300, required=False, help_text=_("会公开；不写人名、电话。"))
    evidence = FilesField(
        label=_("依据"), required=False, help_text=_("可以附文件，不需要照片；先只给内部看，公开要另有人看过。")
    )
    nonce = nonce_field()


class ReviewForm(forms.Form):
    """Pass a promise, or send it back with the reason."""

    decision = forms.ChoiceField(
        label=_("审核意见"),
        choices=[("publish", _("通过，立即公开")), ("return", _("退回修改"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("退回的理由"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("退回时必填；承诺公开以后，这句话也会公开。"),
    )


class ReasonForm(forms.Form):
    """A reason alone: for withdrawing."""

    reason = forms.CharField(label=_("理由"), max_length=300)


class ExplainForm(forms.Form):
    """A public explanation."""

    explanation = forms.CharField(
        label=_("公开说明"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("说清原因、已经办到哪一步、下一步怎么办。以前的说明会留在经过里。"),
    )


FIELDS_OF_ERRORS: tuple[tuple[type[QuxinError], str], ...] = (
    (TargetWrong, "target"),
    (NoSingleEntries, "direction"),
    (DueTooEarly, "due_on"),
    (NotLater, "due_on"),
    (PersonalNumbers, "text"),
    (ReasonMissing, "reason"),
    (InTheFuture, "on"),
)
"""At which field an error of an operation is shown."""


def field_of(error: QuxinError) -> str | None:
    """The field that an operation's error is about; None for the form as a whole."""
    return next((name for kind, name in FIELDS_OF_ERRORS if isinstance(error, kind)), None)


def typed(commitment: Commitment) -> dict[str, Any]:
    """A promise as the initial values of its form."""
    return {
        "text": commitment.text,
        "kind": commitment.kind,
        "measure": commitment.measure or OWN,
        "direction": commitment.direction,
        "target": plain(commitment.target),
        "unit": commitment.unit,
        "due_on": commitment.due_on,
        "verifier": commitment.verifier,
    }


def first_day(today: date) -> dict[str, Any]:
    """What a progress form begins with."""
    return {"on": today}
