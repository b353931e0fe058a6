"""A made-up nation for the benches: organisations, people and the Excel files that offices would send. Scratch databases only.

Names are Chinese and all different, because the price of a name (pinyin, index, comparison) is part of what is measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, NamedTuple

BATCH = 2000
PROVINCES, PREFECTURES, COUNTIES = 31, 11, 10
_FIRST = "安宝昌德东丰福高广海和衡湖华淮吉嘉江金锦靖开兰乐临龙洛明南宁平清庆荣山"
_SECOND = "安昌川德都封港谷关海河湖化江康陵明宁坪泉山水顺台田乡新兴阳义原源泽州庄"


class Office(NamedTuple):
    """One organisation of the made-up nation, before it is a row of a table or of a sheet."""

    number: int
    code: str
    name: str
    parent: int | None
    level: str
    kind: str
    party_type: str


def offices(count: int) -> Iterator[Office]:
    """The first `count` of 1 agency of the nation, 31 provinces, 341 prefectures, 3,410 counties, and their branches."""
    return islice(_all_offices(), count)


def _all_offices() -> Iterator[Office]:
    yield Office(0, "000000", "国家质量技术总局", None, "nation", "agency", "")
    first_of_level, size, number = 0, 1, 1
    places = {0: ""}
    for level, each, unit in (
        ("province", PROVINCES, "省"),
        ("prefecture", PREFECTURES, "市"),
        ("county", COUNTIES, "县"),
    ):
        below = size * each
        for at in range(below):
            parent = first_of_level + at // each
            places[number] = places[parent] + _place(number) + unit
            yield Office(number, f"N{number:06d}", f"{places[number]}质量技术监督局", parent, level, "agency", "")
            number += 1
        first_of_level, size = number - below, below
    turn = 0
    while True:
        turn += 1
        for parent in range(first_of_level, first_of_level + size):
            name = f"{places[parent]}质量技术监督局第{turn}党支部"
            yield Office(number, f"N{number:06d}", name, parent, "", "party", "branch")
            number += 1


def _place(number: int) -> str:
    return _FIRST[number % len(_FIRST)] + _SECOND[number // len(_FIRST) % len(_SECOND)]


def fill(count: int) -> None:
    """Put the first `count` organisations into the database, with their placements; their keys begin at 1.

    The engine's own counter of keys does not follow: nobody makes further organisations in a scratch database.
    """
    from quxin.kernel.paths import STEP, child_path
    from quxin.orgs.models import Organisation, Placement
    from quxin.orgs.nodes import BEGINNING, pinyin

    paths: dict[int, str] = {}
    children: dict[int | None, int] = {}
    for batch in _batches(offices(count)):
        made = []
        for one in batch:
            children[one.parent] = children.get(one.parent, 0) + 1
            above = "" if one.parent is None else paths[one.parent]
            path = paths[one.number] = child_path(above, children[one.parent])
            sort_key, initials = pinyin(one.name, person=False)
            made.append(
                Organisation(
                    pk=one.number + 1, official_code=one.code, name=one.name, kind=one.kind, party_type=one.party_type,
                    level=one.level, parent_id=None if one.parent is None else one.parent + 1, path=path,
                    depth=len(path) // STEP, sort_key=sort_key, initials=initials, next_child=COUNTIES * 30,
                )
            )  # fmt: skip
        Organisation.objects.bulk_create(made, batch_size=BATCH)
        Placement.objects.bulk_create(
            [
                Placement(organisation=o, path=o.path, parent_id=o.parent_id, name=o.name, from_on=BEGINNING)
                for o in made
            ],
            batch_size=BATCH,
        )


def people(names: Sequence[str]) -> None:
    """Members of these names, one in each of the first counties' branches (or of what there is)."""
    from quxin.orgs.models import Membership, Organisation, Person

    made = Person.objects.bulk_create([Person(name=name, sort_key=name, initials="x") for name in names])
    places = list(Organisation.objects.order_by("-pk").values_list("pk", flat=True)[: len(names)])
    Membership.objects.bulk_create(
        [
            Membership(person=one, organisation_id=places[at % len(places)], status="full", from_on=date(2000, 1, 1))
            for at, one in enumerate(made)
        ]
    )


