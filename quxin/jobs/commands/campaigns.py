"""`quxin campaigns`: list, deploy a pack, print the board of a campaign."""

import argparse
from functools import partial

from quxin.jobs.console import progress_bar
from quxin.jobs.outcome import Outcome

NAME = "campaigns"
HELP = "列出活动；部署一个包；看任务推进情况"


def arguments(parser: argparse.ArgumentParser) -> None:
    """A subcommand each."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="动作")
    listing = actions.add_parser("list", help="列出已部署的活动")
    deploy = actions.add_parser("deploy", help="部署一个包的活动，先列出基层负担；中断后再运行会接着做")
    deploy.add_argument("pack", help="包编号，例如 aqsiq-2010")
    deploy.add_argument("--sponsor", required=True, help="主办单位的编码或全称")
    deploy.add_argument("--approval", default="", help="批准文号")
    deploy.add_argument("--key", default="", help="活动代号，默认为包编号")
    deploy.add_argument("--check", action="store_true", help="只算负担，不部署")
    board = actions.add_parser("board", help="任务推进情况：单位 × 任务")
    board.add_argument("key", help="活动代号")
    board.add_argument("--org", default="", help="单位的编码或全称，默认为主办单位")
    board.add_argument("--aspect", default="", help="方面的编号，默认为第一个")
    for action in (listing, deploy, board):
        action.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> Outcome:
    """Dispatch to the subcommand."""
    return {"list": _list, "deploy": _deploy, "board": _board}[options.action](options)


def _list(options: argparse.Namespace) -> Outcome:
    """Every campaign with its sponsor, period and duties."""
    from quxin.access import SYSTEM
    from quxin.records.campaigns.queries import Standing, list_campaigns, standing_of

    rows = []
    for campaign in list_campaigns(SYSTEM):
        path = campaign.sponsor.path
        standing = standing_of(SYSTEM, [campaign], path).get(campaign.pk, Standing(0, 0))
        rows.append(
            {
                "key": campaign.key,
                "title": campaign.title,
                "sponsor": campaign.sponsor.name,
                "starts_on": campaign.starts_on,
                "ends_on": campaign.ends_on,
                "duties": standing.total,
                "closed": standing.closed,
            }
        )
    lines = [
        f"{row['key']:<20} {row['starts_on']}..{row['ends_on']}  {row['closed']}/{row['duties']}  {row['title']}"
        for row in rows
    ]
    return Outcome(data={"campaigns": rows}, lines=lines or ["还没有部署任何活动。"])


def _deploy(options: argparse.Namespace) -> Outcome:
    """Deploy as the system, after showing what it costs; refused when numbers are asked that the ledger knows.

    What was interrupted is gone on with; nothing is assigned twice.
    """
    from quxin.access import SYSTEM
    from quxin.briefs.burden import burden_of_pack
    from quxin.briefs.shares import weigh_with
    from quxin.jobs.choose import organisation_called
    from quxin.kernel import clock
    from quxin.orgs.queries import of_class
    from quxin.packs.queries import current_version, pack_of
    from quxin.records.campaigns.deploying import Order
    from quxin.records.campaigns.operations import deploy_in_steps
    from quxin.runs.operations import Progress

    version = current_version(options.pack)
    pack, sponsor, today = pack_of(version), organisation_called(options.sponsor), clock.today()
    burden = burden_of_pack(pack, sponsor, today)
    lines = [
        f"{line.title}：{line.organisations} 个单位 × {line.tasks} 项任务，每个单位 {line.minutes} 分钟，共 {line.hours} 小时"
        for line in burden.lines
    ]
    data: dict[str, object] = {
        "burden": {
            "duties": burden.duties,
            "minutes": burden.minutes,
            "hours": burden.hours,
            "known": [{"key": field.key, "label": field.label, "reason": field.reason} for field in burden.known],
        },
        "refused": [{"key": field.key, "label": field.label} for field in burden.refused],
    }
    lines.append(f"合计 {burden.duties} 项分派，{burden.hours} 小时。")
    if options.check:
        return Outcome(ok=not burden.refused, data=data, lines=lines)
    order = Order(
        version=version,
        pack=pack,
        sponsor=sponsor,
        organisations_for=partial(of_class, root=sponsor.path, on=today),
        key=options.key,
        approval_number=options.approval,
        weigh=weigh_with(pack, today),
    )
    with progress_bar("部署", quiet=options.json) as show:
        progress = Progress(None, clock.now, show)
        campaign = deploy_in_steps(actor=SYSTEM, order=order, now=clock.now(), progress=progress)
    return Outcome(data=data | {"accepted": campaign.key}, lines=[*lines, f"已部署：{campaign.key}"])


def _board(options: argparse.Namespace) -> Outcome:
    """Organisations × tasks, with the words of each lamp."""
    from quxin.access import SYSTEM
    from quxin.briefs.campaigns import Wish, board_brief
    from quxin.jobs.choose import campaign_called, organisation_called
    from quxin.kernel import clock
    from quxin.ui.words import lamp_title

    campaign = campaign_called(options.key)
    organisation = organisation_called(options.org) if options.org else campaign.sponsor
    board = board_brief(
        actor=SYSTEM, campaign=campaign, organisation=organisation, today=clock.today(), wish=Wish(options.aspect)
    )
    rows = [
        {
            "organisation": row.organisation.name,
            "on_time_rate": row.tally.rate,
            "cells": {
                cell.task.key: {"state": cell.state, "text": cell.text, "figure": cell.figure}
                for cell in row.cells
                if cell
            },
        }
        for row in board.rows
    ]
    lines = [f"{task.key}  {task.title}" for task in board.tasks]
    for row in board.rows:
        cells = (f"{cell.task.key} {lamp_title(cell.state)} {cell.text}" for cell in row.cells if cell)
        lines.append(f"{row.organisation.name}：{'；'.join(cells)}")
    strip = {"total": board.strip.total, "kept": board.strip.kept, "due": board.strip.due, "late": board.strip.late}
    data = {"campaign": campaign.key, "aspect": board.aspect, "strip": strip, "rows": rows}
    return Outcome(data=data, lines=lines)
