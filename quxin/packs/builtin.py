"""The measures that every installation has, whatever its packs: declared with the same type as a pack's.

A pack must not declare one of these ids again. Must not hold anything that belongs to one campaign: measures
with ``scope: campaign`` are about whichever campaign a report or a board is about.
"""

from __future__ import annotations

from quxin.packs.measure_types import MeasureSpec

_DECLARED: dict[str, dict[str, object]] = {
    # Activities of every kind
    "activities.sessions": {
        "label": "活动场次", "label_en": "Activities held", "unit": "场", "count": "activity",
        "description": "已记录的各类活动，每次一场；撤销的不算。",
        "description_en": "Recorded activities of every kind, withdrawn ones left out.",
    },
    "activities.attendances": {
        "label": "参加人次", "label_en": "Attendances", "unit": "人次", "sum": "activity.attendances",
        "description": "每场的实到人数相加；同一人参加两场算两次。",
        "description_en": "Heads at each activity added up: one person at two activities counts twice.",
    },
    "activities.people": {
        "label": "参加人数", "label_en": "People taking part", "unit": "人", "distinct": "activity.person",
        "description": "按姓名登记到的人，去重；只报人数的场次不在内。",
        "description_en": "People named at activities, each counted once.",
    },
    "activities.coverage": {
        "label": "党员活动覆盖面", "label_en": "Share of members taking part", "unit": "%",
        "ratio": ["activities.people", "members.all"],
        "description": "参加人数 ÷ 党员总数。", "description_en": "People taking part ÷ all members.",
    },
    "activities.contestants": {
        "label": "参赛人数", "label_en": "Contestants", "unit": "人", "sum": "activity.contestants",
        "description": "各场比赛的参赛人数相加。", "description_en": "Contestants of each contest added up.",
    },
    # Promises
    "commitments.made": {
        "label": "提出承诺", "label_en": "Promises made", "unit": "项", "count": "promise",
        "description": "已提出的承诺。", "description_en": "Promises handed in.",
    },
    "commitments.published": {
        "label": "公开承诺", "label_en": "Promises published", "unit": "项", "count": "promise.published",
        "description": "已经亮诺的承诺。", "description_en": "Promises shown in public.",
    },
    "commitments.kept": {
        "label": "已兑现承诺", "label_en": "Promises kept", "unit": "项", "count": "promise.kept",
        "description": "到期核验为兑现的承诺。", "description_en": "Promises verified as kept.",
    },
    "commitments.unkept": {
        "label": "未兑现承诺", "label_en": "Promises not kept", "unit": "项", "count": "promise.unkept",
        "description": "到期未兑现的承诺，无论有无理由。",
        "description_en": "Promises not kept when due, with or without a cause.",
    },
    "commitments.extended": {
        "label": "延期承诺", "label_en": "Promises extended", "unit": "项", "count": "promise.extended",
        "description": "说明理由后延期的承诺。", "description_en": "Promises extended with a reason.",
    },
    "commitments.changed": {
        "label": "公开后修改", "label_en": "Changes after publication", "unit": "次", "count": "promise.changed",
        "description": "亮诺后的修改次数，每次修改都公开。",
        "description_en": "Changes after publication; each is public.",
    },
    "commitments.kept_rate": {
        "label": "承诺兑现率", "label_en": "Share of promises kept", "unit": "%",
        "ratio": ["commitments.kept", "commitments.published"],
        "description": "已兑现 ÷ 已公开；没有到期的也在分母里。",
        "description_en": "Kept ÷ published; those not yet due are in the denominator.",
    },
    # People
    "members.all": {
        "label": "党员总数", "label_en": "Members", "unit": "名", "stock": "member",
        "description": "期末在册党员，含预备党员。",
        "description_en": "Members at the end of the period, probationary ones included.",
    },
    "members.full": {
        "label": "正式党员", "label_en": "Full members", "unit": "名", "stock": "member",
        "where": {"label": "full"},
        "description": "期末在册正式党员。", "description_en": "Full members at the end of the period.",
    },
    "members.probationary": {
        "label": "预备党员", "label_en": "Probationary members", "unit": "名", "stock": "member",
        "where": {"label": "probationary"},
        "description": "期末在册预备党员。", "description_en": "Probationary members at the end of the period.",
    },
    "staff.all": {
        "label": "干部总数", "label_en": "Staff", "unit": "人", "stock": "staff",
        "description": "期末在岗干部职工。", "description_en": "Staff at the end of the period.",
    },
    "members.ratio": {
        "label": "党员占干部比例", "label_en": "Members among the staff", "unit": "%",
        "ratio": ["members.all", "staff.all"],
        "description": "党员总数 ÷ 干部总数。", "description_en": "Members ÷ staff.",
    },
    # Tasks
    "campaign.start": {
        "label": "活动开始", "label_en": "Campaign started", "unit": "月", "first": "campaign",
        "scope": "campaign",
        "description": "活动部署所定的开始日期。", "description_en": "The day on which the campaign began.",
    },
    "tasks.aspects": {
        "label": "任务方面", "label_en": "Aspects", "unit": "方面", "count": "aspect", "scope": "campaign",
        "description": "部署时划分的方面。", "description_en": "Aspects into which the tasks are grouped.",
    },
    "tasks.done": {
        "label": "已落实任务", "label_en": "Tasks done", "unit": "项", "count": "task.done", "scope": "campaign",
        "description": "主办单位已办结的重点任务。", "description_en": "Key tasks closed by the sponsor.",
    },
    "tasks.deployed": {
        "label": "部署任务", "label_en": "Tasks deployed", "unit": "项", "count": "task", "scope": "campaign",
        "description": "部署的重点任务。", "description_en": "Key tasks deployed.",
    },
    "tasks.assigned": {
        "label": "分派任务", "label_en": "Assignments", "unit": "项", "count": "task.assigned", "scope": "campaign",
        "description": "分派到各单位的任务，一单位一项。",
        "description_en": "Tasks assigned to organisations, one for each organisation.",
    },
    "tasks.assignments_done": {
        "label": "单位完成任务", "label_en": "Assignments done", "unit": "项",
        "count": "assignment.done", "scope": "campaign",
        "description": "各单位已办结的任务。", "description_en": "Assignments closed by their organisations.",
    },
    "tasks.assignment_rate": {
        "label": "任务完成率", "label_en": "Share of assignments done", "unit": "%",
        "ratio": ["tasks.assignments_done", "tasks.assigned"],
        "description": "单位完成 ÷ 分派。", "description_en": "Assignments done ÷ assigned.",
    },
    # Judgement
    "evaluations.ballots": {
        "label": "评议票数", "label_en": "Ballots", "unit": "张", "sum": "evaluation",
        "description": "已结束各轮评议的票数；不足最少人数的轮次不计。",
        "description_en": "Ballots of closed rounds; rounds under the minimum count are left out.",
    },
    "evaluations.judged": {
        "label": "接受评议", "label_en": "Judged", "unit": "个", "distinct": "evaluation",
        "description": "有评议结果的承诺和单位，去重。",
        "description_en": "Promises and organisations with a result, each counted once.",
    },
    "campaigns.deployed": {
        "label": "主题活动", "label_en": "Campaigns", "unit": "项", "count": "campaign",
        "description": "部署的主题活动。", "description_en": "Campaigns deployed.",
    },
}  # fmt: skip

#: Built-in measures: id → spec. Evaluation grades by round are asked for by label, not by a measure of their own.
BUILTIN: dict[str, MeasureSpec] = {
    key: MeasureSpec.model_validate({**declared, "id": key}) for key, declared in _DECLARED.items()
}
