"""Fact kinds of people in organisations: members and staff are counted by facts, so that ratios have sources too."""

from quxin.ledger.kinds import declare

MEMBER = declare("member.counted", "在册党员", "Party member on the roll", label="正式/预备", per_person=True)
STAFF = declare("staff.counted", "在编人员", "Staff on the roll", per_person=True)
