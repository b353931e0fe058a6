"""A closed round with five voters, from the proof that one is on the roster to the public board and the receipt on it."""

import json
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from quxin.records.evaluations.verification import verify_board
from tests.browser import PHONE_SIZE, ROOT, Site, assert_accessible, assert_fits, site_environment, window
from tests.journeys.steps import expect, go

CODE = re.compile(r"(?:[0-9A-F]{4}-){3}[0-9A-F]{4}")
BLIND = ("blind.js", "ballot.js", "bytes.js", "sha256.js")
KILOBYTE = 1000
#: Words that page and server must tidy alike, or their receipts would differ.
ODD = "\u3000\t e\u0301 “引号”\\ \U0001f600\U00020000\r\n\u0085\u200b末尾\ufeff \u2029\n"


def scene(site: Site, *arguments: str) -> dict[str, Any]:
    """Run closed_scene beside the site."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.closed_scene", *arguments],
        cwd=ROOT, env=site_environment(site.home), capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def voters(browser, site):
    """A phone of somebody else each time it is called."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(
            window(browser, site, PHONE_SIZE, is_mobile=True, has_touch=True, **options)
        )


def looked_at(page) -> None:
    """Every page that a voter meets is in order."""
    assert_accessible(page)
    assert_fits(page)


def log_in(page, round_, name: str) -> None:
    """From the voting page to the log-in, and back to it."""
    go(page, f"/v/{round_['code']}/")
    page.get_by_role("link", name="登录后领取").click()
    page.fill("#username", round_["accounts"][name])
    page.fill("#password", round_["password"])
    page.locator("main button.main").click()
    page.wait_for_url(f"**/v/{round_['code']}/")


def fetch_token(page) -> None:
    page.locator("#enter button.main:visible").click()
    expect(page.locator("#sheet")).to_be_visible()


def receipt_of(page) -> str:
    """The receipt that the page shows; it was compared with the one that the page reckoned."""
    expect(page.locator("#receipts")).to_be_visible()
    expect(page.get_by_text("与这一页自己算出的不一致")).to_have_count(0)
    text = page.locator("#codes .code").first.inner_text()
    assert CODE.fullmatch(text)
    return text


def choose(page, grade: str) -> None:
    page.get_by_text(grade, exact=True).click()


def cast(page) -> str:
    page.get_by_role("button", name="投票").click()
    return receipt_of(page)


def lose_the_first_answer(page, pattern: str, wanted: str) -> list[int]:
    """The server gets the first request whose body holds `wanted`; its answer never arrives."""
    lost: list[int] = []

    def handle(route):
        if lost or wanted not in (route.request.post_data or ""):
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    page.route(pattern, handle)
    return lost


def test_five_voters_and_the_public_board(site, voters, tmp_path):
    round_ = scene(site, "open", "ONE")
    receipts = [
        with_log_in(voters(), round_, site),
        with_log_in_and_a_lost_answer(voters(), round_),
        with_a_card_and_a_lost_answer(voters(), round_),
        with_a_card_and_no_network(voters(), round_),
        without_script(voters(java_script_enabled=False), round_),
    ]
    assert len(set(receipts)) == 5
    somebody_with_a_used_card(voters(), round_)

    closed = scene(site, "close", round_["code"], str(tmp_path))
    told = closed["statement"]
    assert (told["roster"], told["issued"], told["cast"], told["unused"], told["void"]) == (11, 5, 5, 0, 0)
    findings = verify_board(Path(closed["board"]))
    assert findings.ok, findings
    site.quxin("evaluations", "verify", closed["board"], "--opening", round_["opening"])
    board = json.loads(Path(closed["board"]).read_text("utf-8"))
    published = {leaf[:16] for leaf in board["receipts"]}
    assert {receipt.replace("-", "").lower() for receipt in receipts} == published

    phone = voters()
    go(phone, f"/v/{round_['code']}/")
    looked_at(phone)
    phone.get_by_role("link", name="看这轮评议").click()
    phone.wait_for_url("**/board/")
    for receipt in receipts:
        phone.fill("#receipt-code", receipt)
        phone.get_by_role("button", name="查", exact=True).click()
        expect(phone.locator("[data-found]")).to_contain_text("在：")
    phone.fill("#receipt-code", "0000-0000-0000-0000")
    phone.get_by_role("button", name="查", exact=True).click()
    expect(phone.locator("[data-found]")).to_contain_text("不在：")


