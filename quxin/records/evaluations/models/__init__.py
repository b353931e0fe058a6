"""Everything that evaluations store."""

from quxin.records.evaluations.models.ballots import Answer, Ballot, Canary, Envelope, Pulse, SetAside, Spent
from quxin.records.evaluations.models.rosters import CardSheet, PoolToken, RosterLine, RoundKey
from quxin.records.evaluations.models.rounds import (
    DailyKey,
    Decision,
    Grade,
    Limit,
    Remark,
    Round,
    RoundSubject,
    Signature,
)

__all__ = [
    "Answer",
    "Ballot",
    "Canary",
    "CardSheet",
    "DailyKey",
    "Decision",
    "Envelope",
    "Grade",
    "Limit",
    "PoolToken",
    "Pulse",
    "Remark",
    "RosterLine",
    "Round",
    "RoundKey",
    "RoundSubject",
    "SetAside",
    "Signature",
    "Spent",
]
