"""The columns and words of an import of organisations: what offices call things, and what we call them.

Only words: what a row means is judged in `plans`.
"""

from quxin.orgs.models import Level, OrganisationKind, PartyType
from quxin.sheets.columns import Column

COLUMNS: tuple[Column, ...] = (
    Column(
        "code",
        "机构代码",
        aliases=("机构编码", "单位代码", "单位编码", "代码", "编码", "统一编码", "统一社会信用代码", "行政区划代码"),
        required=True,
        kind="code",
        hint="同一机构的代码不变，更名和划转都靠它认出",
        example="320100",
    ),
    Column(
        "name",
        "机构名称",
        aliases=("单位名称", "名称", "机构全称", "单位全称", "机构", "单位"),
        required=True,
        example="南京市市场监督管理局",
    ),
    Column(
        "level",
        "层级",
        aliases=("级别", "机构级别", "行政级别", "机构层级", "行政层级"),
        hint="国家级、省级、地级或县级；不填时按代码判断",
        example="地级",
    ),
    Column(
        "parent",
        "上级机构代码",
        aliases=(
            "上级代码", "上级单位代码", "上级编码", "上级机构编码", "主管单位代码", "主管部门代码", "隶属单位代码",
            "上级机构", "上级单位", "主管单位",
        ),
        kind="code",
        hint="最上级机构不填",
        example="320000",
    ),
    Column(
        "kind",
        "机构类型",
        aliases=("机构类别", "单位类型", "单位类别", "类型", "类别"),
        hint="机关、内设机构、直属单位，或者党委、党总支、党支部等；不填为机关",
        example="机关",
    ),
)  # fmt: skip

_LEVELS = {
    Level.NATION: ("国家级", "国家", "中央", "总局", "部级", "全国"),
    Level.PROVINCE: ("省级", "省", "自治区", "直辖市", "省部级", "自治区级", "直辖市级"),
    Level.PREFECTURE: ("地级", "市级", "地市级", "地(市)级", "市", "地区", "副省级", "自治州", "州级", "设区市"),
    Level.COUNTY: ("县级", "区县级", "县区级", "县(区)级", "区级", "县", "区", "县级市", "旗", "旗级"),
}
LEVEL_OF = {word: level for level, words in _LEVELS.items() for word in (*words, str(level))}

KIND_OF: dict[str, tuple[str, str]] = {
    **{kind.label: (str(kind), "") for kind in OrganisationKind if kind != OrganisationKind.PARTY},
    **{str(kind): (str(kind), "") for kind in OrganisationKind if kind != OrganisationKind.PARTY},
    **{kind.label: (str(OrganisationKind.PARTY), str(kind)) for kind in PartyType},
    **{str(kind): (str(OrganisationKind.PARTY), str(kind)) for kind in PartyType},
    "行政机关": (str(OrganisationKind.AGENCY), ""),
    "直属单位": (str(OrganisationKind.AFFILIATED), ""),
    "挂靠单位": (str(OrganisationKind.AFFILIATED), ""),
    "事业单位": (str(OrganisationKind.AFFILIATED), ""),
    "内设部门": (str(OrganisationKind.DEPARTMENT), ""),
    "处室": (str(OrganisationKind.DEPARTMENT), ""),
    "党支部委员会": (str(OrganisationKind.PARTY), str(PartyType.BRANCH)),
}
