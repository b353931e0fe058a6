"""What evaluations refuse, in words that say what to do."""

from quxin.kernel.errors import QuxinError


class NothingToJudge(QuxinError):
    """A round without subjects."""

    default_message = "还没有选定评议对象。"
    default_hint = "请至少选一项已公开的承诺，或一个单位。"


class NotPublic(QuxinError):
    """A promise that the public cannot read cannot be judged by it."""

    default_message = "“%(text)s”还没有公开，群众无从评议。"
    default_hint = "先审核公布，再列入评议。"


class BadDates(QuxinError):
    """A round that ends before it begins."""

    default_message = "结束时间必须晚于开始时间，并且还没有过去。"
    default_hint = "请把结束日期往后改。"


class BadMinimum(QuxinError):
    """A minimum count that protects nobody, or one so high that no result would ever be shown."""

    default_message = "最少票数应在 %(low)s 到 %(high)s 之间，现在是 %(minimum)s。"
    default_hint = "太低会看出是谁评的，太高会让结果永远不公布；一般用 5。"


class NotOpen(QuxinError):
    """The round has not begun, or is over."""

    default_message = "这轮评议现在不接受投票。"
    default_hint = "请看页面上的起止时间；已经封存的轮次不能再投。"


class NoSuchGrade(QuxinError):
    """A grade outside the scale."""

    default_message = "请在五个等级里选一个。"


class BadForm(QuxinError):
    """A submission without the random value that the page gave it."""

    default_message = "这份表单不完整，没有收下。"
    default_hint = "请重新扫码打开页面，再提交一次。"


class TooManyWords(QuxinError):
    """Words over the limit."""

    default_message = "意见最多 %(most)s 字，现在是 %(count)s 字。"
    default_hint = "请删短一些；您选的等级和写的话都还在。"


class PersonalNumbers(QuxinError):
    """Words that hold a phone or identity number."""

    default_message = "意见里好像有电话号码或身份证号。"
    default_hint = "为保护您的隐私请删去再提交；想让人联系您，请走投诉举报渠道。"


class AlreadyVoted(QuxinError):
    """This device has judged this subject today."""

    default_message = "这台设备今天已经评过这一项。"
    default_hint = "先前的一票已经在了，没有重复计入；您手里的回执码随时可以核对。"


class TooManyFromHere(QuxinError):
    """Very many ballots from one address."""

    default_message = "同一网络今天提交得太多，暂时不能再投。"
    default_hint = "请换用手机流量，或明天再试。"


class NotOverYet(QuxinError):
    """Closing before the announced end would steer the result."""

    default_message = "公布的结束时间 %(closes_at)s 还没有到，不能提前封存。"
    default_hint = "提前结束会影响结果；如果确实办错了，请公开作废并写明理由。"


class AlreadyClosed(QuxinError):
    """The round is closed or void."""

    default_message = "这轮评议已经结束。"


class ReasonMissing(QuxinError):
    """Voiding needs a reason that the public reads."""

    default_message = "作废必须写明理由，理由会公开。"


class FormUsed(QuxinError):
    """The same form came again with other answers; what came first stands."""

    default_message = "这张表单已经提交过，以第一次提交的为准。"
    default_hint = "第一次的回执码可以随时核对；想给别的对象投票，请重新扫码。"


class TokenUsed(QuxinError):
    """The token was spent on another ballot."""

    default_message = "这张选票凭证已经用过，一张凭证只能投一票。"
    default_hint = "如果不是您投的，请马上告诉组织者或监票人；手里有回执码的，可以到“核对我的一票”查。"


class WrongSubject(QuxinError):
    """A token that may judge something else."""

    default_message = "这张选票凭证不能用来评议这一项。"
    default_hint = "请从领票页面进入，每张凭证写明评谁。"


class NotOnRoster(QuxinError):
    """The person or the printed code is not on this round's frozen roster."""

    default_message = "本轮评议的名册里没有您，或者领票码输错了。"
    default_hint = "名册在开始前已经封存并公布人数。请核对领票卡上的码；确实应在名册里的，请联系监票人。"


class AlreadyFetched(QuxinError):
    """A token was signed for this line before, for another browser or in the other way."""

    default_message = "您已经领过选票凭证，不能再领一次。"
    default_hint = "请用当时领票的那台设备、那个浏览器继续投票；那台设备丢了，请告诉监票人。"


class CardCancelled(QuxinError):
    """The printed card was reported lost."""

    default_message = "这张领票卡已经注销。"
    default_hint = "请向组织单位领取补发的卡。"


class EmptyRoster(QuxinError):
    """A closed round needs somebody who may vote, and enough of them to protect each."""

    default_message = "“%(group)s”的名册只有 %(count)s 人，少于最少票数 %(minimum)s，结果永远不能公布。"
    default_hint = "请补充名册，或者把这个群体并入别的群体。"


class RosterFrozen(QuxinError):
    """A published round's roster stays as it was published."""

    default_message = "名册已经封存并公布，不能再改。"
    default_hint = "确实办错了，请公开作废本轮并写明理由，再办一轮。"


class DraftChanged(QuxinError):
    """Somebody else changed the draft after the page was opened."""

    default_message = "您打开页面以后，别人改过这份草稿。"
    default_hint = "两边的内容都在下面：对照后再保存一次，就用您的；离开这一页，就留别人的。"


class NotAWitness(QuxinError):
    """A signature by nobody named, or that does not fit."""

    default_message = "签名与开始前公布的监票人公钥对不上，没有收下。"
    default_hint = "请确认签的是本轮的封存声明，用的是登记过的密钥。"


class NotClosedYet(QuxinError):
    """Signing and deciding come after closing."""

    default_message = "本轮评议还没有封存。"
    default_hint = "结束时间一到，系统会自动封存。"


class BadGroup(QuxinError):
    """A group of voters that the questionnaire does not know."""

    default_message = "问卷里没有“%(group)s”这个评议人群体。"
    default_hint = "请按问卷列出的群体分别填写名册。"


class BadWitness(QuxinError):
    """A witness without a name, or with a key that is none."""

    default_message = "监票人“%(name)s”的公钥读不出来，或者没有写姓名。"
    default_hint = "请监票人在自己的电脑上生成密钥（quxin evaluations key，或“监票人”页面），把公钥原样发来。"


class PanelTooSmall(QuxinError):
    """A panel whose result could never be shown."""

    default_message = "抽样 %(size)s 人，少于最少票数 %(minimum)s，结果永远不能公布。"
    default_hint = "请多抽一些人；要顾到有人不投，一般抽最少票数的三倍以上。"


class AlreadyAnswered(QuxinError):
    """The 差评 was answered; an answer stays as it was told to the public."""

    default_message = "这条差评已经答复，答复已公开。"
    default_hint = "需要补充的，请在单位页面另行说明。"


class NoAnswer(QuxinError):
    """An answer without words, or with too many."""

    default_message = "答复应有 1 到 %(most)s 个字，现在是 %(count)s 个字。"
    default_hint = "请写清楚查明的情况、怎么改、何时改好。"


class NothingToDecide(QuxinError):
    """A round that is no 民主评议党员, or was decided already."""

    default_message = "这一轮没有需要集体决定的等次，或者已经决定。"
    default_hint = "民主评议党员封存以后，由党组织集体决定一次。"
