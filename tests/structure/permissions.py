"""Who gets what from every address: the permission table.

A row for each named route: the status that each of `PEOPLE` gets for GET and, where the route takes it, for POST (with
an empty form: those who may, get the form back with its errors; those who may not, learn nothing).
`test_routes.py` fails for a route without a row, a row without a route, and an answer that differs.

The people come from `tests/cast.py` (`Cast.people`: an account for each name in PEOPLE but "anyone"), the values of the
addresses from `tests/structure/props.py` (`furnish(cast)`: {"activity": code, "campaign": code, …}), all of them the first
branch's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: "anyone" is not logged in; "stranger" is a secretary of an organisation outside everybody else's subtree.
PEOPLE = (
    "anyone",
    "member",
    "secretary",
    "organiser",
    "leader",
    "reviewer",
    "auditor",
    "system-admin",
    "security-admin",
    "audit-admin",
    "stranger",
)
Codes = Mapping[str, int]


@dataclass(frozen=True)
class Route:
    """The row of a route.

    `arguments` says which prop stands for an argument (`{"code": "activity"}`), or gives the argument itself; without an
    entry the argument's own name is the prop's. `query` is added to the address, props in braces.
    """

    get: Codes
    post: Codes | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    query: str = ""


def everyone(code: int = 200, **others: int) -> Codes:
    """The same code for all, but for those named (`system_admin=403`)."""
    named = {name.replace("_", "-"): value for name, value in others.items()}
    unknown = set(named) - set(PEOPLE)
    if unknown:
        raise ValueError(f"no such people: {sorted(unknown)}")
    return {person: named.get(person, code) for person in PEOPLE}


def staff(code: int = 200, *, anyone: int = 302, **others: int) -> Codes:
    """`code` for all who are logged in; the others are sent to the log-in page."""
    return everyone(code, anyone=anyone, **others)


def only(*people: str, code: int = 200, others: int = 404, anyone: int = 302) -> Codes:
    """`code` for those named; the rest get `others`, as if nothing were there."""
    unknown = set(people) - set(PEOPLE)
    if unknown:
        raise ValueError(f"no such people: {sorted(unknown)}")
    return {person: code if person in people else anyone if person == "anyone" else others for person in PEOPLE}


#: Who sees the work of the first branch, each in the role's own way. Neither the administrators of accounts and of the
#: audit nor the stranger are among them.
SEERS = ("member", "secretary", "organiser", "leader", "reviewer", "auditor", "system-admin")
#: Who writes the branch's records.
WRITERS = ("secretary", "organiser")


def acting(*people: str, code: int = 200, outside: int = 404, **others: int) -> Codes:
    """`code` for those who may act on a thing of the branch; 403 for who sees it only, `outside` for who does not."""
    told = dict.fromkeys(SEERS, 403) | dict.fromkeys(people, code)
    told |= {name.replace("_", "-"): value for name, value in others.items()}
    return {person: 302 if person == "anyone" else told.get(person, outside) for person in PEOPLE}


def opening(*people: str, code: int = 200) -> Codes:
    """`code` for those who may open a place of the navigation (a form for their own organisation); 403 for the rest."""
    return only(*people, code=code, others=403)


# A place of the work: for all who see any; its lists hold what each of them may see.
PLACE = opening(*SEERS, "stranger")
# A thing of the branch, and one that reaches every branch of the country.
SEEN = only(*SEERS)
REACHED = only(*SEERS, "stranger")
WRITTEN = acting(*WRITERS)
OWN_FILE = ("member", "secretary", "organiser", "leader", "auditor")
PUBLIC = everyone()

_act = {"code": "activity"}
_rec = {"code": "record"}
_campaign = {"code": "campaign"}
_promise = {"code": "promise"}
_draft = {"code": "draft"}
_person = {"code": "person_code"}
_round = {"code": "round"}
_subject = {"code": "subject"}
_sealed = {"code": "sealed_round"}
_closed = {"code": "closed_round"}
_draft_round = {"code": "draft_round"}
_run = {"code": "run"}
# Headquarters' round on a province: the branch is not in it.
_OF_HQ = acting("organiser", member=404, secretary=404)
_of_branch = "?org={org}&period=2010-04..2010-12"

ROUTES: dict[str, Route] = {
    # --- coming in, and what everybody who is in has ---
    "desk:login": Route(everyone(302, anyone=200), everyone(302, anyone=200)),
    "desk:logout": Route(everyone(405), everyone(302)),
    "desk:account": Route(staff(), staff()),
    "desk:help": Route(staff()),
    "desk:home": Route(staff()),
    "desk:search": Route(staff()),
    "set_language": Route(everyone(302), everyone(302)),
    # --- accounts: the security administrator alone ---
    "desk:accounts": Route(opening("security-admin")),
    "desk:account_new": Route(opening("security-admin"), opening("security-admin")),
    "desk:account_page": Route(only("security-admin"), only("security-admin")),
    # --- campaigns: the organiser deploys, all whom they reach see them ---
    "desk:campaigns": Route(PLACE),
    "desk:campaign_deploy": Route(opening("organiser"), opening("organiser", code=422)),
    "desk:campaign": Route(REACHED, arguments=_campaign),
    "desk:burden": Route(REACHED, arguments=_campaign),
    "desk:campaign_close": Route(
        acting("organiser", stranger=403), acting("organiser", code=422, stranger=403), arguments=_campaign
    ),
    "desk:deployment": Route(
        only("organiser", "system-admin"), only("organiser", "system-admin", code=302), arguments={"code": "deployment"}
    ),
    "desk:bulletins": Route(
        acting(*WRITERS, "leader", "stranger"), acting(*WRITERS, "leader", "stranger", code=302), arguments=_campaign
    ),
    "desk:bulletin": Route(
        only("organiser") | {"system-admin": 403},
        only("organiser", "system-admin", code=302),
        arguments={"code": "bulletin"},
    ),
    "desk:bulletin_word": Route(only("organiser") | {"system-admin": 403}, arguments={"code": "bulletin"}),
    "desk:checklist": Route(REACHED, arguments=_campaign),
    "desk:task": Route(REACHED, acting("organiser", code=422, stranger=403), arguments={"code": "task"}),
    "desk:task_shares": Route(
        acting("organiser", stranger=403), acting("organiser", code=422, stranger=403), arguments={"code": "task"}
    ),
    "desk:assignment": Route(SEEN, everyone(404, anyone=302), arguments={"code": "assignment"}),
    "desk:packs": Route(PLACE, opening("system-admin", code=422)),
    # --- records: the branch's own, and who organises it ---
    "desk:activities": Route(PLACE),
    "desk:activity_new": Route(opening(*WRITERS, "stranger"), opening(*WRITERS, "stranger", code=422)),
    "desk:activity": Route(SEEN, acting(*WRITERS, code=422), arguments=_act),
    "desk:activity_edit": Route(WRITTEN, acting(*WRITERS, code=422), arguments=_act),
    "desk:activity_withdraw": Route(WRITTEN, acting(*WRITERS, code=422), arguments=_act),
    "desk:activity_restore": Route(acting(*WRITERS, code=302), acting(*WRITERS, code=302), arguments=_act),
    "desk:progress": Route(PLACE),
    "desk:honours": Route(PLACE),
    "desk:progress_new": Route(opening(*WRITERS, "stranger"), opening(*WRITERS, "stranger", code=422)),
    "desk:progress_record": Route(SEEN, acting(*WRITERS, code=422), arguments=_rec),
    "desk:progress_edit": Route(WRITTEN, acting(*WRITERS, code=422), arguments=_rec),
    "desk:progress_withdraw": Route(WRITTEN, acting(*WRITERS, code=422), arguments=_rec),
    "desk:progress_restore": Route(acting(*WRITERS, code=302), acting(*WRITERS, code=302), arguments=_rec),
    "desk:evidence": Route(SEEN, arguments={"code": "evidence"}),
    "desk:evidence_publish": Route(WRITTEN, acting(*WRITERS, code=422), arguments={"code": "evidence"}),
    "desk:evidence_unpublish": Route(
        acting(*WRITERS), acting(*WRITERS, code=422), arguments={"code": "public_evidence"}
    ),
    "desk:evidence_withdraw": Route(WRITTEN, acting(*WRITERS, code=302), arguments={"code": "evidence"}),
    # --- promises: the branch makes them, others review them ---
    "desk:commitments": Route(PLACE),
    "desk:commitment_new": Route(
        opening(*WRITERS, "member", "stranger"), opening(*WRITERS, "member", "stranger", code=422)
    ),
    "desk:commitment": Route(SEEN, acting(*WRITERS, code=422), arguments=_promise),
    "desk:commitment_figure": Route(SEEN, arguments=_promise),
    "desk:commitment_poster": Route(only(*SEERS, code=302), arguments=_promise),
    "desk:commitment_edit": Route(WRITTEN, acting(*WRITERS, code=422), arguments=_draft),
    "desk:commitment_submit": Route(WRITTEN, acting(*WRITERS, code=302), arguments=_draft),
    "desk:commitment_withdraw": Route(WRITTEN, acting(*WRITERS, code=422), arguments=_draft),
    "desk:commitment_review": Route(
        acting("organiser", "reviewer"), acting("organiser", "reviewer", code=422), arguments={"code": "waiting"}
    ),
    "desk:commitment_change": Route(WRITTEN, acting(*WRITERS, code=422), arguments=_promise),
    "desk:commitment_extend": Route(WRITTEN, acting(*WRITERS, code=422), arguments=_promise),
    "desk:commitment_explain": Route(WRITTEN, acting(*WRITERS, code=422), arguments=_promise),
    "desk:commitment_progress": Route(WRITTEN, acting(*WRITERS, code=422), arguments=_promise),
    "desk:commitment_progress_withdraw": Route(WRITTEN, acting(*WRITERS, code=422), arguments=_promise),
    # --- rounds: organisers open and close them, and have no ballot ---
    "desk:rounds": Route(PLACE),
    "desk:round_new": Route(opening("organiser"), opening("organiser")),
    "desk:round": Route(SEEN, arguments=_round),
    "desk:round_poster": Route(SEEN, arguments=_round, query="?subject={subject}"),
    "desk:round_statement": Route(SEEN, arguments=_sealed),
    # A draft is there for those who set it up, and for nobody else: the judged learn nothing of it.
    "desk:round_setup": Route(opening("organiser"), opening("organiser")),
    "desk:round_what": Route(only("organiser"), only("organiser"), arguments=_draft_round),
    "desk:round_who": Route(only("organiser"), only("organiser", code=302), arguments=_draft_round),
    "desk:round_when": Route(only("organiser"), only("organiser"), arguments=_draft_round),
    "desk:round_check": Route(only("organiser"), only("organiser", code=422), arguments=_draft_round),
    "desk:round_drop": Route(only("organiser"), only("organiser", code=302), arguments=_draft_round),
    "desk:round_cards": Route(_OF_HQ, arguments=_closed),
    "desk:round_cards_print": Route(_OF_HQ, arguments=_closed),
    "desk:round_cards_destroy": Route(_OF_HQ, _OF_HQ | {"organiser": 302}, arguments=_closed),
    "desk:round_card_cancel": Route(_OF_HQ, _OF_HQ | {"organiser": 302}, arguments=_closed | {"number": "card"}),
    # --- what follows from a judgement: a body decides, the judged answer, leaders say what they think ---
    "desk:round_decide": Route(
        acting("secretary", "leader"), acting("secretary", "leader"), arguments={"code": "undecided_round"}
    ),
    "desk:complaints": Route(PLACE),
    "desk:complaint": Route(SEEN, acting("secretary"), arguments={"number": "complaint"}),
    "desk:remarks": Route(PLACE),
    "desk:remark_new": Route(opening("leader"), opening("leader")),
    "desk:remark_withdraw": Route(acting("leader"), acting("leader"), arguments={"code": "remark"}),
    "desk:round_close": Route(acting("organiser"), acting("organiser"), arguments=_round),
    "desk:round_void": Route(acting("organiser"), acting("organiser"), arguments=_round),
    # --- organisations and people ---
    "desk:organisations": Route(PLACE),
    "desk:organisation": Route(SEEN, arguments={"code": "org"}),
    "desk:organisation_change": Route(
        acting("organiser", "system-admin"),
        acting("organiser", "system-admin"),
        arguments={"code": "org", "act": "rename"},
    ),
    "desk:people": Route(opening(*WRITERS, "leader", "auditor", "stranger")),
    "desk:person_add": Route(opening(*WRITERS, "stranger"), opening(*WRITERS, "stranger")),
    # The security administrator opens a file to unmask what is masked in it, and leaves a trace.
    "desk:person": Route(only(*OWN_FILE, "security-admin"), arguments=_person),
    "desk:person_study": Route(only(*OWN_FILE), arguments=_person),
    # One's own data, for oneself.
    "desk:person_export": Route(
        only(*OWN_FILE, code=302),
        acting("member", reviewer=404, system_admin=404),
        arguments=_person,
    ),
    "desk:person_unmask": Route(only("security-admin"), only("security-admin"), arguments=_person),
    "desk:person_change": Route(
        acting(*WRITERS, reviewer=404, system_admin=404),
        acting(*WRITERS, reviewer=404, system_admin=404),
        arguments=_person | {"act": "status"},
    ),
    # --- imports and long work: one's own; the system administrator sees how it goes, not what it writes ---
    "desk:imports": Route(
        opening(*WRITERS, "system-admin", "stranger"), opening(*WRITERS, "system-admin", "stranger", code=422)
    ),
    "desk:import_template": Route(staff(403, secretary=200, organiser=200, stranger=200, system_admin=404)),
    "desk:run": Route(only("secretary", "system-admin"), arguments=_run),
    "desk:run_confirm": Route(
        only("secretary", "system-admin", code=302), only("secretary", "system-admin", code=302), arguments=_run
    ),
    "desk:run_cancel": Route(
        only("secretary", "system-admin", code=302), only("secretary", "system-admin", code=302), arguments=_run
    ),
    # Nothing was refused: there is no file for anybody.
    "desk:run_refused": Route(staff(404), arguments=_run),
    # --- figures and reports ---
    "desk:figure": Route(SEEN, query=_of_branch),
    "desk:reports": Route(PLACE),
    "desk:report": Route(REACHED, arguments=_campaign),
    "desk:report_changed": Route(REACHED, arguments=_campaign),
    "desk:report_file": Route(
        acting(*WRITERS, "leader", "reviewer", "auditor", "stranger"), arguments=_campaign | {"kind": "docx"}
    ),
    "desk:report_letterhead": Route(
        acting(*WRITERS, "leader", "reviewer", "auditor", "stranger"),
        acting(*WRITERS, "leader", "reviewer", "auditor", "stranger"),
        arguments=_campaign,
    ),
    "desk:report_batch": Route(
        acting(*WRITERS, "leader", "stranger"), acting(*WRITERS, "leader", "stranger"), arguments=_campaign
    ),
    "desk:report_batch_run": Route(
        only("organiser", "system-admin"), only("organiser", "system-admin", code=302), arguments={"code": "batch"}
    ),
    "desk:report_batch_file": Route(only("organiser") | {"system-admin": 403}, arguments={"code": "batch"}),
    # --- ledger and audit ---
    "desk:ledger": Route(staff(member=403, security_admin=403)),
    "desk:ledger_verify": Route(everyone(405), staff(302, member=403, security_admin=403)),
    "desk:ledger_check": Route(
        only("auditor", "system-admin"), only("auditor", "system-admin", code=302), arguments={"code": "check"}
    ),
    "desk:fact": Route(staff(member=404, security_admin=404, stranger=404)),
    "desk:fact_proof": Route(staff(member=404, security_admin=404, stranger=404)),
    "desk:audit": Route(opening("auditor", "audit-admin")),
    # --- the gallery is for who builds: neither DEBUG nor the demonstration, neither page ---
    "gallery": Route(everyone(404)),
    "gallery_page": Route(everyone(404), arguments={"name": "components"}),
    # --- other programs: read only ---
    "api:openapi-json": Route(staff()),
    "api:openapi-view": Route(staff()),
    "api:api-root": Route(everyone(404)),
    "api:figure": Route(only(*SEERS, anyone=401), everyone(405), query=_of_branch),
    # Without an organisation it is the sponsor's report: for who sees the sponsor.
    "api:report": Route(
        only("organiser", "leader", "reviewer", "auditor", "system-admin", anyone=401),
        everyone(405),
        arguments={"campaign": "campaign"},
    ),
    "api:organisations": Route(staff(anyone=401), everyone(405)),
    "api:organisation": Route(only(*SEERS, anyone=401), everyone(405), arguments={"code": "org"}),
    "api:seals": Route(PUBLIC, everyone(405)),
    # --- the public: no account; organisers and who writes for the judged see the page, and have no ballot ---
    "portal:evaluate": Route(PUBLIC, everyone(422, organiser=403, secretary=403), arguments=_subject),
    "portal:evaluated": Route(everyone(302), everyone(405), arguments=_subject),
    "portal:receipt": Route(PUBLIC, PUBLIC),
    "portal:rounds": Route(PUBLIC, everyone(405)),
    "portal:round_result": Route(PUBLIC, everyone(405), arguments=_round),
    "portal:board": Route(PUBLIC, everyone(405), arguments=_sealed),
    "portal:board_file": Route(PUBLIC, everyone(405), arguments=_sealed),
    "portal:board_receipts": Route(PUBLIC, everyone(405), arguments=_sealed),
    "portal:opening_file": Route(PUBLIC, everyone(405), arguments=_sealed),
    "portal:statement_file": Route(PUBLIC, everyone(405), arguments=_sealed),
    "portal:panel_register": Route(PUBLIC, everyone(405), arguments=_sealed),
    # Who signs is told by the signature, not by a log-in.
    "portal:board_sign": Route(PUBLIC, everyone(422), arguments=_sealed),
    "portal:witness_key": Route(PUBLIC, everyone(405)),
    # A closed round: what an empty request gets is the same for all; who may vote is the roster's to say, not a role's.
    "portal:vote": Route(PUBLIC, everyone(405), arguments=_closed),
    "portal:vote_tokens": Route(everyone(405), everyone(400), arguments=_closed),
    "portal:vote_exchange": Route(everyone(303), everyone(422), arguments=_closed),
    "portal:vote_sheet": Route(everyone(303), everyone(403), arguments=_closed),
    "portal:vote_done": Route(PUBLIC, everyone(405), arguments=_closed),
    "portal:cast": Route(everyone(405), everyone(400)),
    "portal:figure": Route(PUBLIC, everyone(405), query=_of_branch),
    "portal:organisations": Route(PUBLIC, everyone(405)),
    "portal:organisation": Route(PUBLIC, everyone(405), arguments={"code": "org"}),
    "portal:evidence": Route(PUBLIC, everyone(405), arguments={"code": "public_evidence"}),
    "portal:promise_poster": Route(PUBLIC, everyone(405), arguments=_promise),
    "portal:promise": Route(PUBLIC, everyone(405), arguments=_promise),
    "portal:promise_figure": Route(PUBLIC, everyone(405), arguments=_promise),
    "portal:seals": Route(PUBLIC, everyone(405)),
    "portal:seals_file": Route(PUBLIC, everyone(405)),
    "portal:wall": Route(PUBLIC, everyone(405)),
}
