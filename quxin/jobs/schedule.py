"""What is done without being asked: sums folded as facts come, ballots mixed as enough wait, and once a day due promises
settled, ended rounds closed, all five grades probed, facts sealed.

The day's work is a run like any other, so that it is seen, resumed after a crash and never done twice.
"""

from datetime import datetime, time

from quxin.access import SYSTEM
from quxin.jobs.probing import cast_probe
from quxin.jobs.settle import settle_due
from quxin.jobs.sweeping import forget_previews
from quxin.kernel import clock
from quxin.ledger.bulk import take_stock
from quxin.ledger.seals import seal_all
from quxin.measures.folding import fold
from quxin.records.evaluations.canaries import probe
from quxin.records.evaluations.closing import close_due_rounds
from quxin.records.evaluations.drafting import destroy_old_cards
from quxin.records.evaluations.limits import end_stretches, forget_old_marks
from quxin.records.evaluations.urn import mix_all, mix_overnight
from quxin.runs.models import Run
from quxin.runs.operations import Progress, request_run

NIGHTLY = "nightly"
NOT_BEFORE = time(2, 0)
FOLD_AT_MOST = 200_000


def ask_for_todays_work(now: datetime) -> Run | None:
    """Queue the day's work if it is after two in the morning and nobody has yet; a machine that slept does it on waking."""
    today = clock.local_date(now)
    begins = datetime.combine(today, NOT_BEFORE, clock.TZ)
    if now < begins or Run.objects.filter(kind=NIGHTLY, requested_at__gte=begins).exists():
        return None
    return request_run(kind=NIGHTLY, title=f"每日例行 {today:%Y-%m-%d}", parameters={}, actor=None, now=now)


def fold_what_is_new() -> int:
    """Fold new facts into the rollups, a bounded number at a time."""
    return fold(max_facts=FOLD_AT_MOST)


def mix_what_waits() -> int:
    """Put down the ballots of every urn in which enough wait to hide one another; how many."""
    return mix_all()


def nightly(run: Run, progress: Progress) -> tuple[dict[str, int], tuple[()]]:
    """Settle, mix, close, forget, probe, seal: each step may be done again without harm."""
    now = clock.now()
    today = clock.local_date(now)
    progress.start(8)
    settled = len(list(settle_due(today=today, now=now)))
    progress.step()
    mixed = mix_overnight()
    closed = close_due_rounds(actor=SYSTEM, now=now)
    progress.step()
    end_stretches(now)
    marks = forget_old_marks(today=today)
    progress.step()
    cards = destroy_old_cards(now=now)
    progress.step()
    previews = forget_previews(now=now)
    progress.step()
    refused = sum(not one.accepted for one in probe(cast_probe, now=now, today=today))
    progress.step()
    folded = fold()
    progress.step()
    sealed = len(seal_all(now=now))
    take_stock()
    progress.step()
    done = {"settled": settled, "mixed": mixed, "closed": closed, "marks": marks, "cards": cards, "previews": previews}
    return done | {"refused": refused, "folded": folded, "sealed": sealed}, ()
