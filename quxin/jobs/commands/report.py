"""`quxin report`: a campaign's report for a period, as Word, HTML or JSON."""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from quxin.jobs.outcome import Outcome

if TYPE_CHECKING:
    from quxin.reports.letterhead import Letterhead

NAME = "report"
HELP = "写一份报告：数字由台账算出，输出 .docx(公文格式)、.html 或 .json"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Campaign, period, organisation, output."""
    parser.add_argument("campaign", help="活动代号，例如 aqsiq-2010")
    parser.add_argument("--period", required=True, help="期间，例如 2010-04..2010-11")
    parser.add_argument("--org", default="", help="单位的编码或全称，默认为主办单位")
    parser.add_argument("--outline", default="", help="提纲编号，默认为包里的第一份")
    parser.add_argument("--draft", action="store_true", help="草稿：Word 里标出没有出处的数，定稿时不加")
    red = parser.add_argument_group("红头（只用于 .docx）")
    red.add_argument("--letterhead", action="store_true", help="按红头文件排：发文机关标志、发文字号、红线、版记")
    red.add_argument("--mark", default="", help="发文机关标志，默认为单位全称加“文件”")
    red.add_argument("--number", default="", help="发文字号，例如 苏市监党〔2024〕5号；还没有的不写，留出空位")
    red.add_argument("--signer", default="", help="签发人，只在上行文中写")
    red.add_argument("--copies", default="", help="抄送机关，用逗号分开")
    red.add_argument("--printer", default="", help="印发机关，默认为单位全称")
    red.add_argument("--printed-on", type=date.fromisoformat, help="印发日期，例如 2024-05-06，默认为今天")
    parser.add_argument("--out", type=Path, help="输出文件；不写则只列出数字")


def run(options: argparse.Namespace) -> Outcome:
    """Fill the outline and write the file."""
    from quxin.briefs.reports import report_brief
    from quxin.jobs.choose import campaign_called, organisation_called
    from quxin.kernel import clock
    from quxin.kernel.periods import Period
    from quxin.packs.queries import pack_of
    from quxin.reports.compose import compose
    from quxin.reports.files import report_data, write_report

    campaign = campaign_called(options.campaign)
    organisation = organisation_called(options.org) if options.org else campaign.sponsor
    brief = report_brief(
        pack=pack_of(campaign.pack_version),
        campaign=campaign,
        organisation=organisation,
        period=Period.parse(options.period),
        report_id=options.outline,
    )
    red = _letterhead(options, brief.issuer, clock.today())
    document = compose(brief, on=clock.today(), site=_site(), letterhead=red)
    data = report_data(brief, document)
    lines = [f"{figure['id']:<6} {figure['printed']:<24} {figure['facts']} 笔事实" for figure in data["figures"]]
    if options.out:
        options.out.write_bytes(write_report(brief, document, options.out.suffix.lower(), draft=options.draft))
        data["file"] = str(options.out)
        lines.append(f"已写出 {options.out}")
    lines += [f"! {remark['message']} {remark['hint']}" for remark in data["remarks"]]
    return Outcome(data=data, lines=lines)


def _letterhead(options: argparse.Namespace, issuer: str, on: date) -> "Letterhead | None":
    """The letterhead asked for; None without one. Raises LetterheadMisplaced, NumberWrong."""
    from quxin.reports.files import LetterheadMisplaced
    from quxin.reports.letterhead import letterhead

    names = ("mark", "number", "signer", "copies", "printer", "printed_on")
    given = {name: getattr(options, name) for name in names}
    if not options.letterhead and not any(given.values()):
        return None
    if options.out and options.out.suffix.lower() != ".docx":
        raise LetterheadMisplaced(suffix=options.out.suffix)
    return letterhead(issuer, on, **given)


def _site() -> str:
    """Where links lead: the public address, else where the site was last served, else the default port."""
    from django.conf import settings

    served = settings.QUXIN_HOME / "address"
    if settings.PUBLIC_URL or not served.exists():
        return settings.PUBLIC_URL or f"http://127.0.0.1:{settings.PORT}"
    return served.read_text(encoding="utf-8").strip()