def with_log_in(page, round_, site) -> str:
    weights: dict[str, int] = {}
    page.on("requestfinished", lambda request: weights.update({request.url: weight_of(request)}))
    go(page, f"/v/{round_['code']}/")
    page.wait_for_load_state("networkidle")
    light = {url: size for url, size in weights.items() if not url.endswith(BLIND)}
    assert len(light) >= 3, "a page, its style and its script"
    assert sum(light.values()) <= 60 * KILOBYTE, light
    looked_at(page)
    log_in(page, round_, "赵一")
    looked_at(page)
    fetch_token(page)
    looked_at(page)
    page.get_by_role("button", name="投票").click()
    expect(page.locator("#say [role=alert]")).to_contain_text("还没有回答")
    choose(page, "不满意")
    page.get_by_text("办事拖拉").click()
    page.fill("textarea", "  等了两周\n没人管 ")
    looked_at(page)
    page.reload()  # nothing that was filled in is lost
    assert page.get_by_label("不满意", exact=True).is_checked()
    assert page.input_value("textarea") == "  等了两周\n没人管 "
    receipt = cast(page)
    looked_at(page)
    with page.expect_download() as saved:
        page.get_by_role("button", name="保存回执").click()
    assert receipt in saved.value.path().read_text("utf-8")
    go(page, f"/v/{round_['code']}/done/")
    assert receipt_of(page) == receipt
    looked_at(page)
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "没人管" not in kept  # of the answers nothing stays on the device
    return receipt


def with_log_in_and_a_lost_answer(page, round_) -> str:
    log_in(page, round_, "钱二")
    lost = lose_the_first_answer(page, "**/tokens/", "blinded")
    page.locator("#enter button.main:visible").click()
    expect(page.locator("#say")).to_contain_text("领到的还是那一张")
    assert lost == [200]
    page.reload()
    page.get_by_role("button", name="现在再试").click()
    expect(page.locator("#sheet")).to_be_visible()
    choose(page, "非常满意")
    return cast(page)


def with_a_card_and_a_lost_answer(page, round_) -> str:
    go(page, f"/v/{round_['code']}/#c={round_['cards'][0]}")
    assert page.input_value("#card") == round_["cards"][0]
    assert "#" not in page.url
    other = page.context.new_page()
    go(other, f"/v/{round_['code']}/")
    fetch_token(page)
    expect(other.locator("#sheet")).to_be_visible()  # the other tab has caught up
    lost = lose_the_first_answer(page, "**/cast/", "answers")
    choose(page, "基本满意")
    receipt = cast(page)  # sent again by itself, and counted once
    assert lost == [200]
    expect(page.get_by_text("先前已经收到，没有重复计入")).to_be_visible()
    expect(other.locator("#codes .code")).to_have_text(receipt)
    assert page.context.cookies() == [] or {one["name"] for one in page.context.cookies()} == {"csrftoken"}
    return receipt


def with_a_card_and_no_network(page, round_) -> str:
    go(page, f"/v/{round_['code']}/")
    page.fill("#card", round_["cards"][1].replace("-", " ").lower())
    fetch_token(page)
    choose(page, "非常不满意")
    page.fill("textarea", ODD)
    page.context.set_offline(True)
    page.get_by_role("button", name="投票").click()
    expect(page.locator("#say")).to_contain_text("联网后自动送出")
    looked_at(page)
    page.context.set_offline(False)
    return receipt_of(page)


def without_script(page, round_) -> str:
    go(page, f"/v/{round_['code']}/")
    looked_at_without_script(page)
    page.fill("#card", round_["cards"][2])
    page.get_by_label("我知道这样保护弱一些").check()
    page.get_by_role("button", name="领取选票凭证").click()
    expect(page.get_by_text("您得相信服务器没有记下").first).to_be_visible()
    looked_at_without_script(page)
    page.fill("textarea", "先写了话")
    page.get_by_role("button", name="投票").click()
    expect(page.get_by_role("alert")).to_contain_text("还没有回答")
    assert page.input_value("textarea") == "先写了话"
    choose(page, "满意")
    page.get_by_role("button", name="投票").click()
    looked_at_without_script(page)
    code = page.locator(".code").inner_text()
    page.reload()  # the form is sent once more
    expect(page.get_by_text("没有重复计入")).to_be_visible()
    assert page.locator(".code").inner_text() == code
    return code


