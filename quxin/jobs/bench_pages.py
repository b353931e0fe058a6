"""The bench of pages: queries, server time and weight of desk lists and public pages over 100,000 organisations.

Asks Django's own test client in this process, with warm caches. Must never run on a database that holds anything.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import sys
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from quxin.jobs import bench_world

NOW = datetime(2010, 12, 1, 8, tzinfo=UTC)
SIZES = {
    "small": {"organisations": 5_000, "activities": 2_000},
    "full": {"organisations": 100_000, "activities": 20_000},
}
PROMISES = 60
EACH_CLASS = 300
TIMES = 7
LISTS = {
    "home": "/desk/",
    "campaign board": "/desk/campaigns/{campaign}/",
    "activities": "/desk/activities/",
    "commitments": "/desk/commitments/",
    "organisations": "/desk/organisations/",
    "search": "/desk/search/?q=计量",
    "search for what every name has": "/desk/search/?q=质量技术",
    "search by initials": "/desk/search/?q=zljd",
}
MOST_QUERIES, MOST_MS, PROMISE_QUERIES, MOST_KB = 12, 100.0, 5, 60.0


def measure(size: str) -> dict[str, Any]:
    """Figures and notes of all pages over a made-up nation."""
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["testserver"]
    codes = _world(**SIZES[size])
    client = Client()
    client.force_login(codes["account"], backend="django.contrib.auth.backends.ModelBackend")
    figures: list[dict[str, Any]] = []
    for name, address in LISTS.items():
        queries, spent, _ = _ask(client, address.format(**codes))
        figures += [
            _figure(f"desk {name}: queries", queries, "", f"≤ {MOST_QUERIES}", queries <= MOST_QUERIES),
            _figure(f"desk {name}: median", spent, "ms", f"≤ {MOST_MS:.0f} ms", spent <= MOST_MS),
        ]
    anyone = Client()
    for name in ("promise", "promise held to a measure and judged"):
        queries, spent, _ = _ask(anyone, f"/promises/{codes[name]}/")
        few = queries <= PROMISE_QUERIES
        figures.append(_figure(f"{name}, page: queries", queries, "", f"≤ {PROMISE_QUERIES}", few))
        figures.append(_figure(f"{name}, page: median", spent, "ms"))
    _, spent, body = _ask(anyone, f"/e/{codes['ballot']}/")
    weight = (len(body) + sum(map(_weight, _parts(body)))) / 1024
    figures.append(_figure("evaluation page with all it loads", weight, "kB", f"≤ {MOST_KB:.0f} kB", weight <= MOST_KB))
    figures.append(_figure("evaluation page: median", spent, "ms"))
    return {"figures": figures, "notes": [f"the campaign gives its tasks to {EACH_CLASS} organisations of each class"]}


def _ask(client: Any, address: str) -> tuple[int, float, bytes]:
    """(queries, median milliseconds, body) of a page, once the caches are warm."""
    from django.db import connection

    asked = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    for _ in range(2):
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answers {answer.status_code}")
    with connection.execute_wrapper(count):
        client.get(address)
    times = []
    for _ in range(TIMES):
        started = time.perf_counter()
        answer = client.get(address)
        times.append((time.perf_counter() - started) * 1000)
    return len(asked), statistics.median(times), answer.content


def _parts(body: bytes) -> list[str]:
    """The files of our own that a page loads."""
    return re.findall(r'(?:src|href)="/static/([^"?#]+\.(?:css|js|svg|png|woff2))"', body.decode())


def _weight(name: str) -> int:
    """Bytes of a static file as it goes over the line, uncompressed."""
    from pathlib import Path

    from django.contrib.staticfiles import finders
    from django.contrib.staticfiles.storage import staticfiles_storage

    found = finders.find(name)
    if found is None:
        # The name may carry a digest of the content.
        found = finders.find(re.sub(r"\.[0-9a-f]{12}(?=\.)", "", name))
    return Path(found).stat().st_size if found else staticfiles_storage.size(name)


def _figure(name: str, value: float, unit: str, target: str = "", met: bool | None = None) -> dict[str, Any]:
    return {"name": name, "value": round(value, 3), "unit": unit, "target": target, "met": met}


# --- the made-up nation ---


def _world(organisations: int, activities: int) -> dict[str, Any]:
    """A nation with a running campaign, activities, promises and an open round; the codes of what will be asked for."""
    from quxin.access import SYSTEM, Role
    from quxin.ledger.bulk import take_stock
    from quxin.ledger.models import Book
    from quxin.measures.folding import fold
    from quxin.orgs.models import Organisation
    from quxin.orgs.operations import create_account, grant_role

    bench_world.fill(organisations)
    bench_world.people(bench_world.PEOPLE)
    root = Organisation.objects.get(depth=1)
    password = os.urandom(12).hex()
    account = create_account(
        username="bench", organisation=root, actor=SYSTEM, now=NOW, password=password, must_change_password=False
    ).account
    grant_role(account, organisation=root, role=Role.ORGANISER, on=date(2000, 1, 1), actor=SYSTEM, now=NOW)
    campaign = _campaign(root)
    _activities(activities, campaign)
    promises = _promises()
    _judge(root, promises[1])
    fold(Book.objects.all())
    take_stock()
    return {
        "account": account,
        "campaign": campaign.code,
        "promise": promises[0].code,
        "promise held to a measure and judged": promises[1].code,
        "ballot": _ballot(root, promises),
    }


def _campaign(root: Any) -> Any:
    from django.conf import settings

    from quxin.access import SYSTEM
    from quxin.orgs.queries import of_class
    from quxin.packs.check import load_and_check
    from quxin.packs.operations import install
    from quxin.packs.queries import pack_of
    from quxin.records.campaigns.operations import deploy_campaign

    def some_of(on: date, code: str) -> list[Any]:
        return list(of_class(code, root=root.path, on=on))[:EACH_CLASS]

    installed = install(actor=SYSTEM, loaded=load_and_check(settings.PACKS_DIR / "aqsiq-2010"), now=NOW)
    return deploy_campaign(
        actor=SYSTEM,
        version=installed.version,
        pack=pack_of(installed.version),
        sponsor=root,
        organisations_for=partial(some_of, date(2010, 4, 12)),
        now=datetime(2010, 4, 12, 4, tzinfo=UTC),
        approval_number="试验〔2010〕1号",
    )


def _activities(count: int, campaign: Any) -> None:
    from quxin.access import SYSTEM
    from quxin.orgs.models import Organisation
    from quxin.records.activities.operations import Draft, Happening, record_activities

    places = list(Organisation.objects.order_by("pk")[:5_000])
    drafts = [
        Draft(
            places[n * 7919 % len(places)],
            Happening("lecture", f"计量惠民行动第{n}讲", date(2010, 1, 1) + timedelta(days=n % 300), audience=n % 200),
            campaign=campaign if n % 2 else None,
        )
        for n in range(count)
    ]
    for at in range(0, count, bench_world.BATCH):
        record_activities(actor=SYSTEM, drafts=drafts[at : at + bench_world.BATCH], today=NOW.date(), now=NOW)


def _promises() -> list[Any]:
    """Published promises; every second is held to a measure, the others to a count of their own."""
    from quxin.access import SYSTEM
    from quxin.kernel.scaled import scale
    from quxin.orgs.models import Organisation
    from quxin.records.commitments import operations as promises
    from quxin.records.commitments.models import Commitment

    today = NOW.date()
    for number, branch in enumerate(Organisation.objects.order_by("-pk")[:PROMISES], start=3):
        unit, measure = ("家", "") if number % 2 else ("场", "activities.sessions")
        words = f"年底前走访服务企业 {number} 家" if number % 2 else f"年底前为企业办讲座 {number} 场"
        said = promises.Promise("deed", words, scale(number), unit, date(2010, 12, 20), measure=measure)
        one = promises.make_commitment(actor=SYSTEM, organisation=branch, promise=said, today=today, now=NOW)
        promises.submit_commitment(actor=SYSTEM, commitment=one, now=NOW)
        one = Commitment.objects.select_related("organisation", "campaign", "person").get(pk=one.pk)
        promises.publish_commitment(actor=SYSTEM, commitment=one, today=today, now=NOW)
    return list(Commitment.objects.select_related("organisation").order_by("pk"))


def _judge(root: Any, promise: Any) -> None:
    """A closed round on the promise, with enough ballots for its result to be shown."""
    from quxin.access import ANYONE, SYSTEM
    from quxin.kernel.identifiers import new_code
    from quxin.records.evaluations import operations as rounds
    from quxin.records.evaluations.closing import close_round
    from quxin.records.evaluations.models import RoundSubject

    opens, closes = NOW - timedelta(days=8), NOW - timedelta(days=1)
    title = "公开承诺群众评议（上一轮）"
    opened = rounds.open_round(
        actor=SYSTEM, organiser=root, title=title, commitments=[promise], opens_at=opens, closes_at=closes, now=opens
    )
    subject = RoundSubject.objects.get(round=opened)
    for grade in (5, 5, 4, 4, 3, 2):
        vote = rounds.Vote(subject.code, grade, "", new_code(32), new_code(32), new_code(6))
        rounds.cast_ballot(actor=ANYONE, vote=vote, now=opens, today=opens.date())
    close_round(actor=SYSTEM, round_=opened, now=NOW)


def _ballot(root: Any, promises: list[Any]) -> str:
    """The code of what an open round judges: where the poster leads."""
    from quxin.access import SYSTEM
    from quxin.records.evaluations.models import RoundSubject
    from quxin.records.evaluations.operations import open_round

    opened = open_round(
        actor=SYSTEM,
        organiser=root,
        title="公开承诺群众评议",
        commitments=promises[:3],
        organisations=[root],
        opens_at=NOW - timedelta(hours=1),
        closes_at=datetime(2100, 1, 1, tzinfo=UTC),
        now=NOW,
    )
    return RoundSubject.objects.filter(round=opened).order_by("pk")[0].code


def main(size: str) -> None:
    """Migrate the scratch database, fill it, ask for the pages, print the outcome as one JSON object."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quxin.config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from quxin.ledger.models import Book

    call_command("migrate", verbosity=0, skip_checks=True)
    if Book.objects.exists():
        raise SystemExit("this database holds something: the bench runs on a scratch database only")
    print(json.dumps({"engine": connection.vendor, "size": size, **measure(size)}, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
