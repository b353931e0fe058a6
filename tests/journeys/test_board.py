"""The public board: a reader looks for his receipt without telling which, a witness makes a key and signs in the browser."""

import json
import re

from quxin.kernel import signing
from tests.browser import PHONE_SIZE, assert_accessible, assert_fits, window
from tests.journeys.steps import expect, go

CLOSED = "处室行风民主评议（示例）"


def board_address(page, title: str = CLOSED) -> str:
    """Where the board of the demonstration's closed round stands, found as a reader finds it."""
    go(page, "/rounds/")
    page.get_by_role("link", name=title).click()
    href = page.get_by_role("link", name="公示板：核对票数和回执").get_attribute("href")
    assert href
    return href


def test_a_receipt_is_looked_for_in_the_page_and_the_server_is_not_told_which(site, phone):
    address = board_address(phone)
    go(phone, address)
    assert_accessible(phone)
    assert_fits(phone)
    expect(phone.get_by_text(re.compile("守恒：发出"))).to_be_visible()
    expect(phone.get_by_text("您的浏览器核对过：签名有效")).to_be_visible()

    phone.get_by_text("翻看名单").click()
    code = phone.locator("ol.columns li span").nth(4).inner_text()
    asked = []
    phone.on("request", lambda request: asked.append(f"{request.url} {request.post_data or ''}"))
    phone.get_by_label("查我的回执").fill(code.lower().replace("-", " "))
    phone.get_by_role("button", name="查", exact=True).click()
    expect(phone.get_by_text(re.compile("是第 5 个"))).to_be_visible()
    phone.get_by_label("查我的回执").fill("0000-0000-0000-0000")
    phone.get_by_role("button", name="查", exact=True).click()
    expect(phone.get_by_text(re.compile("不在：名单里没有这个回执"))).to_be_visible()
    phone.get_by_label("查我的回执").fill("3F9A")
    phone.get_by_role("button", name="查", exact=True).click()
    expect(phone.get_by_text("回执码有 16 位，现在是 4 位。")).to_be_visible()

    assert len(asked) == 2, asked
    assert all(one.split("/")[-1].startswith("receipts.txt") for one in asked), asked
    assert_accessible(phone)


def test_without_script_the_plain_form_finds_it_too(site, phone, browser):
    address = board_address(phone)
    go(phone, address)
    phone.get_by_text("翻看名单").click()
    code = phone.locator("ol.columns li span").first.inner_text()
    with window(browser, site, PHONE_SIZE, java_script_enabled=False) as plain:
        go(plain, address)
        expect(plain.get_by_text(re.compile("服务器会知道您关心哪一个"))).to_be_visible()
        plain.get_by_label("查我的回执").fill(code)
        with plain.expect_navigation():
            plain.get_by_role("button", name="查", exact=True).click()
        expect(plain.get_by_text("您的一票在", exact=True)).to_be_visible()


def test_the_downloaded_board_verifies_on_the_command_line(site, page, tmp_path):
    go(page, board_address(page))
    with page.expect_download() as coming:
        page.get_by_role("link", name="下载公示板（board.json）").click()
    file = tmp_path / coming.value.suggested_filename
    coming.value.save_as(file)
    command = page.locator("pre").filter(has_text="quxin evaluations verify").inner_text()
    assert file.name in command
    told = json.loads(site.quxin("evaluations", "verify", str(file), "--opening", command.split()[-1], "--json").stdout)
    assert told["ok"]


def test_a_witness_makes_a_key_and_keeps_it(site, page, tmp_path):
    go(page, "/witness/")
    assert_accessible(page)
    page.get_by_label("口令").fill("short")
    page.get_by_role("button", name="生成密钥").click()
    expect(page.get_by_role("alert")).to_contain_text("口令太短")
    page.get_by_label("口令").fill("four unrelated words here")
    page.get_by_label("再输一次").fill("four unrelated words there")
    page.get_by_role("button", name="生成密钥").click()
    expect(page.get_by_role("alert")).to_contain_text("两次输入的口令不同")
    page.get_by_label("再输一次").fill("four unrelated words here")
    with page.expect_download() as coming:
        page.get_by_role("button", name="生成密钥").click()
    file = tmp_path / "key.pem"
    coming.value.save_as(file)
    public = page.locator("[data-public]").inner_text()
    assert signing.public_of(file.read_text("ascii"), passphrase="four unrelated words here") == public
    assert_accessible(page)


def test_a_witness_signs_in_the_browser(site, page, tmp_path):
    board = board_address(page)
    go(page, board)
    page.get_by_role("link", name="我是监票人，去签名").click()
    assert_accessible(page)
    assert_fits(page)
    trial = json.loads((site.home / "demo").read_text("utf-8"))["trials"]["witness"]
    go_button = page.get_by_role("button", name="签名并提交")
    alert = page.locator("[data-sign] [data-problem]")

    go_button.click()
    expect(alert).to_have_text("还没有选密钥文件。")
    strange = tmp_path / "strange.pem"
    strange.write_text(signing.generate("another long passphrase").pem, "ascii")
    page.get_by_label("密钥文件（.pem）").set_input_files(strange)
    page.get_by_label("口令").fill("another long passphrase")
    go_button.click()
    expect(alert).to_contain_text("不是本轮任何一位监票人的")
    broken = tmp_path / "broken.pem"
    broken.write_text("no key at all")
    page.get_by_label("密钥文件（.pem）").set_input_files(broken)
    go_button.click()
    expect(alert).to_contain_text("这个文件不是密钥文件")

    page.get_by_label("密钥文件（.pem）").set_input_files(site.home / "demo-witness.pem")
    page.get_by_label("口令").fill("wrong passphrase")
    go_button.click()
    expect(alert).to_contain_text("口令不对")
    sent = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    page.get_by_label("口令").fill(trial["passphrase"])
    with page.expect_navigation():
        go_button.click()
    expect(page.get_by_text(re.compile("签名已经收下"))).to_be_visible()
    assert not any(trial["passphrase"] in one or "PRIVATE KEY" in one for one in sent)
    go(page, board)
    expect(page.get_by_text("您的浏览器核对过：签名有效")).to_have_count(2)
