"""Against stuffing: how often a device and a network may judge a subject in a day, and how fast ballots come.

Neither a device nor an address is stored: a mark is a keyed hash, and its key is made anew each day and thrown away after it.
The day's key is mixed with the installation's secret, so that an old copy of the database alone opens no mark.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from quxin.kernel.clock import TZ
from quxin.kernel.errors import QuxinError
from quxin.records.evaluations.errors import AlreadyVoted, TooManyFromHere
from quxin.records.evaluations.models import DailyKey, Limit, Pulse
from quxin.records.evaluations.rules import network_of

# A phone votes once on a subject in a day; a household, a hall or an office behind one address may vote often.
DEVICE_LIMIT = 1
ADDRESS_LIMIT = 60
# Without the proof of work that a page with script brings (kernel.work), a ballot costs a machine nothing: fewer a network.
PLAIN_LIMIT = 10
# So many ballots on one subject within ten minutes are shown as a burst, to the organiser and to the public.
BURST = 30
STRETCH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Claim:
    """One count that a ballot adds to: of a device or of a network, on one subject, on one day."""

    subject: int
    kind: str
    mark: str
    on: date
    limit: int

    @property
    def place(self) -> tuple[int, str, str, date]:
        """What the table keeps apart."""
        return (self.subject, self.kind, self.mark, self.on)


class TooManyPlain(QuxinError):
    """Many ballots without proof of work from one address."""

    default_message = "同一网络今天用没有脚本的网页提交得太多，暂时不能再投。"
    default_hint = "请在浏览器里打开脚本再投，或换用手机流量，或明天再试；您写的都还在。"


def claims_of(subject: int, device: str, address: str, today: date, *, worked: bool = True) -> list[Claim]:
    """What a ballot from this device and address counts under; neither is stored in clear. `worked`: it brought its proof of
    work, without which its network has a stricter limit beside the usual one.
    """
    key = _key_of(today)
    # A browser without our mark counts by its network alone: were they all one device, the second would be turned away.
    network = network_of(address)
    given = [("device", device, DEVICE_LIMIT), ("address", network, ADDRESS_LIMIT)]
    if not worked:
        given.append(("plain", network, PLAIN_LIMIT))
    return [
        Claim(subject, kind, _mark(key, kind, subject, value), today, limit) for kind, value, limit in given if value
    ]


class Limiter:
    """Counts claims under the lock of the round: reads what stands once, says no to what is over, writes what was added."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        marks = {claim.mark for claim in claims}
        rows = Limit.objects.filter(mark__in=marks) if marks else ()
        self._counts = {(row.subject_id, row.kind, row.mark, row.on): row.count for row in rows}
        self._stood = set(self._counts)
        self._changed: set[tuple[int, str, str, date]] = set()

    def take(self, claims: Sequence[Claim]) -> None:
        """Count all claims of one ballot, or none. Raises AlreadyVoted, TooManyFromHere."""
        for claim in claims:
            if self._counts.get(claim.place, 0) >= claim.limit:
                raise _error(claim)
        for claim in claims:
            self._counts[claim.place] = self._counts.get(claim.place, 0) + 1
            self._changed.add(claim.place)

    def keep(self) -> None:
        """Write the counts down."""
        new = self._changed - self._stood
        Limit.objects.bulk_create(
            [
                Limit(subject_id=subject, kind=kind, mark=mark, on=on, count=self._counts[subject, kind, mark, on])
                for subject, kind, mark, on in sorted(new)
            ]
        )
        for place in sorted(self._changed & self._stood):
            subject, kind, mark, on = place
            Limit.objects.filter(subject=subject, kind=kind, mark=mark, on=on).update(count=self._counts[place])


def note_pulse(counts: dict[int, int], now: datetime) -> None:
    """Add ballots (subject key → how many) to the current stretch of ten minutes; a stretch that is over leaves a flag or nothing."""
    if not counts:
        return
    on, window = now.astimezone(TZ).date(), _stretch(now)
    _end_stretches(Q(subject__in=counts) & ~Q(window=window))
    for subject, count in sorted(counts.items()):
        if not Pulse.objects.filter(subject=subject, window=window).update(count=F("count") + count):
            Pulse.objects.create(subject_id=subject, on=on, window=window, count=count)


def end_stretches(now: datetime) -> None:
    """End every stretch that is over: what was no burst is forgotten, of a burst only its day and its size stay."""
    _end_stretches(~Q(window=_stretch(now)))


def forget_old_marks(*, today: date) -> int:
    """Throw away the keys and marks of days gone by; how many marks there were."""
    DailyKey.objects.filter(on__lt=today).delete()
    return Limit.objects.filter(on__lt=today).delete()[0]


def _end_stretches(over: Q) -> None:
    over &= ~Q(window="")
    Pulse.objects.filter(over, count__lt=BURST).delete()
    Pulse.objects.filter(over).update(window="", is_burst=True)


def _stretch(now: datetime) -> str:
    local = now.astimezone(TZ)
    return f"{local:%Y-%m-%dT%H}:{local.minute // 10}"


def _error(claim: Claim) -> QuxinError:
    return {"device": AlreadyVoted, "plain": TooManyPlain}.get(claim.kind, TooManyFromHere)()


def _mark(key: bytes, kind: str, subject: int, value: str) -> str:
    return hmac.new(key, f"{kind}\x00{subject}\x00{value}".encode(), hashlib.sha256).hexdigest()


def _key_of(today: date) -> bytes:
    row, made = DailyKey.objects.get_or_create(on=today, defaults={"key": secrets.token_bytes(32)})
    if made:
        forget_old_marks(today=today)
    return hmac.new(settings.FIELD_KEY.encode(), b"quxin/day/1" + bytes(row.key), hashlib.sha256).digest()
