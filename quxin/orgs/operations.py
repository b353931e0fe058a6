"""Every operation of this package under one name; the modules behind it are split by what they change.

`tree` sets up and names, `reorganise` moves and ends, `people` keeps personal data, `membership` says who belongs
where, `accounts` who may log in. Nothing else may be imported from those modules by other packages.
"""

from quxin.orgs.accounts import (
    NewAccount,
    build_actor,
    create_account,
    create_first_administrator,
    deactivate,
    grant_role,
    open_account,
    random_password,
    reactivate,
    revoke_role,
    set_password,
)
from quxin.orgs.membership import appoint, change_status, correct_joined, join, leave, leave_post, transfer
from quxin.orgs.people import change_person, create_person, erase_person, masked, person_key, unmask
from quxin.orgs.reorganise import Part, close, merge, move, reopen, split
from quxin.orgs.sizes import Warning, size_warnings
from quxin.orgs.stock import person_keys
from quxin.orgs.tree import correct_details, correct_name, create_organisation, rename

__all__ = [
    "NewAccount",
    "Part",
    "Warning",
    "appoint",
    "build_actor",
    "change_person",
    "change_status",
    "close",
    "correct_details",
    "correct_joined",
    "correct_name",
    "create_account",
    "create_first_administrator",
    "create_organisation",
    "create_person",
    "deactivate",
    "erase_person",
    "grant_role",
    "join",
    "leave",
    "leave_post",
    "masked",
    "merge",
    "move",
    "open_account",
    "person_key",
    "person_keys",
    "random_password",
    "reactivate",
    "rename",
    "reopen",
    "revoke_role",
    "set_password",
    "size_warnings",
    "split",
    "transfer",
    "unmask",
]
