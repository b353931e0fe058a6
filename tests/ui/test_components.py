"""Each component: its markup says what it shows, to eyes and ears, and keeps typed text text."""

import re
from pathlib import Path

import pytest
from django.utils.translation import override

import quxin.ui
from quxin.ui.gallery import ExampleForm

COTTON = Path(quxin.ui.__file__).parent / "templates" / "cotton"
EVIL = "<script>alert(1)</script>"
NAMES = sorted(path.stem.replace("_", "-") for path in COTTON.glob("*.html"))


@pytest.mark.parametrize("path", sorted(COTTON.glob("*.html")), ids=lambda path: path.stem)
def test_each_opens_with_a_comment_naming_its_variables(path):
    text = path.read_text("utf-8")
    head = re.sub(r"^(\s*\{% load [^%]+%\})+", "", text).lstrip()
    assert head.startswith(f"{{# {path.stem} — ")
    declared = re.search(r"<c-vars ([^>]*)/>", text)
    said = head[: head.index("#}")]
    for name in re.findall(r":?([a-z_]+)=\"", declared.group(1)) if declared else []:
        assert re.search(rf"\b{name}\b", said), f"{path.name} does not explain {name}"


@pytest.mark.parametrize("name", NAMES)
def test_each_can_stand_empty(draw, name):
    draw(f"<c-{name} />")


@pytest.mark.parametrize("name", NAMES)
def test_each_declares_what_it_reads_so_that_a_page_cannot_leak_into_it(draw, name):
    names = (
        "title",
        "text",
        "note",
        "label",
        "href",
        "hint",
        "caption",
        "summary",
        "foot",
        "link",
        "sum",
        "undo",
        "action",
    )
    assert "LEAK" not in draw(f"<c-{name} />", **dict.fromkeys(names, "LEAK"))


@pytest.mark.parametrize(
    "text",
    [
        '<c-card :title="evil" :foot="evil" :link="evil" :link_title="evil" />',
        '<c-head :title="evil" :note="evil" state="due" :state_text="evil" />',
        '<c-stat :label="evil" :text="evil" href="/x" :more="evil" :note="evil" />',
        '<c-todo :items="rows" />',
        '<c-receipt :title="evil" :rows="rows" :foot="evil" />',
        '<c-timeline :items="rows" />',
        '<c-diff :rows="rows" :caption="evil" />',
        '<c-dl :rows="rows" />',
        '<c-tabs :items="rows" :label="evil" />',
        '<c-crumbs :items="rows" />',
        '<c-evidence :items="rows" />',
        '<c-figure-panel :title="evil" :rows="rows" :facts="rows" :total="evil" :sum="evil" />',
        '<c-table :caption="evil" :columns="rows" :summary="evil" />',
        '<c-field :label="evil" name="x" :value="evil" :hint="evil" :error="evil" :data-y="evil" />',
        '<c-button :value="evil" name="x" :title="evil">{{ evil }}</c-button>',
        '<c-notice :title="evil" :text="evil" />',
        '<c-empty :title="evil" :text="evil" href="/x" :action="evil" />',
        '<c-progress :title="evil" :note="evil" :href="evil" />',
        '<c-confirm :title="evil" :label="evil" :submit="evil" />',
        '<c-person :name="evil" :note="evil" full />',
        '<c-trend :title="evil" :note="evil" :points="points" :unit="evil" />',
        '<c-toast :text="evil" :undo="evil" :undo_label="evil" />',
        '<c-voices :grades="rows" :caption="evil" />',
        '<c-choice :value="evil" :text="evil" :note="evil" />',
    ],
)
def test_typed_text_stays_text(draw, text):
    keys = ("title", "text", "value", "note", "href", "when", "before", "after", "kind", "size", "by", "hash",
            "on", "quantity", "link", "strong", "count", "share", "state", "sort", "help", "action")  # fmt: skip
    rows = [dict.fromkeys(keys, EVIL)]
    html = draw(text, evil=EVIL, rows=rows, points=[(EVIL, 1), (EVIL, 2)])
    assert "<script" not in html
    assert "script" in html


def test_a_list_keeps_head_totals_export_and_a_name(draw):
    html = draw(
        '<c-table caption="承诺" :columns="columns" export="?export=xlsx"><tr><td>x</td></tr>'
        '<c-slot name="foot"><tr><td>合计</td></tr></c-slot></c-table>',
        "/list/?sort=done",
        columns=[{"title": "完成", "num": True, "sort": "done"}],
    )
    assert 'role="region" tabindex="0" aria-label="承诺"' in html
    assert '<th scope="col" class="r" aria-sort="ascending">' in html
    assert "<tfoot><tr><td>合计</td></tr></tfoot>" in html
    assert "导出 Excel" in html


def test_a_list_of_one_page_has_no_page_links(draw):
    html = draw('<c-pager :number="1" :count="1" :total="12" />')
    assert "共 12 条" in html
    assert "<a" not in html


def test_pages_keep_the_filters(draw):
    html = draw('<c-pager :number="2" :count="3" :total="120" />', "/?state=late&page=2")
    assert 'rel="prev" href="?state=late&amp;page=1"' in html
    assert 'rel="next" href="?state=late&amp;page=3"' in html


def test_a_form_with_errors_sums_them_up_and_links_to_each(draw):
    form = ExampleForm({"title": "", "kind": "lecture", "held_on": "2026-11-21", "heads": "-1", "agree": "on"})
    html = draw('<c-form :form="form" draft="activity" version="7" />', form=form)
    assert "有 2 处要改" in html
    assert 'href="#id_title"' in html
    assert 'href="#id_heads"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_error"' in html
    assert "csrfmiddlewaretoken" in html
    assert 'data-draft="activity" data-version="7" data-bound' in html


def test_a_get_form_carries_no_token(draw):
    assert "csrfmiddlewaretoken" not in draw('<c-form method="get" />')


def test_results_under_the_minimum_count_are_not_in_the_page(draw):
    html = draw('<c-voices :grades="grades" under="10" />', grades=[{"title": "不满意", "count": 3, "share": 60}])
    assert "还不到 10 票" in html
    assert "不满意" not in html


def test_running_work_asks_for_itself_and_finished_work_does_not(draw):
    running = draw('<c-progress title="导入" :done="12" :total="100" href="/runs/x/" cancel="/stop/" />')
    assert 'hx-get="/runs/x/" hx-trigger="every 1s"' in running
    assert "12 / 100" in running
    assert 'action="/stop/"' in running
    done = draw('<c-progress title="导入" :done="100" :total="100" href="/runs/x/" state="done" result="/result/" />')
    assert "hx-get" not in done
    assert 'href="/result/"' in done


def test_asking_before_the_irreversible_works_without_script(draw):
    html = draw('<c-confirm id="c" label="关闭评议" title="关闭？" href="/close/" action="/close/" />')
    assert '<a class="btn" href="/close/" data-dialog="c">' in html
    assert 'method="post" action="/close/"' in html


def test_a_success_tells_the_script_that_the_draft_arrived(draw):
    from django.contrib.messages.storage.base import Message

    html = draw('<c-messages :items="items" />', items=[Message(25, "已保存"), Message(40, "没有保存")])
    assert html.count("data-saved") == 1


def test_people_are_masked_unless_somebody_may_see_them(draw):
    assert "王小明" not in draw('<c-person name="王小明" />')
    assert "王小明" in draw('<c-person name="王小明" full />')


def test_words_are_translatable(draw):
    with override("en"):
        assert draw("<c-lamp state='kept' />")
