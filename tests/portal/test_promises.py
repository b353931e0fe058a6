"""The public pages of promises: what anybody sees without an account, and what nobody sees."""

from datetime import timedelta

import pytest
from django.urls import reverse

from quxin.access import SYSTEM, Role
from quxin.kernel import clock
from quxin.kernel.scaled import scale
from quxin.ledger.seals import seal_all
from quxin.records.activities.operations import Happening, record_activity
from quxin.records.commitments import operations as ops
from quxin.records.evaluations.closing import close_round
from quxin.reports import poster
from quxin.reports.poster import has_chinese_font, qr_svg
from tests import cast
from tests.records.commitments.promises import DUE, made, progress, published, said
from tests.records.evaluations import scene as judging

pytestmark = pytest.mark.django_db
TODAY, NOW = cast.TODAY, cast.NOW


@pytest.fixture
def tree(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return cast.offices()


def at(monkeypatch, day):
    monkeypatch.setattr(clock, "now", lambda: NOW + (day - TODAY))


def text(client, name, *arguments, **query):
    answer = client.get(reverse(f"portal:{name}", args=arguments), query)
    assert answer.status_code == 200
    return answer.content.decode()


def study(organisation, people=()):
    happening = Happening(kind="study", title="学《质量发展纲要》", held_on=TODAY, audience=10)
    return record_activity(
        actor=SYSTEM, organisation=organisation, happening=happening, people=people, today=TODAY, now=NOW
    )


def test_a_promise_is_a_receipt(client, tree):
    promise = published(tree.branch)
    progress(promise, 31, note="江宁开发区")
    page = text(client, "promise", promise.code)
    for words in ("走访40家小微企业", "办公厅第一党支部", "31家", "40家", "还有 40 天", "江宁开发区", "省局质量处"):
        assert words in page
    assert f"/commitments/{promise.code}/figure/" in page
    assert "noindex" not in page


def test_on_the_due_day_the_page_says_by_itself_whether_it_was_kept(client, tree, monkeypatch):
    kept, unkept = published(tree.branch), published(tree.nanjing_branch)
    progress(kept, 40)
    at(monkeypatch, DUE - timedelta(days=1))
    assert "兑现没有" not in text(client, "promise", unkept.code)
    at(monkeypatch, DUE)
    assert "今天到期，尚未兑现" in text(client, "promise", unkept.code)
    assert "兑现了" in text(client, "promise", kept.code)
    at(monkeypatch, DUE + timedelta(days=1))
    assert "没有兑现" in text(client, "promise", unkept.code)
    assert "兑现了" in text(client, "promise", kept.code)


def test_a_change_after_publication_stands_on_the_page_and_on_the_wall(client, tree):
    promise = published(tree.branch)
    assert "公开后没有改过" in text(client, "promise", promise.code)
    ops.change_commitment(
        actor=SYSTEM, commitment=promise, promise=said(target=scale(30)), reason="与省局口径一致", today=TODAY, now=NOW,
        version=promise.version,
    )  # fmt: skip
    for page in (text(client, "promise", promise.code), text(client, "wall")):
        for words in ("承诺有改动", "40家", "30家", "与省局口径一致"):
            assert words in page


@pytest.mark.parametrize("name", ["promise", "promise_figure", "promise_poster"])
def test_what_is_not_public_is_not_there(client, tree, name):
    draft = made(tree.branch)
    assert client.get(reverse(f"portal:{name}", args=[draft.code])).status_code == 404
    assert client.get(reverse(f"portal:{name}", args=["nothing"])).status_code == 404
    assert "走访40家" not in text(client, "wall")


def test_a_promise_costs_five_queries(client, tree, django_assert_max_num_queries):
    own, measured = published(tree.branch), published(tree.branch, measure="activities.sessions", unit="场")
    progress(own, 3)
    study(tree.branch)
    for promise in (own, measured):
        ops.extend_commitment(
            actor=SYSTEM, commitment=promise, due_on=DUE + timedelta(days=5), reason="顺延", today=TODAY, now=NOW,
            version=promise.version,
        )  # fmt: skip
        with django_assert_max_num_queries(5):
            text(client, "promise", promise.code)


def test_a_promise_that_people_judged_costs_five_queries(client, monkeypatch, django_assert_max_num_queries):
    """One held to a measure and one with a count of its own, each with a closed round."""
    tree = cast.offices()
    own, measured = published(tree.branch), published(tree.branch, measure="activities.sessions", unit="场")
    progress(own, 3)
    study(tree.branch)
    organiser = cast.actor(Role.ORGANISER, tree.hq)
    round_ = judging.open_on(organiser, tree.hq, [own, measured])
    for subject in round_.subjects.all():
        judging.cast_many(subject, "55544")
    close_round(actor=organiser, round_=round_, now=judging.AFTER)
    monkeypatch.setattr(clock, "now", lambda: judging.AFTER)
    for promise in (own, measured):
        with django_assert_max_num_queries(5):
            page = text(client, "promise", promise.code)
        assert "窗口服务评议" in page
        assert "60%" in page.replace(" ", "")


def test_a_wall_of_fifty_costs_eight_queries(client, tree, django_assert_max_num_queries):
    homes = [tree.branch, tree.nanjing_branch, tree.zhejiang_branch]
    for number in range(52):
        other = {"measure": "activities.sessions", "unit": "场"} if number % 2 else {}
        progress_ = published(homes[number % 3], text=f"第{number}项承诺", **other)
        if not other:
            progress(progress_, 3)
    study(tree.branch)
    with django_assert_max_num_queries(8):
        page = text(client, "wall")
    assert page.count('class="card"') == 50
    assert "共 52 条" in page
    with django_assert_max_num_queries(8):
        page = text(client, "wall", org=tree.nanjing.code)
    assert page.count('class="card"') == 17


def test_the_wall_finds_what_is_asked(client, tree):
    published(tree.branch)
    published(tree.zhejiang_branch, text="每季开放一次实验室", kind="service", due_on=TODAY + timedelta(days=3))
    assert "走访" not in text(client, "wall", q="实验室")
    assert "走访" not in text(client, "wall", stands="soon")
    assert "走访" not in text(client, "wall", kind="service")
    assert "开放一次实验室" in text(client, "wall", q="zj")
    assert "没有符合条件的承诺" in text(client, "wall", q="没有这样的词")
    assert client.get("/", {"org": "nowhere"}).status_code == 404


def test_the_figures_of_the_wall_are_those_of_their_workings(client, tree):
    published(tree.branch)
    published(tree.nanjing_branch)
    page = text(client, "wall")
    assert "2项" in page
    answer = client.get(f"/figures/commitments.published/?org={tree.hq.code}&period=2000..2010")
    assert "2项" in answer.content.decode()


def test_a_hall_turns_its_pages_without_script(client, tree):
    for number in range(9):
        published(tree.branch, text=f"第{number}项承诺")
    first = client.get("/", {"screen": "1"})
    assert first["Refresh"] == "15; url=/?screen=1&page=2"
    assert client.get("/", {"screen": "1", "page": "2"})["Refresh"] == "15; url=/?screen=1&page=1"
    held = client.get("/", {"screen": "1", "hold": "1"})
    assert "Refresh" not in held
    assert "<script" not in held.content.decode()


def test_the_own_count_lists_what_was_taken_back(client, tree):
    promise = published(tree.branch)
    progress(promise, 30, note="江宁")
    wrong = progress(promise, 5, note="记重的一笔")
    ops.withdraw_commitment_progress(actor=SYSTEM, progress=wrong, reason="与前一笔重复", now=NOW)
    address = reverse("portal:promise_figure", args=[promise.code])
    page = client.get(address).content.decode()
    for words in ("江宁", "记重的一笔", "已撤回", "与前一笔重复", "30家"):
        assert words in page
    panel = client.get(address, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in panel
    assert "江宁" in panel
    measured = published(tree.branch, measure="activities.sessions", unit="场")
    assert client.get(reverse("portal:promise_figure", args=[measured.code])).status_code == 404


def test_public_figures_list_records_and_never_people(client, tree):
    people = cast.people(tree)
    study(tree.branch, people)
    query = {"org": tree.hq.code, "period": "2010"}
    assert "学《质量发展纲要》" in text(client, "figure", "activities.sessions", **query)
    page = text(client, "figure", "activities.people", **query)
    assert "5人" in page
    assert not any(person.name in page for person in people)
    assert "学《质量发展纲要》" not in page
    assert "5名" in text(client, "figure", "members.all", **query)


def test_a_figure_keeps_the_words_of_promises_that_are_not_public(client, tree):
    made(tree.branch)
    published(tree.branch, text="每季开放一次实验室")
    page = text(client, "figure", "commitments.made", org=tree.hq.code, period="2010")
    assert "每季开放一次实验室" in page
    assert "走访40家" not in page
    assert "一项还没有公开的承诺" in page


@pytest.mark.parametrize(
    ("measure", "query"),
    [
        ("no.such", {"period": "2010"}),
        ("activities.sessions", {"period": "tomorrow"}),
        ("activities.sessions", {}),
        ("activities.sessions", {"period": "2010", "org": "nowhere"}),
        ("activities.sessions", {"period": "2010", "after": "x"}),
    ],
)
def test_figures_that_are_not_there(client, tree, measure, query):
    study(tree.branch)
    address = reverse("portal:figure", args=[measure])
    assert client.get(address, {"org": tree.hq.code, **query}).status_code == 404


def test_a_measure_that_is_not_public_is_not_there(client, tree, monkeypatch):
    from quxin.packs import builtin

    spec = builtin.BUILTIN["activities.sessions"].model_copy(update={"public": False})
    monkeypatch.setitem(builtin.BUILTIN, "activities.sessions", spec)
    address = reverse("portal:figure", args=["activities.sessions"])
    assert client.get(address, {"org": tree.hq.code, "period": "2010"}).status_code == 404


def test_organisations_are_found_by_name_letter_and_branch_of_the_tree(client, tree):
    page = text(client, "organisations")
    assert "江苏省质量技术监督局" in page
    assert "南京市质量技术监督局" not in page
    assert "南京市质量技术监督局" in text(client, "organisations", q="南京")
    assert "南京市质量技术监督局" in text(client, "organisations", q="njs")
    assert "南京市质量技术监督局" in text(client, "organisations", q="320100")
    assert "南京市质量技术监督局" in text(client, "organisations", q="质量 南京")
    assert "南京市质量技术监督局" not in text(client, "organisations", q="质量 苏州")
    assert "南京市质量技术监督局" in text(client, "organisations", letter="n")
    assert "没有找到" in text(client, "organisations", q="没有这样的单位")


def test_the_page_of_an_organisation(client, tree, django_assert_max_num_queries):
    published(tree.nanjing_branch)
    study(tree.nanjing)
    with django_assert_max_num_queries(12):
        page = text(client, "organisation", tree.jiangsu.code)
    for words in ("走访40家小微企业", "1场", "10人次", "南京市质量技术监督局"):
        assert words in page
    assert client.get(reverse("portal:organisation", args=["nowhere"])).status_code == 404


def test_seals_are_published_with_their_roots(client, tree):
    assert "还没有封存过" in text(client, "seals")
    published(tree.branch)
    (seal,) = seal_all(now=NOW)
    page = text(client, "seals")
    assert bytes(seal.root).hex() in page
    saved = client.get(reverse("portal:seals_file")).json()["seals"]
    assert saved[0]["root"] == bytes(seal.root).hex()


def test_a_poster_leads_to_the_promise(client, tree, settings):
    settings.PUBLIC_URL = "https://example.gov.cn"
    promise = published(tree.branch)
    answer = client.get(reverse("portal:promise_poster", args=[promise.code]), {"size": "a3"})
    assert answer.status_code == 200
    page = answer.content.decode()
    address = f"https://example.gov.cn{reverse('portal:promise', args=[promise.code])}"
    assert qr_svg(address) in page
    for words in (promise.text, "兑现期限：", tree.branch.name, address, "poster-sheet a3"):
        assert words in page


@pytest.mark.skipif(not has_chinese_font(), reason="needs a Chinese font (fonts-noto-cjk)")
def test_a_poster_is_a_file_where_there_is_a_font(client, tree):
    href = reverse("portal:promise_poster", args=[published(tree.branch).code])
    assert "?size=A4&amp;as=pdf" in client.get(href).content.decode()
    answer = client.get(href, {"size": "A3", "as": "pdf"})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert "A3" in answer["Content-Disposition"]


def test_a_poster_without_a_font_is_printed_by_the_browser(client, tree, monkeypatch):
    poster.chinese_fonts.cache_clear()
    monkeypatch.setattr(poster, "_SERIF", ())
    monkeypatch.setattr(poster, "_SANS", ())
    promise = published(tree.branch)
    href = reverse("portal:promise_poster", args=[promise.code])
    answer = client.get(href)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "as=pdf" not in page
    assert poster.FONT_PACKAGE in page
    assert "<svg" in page
    asked = client.get(href, {"as": "pdf"})
    assert asked.status_code == 503
    assert "没有中文字体" in asked.content.decode()
    assert promise.text in asked.content.decode()


def test_nothing_is_posted_to_a_promise(client, tree):
    promise = published(tree.branch)
    assert client.post(reverse("portal:promise", args=[promise.code])).status_code == 405


def test_what_people_write_is_escaped(client, tree):
    promise = published(tree.branch, text="<script>alert(1)</script>", verifier="<b>x</b>")
    progress(promise, 1, note="<img src=x onerror=alert(1)>")
    page = text(client, "promise", promise.code) + text(client, "wall")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>x</b>" not in page
