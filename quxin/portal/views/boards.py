"""The public board of a round: what anybody may check, and where the witnesses named before opening sign.

Nothing here asks for a log-in, and nothing of a receipt that somebody looks for reaches the server: the list is fetched whole
and searched in the page. The plain form of `evaluate.receipt` is for readers without script, and says what it shows.
"""

import json
from collections.abc import Iterator

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from quxin.briefs.boards import board_brief, receipts_from
from quxin.briefs.round_results import is_for_the_public
from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.portal.shell import absolute, public_page, vote_href
from quxin.records.evaluations import publication
from quxin.records.evaluations.board import canonical, hash_of
from quxin.records.evaluations.models import Ballot, Round
from quxin.records.evaluations.witnesses import countersign

MOST_SIGNATURE = 20_000
LEAF = frozenset("0123456789abcdef")


class NotASignatureFile(QuxinError):
    """A file that is neither a signature file nor base64."""

    default_message = "这不是签名文件：读不出里面的签名。"
    default_hint = "请选 quxin evaluations sign 写出的 SIGNATURE.json，或者粘贴 base64 签名。"


class OtherRound(QuxinError):
    """A signature file of another round."""

    default_message = "这份签名签的是轮次 %(signed)s，不是本轮 %(round)s。"
    default_hint = "请下载本轮的声明，重新签名。"


class OtherStatement(QuxinError):
    """A signature over another statement of this round: made before it was closed, or tampered with on the way."""

    default_message = "这份签名签的不是现在的封存声明。"
    default_hint = "请重新下载声明，看清每一个数字，再签名；数字变了，请先问组织评议的单位。"


class NothingGiven(QuxinError):
    """An empty form."""

    default_message = "还没有给签名。"
    default_hint = "请选签名文件，或者粘贴签名；有密钥文件的，在上面直接签。"


class SignatureForm(forms.Form):
    """A witness's signature: the file that the command line writes, or the base64 that any program gives."""

    file = forms.FileField(label=gettext_lazy("签名文件"), required=False, allow_empty_file=True)
    signature = forms.CharField(
        label=gettext_lazy("或者粘贴签名（base64）"),
        required=False,
        max_length=MOST_SIGNATURE,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off", "data-nodraft": ""}),
    )


@require_safe
def board(request: HttpRequest, code: str) -> HttpResponse:
    """The board as a page: before opening, while the round runs, after closing. `?after=` walks through the receipts."""
    found = _published(code)
    brief = board_brief(found, now=clock.now())
    after = request.GET.get("after", "")
    if len(after) > 64 or not LEAF.issuperset(after):
        raise Http404
    return public_page(
        request,
        "portal/board.html",
        brief=brief,
        crumbs=_crumbs(found),
        receipts=receipts_from(found, after) if brief.statement else None,
        is_public=is_for_the_public(found),
        statement=canonical(brief.statement).decode() if brief.statement else "",
        questionnaire_hash=brief.opening.get("questionnaire_sha256", ""),
        vote_href=vote_href(found.code),
        board_url=absolute(request, reverse("portal:board_file", args=[found.code])),
        population=[
            {"group": group, "count": count, "href": f"{reverse('portal:panel_register', args=[code])}?group={group}"}
            for group, count in (brief.panel.get("population") or {}).items()
        ],
    )


@require_safe
def board_file(request: HttpRequest, code: str) -> HttpResponseBase:
    """board.json, streamed: a million receipts pass through the memory of a thousand."""
    found = _published(code)
    if found.statement is None or found.opening is None:
        raise Http404
    return _file(publication.board_of(found), f"board-{code}.json", "application/json")


@require_safe
def board_receipts(request: HttpRequest, code: str) -> HttpResponseBase:
    """All receipts of a closed round, one to a line: the page looks for a reader's receipt in them, so that nobody is told
    which one that is.
    """
    found = _published(code)
    if found.statement is None:
        raise Http404
    leaves = Ballot.objects.filter(round=found).order_by("receipt").values_list("receipt", flat=True)
    return _file(_lines(leaves.iterator(chunk_size=5000)), f"receipts-{code}.txt", "text/plain")


@require_safe
def opening_file(request: HttpRequest, code: str) -> HttpResponse:
    """What was fixed before opening, byte for byte what the opening hash was made of: `sha256sum` gives it again."""
    found = _published(code)
    if found.opening is None:
        raise Http404
    return _download(canonical(found.opening), f"opening-{code}.json")


@require_safe
def statement_file(request: HttpRequest, code: str) -> HttpResponse:
    """The statement that witnesses sign, canonical, for `quxin evaluations sign`."""
    found = _published(code)
    if found.statement is None:
        raise Http404
    return _download(canonical(found.statement), f"statement-{code}.json")


