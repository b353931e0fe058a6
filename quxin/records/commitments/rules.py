"""What must hold before a step of a promise is taken: where it stands, who may, and what its words may say.

Asked by the operations of this package; it changes nothing.
"""

from dataclasses import dataclass
from datetime import date

from quxin.access import Action, Actor, Decision, Refused, require
from quxin.kernel.errors import QuxinError
from quxin.kernel.identifiers import find_personal_numbers
from quxin.orgs.models import Organisation, Person
from quxin.records.commitments.models import Commitment, CommitmentEvent

State, Happened, Direction = Commitment.State, CommitmentEvent.Kind, Commitment.Direction

# From which states each step may be taken.
STEPS: dict[str, frozenset[str]] = {
    "edit": frozenset({State.DRAFT, State.RETURNED}),
    "submit": frozenset({State.DRAFT, State.RETURNED}),
    "review": frozenset({State.SUBMITTED}),
    "change": frozenset({State.PUBLISHED}),
    "progress": frozenset({State.PUBLISHED}),
    "settle": frozenset({State.PUBLISHED}),
    "explain": frozenset({State.PUBLISHED, State.UNKEPT}),
    "withdraw": frozenset({State.DRAFT, State.RETURNED, State.SUBMITTED}),
}


class WrongStep(QuxinError):
    """The promise is not where this step begins."""

    default_message = "这项承诺现在是“%(state)s”，不能这样办。"
    default_hint = "请刷新页面，看它走到了哪一步。"


class ReasonMissing(QuxinError):
    """A reason that the public will read is needed."""

    default_message = "请写明理由，理由会一并公开。"
    default_hint = "一两句话说清为什么改，例如“与省局口径一致”。"


class TargetWrong(QuxinError):
    """A target that is not above zero."""

    default_message = "目标必须大于零。"
    default_hint = "承诺要能数得清：写明做几件、几次、几天或百分之几。"


class NoSingleEntries(QuxinError):
    """A promise about every single entry that a measure counts: a measure has one number and no entries."""

    default_message = "按指标计数的承诺只有一个数，没有“每一笔”可以比。"
    default_hint = "请改选“不超过”，或者改为自己记数、逐笔报进展。"


class DueTooEarly(QuxinError):
    """A due day that lies in the past."""

    default_message = "兑现期限 %(due_on)s 已经过去。"
    default_hint = "请选择今天以后的日期。"


class AfterDue(QuxinError):
    """A change of a promise whose due day is over: what was promised by then can no longer be made easier."""

    default_message = "期限 %(due_on)s 已经过去，承诺不能再改。"
    default_hint = "没有兑现的，请用“公开说明”写明原因；要继续做，请另提一项承诺。"


class PersonalNumbers(QuxinError):
    """A phone or identity number in words that the public will read."""

    default_message = "“%(text)s”里好像有电话号码或身份证号。"
    default_hint = "承诺会公开，请删去号码；写姓名和单位就够了。"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a promise says. `target` is scaled; an empty `measure` means the promise's own count.

    `direction` says what the target is: to be reached, or not to be passed (in all, or by any single entry).
    """

    kind: str
    text: str
    target: int
    unit: str
    due_on: date
    measure: str = ""
    verifier: str = ""
    direction: str = Direction.AT_LEAST.value


def is_limit(direction: str) -> bool:
    """Whether a target of this direction is not to be passed."""
    return direction != Direction.AT_LEAST


def require_quantity(quantity: int, direction: str) -> None:
    """A target or an entry (scaled) is above zero; where it is about a limit it may be nought. Raises TargetWrong."""
    if quantity < 0 or (quantity == 0 and not is_limit(direction)):
        raise TargetWrong


def require_maker(actor: Actor, organisation: Organisation, person: Person | None) -> None:
    """Who may promise and report for the organisation, or the person for himself. Raises Refused."""
    require(actor, Action.MAKE_COMMITMENT, organisation.path, person=person.pk if person else None)


def require_reviewer(actor: Actor, commitment: Commitment) -> None:
    """Who made, worded or handed in a promise is not the one who passes it."""
    require(actor, Action.REVIEW_COMMITMENT, commitment.organisation.path, person=commitment.person_id)
    own = [Happened.MADE, Happened.EDITED, Happened.SUBMITTED]
    if actor.account is not None and commitment.events.filter(kind__in=own, by=actor.account).exists():
        raise Refused(Decision(False, "自己提出或提交的承诺不能自己审核"), Action.REVIEW_COMMITMENT)


def require_open(actor: Actor, commitment: Commitment, today: date) -> None:
    """A published promise may be changed until its due day is over, by who may publish for its organisation."""
    require(actor, Action.PUBLISH_COMMITMENT, commitment.organisation.path)
    require_step(commitment, "change")
    if commitment.due_on < today:
        raise AfterDue(due_on=commitment.due_on)


def require_reason(reason: str) -> None:
    """Words that the public will read. Raises ReasonMissing, PersonalNumbers."""
    if not reason.strip():
        raise ReasonMissing
    require_anonymous(reason)


def require_anonymous(*texts: str) -> None:
    """No phone or identity number in what the public reads."""
    for text in texts:
        if find_personal_numbers(text):
            raise PersonalNumbers(text=text[:20])


def require_step(commitment: Commitment, step: str) -> None:
    """The promise stands where `step` (a key of STEPS) begins. Raises WrongStep."""
    if commitment.state not in STEPS[step]:
        raise WrongStep(state=State(commitment.state).label)


def check_promise(promise: Promise, today: date) -> None:
    """What every promise must be. Raises TargetWrong, NoSingleEntries, DueTooEarly, PersonalNumbers."""
    require_quantity(promise.target, promise.direction)
    if promise.direction == Direction.EACH_AT_MOST and promise.measure:
        raise NoSingleEntries
    if promise.due_on < today:
        raise DueTooEarly(due_on=promise.due_on)
    require_anonymous(promise.text, promise.verifier)
