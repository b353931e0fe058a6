"""The bulletin that every campaign has, unless its pack writes its own: how its tasks stand, from the board."""

from quxin.packs.report_types import Report

BULLETIN = Report.model_validate(
    {
        "id": "bulletin",
        "title": "关于“{campaign.title}”任务推进情况的通报",
        "limit": 4000,
        "sections": [
            {
                "id": "overall",
                "title": "总体情况",
                "text": "“{campaign.title}”由{campaign.sponsor}主办，期限为{campaign.period}。以下各数由台账和任务推进表算出。",
                "board": "overall",
            },
            {"id": "ahead", "title": "进展较快的单位", "board": "ahead"},
            {"id": "late", "title": "逾期未完成的单位和任务", "board": "late"},
            {
                "id": "next",
                "title": "近期到期的任务",
                "board": "due",
                "text": "请各单位对照任务的完成标准抓紧办理，办成一件登记一件；确有困难的，向主办单位说明理由。",
            },
        ],
    }
)
