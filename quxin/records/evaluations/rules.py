"""What a round's row says about itself, and how receipts and networks are written. Reads and writes nothing."""

import hashlib
import ipaddress
from datetime import date, datetime, timedelta

from quxin.kernel.clock import local_date
from quxin.records.evaluations.models import Round, RoundSubject


def is_open(round_: Round, now: datetime) -> bool:
    """Whether a round takes ballots at `now`."""
    return round_.state == Round.State.OPEN and round_.opens_at <= now < round_.closes_at


def last_day(round_: Round) -> date:
    """The last day on which a round took ballots: the day that its result is dated, whenever somebody closes it."""
    return local_date(round_.closes_at - timedelta(microseconds=1))


def subject_text(subject: RoundSubject) -> str:
    """What the facts call the judged: "commitment:12" or "organisation:5"."""
    if subject.commitment_id:
        return f"commitment:{subject.commitment_id}"
    return f"organisation:{subject.organisation_id}"


def receipt_code(subject_code: str, submission: str) -> str:
    """The voter's receipt, from the form's random value, so that a retry gives the same one; 16 characters in fours."""
    raw = hashlib.sha256(f"quxin receipt\x00{subject_code}\x00{submission}".encode()).hexdigest()[:16].upper()
    return "-".join(raw[i : i + 4] for i in range(0, 16, 4))


def receipt_hash(code: str) -> str:
    """What is stored and sealed of a receipt."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def network_of(address: str) -> str:
    """What of an address stands for one household: all of IPv4, the first 64 bits of IPv6 (a phone changes the rest)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
