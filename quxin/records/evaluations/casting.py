"""Store ballots: many requests, one commit.

Each request brings a slip whose token, answers and form were checked already; what only the database can know is asked here,
under the lock of the round: is it open, was the token used, has the device voted. One thread of the process writes for all
that wait; they sleep until their ballot is durable. Acknowledged means stored.

Locks: rounds, in the order of their keys. Closing holds the same row, so a ballot is either counted or told that the round
is over.
"""

import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import close_old_connections, connection, transaction

from quxin.kernel.errors import QuxinError
from quxin.ledger.bulk import put, those_there
from quxin.records.evaluations import journal, urn
from quxin.records.evaluations.errors import FormUsed, NotOpen, TokenUsed
from quxin.records.evaluations.limits import Claim, Limiter, note_pulse
from quxin.records.evaluations.models import Ballot, Envelope, Round, Spent
from quxin.records.evaluations.rules import is_open
from quxin.records.evaluations.urn import Paper

MOST_AT_ONCE = 500
MOST_NOTED = 100_000
_noted_again: set[str] = set()
IDLE_SECONDS = 1.0
GATHER_SECONDS, PAUSE_SECONDS = 0.02, 0.001


@dataclass(slots=True)
class Slip:
    """A ballot on its way: what will be stored, the mark it spends, the claims the limiter counts; then what came of it."""

    round: int
    paper: Paper
    mark: str
    now: datetime
    claims: Sequence[Claim] = ()
    message: bytes | None = None
    signature: bytes | None = None
    repeated: bool = False
    error: BaseException | None = None
    done: threading.Lock = field(default_factory=threading.Lock, repr=False)


class _Writer:
    """One thread of this process that stores what waits, all at once. It comes when a slip does, and goes when none has come
    for a while; its connection goes with it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._came = threading.Condition(self._lock)
        self._waiting: list[Slip] = []
        self._works = self._idle = False

    def store(self, slip: Slip) -> None:
        slip.done.acquire()
        with self._lock:
            self._waiting.append(slip)
            if self._idle:
                self._came.notify()
            elif not self._works:
                self._begin(slip)
        slip.done.acquire()  # released when the ballot is stored, or refused

    def _begin(self, slip: Slip) -> None:
        """Start the thread; a machine that has none left says so to this voter, and the next one tries again."""
        try:
            threading.Thread(target=self._work, name="ballots", daemon=True).start()
        except RuntimeError:
            self._waiting.remove(slip)
            raise
        self._works = True

    def _work(self) -> None:
        try:
            while batch := self._take():
                _settle(batch)
        finally:
            connection.close()

    def _take(self) -> list[Slip]:
        """What waits; after a while of nothing an empty list, and then the next slip starts another thread."""
        with self._lock:
            if not self._waiting:
                self._idle = True
                self._came.wait(IDLE_SECONDS)
                self._idle = False
        self._gather()
        with self._lock:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            self._works = bool(batch)
            return batch

    def _gather(self) -> None:
        """Wait as long as more keep coming, for a moment at most: one commit for all costs little more than for one."""
        until = time.monotonic() + GATHER_SECONDS
        count = 0
        while count < len(self._waiting) < MOST_AT_ONCE and time.monotonic() < until:
            count = len(self._waiting)
            time.sleep(PAUSE_SECONDS)


def _settle(batch: list[Slip]) -> None:
    """Store a batch and let those who wait for it go; an error of the database is everybody's."""
    try:
        close_old_connections()
        _write(batch)
    except BaseException as error:  # nobody in the batch may take silence for a stored ballot
        for slip in batch:
            slip.error = error
    finally:
        for slip in batch:
            slip.done.release()


_writer = _Writer()


def store(slip: Slip) -> bool:
    """Store one ballot durably; whether it had been stored before (the voter sent again).

    Raises NotOpen, TokenUsed, FormUsed, AlreadyVoted, TooManyFromHere.
    """
    if connection.in_atomic_block:
        # A caller's transaction may yet be rolled back: nobody else's ballot may hang on it.
        _write([slip])
    else:
        _writer.store(slip)
    if slip.error is not None:
        raise slip.error
    return slip.repeated


def _write(batch: Sequence[Slip]) -> None:
    with transaction.atomic():
        rounds = _hold({slip.round for slip in batch})
        spent = those_there(Spent, "mark", [slip.mark for slip in batch])
        limiter = Limiter(claim for slip in batch for claim in slip.claims)
        taken: dict[str, Slip] = {}
        again: list[Slip] = []
        for slip in batch:
            try:
                if slip.mark in spent or slip.mark in taken:
                    slip.repeated = _came_before(slip, taken.get(slip.mark))
                    if slip.mark in spent and rounds[slip.round].state == Round.State.OPEN:
                        again.append(slip)
                elif not is_open(rounds[slip.round], slip.now):
                    raise NotOpen
                else:
                    limiter.take(slip.claims)
                    taken[slip.mark] = slip
            except QuxinError as error:
                slip.error = error
        _keep(taken.values())
        _note_again(again)
        limiter.keep()
        _note_pulses(taken.values())


def _hold(keys: set[int]) -> dict[int, Round]:
    fields = ("pk", "state", "opens_at", "closes_at")
    held = Round.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").only(*fields)
    return {one.pk: one for one in held}


def _came_before(slip: Slip, twin: Slip | None) -> bool:
    """True when the very same ballot is there already; else the mark was spent on another, and that is an error."""
    leaf = slip.paper.leaf
    if twin is not None and twin.paper.leaf == leaf:
        return True
    stored = Ballot.objects.filter(receipt=leaf)
    # Asked again after the urn: it may have been mixed between the first two questions.
    if stored.exists() or urn.is_waiting(slip.round, leaf) or stored.exists():
        return True
    raise TokenUsed if slip.message is not None else FormUsed


def _note_again(slips: Sequence[Slip]) -> None:
    """Who sends again may have met a server that died after storing and before the journal: what he is told now is in it, too.
    Once for each ballot and process, lest sending again and again fill the disk.
    """
    new = {slip.paper.leaf: slip for slip in slips if slip.paper.leaf not in _noted_again}
    if not new:
        return
    if len(_noted_again) > MOST_NOTED:
        _noted_again.clear()
    _noted_again.update(new)
    envelopes = [urn.put_in(slip.round, [slip.paper]) for slip in new.values()]
    transaction.on_commit(lambda: journal.note(envelopes))


def _note_pulses(slips: Collection[Slip]) -> None:
    """Open rounds only: a closed round's roster already says how many may vote."""
    counted = Counter(slip.paper.subject for slip in slips if slip.claims and slip.paper.subject)
    if counted:
        note_pulse(counted, max(slip.now for slip in slips))


def _keep(slips: Collection[Slip]) -> None:
    if not slips:
        return
    put(
        Spent._meta.db_table,
        ("round_id", "subject_id", "mark", "message", "signature", "key"),
        [(slip.round, slip.paper.subject, slip.mark, slip.message, slip.signature, slip.paper.key) for slip in slips],
    )
    papers: dict[int, list[Paper]] = {}
    for slip in slips:
        papers.setdefault(slip.round, []).append(slip.paper)
    envelopes = Envelope.objects.bulk_create([urn.put_in(round_key, some) for round_key, some in papers.items()])
    transaction.on_commit(lambda: journal.note(envelopes))
