"""The work of `bench`, in its own process on a scratch database. Must never run on a database that holds anything.

Prints one JSON object. Facts are made by `append` where appending or verifying is measured; the millions under the figure
are made by SQL and carry no hash chain, which reading and folding never look at. The outcome says so.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

NOW = datetime(2010, 12, 1, 8, tzinfo=UTC)
# Provinces, prefectures, counties, branches: 1 + 31 + 341 + 3410 + 96217 organisations, which is 100,000.
SIZES = {
    "small": {"rows": 5_000, "branches": 1_000, "facts": 50_000, "few": 5_000, "reads": 21},
    "full": {"rows": 50_000, "branches": 96_217, "facts": 5_000_000, "few": 50_000, "reads": 51},
}
KINDS = ("activity.held", "activity.attendances", "progress.recorded", "commitment.kept")


class Bench:
    """One run: sizes, and the figures found."""

    def __init__(self, size: str) -> None:
        self.size = SIZES[size]
        self.figures: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def say(self, name: str, value: float, unit: str, target: str = "", met: bool | None = None) -> None:
        """Note a figure."""
        self.figures.append({"name": name, "value": round(value, 3), "unit": unit, "target": target, "met": met})

    # --- appending ---

    def append(self) -> None:
        """Rows a second with hashes and chain, beside a plain bulk_create of the same rows."""
        from django.db import transaction

        from quxin.ledger.models import Book, Fact
        from quxin.ledger.operations import append, open_book

        open_book(key="main", title="总账", path="")
        entries = list(self._entries(self.size["rows"]))
        chained, plain = [], []
        for _ in range(3):
            # Turn about, so that a growing table weighs on both alike.
            chained.append(_seconds(lambda: append(entries, actor=1, now=NOW)))
            book = Book.objects.get()
            facts = [self._fact(Fact, book, seq, entry) for seq, entry in enumerate(entries, 10**12)]
            with transaction.atomic():
                plain.append(_seconds(partial(Fact.objects.bulk_create, facts, batch_size=2000)))
                transaction.set_rollback(True)
        rows = len(entries)
        self.say("append: rows/s", rows / statistics.median(chained), "rows/s")
        self.say("plain bulk_create: rows/s", rows / statistics.median(plain), "rows/s")
        ratio = statistics.median(plain) / statistics.median(chained)
        self.say("append / plain bulk_create", ratio, "", "≥ 0.4", ratio >= 0.4)
        few = entries[:3]
        single = [_seconds(lambda: append(few, actor=1, now=NOW)) for _ in range(50)]
        self.say("append of 3 facts: median", statistics.median(single) * 1000, "ms")
        self.notes.append("append commits each time; bulk_create is rolled back and so spared the commit")

    def verify(self) -> None:
        """Facts a second that a full verification recomputes, and a seal over them."""
        from quxin.ledger.models import Book
        from quxin.ledger.operations import append, open_book
        from quxin.ledger.seals import seal
        from quxin.ledger.verification import verify

        open_book(key="main", title="总账", path="")
        append(self._entries(self.size["rows"]), actor=1, now=NOW)
        book = Book.objects.get(key="main")
        sealing = _seconds(lambda: seal(book, now=NOW))
        started = time.perf_counter()
        outcome = verify(book)
        spent = time.perf_counter() - started
        if not outcome.ok:
            raise RuntimeError(f"the ledger does not verify: {outcome.problems[:3]}")
        self.say("verify: facts/s", outcome.facts / spent, "facts/s")
        self.say("seal: facts/s", outcome.facts / sealing, "facts/s")

    # --- reading ---

    def figure(self) -> None:
        """A figure at the root of everything, over few facts and over many, read turn about."""
        few, many = self.size["few"], self.size["facts"]
        self._fill(few, few=True)
        self._fill(many)
        found = self._read(few, many)
        median = found["many"]
        self.say(f"figure at the root over {many} facts: median", median, "ms", "≤ 30 ms", median <= 30)
        ratio = median / found["few"]
        self.say(f"the same over {few} facts: median", found["few"], "ms")
        self.say(f"{many} facts / {few} facts", ratio, "", "≤ 2", ratio <= 2)
        for name, words in (
            ("tail", "with 2,000 facts not folded yet"), ("to_date", "up to the last day of which there are facts"),
            ("broken", "over a broken month at either end"), ("first", "first day"), ("leaf", "at one branch"),
            ("board", "board of 50 organisations × 12 measures"),
        ):  # fmt: skip
            self.say(f"{words}: median", found[name], "ms")

    def fold(self) -> None:
        """Facts a second that folding takes in, and the memory of this process meanwhile."""
        from quxin.ledger.models import Book, Cursor
        from quxin.measures.folding import check, fold
        from quxin.measures.models import Rollup

        if not Book.objects.filter(key="bench").exists():
            self._fill(self.size["facts"])
        book = Book.objects.get(key="bench")
        Rollup.objects.all().delete()
        Cursor.objects.all().delete()
        started = time.perf_counter()
        folded = fold([book])
        speed = folded / (time.perf_counter() - started)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        postgresql = _vendor() == "postgresql"
        target = "≥ 50000 facts/s" if postgresql else ""
        self.say(f"fold of {folded} facts", speed, "facts/s", target, speed >= 50_000 if postgresql else None)
        self.say("fold: peak memory of the process", memory, "MB", "≤ 300 MB", memory <= 300)
        self.say("rollup rows", Rollup.objects.count(), "rows")
        if check([book], limit=1):
            raise RuntimeError("the rollups are not the sums of the facts")

    # --- the scratch world ---

    def _entries(self, count: int) -> Iterator[Any]:
        from quxin.ledger.operations import Entry

        for n in range(count):
            yield Entry(
                kind=KINDS[n % 4],
                unit=n % 997,
                path=f"0001{n % 31:04d}{n % 11:04d}{n % 10:04d}{n % 97:04d}",
                subject=f"activity:{n}",
                on=date(2010, 1, 1) + timedelta(days=n % 365),
                quantity=1000 * (1 + n % 300),
                label=("lecture", "lecture/bench.forum", "contest", "")[n % 4],
                campaign="bench" if n % 2 else "",
            )

    def _fact(self, model: type, book: Any, seq: int, entry: Any) -> Any:
        return model(
            book_id=book.pk, seq=seq, kind=entry.kind, label=entry.label, unit=entry.unit, path=entry.path,
            subject=entry.subject, on=entry.on, month=entry.on.year * 100 + entry.on.month, quantity=entry.quantity,
            sign=1, campaign=entry.campaign, person="", actor=1, recorded_at=NOW, reverses=None, hash=bytes(32),
        )  # fmt: skip

    def _fill(self, count: int, few: bool = False) -> None:
        """`count` facts in a tree of their own by SQL: no chain, as nothing that is measured over them reads hashes."""
        from quxin.measures.scratch import FEW, MANY, fill

        fill(count, branches=self.size["branches"], kinds=KINDS, tree=FEW if few else MANY)
        note = "the facts under figure and fold were generated by SQL and carry no hash chain"
        if note not in self.notes:
            self.notes.append(note)

    def _read(self, few: int, many: int) -> dict[str, float]:
        """Median milliseconds of readings, few and many turn about, so that a busy machine weighs on both alike."""
        from quxin.kernel.periods import Period
        from quxin.ledger.models import Book
        from quxin.measures.folding import fold
        from quxin.measures.reading import measure, measure_many
        from quxin.measures.registry import Wanted
        from quxin.measures.scratch import FEW, MANY, analyze
        from quxin.packs.types import MeasureSpec, Where

        year = Period.of_year(2010)
        expected = {
            root: sum(1 + n % 300 for n in range(1, count + 1) if n % 4 == 1)
            for (_, root), count in ((FEW, few), (MANY, many))
        }

        def total(root: str = MANY[1], period: Period = year) -> None:
            said = measure("activities.attendances", path=root, period=period)
            if period == year and said.value != expected[root]:
                raise RuntimeError(f"the figure is {said.value}, not {expected[root]}")

        fold(Book.objects.exclude(key=MANY[0]))
        fold(Book.objects.filter(key=MANY[0]), max_facts=many - 2000)
        analyze("measures_rollup")
        found = {"tail": self._median(total)}
        fold()
        turns = [(_seconds(partial(total, FEW[1])), _seconds(total)) for _ in range(self.size["reads"])]
        found["few"], found["many"] = (statistics.median(times) * 1000 for times in zip(*turns, strict=True))
        found["to_date"] = self._median(partial(total, MANY[1], Period(date(2010, 1, 1), date(2011, 1, 16))))
        found["broken"] = self._median(partial(total, MANY[1], Period(date(2010, 2, 10), date(2010, 11, 20))), few=True)
        found["leaf"] = self._median(partial(total, _leaf(), Period(date(2010, 1, 1), date(2010, 12, 30))))
        first = MeasureSpec(id="bench.first", label="首次", unit="", first="activity")
        found["first"] = self._median(lambda: measure(first, path=MANY[1], period=year), few=True)
        lectures = MeasureSpec(id="bench.n", label="讲", unit="", count="activity", where=Where(activity="lecture"))
        twelve: list[Wanted] = [
            *(lectures.model_copy(update={"id": f"bench.{n}"}) for n in range(4)), first,
            "activities.sessions", "activities.attendances", "commitments.kept", "commitments.made",
            "members.ratio", "tasks.assigned", "campaigns.deployed",
        ]  # fmt: skip
        board = [f"{MANY[1]}{n % 31:04d}{n // 31:04d}" for n in range(50)]
        found["board"] = self._median(lambda: measure_many(twelve, board, year), few=True)
        return found

    def _median(self, work: Callable[[], object], few: bool = False) -> float:
        work()
        times = [_seconds(work) for _ in range(7 if few else self.size["reads"])]
        return statistics.median(times) * 1000


def _leaf() -> str:
    from quxin.ledger.models import Fact

    return Fact.objects.filter(book__key="bench").values_list("path", flat=True)[0]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _vendor() -> str:
    from django.db import connection

    return connection.vendor


def main(size: str, benches: list[str]) -> None:
    """Migrate the scratch database, run the benches, print the outcome."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quxin.config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from quxin.ledger.models import Book

    call_command("migrate", verbosity=0, skip_checks=True)
    if Book.objects.exists():
        raise SystemExit("this database holds something: the bench runs on a scratch database only")
    bench = Bench(size)
    for name in benches:
        getattr(bench, name)()
    print(
        json.dumps(
            {"engine": _vendor(), "size": size, "notes": bench.notes, "figures": bench.figures}, ensure_ascii=False
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
