"""The columns and words of an import of people. Only words: what a row means is judged in `people_imports`."""

from dataclasses import replace

from quxin.orgs.models import MemberStatus
from quxin.sheets.columns import Column

COLUMNS: tuple[Column, ...] = (
    Column("name", "姓名", aliases=("人员姓名", "党员姓名", "名字"), required=True, example="张三"),
    Column(
        "staff_number",
        "工号",
        aliases=("人员编号", "职工编号", "编号", "员工号", "警号"),
        kind="code",
        hint="工号和身份号码至少填一项，用来认出同一个人",
        example="A0012",
    ),
    Column(
        "identity",
        "公民身份号码",
        aliases=("身份证号", "身份证号码", "居民身份证号", "证件号码", "身份号码"),
        kind="identity",
        hint="18位，单元格须为文本格式",
        example="11010519491231002X",
    ),
    Column(
        "phone",
        "手机号码",
        aliases=("手机", "手机号", "联系电话", "电话", "联系方式"),
        kind="phone",
        example="13800138000",
    ),
    Column(
        "organisation",
        "所在党组织代码",
        aliases=("党组织代码", "党组织编码", "所在党支部", "所在党组织", "党支部代码", "支部代码", "党支部", "党组织"),
        kind="code",
        required=True,
        hint="党组织的代码；名称唯一时也可以填名称",
        example="320100-01",
    ),
    Column(
        "status",
        "党员类别",
        aliases=("人员类别", "政治面貌", "党员状态", "类别"),
        hint="正式党员、预备党员、发展对象或入党积极分子",
        required=True,
        example="正式党员",
    ),
    Column("joined_on", "入党日期", aliases=("入党时间", "加入日期", "入党年月日"), kind="date", example="2010-07-01"),
    Column("post", "党内职务", aliases=("职务", "支部职务", "党组织职务"), example="书记"),
)  # fmt: skip

STATUS_OF: dict[str, str] = {
    **{word: str(status) for status in MemberStatus for word in (str(status), str(status.label))},
    "正式": str(MemberStatus.FULL),
    "党员": str(MemberStatus.FULL),
    "中共党员": str(MemberStatus.FULL),
    "预备": str(MemberStatus.PROBATIONARY),
    "中共预备党员": str(MemberStatus.PROBATIONARY),
    "积极分子": str(MemberStatus.ACTIVIST),
}

FORM_COLUMNS: tuple[Column, ...] = tuple(
    replace(column, kind="choice", choices=tuple(str(status.label) for status in MemberStatus))
    if column.id == "status"
    else column
    for column in COLUMNS
)
"""The columns for printing a form: with a drop-down of the statuses, where reading takes other words as well."""
