"""The policy as one table: role × action, each within the subtree of the grant; and the separation of duties over it.

The rule of the house: organisers take part and carry out, they do not judge. Nobody who deploys, or is judged, has a
write path to a ballot, a tally or a published result, whatever other role he has. System, security and audit
administrators are apart from one another and from the work (GB/T 22239-2019, level 3).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from quxin.kernel.errors import QuxinError
from quxin.kernel.paths import is_within


class Role(StrEnum):
    """The roles that an organisation grants, each for a subtree."""

    ORGANISER = "organiser"  # 党建办、机关党委: deploys, reviews, reports
    SECRETARY = "secretary"  # 支部书记: records, promises, answers
    MEMBER = "member"  # 党员·干部: own promises, own study
    LEADER = "leader"  # 党组、领导: sees, comments, decides
    REVIEWER = "reviewer"  # 审核、核验人员
    AUDITOR = "auditor"  # 纪检·督查·审计
    SYSTEM_ADMIN = "system-admin"  # 系统管理员: organisations, packs, runs
    SECURITY_ADMIN = "security-admin"  # 安全管理员: accounts, roles
    AUDIT_ADMIN = "audit-admin"  # 审计管理员: reads the audit


class Action(StrEnum):
    """Everything that somebody may do; a route or operation names exactly one."""

    VIEW = "view"  # staff pages of an organisation
    VIEW_MEMBER_FILE = "member-file.view"
    UNMASK = "personal-data.unmask"
    MANAGE_ORGANISATIONS = "organisations.manage"
    MANAGE_PEOPLE = "people.manage"
    MANAGE_ACCOUNTS = "accounts.manage"
    INSTALL_PACK = "packs.install"
    DEPLOY_CAMPAIGN = "campaigns.deploy"
    CLOSE_TASK = "tasks.close"
    REPORT_PROGRESS = "progress.report"
    RECORD_ACTIVITY = "activities.record"
    MAKE_COMMITMENT = "commitments.make"
    REVIEW_COMMITMENT = "commitments.review"
    PUBLISH_COMMITMENT = "commitments.publish"
    SETTLE_COMMITMENT = "commitments.settle"
    PUBLISH_EVIDENCE = "evidence.publish"
    COMMENT = "comments.make"
    OPEN_ROUND = "rounds.open"
    CLOSE_ROUND = "rounds.close"
    CAST_BALLOT = "ballots.cast"
    ANSWER = "complaints.answer"
    DECIDE = "evaluations.decide"
    IMPORT = "records.import"
    EXPORT = "records.export"
    WRITE_REPORT = "reports.write"
    VIEW_AUDIT = "audit.view"
    VERIFY_LEDGER = "ledger.verify"
    SEAL_LEDGER = "ledger.seal"


_READ = {Action.VIEW, Action.EXPORT, Action.VERIFY_LEDGER}
_BRANCH = {
    Action.VIEW_MEMBER_FILE,
    Action.REPORT_PROGRESS,
    Action.RECORD_ACTIVITY,
    Action.MAKE_COMMITMENT,
    Action.IMPORT,
    Action.MANAGE_PEOPLE,
}

GRANTS: dict[Role, frozenset[Action]] = {
    Role.ORGANISER: frozenset(
        _READ
        | _BRANCH
        | {
            Action.DEPLOY_CAMPAIGN,
            Action.CLOSE_TASK,
            Action.REVIEW_COMMITMENT,
            Action.PUBLISH_COMMITMENT,
            Action.PUBLISH_EVIDENCE,
            Action.OPEN_ROUND,
            Action.CLOSE_ROUND,
            Action.WRITE_REPORT,
            Action.MANAGE_ORGANISATIONS,
        }
    ),
    Role.SECRETARY: frozenset(
        _READ
        | _BRANCH
        | {Action.PUBLISH_COMMITMENT, Action.PUBLISH_EVIDENCE, Action.WRITE_REPORT, Action.ANSWER, Action.DECIDE}
    ),
    Role.MEMBER: frozenset({Action.VIEW}),
    Role.LEADER: frozenset(_READ | {Action.VIEW_MEMBER_FILE, Action.COMMENT, Action.WRITE_REPORT, Action.DECIDE}),
    Role.REVIEWER: frozenset(_READ | {Action.REVIEW_COMMITMENT, Action.SETTLE_COMMITMENT}),
    Role.AUDITOR: frozenset(_READ | {Action.VIEW_AUDIT, Action.VIEW_MEMBER_FILE}),
    Role.SYSTEM_ADMIN: frozenset(
        {
            Action.VIEW,
            Action.MANAGE_ORGANISATIONS,
            Action.INSTALL_PACK,
            Action.IMPORT,
            Action.SEAL_LEDGER,
            Action.VERIFY_LEDGER,
        }
    ),
    Role.SECURITY_ADMIN: frozenset({Action.MANAGE_ACCOUNTS, Action.UNMASK}),
    Role.AUDIT_ADMIN: frozenset({Action.VIEW_AUDIT, Action.VERIFY_LEDGER}),
}

# What a person may do about himself, with any role at all.
OWN = frozenset({Action.VIEW_MEMBER_FILE, Action.MAKE_COMMITMENT, Action.REPORT_PROGRESS})

# Roles that one account must not hold together.
APART = (
    frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}),
    frozenset({Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN}),
    frozenset({Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}),
    frozenset({Role.ORGANISER, Role.AUDITOR}),
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held for the subtree `path`."""

    role: Role
    path: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: account id, person id, name to show, grants. Built by orgs (or ANYONE, or SYSTEM)."""

    account: int | None = None
    person: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = field(default=())
    is_system: bool = False

    @property
    def is_known(self) -> bool:
        """Whether somebody is logged in (or the system itself acts)."""
        return self.account is not None or self.is_system

    def roles(self) -> frozenset[Role]:
        """The roles held anywhere."""
        return frozenset(grant.role for grant in self.grants)


ANYONE = Actor()
SYSTEM = Actor(name="系统", is_system=True)


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no, with the reason in words; true when allowed."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


class Refused(QuxinError):
    """The actor may not do this here. Strangers get a page that does not say whether the thing exists."""

    default_message = "您没有办这件事的权限：%(reason)s"
    default_hint = "请换用有权限的账号，或请本单位组织部门授权。"

    def __init__(self, decision: Decision, action: Action):
        super().__init__(reason=decision.reason, action=str(action))
        self.decision = decision
        self.action = action


def may(actor: Actor, action: Action, path: str, *, person: int | None = None, judged: Iterable[str] = ()) -> Decision:
    """Whether `actor` may do `action` at the organisation `path`.

    `person` is the person whom the thing belongs to (own promises, own file). `judged` are the paths of organisations that
    the thing judges: whoever may write for one of them may not review it, settle it, judge it or touch its result.
    """
    if actor.is_system:
        return Decision(True, "系统按规则办理")
    if action is Action.CAST_BALLOT:
        return _may_cast(actor, judged)
    if not actor.is_known:
        return Decision(False, "尚未登录")
    if person is not None and person == actor.person and action in OWN:
        return Decision(True, "本人的事项")
    holding = [grant for grant in actor.grants if action in GRANTS[grant.role] and is_within(path, grant.path)]
    if not holding:
        return Decision(False, "不在您的职责或单位范围内")
    if action in {Action.SETTLE_COMMITMENT} and _writes_for(actor, judged):
        return Decision(False, "承诺单位自己不能核验自己的承诺")
    if action is Action.REVIEW_COMMITMENT and person is not None and person == actor.person:
        return Decision(False, "本人不能审核本人的承诺")
    return Decision(True, f"{holding[0].role}")


def require(
    actor: Actor, action: Action, path: str, *, person: int | None = None, judged: Iterable[str] = ()
) -> Decision:
    """As `may`, but raises Refused on no."""
    decision = may(actor, action, path, person=person, judged=judged)
    if not decision:
        raise Refused(decision, action)
    return decision


def scopes(actor: Actor, action: Action) -> tuple[str, ...]:
    """The subtrees in which `actor` may do `action`, none inside another; empty when nowhere (lists fail closed)."""
    if actor.is_system:
        return ("",)
    paths = sorted({grant.path for grant in actor.grants if action in GRANTS[grant.role]})
    kept: list[str] = []
    for path in paths:
        if not any(is_within(path, outer) for outer in kept):
            kept.append(path)
    return tuple(kept)


def _may_cast(actor: Actor, judged: Iterable[str]) -> Decision:
    """Organisers don't judge, and nobody judges himself: accounts that organise or write for the judged have no ballot."""
    if Role.ORGANISER in actor.roles():
        return Decision(False, "组织者不当评判员：组织评议的账号不能投票")
    if _writes_for(actor, judged):
        return Decision(False, "被评议单位的工作账号不能评自己")
    return Decision(True, "谁都可以评议")


def _writes_for(actor: Actor, judged: Iterable[str]) -> bool:
    writing = {Role.SECRETARY, Role.ORGANISER}
    return any(
        grant.role in writing and (is_within(path, grant.path) or is_within(grant.path, path))
        for path in judged
        for grant in actor.grants
    )
