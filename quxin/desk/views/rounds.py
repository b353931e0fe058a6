"""The organiser's side of evaluation: set a round up, print its posters, watch the turnout, close it, void it in public.

There is no way from here to a ballot or a grade of an open round: pages get briefs that hold none.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quxin.access import Action, may, require, scopes
from quxin.briefs.evaluations import Result, RoundBrief, round_brief
from quxin.desk.shell import Desk, DeskRequest, desk_page, get_visible, page, put_errors
from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.kernel.periods import zh_date
from quxin.orgs.models import Organisation
from quxin.orgs.queries import search_organisations
from quxin.orgs.querysets import within
from quxin.records.commitments.models import Commitment
from quxin.records.evaluations import queries
from quxin.records.evaluations.closing import close_round, void_round
from quxin.records.evaluations.errors import NothingToJudge, ReasonMissing
from quxin.records.evaluations.models import Round
from quxin.records.evaluations.operations import open_round
from quxin.records.evaluations.reckoning import HIGHEST_MINIMUM, LOWEST_MINIMUM
from quxin.records.evaluations.rules import last_day
from quxin.reports.poster import FONT_PACKAGE, SIZES, Poster, has_chinese_font, poster_pdf, qr_svg, size_of

HERE = "rounds"
OFFERED = 30  # promises and organisations that the form shows without a search
LONGEST_DAYS = 180
USUAL_DAYS = 7
POSTER_TITLE = 60  # characters that still make a title
SORTS = {"title": "title", "organiser": "organiser__name", "opens": "opens_at", "closes": "closes_at"}


class RoundForm(forms.Form):
    """Three questions: what is judged, when, and how much is shown."""

    title = forms.CharField(
        label=gettext_lazy("评议名称"),
        max_length=200,
        help_text=gettext_lazy("群众看得懂的名字，例如“办事窗口满意度评议”。"),
    )
    find = forms.CharField(
        label=gettext_lazy("查找承诺或单位"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("下面只列出一部分。写几个字再点“查找”，已经勾选的会留着。"),
    )
    promises = forms.MultipleChoiceField(
        label=gettext_lazy("评议已公开的承诺"), required=False, widget=forms.CheckboxSelectMultiple
    )
    organisations = forms.MultipleChoiceField(
        label=gettext_lazy("评议单位"), required=False, widget=forms.CheckboxSelectMultiple
    )
    question = forms.CharField(
        label=gettext_lazy("问题"), required=False, max_length=200, help_text=gettext_lazy("不填就问“您满意吗？”。")
    )
    opens_on = forms.DateField(
        label=gettext_lazy("第一天"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_on = forms.DateField(
        label=gettext_lazy("最后一天"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("这一天还可以投票。公布以后不能提前结束。"),
    )
    minimum = forms.IntegerField(
        label=gettext_lazy("最少票数"),
        min_value=LOWEST_MINIMUM,
        max_value=HIGHEST_MINIMUM,
        initial=5,
        help_text=gettext_lazy("不到这么多票就不公布，免得看出是谁评的。"),
    )
    asks_words = forms.BooleanField(label=gettext_lazy("请群众写几句话（可不写）"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        """The days make sense together; anything else is the operation's to say."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("opens_on"), cleaned.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", ValidationError(_("最后一天不能早于第一天。")))
        if first and last and (last - first).days > LONGEST_DAYS:
            self.add_error("last_on", ValidationError(_("一轮评议最长 %(days)s 天。") % {"days": LONGEST_DAYS}))
        return cleaned


class VoidForm(forms.Form):
    """The reason, which the public reads."""

    reason = forms.CharField(
        label=gettext_lazy("作废理由"),
        max_length=300,
        error_messages={"required": gettext_lazy(ReasonMissing.default_message)},
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("会公开。写清楚错在哪里，不写姓名、电话。"),
    )


