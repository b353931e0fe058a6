"""What is done without being asked: sums folded as facts come, and once a day due promises settled, ended rounds closed,
facts sealed.

The day's work is a run like any other, so that it is seen, resumed after a crash and never done twice.
"""

from datetime import datetime, time

from quxin.access import SYSTEM
from quxin.jobs.settle import settle_due
from quxin.jobs.sweeping import forget_previews
from quxin.kernel import clock
from quxin.ledger.bulk import take_stock
from quxin.ledger.seals import seal_all
from quxin.measures.folding import fold
from quxin.records.evaluations.operations import close_due_rounds, forget_old_marks
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


def nightly(run: Run, progress: Progress) -> tuple[dict[str, int], tuple[()]]:
    """Settle, close, forget, seal: each step may be done again without harm."""
    now = clock.now()
    today = clock.local_date(now)
    progress.start(6)
    settled = settle_due(today=today, now=now)
    progress.step()
    closed = close_due_rounds(actor=SYSTEM, now=now)
    progress.step()
    marks = forget_old_marks(today=today)
    progress.step()
    previews = forget_previews(now=now)
    progress.step()
    folded = fold()
    progress.step()
    sealed = len(seal_all(now=now))
    take_stock()
    progress.step()
    done = {"settled": len(list(settled)), "closed": closed, "marks": marks, "previews": previews}
    return done | {"folded": folded, "sealed": sealed}, ()
