"""What a round's row says about itself, and how receipts and networks are written. Reads and writes nothing."""

import hashlib
import ipaddress
from datetime import date, datetime, timedelta

from quxin.kernel.clock import local_date
from quxin.records.evaluations.models import Round, RoundSubject


def is_open(round_: Round, now: datetime) -> bool:
    """Whether a round takes ballots at `now`."""
    return round_.state == Round.State.OPEN and round_.opens_at <= now < round_.closes_at


#: Kinds in which members judge one another. Their results are for the organisation, not for the public.
AMONG_MEMBERS = (Round.Kind.PEERS, Round.Kind.MEMBERS)


def judges_members(round_: Round) -> bool:
    """Whether members judge members: then a branch's secretary votes like everybody else."""
    return round_.kind in AMONG_MEMBERS


def last_day(round_: Round) -> date:
    """The last day on which a round took ballots: the day that its result is dated, whenever somebody closes it."""
    return local_date(round_.closes_at - timedelta(microseconds=1))


def subject_text(subject: RoundSubject) -> str:
    """What the facts call the judged: "commitment:12" or "organisation:5"."""
    if subject.commitment_id:
        return f"commitment:{subject.commitment_id}"
    return f"organisation:{subject.organisation_id}"


def line_leaf(number: str, group: str) -> str:
    """What the root over the roster hashes of one line: its random number and its group, no name."""
    return hashlib.sha256(f"quxin roster 1\n{group}\n{number}".encode()).hexdigest()


def form_mark(subject_code: str, submission: str) -> str:
    """What is kept of a form that was sent, so that sending it again is one ballot."""
    return hashlib.sha256(f"quxin form 1\n{subject_code}\n{submission}".encode()).hexdigest()


def form_nonce(submission: str) -> str:
    """The nonce of an open round's ballot, from its form. One way only: the nonce does not lead back to the form's mark."""
    return hashlib.sha256(f"quxin nonce 1\n{submission}".encode()).hexdigest()[:32]


def receipt_hash(code: str) -> str:
    """What was stored of a receipt before receipts were leaves of the public board."""
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
