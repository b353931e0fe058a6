"""The entry form of simple records: it asks what the pack says that the chosen kind asks, and nothing else."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from quxin.access import Action, Actor
from quxin.briefs.progress import KindOption
from quxin.desk.entry import FilesField, OrganisationField, nonce_field
from quxin.desk.formkit import ask_all, set_choices
from quxin.kernel.errors import QuxinError
from quxin.kernel.scaled import ONE, ScaledError, plain, scale
from quxin.orgs.models import Organisation
from quxin.packs.types import RecordKind
from quxin.packs.vocabulary import RECORD_FIELDS
from quxin.records.campaigns.closing import CampaignClosed
from quxin.records.campaigns.forms import ABOUT, slot_of
from quxin.records.campaigns.models import Campaign, ProgressRecord
from quxin.records.campaigns.operations import ReasonMissing
from quxin.records.campaigns.progress import InTheFuture, Progress, QuantityWrong, TooLongAgo, check_progress
from quxin.ui.words import spoken

FIELDS_OF_ERRORS: tuple[tuple[type[QuxinError], str], ...] = (
    (InTheFuture, "occurred_on"),
    (TooLongAgo, "occurred_on"),
    (QuantityWrong, "quantity"),
    (ReasonMissing, "reason"),
    (CampaignClosed, "late_reason"),
)


def field_of(error: QuxinError) -> str | None:
    """The field that an operation's error is about; None for the form as a whole."""
    return next((name for kind, name in FIELDS_OF_ERRORS if isinstance(error, kind)), None)


class ProgressForm(forms.Form):
    """A simple record about to be recorded."""

    kind = forms.ChoiceField(label=_("记录种类"))
    occurred_on = forms.DateField(label=_("日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    title = forms.CharField(label=_("标题或事项"), max_length=200, required=False)
    partner = forms.CharField(label=_("对象"), max_length=120, required=False)
    place = forms.CharField(label=_("地点"), max_length=120, required=False)
    quantity = forms.CharField(label=_("数量"), max_length=20, required=False, help_text=_("不填就是 1。"))
    note = forms.CharField(label=_("备注"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, kinds: Mapping[str, KindOption], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds, self.today = kinds, today
        set_choices(self, "kind", [("", _("请选择")), *_grouped(kinds.values())])
        self.fields["occurred_on"].widget.attrs["max"] = today.isoformat()
        option = kinds.get(str(self["kind"].value() or ""))
        self.chosen = option.kind if option else None
        self._ask(self.chosen)

    def clean_quantity(self) -> int:
        """The quantity, scaled; 1 when nothing is typed."""
        try:
            return scale(self.cleaned_data["quantity"].strip() or 1)
        except ScaledError as error:
            raise forms.ValidationError(f"{error.text(now_)} {error.hint_text(now_)}".strip()) from error

    def clean(self) -> dict[str, Any]:
        """A record must say what it is about: a title, or whom it is about."""
        said = super().clean() or self.cleaned_data
        if self.chosen and not any((said.get(name) or "").strip() for name in ("title", "partner", "place")):
            self.add_error(self._naming(), _("请填写，好让别人看得出是哪一件。"))
        neutral = {"occurred_on": self.today, "quantity": ONE}
        ask_all(self, lambda told: check_progress(Progress("", "", **told), self.today), neutral, field_of)
        return said

    def progress(self) -> Progress:
        """What was typed, as the operation takes it; only after `is_valid()`."""
        said = self.cleaned_data
        kind = self.kinds[said["kind"]].kind
        about = said["partner"] or said["place"]
        return Progress(
            kind=said["kind"],
            title=said["title"] or f"{kind.title.zh}：{about}",
            occurred_on=said["occurred_on"],
            quantity=said["quantity"],
            unit=kind.unit,
            partner=said["partner"],
            place=said["place"],
            note=said["note"],
        )

    def _ask(self, kind: RecordKind | None) -> None:
        """Name the fields as the kind names them; hide those that it does not ask and that hold nothing."""
        if kind is None:
            return
        about = next((one for one in ABOUT if one in kind.asks), None)
        asked = {"title": "title" in kind.asks, "partner": about is not None, "place": "place" in kind.asks}
        if not any(asked.values()):
            asked["title"] = True
        if about:
            self.fields["partner"].label = spoken(RECORD_FIELDS[about])
        for name, is_asked in asked.items():
            if not is_asked and not self[name].value():
                self.fields[name].widget = forms.HiddenInput()
        self.fields["quantity"].help_text = _("单位：%(unit)s；不填就是 1。") % {"unit": kind.unit}
        loose = [spoken(RECORD_FIELDS[one]) for one in kind.asks if slot_of(kind, one) == "note"]
        if loose:
            self.fields["note"].help_text = _("请写明：%(fields)s。") % {"fields": _("、").join(loose)}

    def _naming(self) -> str:
        slot = slot_of(self.chosen, self.chosen.named_by) if self.chosen and self.chosen.named_by else "title"
        return slot if slot in self.fields and not self.fields[slot].widget.is_hidden else self._first_shown()

    def _first_shown(self) -> str:
        return next(name for name in ("title", "partner", "place") if not self.fields[name].widget.is_hidden)


class NewProgressForm(ProgressForm):
    """A first entry: whose it is, for which campaign, and files if there are any."""

    campaign = forms.ChoiceField(label=_("主题活动"), required=False, help_text=_("属于某项主题活动的才选。"))
    late_reason = forms.CharField(
        label=_("活动结束后仍要计入的理由"),
        max_length=200,
        required=False,
        help_text=_("这项活动已经结束：日期在结束以前的是补记，不必写；在结束以后的要写明，会留在经过里。"),
    )
    evidence = FilesField(label=_("依据"), required=False, help_text=_("可不附；不需要照片。"))
    nonce = nonce_field()

    def __init__(
        self, *args: Any, actor: Actor, here: Organisation, campaigns: Sequence[Campaign], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.campaigns = {campaign.code: campaign for campaign in campaigns}
        set_choices(self, "campaign", [("", _("不专属哪项活动")), *((one.code, now_(one.title)) for one in campaigns)])
        chosen = self.campaigns.get(str(self["campaign"].value() or ""))
        if chosen is None or chosen.closed_on is None:
            self.fields["late_reason"].widget = forms.HiddenInput()
        self.fields["organisation"] = OrganisationField(
            actor=actor, action=Action.REPORT_PROGRESS, here=here, label=_("单位")
        )

    def chosen_campaign(self) -> Campaign | None:
        """The campaign chosen, if any."""
        return self.campaigns.get(self.cleaned_data["campaign"])


class ProgressCorrectionForm(ProgressForm):
    """A correction: what stands now, and why it changes."""

    reason = forms.CharField(label=_("更正理由"), max_length=200, help_text=_("一句话，会留在经过里。"))
    version = forms.IntegerField(widget=forms.HiddenInput)


def typed(record: ProgressRecord) -> dict[str, Any]:
    """A record as the initial values of its correction."""
    names = ("kind", "occurred_on", "title", "partner", "place", "note", "version")
    return {name: getattr(record, name) for name in names} | {"quantity": plain(record.quantity)}


def _grouped(options: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Kinds by family, as a select takes them."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for option in options:
        groups.setdefault(now_(option.family), []).append((option.label, spoken(option)))
    return list(groups.items())
