"""The constants of the official layout, GB/T 9704-2012, and the sums that make them close.

One place for every length, so that the Word writer, its tests and ``docs/reckoning/official-layout.md``
speak of the same numbers. Holds no text of any document and imports nothing of ours.

Lengths are named by their unit: ``_MM`` millimetres, ``_PT`` points, ``_TWIPS`` twentieths of a point.
"""

from __future__ import annotations

from typing import NamedTuple

TWIPS_PER_MM = 1440 / 25.4


def twips(millimetres: float) -> int:
    """Millimetres as whole twips (1 mm = 56.69 twips)."""
    return round(millimetres * TWIPS_PER_MM)


# The sheet and the type area (156 x 225 mm).
PAGE_WIDTH_MM, PAGE_HEIGHT_MM = 210, 297
MARGIN_TOP_MM, MARGIN_BOTTOM_MM = 37, 35
MARGIN_BINDING_MM, MARGIN_OUTER_MM = 28, 26

# The grid. 28 characters in 156 mm (442.2 pt) want 15.79 pt each: 16 pt type, drawn together by a quarter of
# a point.
LINES_PER_PAGE = 22
CHARACTERS_PER_LINE = 28
LINE_PITCH_TWIPS = 578
BODY_PT = 16.0
BODY_SPACING_TWIPS = -5
CHARACTER_TWIPS = round(BODY_PT * 20) + BODY_SPACING_TWIPS  # 315 twips = 15.75 pt
INDENT_TWIPS = 2 * CHARACTER_TWIPS
LINE_WIDTH_TWIPS = CHARACTERS_PER_LINE * CHARACTER_TWIPS

TITLE_PT = 22.0  # 2号
TITLE_CHARACTERS = 20  # of 22 pt that fit into 156 mm
PAGE_NUMBER_PT = 14.0  # 4号
PAGE_NUMBER_BELOW_MM = 7  # its dash stands 7 mm below the type area
PAGE_NUMBER_LINE_TWIPS = 360
FOOTER_MM = MARGIN_BOTTOM_MM - PAGE_NUMBER_BELOW_MM - PAGE_NUMBER_LINE_TWIPS / TWIPS_PER_MM
TABLE_PT = 10.5  # 5号
TABLE_LINE_TWIPS = 300

# Signature: two characters free on the right, the date begins two characters after the issuer.
SIGNATURE_FREE = 2
SIGNATURE_DATE_SHIFT = 2

# The red letterhead. The standard leaves the size of the mark to good taste: as large as one line of it allows.
RED = "FF0000"
MARK_TOP_MM = 35  # from the upper edge of the type area to the upper edge of the mark
MARK_PT = 48.0
MARK_CHARACTERS = 16  # a longer mark takes two lines
MARK_LINE = 1.3  # height of its lines, in sizes of its type
MARK_SLACK = 0.2  # what stays free above its characters in a line of that height, in sizes of its type
NUMBER_LINE_TWIPS = 400
RULE_BELOW_MM = 4  # the red rule, under the number
RULE_SPACE_PT = 8  # the same from the foot of the number's line, under which its characters don't reach
RULE_EIGHTHS = 12  # of a point: 0.5 mm

# The imprint at the foot of the last page: 4号, rules of 0.35 mm outside and 0.25 mm between.
IMPRINT_PT = 14.0
IMPRINT_LINE_TWIPS = 560
IMPRINT_THICK_EIGHTHS, IMPRINT_THIN_EIGHTHS = 8, 6


class Face(NamedTuple):
    """A typeface: the name written into the file, other names it goes by, and what may stand in for it."""

    name: str
    aliases: tuple[str, ...]
    fallbacks: tuple[str, ...]


TITLE_FACE = Face(
    "方正小标宋简体",
    ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05"),
    ("方正小标宋_GBK", "华文中宋", "STZhongsong", "宋体", "SimSun", "Noto Serif CJK SC"),
)
BODY_FACE = Face(
    "仿宋_GB2312", ("FangSong_GB2312",), ("仿宋", "FangSong", "华文仿宋", "STFangsong", "Noto Serif CJK SC")
)
SECOND_FACE = Face("楷体_GB2312", ("KaiTi_GB2312",), ("楷体", "KaiTi", "华文楷体", "STKaiti", "Noto Serif CJK SC"))
FIRST_FACE = Face("黑体", ("SimHei",), ("华文黑体", "STHeiti", "微软雅黑", "Noto Sans CJK SC"))
NUMBER_FACE = Face("宋体", ("SimSun",), ("新宋体", "华文宋体", "Noto Serif CJK SC"))
LATIN_FACE = Face("Times New Roman", (), ("Liberation Serif",))

# The faces that the standard asks for and that no free package may ship.
STANDARD_FACES = (TITLE_FACE, BODY_FACE, SECOND_FACE, FIRST_FACE, NUMBER_FACE)

# Length above which a report is too long (own rule of the Party and government offices against long papers).
GENERAL_LIMIT = 5_000
SPECIAL_LIMIT = 4_000
