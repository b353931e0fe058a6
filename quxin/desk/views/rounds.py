"""The organiser's side of evaluation: set a round up, print its posters, watch the turnout, close it, void it in public.

There is no way from here to a ballot or a grade of an open round: pages get briefs that hold none.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quxin.access import Action, may, require, scopes
from quxin.briefs.evaluations import Result, RoundBrief, round_brief
from quxin.briefs.round_results import RoundResults, is_for_the_public, round_results
from quxin.desk import round_subjects
from quxin.desk.round_forms import check_days, usual_days
from quxin.desk.round_preview import preview
from quxin.desk.round_watch import watch
from quxin.desk.shell import Desk, DeskRequest, desk_page, get_visible, page, put_errors
from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.kernel.periods import zh_date
from quxin.orgs.models import Organisation
from quxin.orgs.querysets import within
from quxin.records.commitments.models import Commitment
from quxin.records.evaluations import queries
from quxin.records.evaluations.board import canonical
from quxin.records.evaluations.closing import close_round, void_round
from quxin.records.evaluations.errors import NothingToJudge, ReasonMissing
from quxin.records.evaluations.models import Answer, Round
from quxin.records.evaluations.operations import open_round
from quxin.records.evaluations.publication import missing_receipts
from quxin.records.evaluations.reckoning import HIGHEST_MINIMUM, LOWEST_MINIMUM
from quxin.records.evaluations.rules import last_day
from quxin.reports.poster import FONT_PACKAGE, SIZES, Poster, has_chinese_font, poster_pdf, qr_svg, size_of

HERE = "rounds"
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
        check_days(self, cleaned)
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
    mine = within(scopes(desk.actor, Action.OPEN_ROUND), "organiser__path")
    shown = Round.objects.visible_to(desk.actor).touching(desk.organisation.path).exclude(is_shadow=True)
    # A draft is nobody's business but of those who set it up, least of all of those whom it will judge.
    shown = shown.filter(~Q(state=Round.State.DRAFT) | mine)
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
        rows=[_row(one, desk.now) for one in paged],
        paged=paged,
        may_open=bool(may(desk.actor, Action.OPEN_ROUND, desk.organisation.path)),
        owed=_owed(desk),
        tabs=_tabs(state),
        columns=[
            {"title": _("评议"), "sort": "title"},
            {"title": _("种类")},
            {"title": _("组织单位"), "sort": "organiser"},
            {"title": _("评议对象"), "num": True},
            {"title": _("第一天"), "sort": "opens"},
            {"title": _("最后一天"), "sort": "closes"},
            {"title": _("状态")},
        ],
    )


def _row(one: Round, now: datetime) -> dict[str, Any]:
    """A line of the list; a draft may have no days yet."""
    stage = queries.stage_of(one, now)
    return {"round": one, "stage": stage, "until": last_day(one), "timed": one.closes_at > one.opens_at}


@desk_page
def round_new(request: DeskRequest) -> HttpResponse:
    """Set a round up and open it."""
    desk = request.desk
    require(desk.actor, Action.OPEN_ROUND, desk.organisation.path)
    finding = "find_now" in request.POST
    chosen, home = request.POST if request.method == "POST" else request.GET, desk.organisation
    promises = round_subjects.promises(desk.actor, home.path, chosen.get("find", ""), chosen.getlist("promises"))
    organisations = round_subjects.organisations(
        desk.actor, home, chosen.get("find", ""), chosen.getlist("organisations"), today=desk.today
    )
    first = usual_days(desk.today)
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
    """A round: posters, cards and turnout while it runs, witnesses and results once it is closed."""
    desk = request.desk
    found = _published(desk, code)
    brief = round_brief(found, now=desk.now)
    watched = watch(found, today=desk.today)
    chosen = None if watched.by_roster else _chosen(brief, request.GET.get("subject", ""))
    address = _public_address(request, chosen) if chosen else ""
    may_close = bool(may(desk.actor, Action.CLOSE_ROUND, found.organiser.path))
    return page(
        request,
        "desk/round.html",
        HERE,
        round=brief,
        watch=watched,
        full=_full(found) if _may_read(desk, found) else None,
        kind=found.get_kind_display(),
        preview=preview(found.questionnaire) if found.questionnaire else None,
        opening_hash=found.opening_hash,
        has_statement=found.statement is not None,
        missing=len(missing_receipts(found)),
        chosen=chosen,
        address=address,
        vote_address=f"{settings.PUBLIC_URL}{watched.vote_href}"
        if settings.PUBLIC_URL
        else request.build_absolute_uri(watched.vote_href),
        qr=qr_svg(address) if address else "",
        sizes=SIZES,
        may_open=bool(may(desk.actor, Action.OPEN_ROUND, found.organiser.path)),
        may_close=may_close and brief.stage == "over",
        may_void=may_close and brief.stage in ("draft", "soon", "open", "over"),
        may_decide=found.proposal is not None and bool(may(desk.actor, Action.DECIDE, found.organiser.path)),
        owes_answers=found.answer_within > 0,
        crumbs=_crumbs(),
    )


def _published(desk: Desk, code: str) -> Round:
    """A round that the person may see; a draft only for those who set it up."""
    found: Round = get_visible(Round.objects.select_related("organiser", "campaign"), desk.actor, code=code)
    if found.state == Round.State.DRAFT and not may(desk.actor, Action.OPEN_ROUND, found.organiser.path):
        raise Http404
    return found


def _may_read(desk: Desk, found: Round) -> bool:
    """What members said of one another is for whoever may open the members' files; all else is for every reader."""
    if is_for_the_public(found):
        return True
    return bool(may(desk.actor, Action.VIEW_MEMBER_FILE, found.organiser.path))


def _full(found: Round) -> RoundResults | None:
    """The results as they were published, where the plain result of one question does not say all."""
    if found.state != Round.State.CLOSED or not found.results:
        return None
    simple = found.access == Round.Access.OPEN and found.questionnaire.get("id") == "simple"
    return None if simple else round_results(found)


@desk_page
def round_statement(request: DeskRequest, code: str) -> HttpResponse:
    """What closing found, as a file for the witnesses to sign (`quxin evaluations sign`)."""
    found = _published(request.desk, code)
    if found.statement is None:
        raise Http404
    answer = HttpResponse(canonical(found.statement), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="statement-{code}.json"'
    return answer


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


def _owed(desk: Desk) -> int:
    """How many 差评 of the organisation looked at wait for an answer."""
    waiting = Answer.objects.filter(within((desk.organisation.path,), "subject__organisation__path"), answered_on=None)
    return waiting.filter(within(scopes(desk.actor, Action.VIEW), "subject__organisation__path")).count()


def _tabs(state: str) -> list[dict[str, Any]]:
    words = {
        "": _("全部"),
        Round.State.DRAFT: _("拟订中"),
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
    path("rounds/<str:code>/statement/", round_statement, name="round_statement"),
    path("rounds/<str:code>/close/", round_close, name="round_close"),
    path("rounds/<str:code>/void/", round_void, name="round_void"),
    path("rounds/<str:code>/poster/", round_poster, name="round_poster"),
]
