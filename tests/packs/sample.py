"""A small pack that holds, and ways to spoil it."""

from pathlib import Path

from quxin.packs.check import checked
from quxin.packs.load import Loaded, load_bytes

PACKS = Path(__file__).resolve().parents[2] / "packs"
NAMES = ("aqsiq-2010", "county-tiejun", "jiangsu-2024")

SAMPLE = """\
pack: sample
version: 1.0.0
title: {zh: 示例, en: Sample}
source: 测试
series:
  forum: {title: 大讲堂, kind: lecture}
  drive: {title: 质量行, kind: memo}
records:
  memo: {title: 备忘录, family: cooperation, unit: 份, asks: [partner], named_by: partner}
measures:
  talks.held: {label: 期数, unit: 期, count: activity, where: {series: forum}}
  talks.heads: {label: 人次, unit: 人次, sum: activity.attendances, where: {series: forum}}
  talks.people: {label: 人数, unit: 人, distinct: activity.person, where: {series: forum}}
  talks.coverage: {label: 覆盖面, unit: "%", ratio: [talks.people, members.all]}
  memos.all: {label: 备忘录, unit: 份, count: record, where: {record: memo}}
  memos.drive: {label: 质量行备忘录, unit: 份, sum: record, where: {series: drive}}
  begun: {label: 开始, unit: 月, first: campaign}
campaign:
  sponsor: hq
  period: 2010-04..2010-12
  theme: 示例
  authority: {level: 国家级}
  phases:
    - {id: start, title: 开始, period: 2010-04..2010-05}
  aspects:
    - id: first
      title: 第一方面
      tasks:
        - {id: memos, title: 签署备忘录, for: hq, measure: memos.all, target: 7, by: 2010-11-30}
        - {id: talks, title: 办讲座, for: province, measure: talks.held, needs: [memos], phase: start}
  checklists:
    ones:
      title: 两件事
      month: 2010-07
      for: every-organisation
      items:
        - {id: lesson, title: 党课, satisfied_by: {activity: party-lesson}}
        - {id: memo, title: 备忘录, satisfied_by: {record: memo}}
reports:
  summary:
    title: 关于“{campaign.title}”的报告
    literals: [ISO 9000]
    sections:
      - id: one
        title: 学习
        text: >-
          自{begun month}起，按 ISO 9000 办讲座{talks.held #F1}，
          {talks.heads ~近2000 #F2}参加，与{memos.all names}签署备忘录。
"""


def read(text: str) -> Loaded:
    """Load and check one text."""
    return checked(load_bytes({"a.yaml": text.encode()}))


def spoil(before: str, after: str) -> Loaded:
    """The sample with one thing replaced."""
    assert before in SAMPLE
    return read(SAMPLE.replace(before, after, 1))


def place_of(text: str, words: str) -> tuple[int, int]:
    """Line and column at which ``words`` first stand."""
    index = text.index(words)
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