@desk_page
def rounds(request: DeskRequest) -> HttpResponse:
    """Rounds that my organisations organise, and those that judge them."""
    desk = request.desk
    require(desk.actor, Action.VIEW, desk.organisation.path)
    state = request.GET.get("state", "")
    shown = Round.objects.visible_to(desk.actor).touching(desk.organisation.path)
    if state in Round.State.values:
        shown = shown.filter(state=state)
    sort = request.GET.get("sort", "")
    order = SORTS.get(sort.lstrip("-"))
    shown = shown.order_by(f"{'-' if sort.startswith('-') else ''}{order}" if order else "-opens_at", "pk")
    shown = shown.select_related("organiser").annotate(subject_count=Count("subjects", distinct=True))
    paged = Paginator(shown, 50).get_page(request.GET.get("page"))
    return page(
        request,
        "desk/rounds.html",
        HERE,
        rows=[{"round": one, "stage": queries.stage_of(one, desk.now), "until": last_day(one)} for one in paged],
        paged=paged,
        may_open=bool(may(desk.actor, Action.OPEN_ROUND, desk.organisation.path)),
        tabs=_tabs(state),
        columns=[
            {"title": _("评议"), "sort": "title"},
            {"title": _("组织单位"), "sort": "organiser"},
            {"title": _("评议对象"), "num": True},
            {"title": _("第一天"), "sort": "opens"},
            {"title": _("最后一天"), "sort": "closes"},
            {"title": _("状态")},
        ],
    )


@desk_page
def round_new(request: DeskRequest) -> HttpResponse:
    """Set a round up and open it."""
    desk = request.desk
    require(desk.actor, Action.OPEN_ROUND, desk.organisation.path)
    finding = "find_now" in request.POST
    chosen = request.POST if request.method == "POST" else request.GET
    promises = _promises(desk, chosen.get("find", ""), chosen.getlist("promises"))
    organisations = _organisations(desk, chosen.get("find", ""), chosen.getlist("organisations"))
    first = {"opens_on": desk.today, "last_on": desk.today + timedelta(days=USUAL_DAYS - 1)}
    given: dict[str, Any] = {name: chosen.getlist(name) for name in ("promises", "organisations") if name in chosen}
    if finding:
        given |= {
            name: chosen.get(name, "") for name in RoundForm.base_fields if name not in ("promises", "organisations")
        }
    form = RoundForm(request.POST if request.method == "POST" and not finding else None, initial=first | given)
    form.fields["promises"].choices = [  # type: ignore[attr-defined]
        (one.code, f"{one.text}（{one.organisation.name}）") for one in promises
    ]
    form.fields["organisations"].choices = [(one.code, one.name) for one in organisations]  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        opened = _open(desk, form, promises, organisations)
        if opened is not None:
            messages.success(request, _("评议已经开始，可以打印海报了。"))
            return redirect("desk:round", code=opened.code)
    return page(request, "desk/rounds_new.html", HERE, form=form, crumbs=_crumbs())


@desk_page
def round_(request: DeskRequest, code: str) -> HttpResponse:
    """A round: posters and turnout while it runs, the result once it is closed."""
    desk = request.desk
    found = get_visible(Round.objects.select_related("organiser", "campaign"), desk.actor, code=code)
    brief = round_brief(found, now=desk.now)
    chosen = _chosen(brief, request.GET.get("subject", ""))
    address = _public_address(request, chosen) if chosen else ""
    may_close = bool(may(desk.actor, Action.CLOSE_ROUND, found.organiser.path))
    return page(
        request,
        "desk/round.html",
        HERE,
        round=brief,
        chosen=chosen,
        address=address,
        qr=qr_svg(address) if address else "",
        sizes=SIZES,
        may_close=may_close and brief.stage == "over",
        may_void=may_close and brief.stage in ("draft", "soon", "open", "over"),
        crumbs=_crumbs(),
    )


