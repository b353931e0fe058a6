"""A member proves his progress with a file; the secretary shows it to the public; anybody checks it on a phone."""

import hashlib

import pytest

from tests.browser import assert_accessible, assert_fits
from tests.files.test_scanning import PHONE, without_thumbnail, word
from tests.files.test_stripping import PLACE, exif, segment
from tests.journeys.steps import another_window, expect, go, log_in, said, submit

PROMISE = "进一步提升服务水平"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CLEAN = without_thumbnail(word("当天审完 3 份检验资料", author="张三丰"))


@pytest.fixture
def member(site, page):
    """The window of the member."""
    log_in(page, site, "dangyuan")
    return page


@pytest.fixture
def code(site, member) -> str:
    """The member's own promise, which the organiser has passed; its code."""
    go(member, "/desk/commitments/", mine="1")
    link = member.locator("main table").get_by_role("link", name=PROMISE).first
    found = link.get_attribute("href").rstrip("/").rpartition("/")[2]
    with another_window(member, site, "shengju") as organiser:
        go(organiser, f"/desk/commitments/{found}/")
        if organiser.get_by_role("link", name="审核").count():
            go(organiser, f"/desk/commitments/{found}/review/")
            organiser.get_by_label("通过，立即公开").check()
            submit(organiser, "确定")
    go(member, f"/desk/commitments/{found}/")
    return found


def attach(page, code: str, name: str, kind: str, content: bytes) -> None:
    """Attach a file on the promise's page."""
    go(page, f"/desk/commitments/{code}/")
    page.set_input_files("[name=evidence]", {"name": name, "mimeType": kind, "buffer": content})
    submit(page, "附上")
    expect(page.locator(".files").get_by_role("link", name=name)).to_be_visible()


def offer(page, code: str, name: str) -> None:
    """Open the page that shows a file to the public."""
    go(page, f"/desk/commitments/{code}/")
    page.get_by_text("公开或撤下文件").click()
    page.get_by_role("link", name=f"公开“{name}”").click()
    page.wait_for_url("**/publish/")


def downloaded(page, name: str) -> bytes:
    """The file that a click on its name brings."""
    with page.expect_download() as caught:
        page.locator("main").get_by_role("link", name=name).click()
    assert caught.value.suggested_filename == name
    return caught.value.path().read_bytes()


def test_from_a_members_progress_to_the_phone_of_a_citizen(site, member, code, phone):
    member.get_by_role("link", name="报进展").click()
    member.wait_for_url("**/progress/")
    member.fill("[name=quantity]", "3")
    member.fill("[name=note]", "当天审完三份")
    member.set_input_files("[name=evidence]", {"name": "审核清单.docx", "mimeType": WORD, "buffer": CLEAN})
    assert_accessible(member)
    submit(member, "记下")
    expect(member.locator(".files").get_by_role("link", name="审核清单.docx")).to_be_visible()
    assert_accessible(member)
    assert member.get_by_role("link", name="给群众看").count() == 0
    go(phone, f"/promises/{code}/")
    assert "审核清单" not in said(phone)

    with another_window(member, site, "shuji") as secretary:
        offer(secretary, code, "审核清单.docx")
        assert "全文没有找到" in said(secretary)
        assert_accessible(secretary)
        assert_fits(secretary)
        submit(secretary, "给群众看")
        assert "文件已经公开" in secretary.locator("body").inner_text()

        go(phone, f"/promises/{code}/")
        got = downloaded(phone, "审核清单.docx")
        assert hashlib.sha256(got).hexdigest() in said(phone)
        assert "张三丰".encode() not in got
        assert_accessible(phone)
        assert_fits(phone)

        address = phone.locator("main").get_by_role("link", name="审核清单.docx").get_attribute("href")
        secretary.get_by_text("公开或撤下文件").click()
        secretary.get_by_role("link", name="从公开页撤下“审核清单.docx”").click()
        secretary.wait_for_url("**/unpublish/")
        submit(secretary, "撤下并公开理由")
        expect(secretary.locator("main .err").first).to_be_visible()
        assert_accessible(secretary)
        secretary.fill("[name=reason]", "换成盖章的扫描件")
        submit(secretary, "撤下并公开理由")

    go(phone, f"/promises/{code}/")
    assert "换成盖章的扫描件" in said(phone)
    assert "审核清单" not in said(phone)
    assert phone.request.get(address).status == 404


def test_a_photo_needs_somebody_who_looked_and_loses_its_place(site, member, code, phone):
    drawn = member.screenshot(type="jpeg", clip={"x": 0, "y": 0, "width": 300, "height": 200})
    photo = drawn[:2] + segment(0xE1, exif(6)) + drawn[2:]
    attach(member, code, "现场.jpg", "image/jpeg", photo)
    attach(member, code, "登记表.docx", WORD, word(f"联系电话 {PHONE}"))

    with another_window(member, site, "shuji") as secretary:
        offer(secretary, code, "现场.jpg")
        assert "图片上的文字和人" in said(secretary)
        submit(secretary, "给群众看")
        expect(secretary.locator("main .err").first).to_be_visible()
        assert_accessible(secretary)
        secretary.check("[name=looked]")
        submit(secretary, "给群众看")

        offer(secretary, code, "登记表.docx")
        assert "手机号码" in said(secretary)
        assert PHONE not in said(secretary)
        assert secretary.get_by_role("button", name="给群众看").count() == 0
        assert_accessible(secretary)

    go(phone, f"/promises/{code}/")
    assert "登记表" not in said(phone)
    got = downloaded(phone, "现场.jpg")
    assert PLACE in photo
    assert PLACE not in got
