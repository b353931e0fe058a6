"""Packs on the desk: versions, differences, what a check finds, and who may install."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quxin.packs.models import PackVersion
from tests import cast
from tests.desk.scene import browser, frozen, said_by  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PACK = "pack: small\nversion: {version}\ntitle: 小包\nsource: 自拟\nmeasures:\n  talks: {{label: 谈心, unit: 次, count: activity}}\n"


@pytest.fixture
def players():
    return cast.build()


def send(client, text, do="install", name="small.yaml"):
    upload = SimpleUploadedFile(name, text.encode())
    return client.post(reverse("desk:packs"), {"pack": upload} | ({"do": do} if do else {}))


def test_check_install_upgrade_compare(players):
    admin = browser(players, "system-admin")
    checked = send(admin, PACK.format(version="1.0.0"), do="")
    assert checked.status_code == 200
    assert "检查通过" in said_by(checked)
    assert not PackVersion.objects.exists()
    assert send(admin, PACK.format(version="1.0.0")).status_code == 302
    upgraded = send(admin, PACK.format(version="1.1.0").replace("谈心", "谈心谈话"))
    assert upgraded.status_code == 302
    said = said_by(admin.get(upgraded["Location"]))
    assert "1.0.0 → 1.1.0" in said
    assert "谈心谈话" in said
    assert PackVersion.objects.get(is_current=True).version == "1.1.0"
    assert admin.get(reverse("desk:packs") + "?pack=small&before=1.0.0&after=9.9.9").status_code == 404


def test_a_fault_is_shown_with_line_and_column(players):
    admin = browser(players, "system-admin")
    answer = send(admin, PACK.format(version="1.0.0") + "nonsense: 1\n")
    assert answer.status_code == 422
    said = said_by(answer)
    assert "small.yaml 7 1" in said
    assert not PackVersion.objects.exists()


def test_an_older_version_and_a_wrong_file_are_refused_in_words(players):
    admin = browser(players, "system-admin")
    send(admin, PACK.format(version="2.0.0"))
    assert "不能装回较旧的" in said_by(send(admin, PACK.format(version="1.0.0")))
    assert "不是 YAML" in said_by(send(admin, "MZ", name="x.exe"))


def test_only_system_administrators_install(players):
    for name in ("organiser", "secretary", "leader"):
        client = browser(players, name)
        assert "安装或升级" not in said_by(client.get(reverse("desk:packs")))
        assert send(client, PACK.format(version="1.0.0")).status_code == 403
    assert not PackVersion.objects.exists()