@desk_page
def round_close(request: DeskRequest, code: str) -> HttpResponse:
    """Close a round after its end: the page that asks, and the deed."""
    desk = request.desk
    found = get_visible(Round.objects.select_related("organiser", "campaign"), desk.actor, code=code)
    require(desk.actor, Action.CLOSE_ROUND, found.organiser.path)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            close_round(actor=desk.actor, round_=found, now=desk.now)
        except QuxinError as error:
            put_errors(form, error)
        else:
            messages.success(request, _("已经封存，结果和封存的根公布在公开栏。"))
            return redirect("desk:round", code=code)
    return page(request, "desk/rounds_close.html", HERE, round=found, form=form, crumbs=_crumbs(found))


@desk_page
def round_void(request: DeskRequest, code: str) -> HttpResponse:
    """Void a round in public, with a reason."""
    desk = request.desk
    found = get_visible(Round.objects.select_related("organiser", "campaign"), desk.actor, code=code)
    require(desk.actor, Action.CLOSE_ROUND, found.organiser.path)
    form = VoidForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            void_round(actor=desk.actor, round_=found, reason=form.cleaned_data["reason"], now=desk.now)
        except QuxinError as error:
            put_errors(form, error, "reason")
        else:
            messages.success(request, _("已经作废，理由公布在公开栏。"))
            return redirect("desk:round", code=code)
    return page(request, "desk/rounds_void.html", HERE, round=found, form=form, crumbs=_crumbs(found))


@desk_page
def round_poster(request: DeskRequest, code: str) -> HttpResponse:
    """The poster of one subject as a page to print: `?subject=` its code (else the first), `?size=A4` or A3; `?as=pdf`
    gives the file. Where none can be made, the page comes all the same and says why.
    """
    desk = request.desk
    found = get_visible(Round.objects.select_related("organiser", "campaign"), desk.actor, code=code)
    brief = round_brief(found, now=desk.now)
    chosen = _chosen(brief, request.GET.get("subject", ""))
    size = size_of(request.GET.get("size", ""))
    if chosen is None or size is None:
        raise Http404
    title, lines = _poster_words(brief, chosen)
    address = _public_address(request, chosen)
    poster = Poster(title, chosen.organisation, tuple(lines), address, size, call="扫一扫，评一评")
    failed, status = None, 200
    if request.GET.get("as") == "pdf":
        try:
            answer = HttpResponse(poster_pdf(poster), content_type="application/pdf")
        except QuxinError as error:
            failed, status = {"message": error.text(_), "hint": error.hint_text(_)}, 422
        else:
            answer["Content-Disposition"] = f'attachment; filename="poster-{chosen.subject_code}-{size}.pdf"'
            return answer
    query = f"?subject={chosen.subject_code}&size="
    context = {
        "poster": poster,
        "sizes": [{"title": one, "href": query + one, "here": one == size} for one in SIZES],
        "pdf_href": f"{query}{size}&as=pdf" if has_chinese_font() else "",
        "font_package": FONT_PACKAGE,
        "failed": failed,
        "back_href": f"{reverse('desk:round', args=[code])}?subject={chosen.subject_code}",
    }
    return render(request, "ui/poster.html", context, status=status)


def _open(desk: Desk, form: RoundForm, promises: list[Commitment], organisations: list[Organisation]) -> Round | None:
    """Open what the form says; None when the operation refuses, with its words in the form."""
    given = form.cleaned_data
    try:
        return open_round(
            actor=desk.actor,
            organiser=desk.organisation,
            title=given["title"],
            question=given["question"],
            commitments=[one for one in promises if one.code in given["promises"]],
            organisations=[one for one in organisations if one.code in given["organisations"]],
            opens_at=_midnight(given["opens_on"]),
            closes_at=_midnight(given["last_on"] + timedelta(days=1)),
            minimum=given["minimum"],
            asks_words=given["asks_words"],
            now=desk.now,
        )
    except NothingToJudge as error:
        put_errors(form, error, "promises")
    except QuxinError as error:
        put_errors(form, error)
    return None


