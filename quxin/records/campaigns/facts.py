"""Fact kinds of campaigns, tasks and simple records."""

from typing import Any

from quxin.ledger.kinds import declare

CAMPAIGN_DEPLOYED = declare("campaign.deployed", "活动启动", "Campaign deployed")
ASPECT_DEPLOYED = declare("aspect.deployed", "部署的方面", "Aspect deployed", label="方面")
TASK_DEPLOYED = declare("task.deployed", "部署的任务", "Task deployed", label="任务")
CHECKLIST_DEPLOYED = declare("checklist.deployed", "清单事项", "Checklist item deployed", label="清单/事项")
TASK_ASSIGNED = declare("task.assigned", "分解到单位的任务", "Task assigned", label="任务")
ASSIGNMENT_DONE = declare("assignment.done", "单位办结的任务", "Assignment done", label="任务")
TASK_DONE = declare("task.done", "全部办结的任务", "Task done", label="任务")
PROGRESS = declare("progress.recorded", "工作进展", "Progress recorded", label="记录种类")


def task_subject(task: Any) -> str:
    """The subject under which facts speak of a task (`models.Task`) as a whole."""
    return f"task:{task.campaign.key}/{task.key}"