def looked_at_without_script(page) -> None:
    """axe needs script, so the same page is put into a browser that has it."""
    with page.context.browser.new_context(viewport=PHONE_SIZE) as context:
        copy = context.new_page()
        address = "/".join(page.url.split("/")[:3])
        copy.route("**/the-copy", lambda route: route.fulfill(body=page.content(), content_type="text/html"))
        copy.goto(f"{address}/the-copy")
        looked_at(copy)


def somebody_with_a_used_card(page, round_) -> None:
    go(page, f"/v/{round_['code']}/")
    page.fill("#card", round_["cards"][0])
    page.locator("#enter button.main:visible").click()
    expect(page.locator("#say [role=alert]")).to_contain_text("已经领过选票凭证")
    assert page.input_value("#card") == round_["cards"][0]
    page.fill("#card", "ABCD-ABCD-ABCD-ABCD")
    page.locator("#enter button.main:visible").click()
    expect(page.locator("#say [role=alert]")).to_contain_text("领票码输错了")
    looked_at(page)


def test_what_goes_wrong_is_said_and_loses_nothing(site, voters):
    round_ = scene(site, "open", "ONE")
    address = f"/v/{round_['code']}/"
    a_key_that_was_not_published(voters(), address, round_["cards"][0])
    a_signature_that_is_none(voters(), address, round_["cards"][0])
    a_browser_that_keeps_nothing(voters(), address, round_["cards"][1])
    the_round_was_closed_meanwhile(voters(), address, round_["cards"][2])
    a_receipt_that_is_another(voters(), address, round_["cards"][3])
    a_clock_that_is_wrong(voters(), address)
    a_browser_without_large_numbers(voters(), address)


def changed_answer(page, pattern: str, change) -> None:
    """The server's JSON, changed on its way."""

    def handle(route):
        answer = route.fetch()
        told = answer.json()
        change(told)
        route.fulfill(response=answer, json=told)

    page.route(pattern, handle)


def ask_for_token(page, address: str, card: str) -> None:
    go(page, f"{address}#c={card}")
    page.locator("#enter button.main:visible").click()


def a_key_that_was_not_published(page, address: str, card: str) -> None:
    changed_answer(page, "**/opening.json", lambda told: told.update(title="给您一个人看的"))
    ask_for_token(page, address, card)
    expect(page.locator("#say [role=alert]")).to_contain_text("与公布的不一致")
    page.unroute("**/opening.json")

    def another(told):
        told["keys"][0]["id"] = "0" * 16

    changed_answer(page, "**/tokens/", another)
    page.locator("#enter button.main:visible").click()
    expect(page.locator("#say [role=alert]")).to_contain_text("与公布的不一致")
    assert page.input_value("#card") == card
    looked_at(page)


def a_signature_that_is_none(page, address: str, card: str) -> None:
    def forge(told):
        for key in told.get("signed", ()):
            told["signed"][key] = "AAAA" + told["signed"][key][4:]

    changed_answer(page, "**/tokens/", forge)
    ask_for_token(page, address, card)
    expect(page.locator("#say [role=alert]")).to_contain_text("服务器签的凭证验不过")
    page.unroute("**/tokens/")
    page.locator("#enter button.main:visible").click()
    choose(page, "满意")
    cast(page)


def a_browser_that_keeps_nothing(page, address: str, card: str) -> None:
    page.add_init_script("Storage.prototype.setItem = Storage.prototype.getItem = () => { throw new Error('no'); };")
    ask_for_token(page, address, card)
    expect(page.locator("#say")).to_contain_text("不让网页保存东西")
    choose(page, "满意")
    cast(page)


