"""The closed word lists of packs: kinds of activity, families of record, classes of organisation, units.

A code stands in ledger labels for ever, so it is never renamed or reused; titles may change. Must not hold
anything that belongs to one campaign: that is a pack's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple


class Term(NamedTuple):
    """The Chinese and English title of a code."""

    zh: str
    en: str


ACTIVITY_KINDS: dict[str, Term] = {
    "study": Term("集中学习", "Study session"),
    "centre-group": Term("中心组学习", "Centre-group study"),
    "first-agenda": Term("第一议题", "First agenda item"),
    "lecture": Term("讲座", "Lecture"),
    "mobilisation": Term("动员部署会", "Mobilisation meeting"),
    "training": Term("培训", "Training"),
    "party-lesson": Term("党课", "Party lesson"),
    "warning-lesson": Term("警示教育", "Warning lesson"),
    "theme-day": Term("主题党日", "Theme day"),
    "democratic-life-meeting": Term("民主生活会", "Democratic life meeting"),
    "organisation-life-meeting": Term("组织生活会", "Organisation life meeting"),
    "members-meeting": Term("党员大会", "Members' meeting"),
    "committee-meeting": Term("支部委员会会议", "Committee meeting"),
    "reading": Term("读书会", "Reading circle"),
    "essay": Term("征文", "Essay competition"),
    "contest": Term("演讲比赛", "Speech contest"),
    "tour": Term("巡回报告", "Lecture tour"),
    "exhibition": Term("展览", "Exhibition"),
    "visit": Term("走访调研", "Visit"),
    "discussion": Term("讨论", "Discussion"),
    "symposium": Term("座谈会", "Symposium"),
    "service-day": Term("服务活动", "Service day"),
    "review": Term("点评", "Leader's review"),
    "broadcast": Term("直播", "Broadcast"),
}

RECORD_FAMILIES: dict[str, Term] = {
    "cooperation": Term("合作共建", "Cooperation"),
    "publicity": Term("宣传", "Publicity"),
    "honour": Term("表彰", "Honour"),
    "check": Term("检查督导", "Check"),
    "result": Term("工作成果", "Result"),
}

ORGANISATION_CLASSES: dict[str, Term] = {
    "hq": Term("国家级机关", "Headquarters"),
    "province": Term("省级机关", "Provincial agencies"),
    "prefecture": Term("市级机关", "Prefectural agencies"),
    "county": Term("县级机关", "County agencies"),
    "department": Term("内设机构", "Departments"),
    "affiliated": Term("直属挂靠单位", "Affiliated units"),
    "every-agency": Term("各级机关", "Every agency"),
    "party-committee": Term("党委", "Party committees"),
    "general-branch": Term("党总支", "General branches"),
    "branch": Term("党支部", "Branches"),
    "every-party-organisation": Term("各级党组织", "Every party organisation"),
    "every-organisation": Term("各级各单位", "Every organisation"),
    "sponsor": Term("主办单位", "The sponsor"),
}

EVIDENCE: dict[str, Term] = {
    "none": Term("不需要佐证", "No evidence"),
    "document": Term("文件", "Document"),
    "photo": Term("照片", "Photo"),
}

PROMISE_KINDS: dict[str, Term] = {
    "common": Term("共性", "Common"),
    "post": Term("岗位", "Of the post"),
    "deed": Term("实事", "Deed"),
}

PROMISE_ASKS: dict[str, Term] = {
    "text": Term("承诺内容", "What is promised"),
    "measure": Term("衡量指标", "How it is measured"),
    "target": Term("目标值", "Target"),
    "by": Term("完成时限", "By when"),
    "verifier": Term("核验人", "Who verifies it"),
}

RECORD_FIELDS: dict[str, Term] = {
    "title": Term("名称", "Title"),
    "partner": Term("合作方", "Partner"),
    "recipient": Term("获得者", "Recipient"),
    "place": Term("地点", "Place"),
    "industry": Term("行业", "Industry"),
    "medium": Term("刊播媒体", "Medium"),
    "result": Term("结果", "Result"),
    "number": Term("文号", "Document number"),
}

UNITS: dict[str, Term] = {
    "人": Term("人", "people"),
    "人次": Term("人次", "attendances"),
    "名": Term("名", "persons"),
    "个": Term("个", "items"),
    "项": Term("项", "items"),
    "份": Term("份", "documents"),
    "篇": Term("篇", "articles"),
    "期": Term("期", "sessions"),
    "场": Term("场", "events"),
    "次": Term("次", "times"),
    "站": Term("站", "stops"),
    "条": Term("条", "articles"),
    "件": Term("件", "pieces"),
    "家": Term("家", "enterprises"),
    "行业": Term("行业", "industries"),
    "个行业": Term("个行业", "industries"),
    "部门": Term("部门", "departments"),
    "方面": Term("方面", "aspects"),
    "大方面": Term("大方面", "aspects"),
    "省(区)": Term("省(区)", "provinces"),
    "个省区": Term("个省区", "provinces"),
    "张": Term("张", "ballots"),
    "%": Term("%", "per cent"),
    "月": Term("月", "month"),
    "日": Term("日", "date"),
    "支": Term("支", "teams"),
    "部": Term("部", "works"),
    "种": Term("种", "kinds"),
    "个月": Term("个月", "months"),
    "年": Term("年", "years"),
    "分钟": Term("分钟", "minutes"),
}

#: Words that sound like a promise and bind nobody: a promise with one of them is flagged, not refused.
VAGUE_WORDS: tuple[str, ...] = (
    "尽量",
    "尽力",
    "尽可能",
    "争取",
    "力争",
    "努力做到",
    "尽快",
    "尽早",
    "适时",
    "及时",
    "进一步",
    "不断",
    "大力",
    "着力",
    "切实",
    "积极",
    "认真",
    "有效",
    "逐步",
    "加强",
    "强化",
    "提升",
    "提高",
    "改善",
    "更好",
    "一定",
    "有关",
    "相关",
    "若干",
)


def vague_spans(text: str, extra: Sequence[str] = ()) -> list[tuple[str, int]]:
    """Each vague word of ``text`` and where it begins, the longest where two begin at the same place."""
    words = sorted({*VAGUE_WORDS, *extra}, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(word) for word in words))
    return [(match[0], match.start()) for match in pattern.finditer(text)]


def vague_in(text: str, extra: Sequence[str] = ()) -> list[str]:
    """The vague words that stand in ``text``, each once, in their order; ``extra`` ones come from the pack."""
    return list(dict.fromkeys(word for word, _ in vague_spans(text, extra)))
