"""How a target is shared out, in the words of the reader's language."""

from django.utils.translation import gettext as _

from quxin.measures.registry import find
from quxin.packs.base_types import BY
from quxin.packs.types import Pack
from quxin.records.campaigns.deploying import EACH, EQUAL, HAND

WAYS = {
    "": "共同完成",
    EACH: "各单位都要完成全数",
    EQUAL: "平均分",
    HAND: "逐个填写",
}
BY_WORDS = "按%(what)s分"


def way_words(way: str, pack: Pack) -> str:
    """A way of sharing out, in words; by which measure, it is looked up in `pack` first."""
    if way.startswith(BY):
        return _(BY_WORDS) % {"what": _(find(way.removeprefix(BY), pack).spec.label)}
    return _(WAYS[way])