def the_round_was_closed_meanwhile(page, address: str, card: str) -> None:
    ask_for_token(page, address, card)
    choose(page, "不满意")
    page.fill("textarea", "来晚了的话")
    late = {"error": "not-open", "message": "这轮评议现在不接受投票。", "hint": "", "now": "", "stage": "over"}
    page.route("**/cast/", lambda route: route.fulfill(status=409, json=late))
    page.get_by_role("button", name="投票").click()
    expect(page.locator("#say [role=alert]")).to_contain_text("您的票没有赶上")
    assert page.input_value("textarea") == "来晚了的话"
    page.unroute("**/cast/")
    page.fill("textarea", "我的电话是13812345678")
    page.get_by_role("button", name="投票").click()
    expect(page.locator("#say [role=alert]")).to_contain_text("电话号码")
    page.fill("textarea", "现在可以了")
    cast(page)


def a_receipt_that_is_another(page, address: str, card: str) -> None:
    changed_answer(page, "**/cast/", lambda told: told.update(receipt="0000-0000-0000-0000"))
    ask_for_token(page, address, card)
    choose(page, "满意")
    page.get_by_role("button", name="投票").click()
    expect(page.locator("#codes .err")).to_contain_text("0000-0000-0000-0000")


def a_clock_that_is_wrong(page, address: str) -> None:
    page.add_init_script("const real = Date.now; Date.now = () => real() + 3600000;")
    go(page, address)
    expect(page.locator("#say")).to_contain_text("差了 60 分钟")


def a_browser_without_large_numbers(page, address: str) -> None:
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });")  # as on plain http
    go(page, address)
    expect(page.get_by_label("我知道这样保护弱一些")).to_be_visible()


def test_members_judge_one_another_by_keyboard_and_never_themselves(site, voters):
    round_ = scene(site, "open", "PEERS")
    page = voters()
    go(page, f"/v/{round_['code']}/")
    assert not any(name in page.content() for name in round_["accounts"])
    log_in(page, round_, "孙三")
    fetch_token(page)
    titles = page.locator("#parts [data-title]").all_inner_texts()
    assert sorted(titles) == sorted(set(round_["accounts"]) - {"孙三"})
    for place in range(3):
        page.locator("#parts section").nth(place).get_by_role("radio").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    expect(page.locator("#progress")).to_contain_text("3 / 4")
    looked_at(page)
    page.get_by_role("button", name="清除这一项").first.click()
    expect(page.locator("#progress")).to_contain_text("2 / 4")
    page.keyboard.press("Space")
    page.get_by_role("button", name="投票").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#codes .code")).to_have_count(3)
    expect(page.locator("#say")).to_contain_text("1")
    assert page.locator("#parts section").count() == 1
    looked_at(page)


def test_one_sheet_over_many(site, voters):
    round_ = scene(site, "open", "CONDUCT")
    page = voters()
    go(page, f"/v/{round_['code']}/#c={round_['cards'][0]}")
    fetch_token(page)
    sections = page.locator("#parts section")
    assert sections.count() == len(round_["judged"]) + 1
    expect(page.get_by_text("态度生硬").first).to_be_hidden()
    sections.nth(0).get_by_text("非常不满意").click()
    expect(sections.nth(0).get_by_text("态度生硬")).to_be_visible()
    for word in ("态度生硬", "办事拖拉", "收费不明"):
        sections.nth(0).get_by_text(word).click()
    page.get_by_role("button", name="投票").click()
    expect(sections.nth(0).get_by_text("选得太多，最多 2 项。")).to_be_visible()
    sections.nth(0).get_by_text("收费不明").click()
    page.get_by_role("button", name="投票").click()
    expect(sections.last.get_by_text("这道题还没有回答。")).to_be_visible()
    looked_at(page)
    sections.last.get_by_text("是", exact=True).click()
    cast(page)
    page.get_by_role("button", name="还有一张领票卡").click()
    page.fill("#card", round_["cards"][1])
    fetch_token(page)
    sections.nth(0).get_by_text("非常不满意").click()
    sections.nth(0).get_by_text("态度生硬").click()
    sections.nth(0).get_by_text("基本满意").click()  # what was chosen after the other grade is not asked any more
    sections.last.get_by_text("否", exact=True).click()
    cast(page)
    expect(page.locator("#codes .code")).to_have_count(2)


def weight_of(request) -> int:
    """Bytes on the wire, headers and all."""
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
