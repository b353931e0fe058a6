"""Make the demonstration, once, in order."""

import json

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from quxin.jobs.demo import accounts, campaigns, organisations, promises, records, rounds
from quxin.jobs.demo.moment import Moment
from quxin.ledger.bulk import take_stock
from quxin.ledger.models import Book
from quxin.ledger.seals import seal
from quxin.measures.folding import fold
from quxin.orgs.models import Organisation

MARK = "demo"

STEPS = (
    ("机构", organisations.make),
    ("活动", campaigns.make),
    ("台账", records.make),
    ("承诺", promises.make),
    ("评议", rounds.make),
    ("账号", accounts.make),
)


def ensure_demo(*, quiet: bool = False) -> bool:
    """Make the demonstration if it is not there; whether it was made. Refuses to mix with an installation in use."""
    mark = settings.QUXIN_HOME / MARK
    if mark.exists() or Organisation.objects.exists():
        return False
    moment = Moment.at(timezone.now())
    with transaction.atomic():
        for title, make in STEPS:
            if not quiet:
                print(f"  准备演示数据：{title} …", flush=True)
            make(moment)
    fold()
    for book in Book.objects.order_by("key"):
        seal(book, now=moment.now)
    take_stock()
    told = {"accounts": moment.accounts, "trials": moment.trials}
    mark.write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
    settings.DEMO = True
    return True
