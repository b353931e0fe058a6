"""`quxin accounts`: the first administrator, by command only. Everything else about accounts is done on the desk."""

import argparse

from quxin.jobs.outcome import Outcome

NAME = "accounts"
HELP = "建立第一个安全管理员(没有默认密码，随机密码只显示一次)"


def arguments(parser: argparse.ArgumentParser) -> None:
    """A subcommand each."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="动作")
    first = actions.add_parser("first", help="建立第一个安全管理员")
    first.add_argument("username", help="用户名")
    first.add_argument("--org", default="", help="单位的编码或全称，默认最上级")
    first.add_argument("--json", action="store_true")
    grant = actions.add_parser("grant", help="新建账号并授予职责(由系统执行，留在审计里)")
    grant.add_argument("username", help="用户名")
    grant.add_argument("role", help="职责，例如 organiser、secretary、leader")
    grant.add_argument("org", help="单位的编码或全称")
    grant.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> Outcome:
    """Dispatch to the subcommand."""
    return _first(options) if options.action == "first" else _grant(options)


def _first(options: argparse.Namespace) -> Outcome:
    from quxin.jobs.choose import organisation_called
    from quxin.kernel import clock
    from quxin.orgs.operations import create_first_administrator

    organisation = organisation_called(options.org) if options.org else None
    made = create_first_administrator(username=options.username, now=clock.now(), organisation=organisation)
    lines = [f"已建立安全管理员 {options.username}", f"一次性密码：{made.password}", "首次登录后请立即更换。"]
    return Outcome(data={"accepted": options.username, "password": made.password}, lines=lines)


def _grant(options: argparse.Namespace) -> Outcome:
    from quxin.access import SYSTEM
    from quxin.jobs.choose import organisation_called
    from quxin.kernel import clock
    from quxin.orgs.models import Account
    from quxin.orgs.operations import create_account, grant_role

    now = clock.now()
    organisation = organisation_called(options.org)
    account = Account.objects.filter(username=options.username).first()
    lines, password = [], ""
    if account is None:
        made = create_account(username=options.username, organisation=organisation, actor=SYSTEM, now=now)
        account, password = made.account, made.password
        lines.append(f"已建立账号 {options.username}，一次性密码：{password}")
    grant_role(account, organisation=organisation, role=options.role, on=clock.local_date(now), actor=SYSTEM, now=now)
    lines.append(f"已授予 {options.role}@{organisation.name}")
    return Outcome(data={"accepted": options.username, "role": options.role, "password": password}, lines=lines)
