"""Fact kinds of evaluations: aggregates of closed rounds only; ballots are not facts."""

from quxin.ledger.kinds import declare

GRADE = declare("evaluation.grade", "评议票数", "Ballots by grade", label="评议轮次/等级")