def _promises(desk: Desk, text: str, codes: list[str]) -> list[Commitment]:
    """The chosen promises first, then some that fit the search (or fall due next)."""
    allowed = (
        Commitment.objects.public()
        .filter(within((desk.organisation.path,), "organisation__path"))
        .filter(within(scopes(desk.actor, Action.OPEN_ROUND), "organisation__path"))
        .select_related("organisation")
    )
    chosen = list(allowed.filter(code__in=codes[:200])) if codes else []
    offered = allowed.exclude(code__in=codes[:200])
    if text := text.strip():
        offered = offered.filter(Q(text__contains=text) | Q(organisation__name__contains=text))
    return chosen + list(offered.order_by("-published_at", "pk")[:OFFERED])


def _organisations(desk: Desk, text: str, codes: list[str]) -> list[Organisation]:
    """The chosen organisations first, then those that fit the search (or my own and those right below it)."""
    allowed = (
        Organisation.objects.within(desk.organisation.path)
        .filter(within(scopes(desk.actor, Action.OPEN_ROUND)))
        .open_on(desk.today)
    )
    chosen = list(allowed.filter(code__in=codes[:200]).order_by("path")) if codes else []
    if text.strip():
        found = search_organisations(desk.actor, text, on=desk.today, limit=OFFERED)
        offered = list(allowed.filter(pk__in=[one.pk for one in found]).order_by("path"))
    else:
        near = Q(pk=desk.organisation.pk) | Q(parent=desk.organisation)
        offered = list(allowed.filter(near).order_by("depth", "sort_key", "pk")[:OFFERED])
    return chosen + [one for one in offered if one.code not in codes]


def _chosen(brief: RoundBrief, code: str) -> Result | None:
    """The subject asked for, else the first."""
    if not code:
        return brief.results[0] if brief.results else None
    return next((one for one in brief.results if one.subject_code == code), None)


def _poster_words(brief: RoundBrief, chosen: Result) -> tuple[str, list[str]]:
    """The poster's title and lines, in Chinese as the sheet is: the question, what is judged (where the title does not
    say it), how, until when.
    """
    lines = [
        "扫码，选一个等级，点提交，二十秒",
        "不用登录，单位看不到是谁评的",
        f"{zh_date(brief.from_on)}开始，到{zh_date(brief.until)}为止",
    ]
    if brief.question or len(chosen.title) > POSTER_TITLE:
        return brief.question or "请您评一评", [chosen.title, *lines]
    if chosen.is_promise:
        return f"“{chosen.title}”，您满意吗？", lines
    return f"对{chosen.title}的服务，您满意吗？", lines


def _public_address(request: HttpRequest, chosen: Result) -> str:
    """What the QR code opens: under the public name of the site, if the settings know it."""
    address = reverse("portal:evaluate", args=[chosen.subject_code])
    return f"{settings.PUBLIC_URL}{address}" if settings.PUBLIC_URL else request.build_absolute_uri(address)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.TZ)


def _crumbs(round_: Round | None = None) -> list[dict[str, str]]:
    crumbs = [{"title": _("评议"), "href": reverse("desk:rounds")}]
    if round_ is not None:
        crumbs.append({"title": round_.title, "href": reverse("desk:round", args=[round_.code])})
    return crumbs


def _tabs(state: str) -> list[dict[str, Any]]:
    words = {
        "": _("全部"),
        Round.State.OPEN: _("进行中"),
        Round.State.CLOSED: _("已封存"),
        Round.State.VOID: _("已作废"),
    }
    here = reverse("desk:rounds")
    return [
        {"title": title, "href": f"{here}?state={key}" if key else here, "here": key == state}
        for key, title in words.items()
    ]


urlpatterns = [
    path("rounds/", rounds, name="rounds"),
    path("rounds/new/", round_new, name="round_new"),
    path("rounds/<str:code>/", round_, name="round"),
    path("rounds/<str:code>/close/", round_close, name="round_close"),
    path("rounds/<str:code>/void/", round_void, name="round_void"),
    path("rounds/<str:code>/poster/", round_poster, name="round_poster"),
]