@require_safe
def panel_register(request: HttpRequest, code: str) -> HttpResponse:
    """The numbers that a panel was drawn from, of one group (`?group=`), as `quxin evaluations draw` takes them. No names."""
    found = _published(code)
    register = (found.opening or {}).get("panel", {}).get("register")
    if not register:
        raise Http404
    group = request.GET.get("group", register[0][1])
    entries = [number for number, of in register if of == group]
    if not entries:
        raise Http404
    return _download(canonical({"entries": entries}), f"register-{code}.json")


@sensitive_post_parameters()
def sign(request: HttpRequest, code: str) -> HttpResponse:
    """Where a witness signs: the statement in words and as it is signed, and three ways to hand in the signature."""
    found = _published(code)
    is_post = request.method == "POST"
    form = SignatureForm(request.POST if is_post else None, request.FILES if is_post else None)
    error: QuxinError | None = None
    if is_post:
        try:
            place = _take(found, form)
        except QuxinError as problem:
            error = problem
        else:
            return redirect(f"{reverse('portal:board_sign', args=[code])}?signed={place}")
    brief = board_brief(found, now=clock.now())
    signed = request.GET.get("signed", "")
    thanks = brief.witnesses[int(signed)] if signed.isdecimal() and int(signed[:3]) < len(brief.witnesses) else None
    return public_page(
        request,
        "portal/board_sign.html",
        status=422 if error else 200,
        brief=brief,
        crumbs=[*_crumbs(found), {"title": _("公示板"), "href": reverse("portal:board", args=[code])}],
        form=form,
        thanks=thanks if thanks and thanks.fits else None,
        error=error.text(_) if error else "",
        hint=error.hint_text(_) if error else "",
        statement=brief.statement,
        canonical=canonical(brief.statement).decode() if brief.statement else "",
        keys=[one.public_key for one in brief.witnesses if one.algorithm == "ed25519"],
    )


@require_safe
def witness_key(request: HttpRequest) -> HttpResponse:
    """Where a witness makes his key, in the browser, before he is named; the private half goes into a file of his own."""
    return public_page(request, "portal/witness_key.html")


def _published(code: str) -> Round:
    return get_object_or_404(Round.objects.public().select_related("organiser", "campaign"), code=code)


def _crumbs(found: Round) -> list[dict[str, str]]:
    return [
        {"title": _("评议"), "href": reverse("portal:rounds")},
        {"title": found.title, "href": reverse("portal:round_result", args=[found.code])},
    ]


def _take(found: Round, form: SignatureForm) -> int:
    """Which witness signed. Raises NotClosedYet, NotAWitness, and this file's errors."""
    form.is_valid()
    upload = form.cleaned_data.get("file")
    text = form.cleaned_data.get("signature") or ""
    if upload is not None:
        if upload.size > MOST_SIGNATURE:
            raise NotASignatureFile
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise NotASignatureFile from None
    if not text.strip():
        raise NothingGiven
    now = clock.now()
    signature = _signature(text.strip(), found)
    return countersign(round_=found, signature=signature, now=now, today=clock.local_date(now))


def _signature(text: str, found: Round) -> str:
    """The base64 of a signature file or of a pasted signature. Raises NotASignatureFile, OtherRound, OtherStatement."""
    if not text.startswith("{"):
        return "".join(text.split())
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise NotASignatureFile from None
    if told.get("format") != "quxin-signature/1" or not isinstance(told.get("signature"), str):
        raise NotASignatureFile
    if told.get("round") != found.code:
        raise OtherRound(signed=str(told.get("round"))[:40], round=found.code)
    if found.statement is not None and told.get("statement") != hash_of(found.statement):
        raise OtherStatement
    return str(told["signature"])


def _file(pieces: Iterator[bytes], name: str, kind: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(pieces, content_type=f"{kind}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _lines(leaves: Iterator[str]) -> Iterator[bytes]:
    """A thousand lines in each piece: a piece for each would cost more than the reading."""
    batch: list[str] = []
    for leaf in leaves:
        batch.append(leaf)
        if len(batch) == 1000:
            yield ("\n".join(batch) + "\n").encode()
            batch = []
    if batch:
        yield ("\n".join(batch) + "\n").encode()


def _download(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


urlpatterns = [
    path("rounds/<str:code>/board/", board, name="board"),
    path("rounds/<str:code>/board.json", board_file, name="board_file"),
    path("rounds/<str:code>/receipts.txt", board_receipts, name="board_receipts"),
    path("rounds/<str:code>/opening.json", opening_file, name="opening_file"),
    path("rounds/<str:code>/statement.json", statement_file, name="statement_file"),
    path("rounds/<str:code>/register.json", panel_register, name="panel_register"),
    path("rounds/<str:code>/sign/", sign, name="board_sign"),
    path("witness/", witness_key, name="witness_key"),
]