def _batches(rows: Iterator[Office]) -> Iterator[list[Office]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


# --- sheets ---

PEOPLE = tuple(
    f"{surname}{given}" for surname in "赵钱孙李周吴郑王冯陈" for given in ("建国", "秀英", "志强", "海燕", "文博")
)
_TOPICS = (
    "宏观质量管理",
    "食品安全形势与任务",
    "计量惠民行动部署",
    "特种设备安全监察",
    "学习实践科学发展观",
    "党风廉政建设",
)
_KINDS = ("讲座", "主题党日", "党员大会", "讲座")
_MINUTES = "会议围绕主题进行了学习讨论，参会同志结合岗位实际谈了体会，明确了下一步的工作安排和责任分工。"


def organisation_rows(count: int) -> tuple[list[str], Iterator[list[Any]]]:
    """Header and rows of a list of organisations: code, name, level, parent, kind."""
    levels = {"nation": "国家级", "province": "省级", "prefecture": "地级", "county": "县级", "": ""}
    rows = (
        [
            one.code,
            one.name,
            levels[one.level],
            "" if one.parent is None else _code(one.parent),
            "党支部" if one.party_type else "机关",
        ]
        for one in offices(count)
    )
    return ["机构代码", "机构名称", "层级", "上级机构代码", "机构类型"], rows


def _code(number: int) -> str:
    return f"N{number:06d}" if number else "000000"


def activity_rows(count: int, places: Sequence[Office]) -> tuple[list[str], Iterator[list[Any]]]:
    """Header and rows of the whole form of activities: all 15 columns, one row in ten with the names of two people."""
    header = ["单位", "活动种类", "活动名称", "日期", "系列", "开始时间", "地点", "主持人", "主讲人", "实到人数", "参赛人数",
              "参加人员", "议程", "记录", "主题活动"]  # fmt: skip
    return header, (_activity(n, places) for n in range(count))


def _activity(n: int, places: Sequence[Office]) -> list[Any]:
    office = places[n * 7919 % len(places)]
    topic = _TOPICS[n % len(_TOPICS)]
    named = f"{PEOPLE[n % len(PEOPLE)]}、{PEOPLE[(n + 7) % len(PEOPLE)]}" if n % 10 == 0 else ""
    return [
        office.name if n % 2 else office.code, _KINDS[n % len(_KINDS)], f"{topic}第{n}次", _day(n), "",
        f"{8 + n % 9}:{n % 6}0", f"{office.name[:-7]}会议室{n % 9 + 1}", PEOPLE[n % len(PEOPLE)],
        PEOPLE[(n + 3) % len(PEOPLE)], 5 + n % 300, "", named, f"一、传达文件；二、{topic}；三、讨论", _MINUTES, "",
    ]  # fmt: skip


def narrow_activity_rows(count: int, places: Sequence[Office]) -> tuple[list[str], Iterator[list[Any]]]:
    """The same with the seven columns that a hurried office fills in."""
    header, rows = activity_rows(count, places)
    kept = [header.index(title) for title in ("单位", "活动种类", "活动名称", "日期", "地点", "主讲人", "实到人数")]
    return [header[at] for at in kept], ([row[at] for at in kept] for row in rows)


def _day(n: int) -> date:
    return date(2010, 1, 1) + timedelta(days=n % 300)


def write_sheet(path: Any, header: Sequence[str], rows: Iterator[list[Any]]) -> None:
    """Write an Excel file in constant memory."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    page = book.add_worksheet("填报")
    page.write_row(0, 0, header)
    for at, row in enumerate(rows, start=1):
        page.write_row(at, 0, row)
    book.close()
