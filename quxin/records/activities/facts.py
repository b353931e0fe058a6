"""Fact kinds of activities. The label is the kind of activity, and its series if it has one."""

from quxin.ledger.kinds import declare

HELD = declare("activity.held", "活动场次", "Activity held", label="活动种类/系列")
ATTENDANCES = declare("activity.attendances", "参加人次", "Attendances", label="活动种类/系列")
CONTESTANTS = declare("activity.contestants", "参赛人次", "Contestants", label="活动种类/系列")
PERSON = declare("activity.person", "实名参加", "Person present", label="活动种类/系列", per_person=True)
