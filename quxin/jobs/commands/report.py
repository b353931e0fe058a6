"""`quxin report`: a campaign's report for a period, as Word, HTML or JSON."""

import argparse
from pathlib import Path

from quxin.jobs.outcome import Outcome

NAME = "report"
HELP = "写一份报告：数字由台账算出，输出 .docx(公文格式)、.html 或 .json"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Campaign, period, organisation, output."""
    parser.add_argument("campaign", help="活动代号，例如 aqsiq-2010")
    parser.add_argument("--period", required=True, help="期间，例如 2010-04..2010-11")
    parser.add_argument("--org", default="", help="单位的编码或全称，默认为主办单位")
    parser.add_argument("--outline", default="", help="提纲编号，默认为包里的第一份")
    parser.add_argument("--draft", action="store_true", help="草稿：Word 里标出没有出处的数，定稿时不加")
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
    document = compose(brief, on=clock.today(), site=_site())
    data = report_data(brief, document)
    lines = [f"{figure['id']:<6} {figure['printed']:<24} {figure['facts']} 笔事实" for figure in data["figures"]]
    if options.out:
        options.out.write_bytes(write_report(brief, document, options.out.suffix.lower(), draft=options.draft))
        data["file"] = str(options.out)
        lines.append(f"已写出 {options.out}")
    lines += [f"! {remark['message']} {remark['hint']}" for remark in data["remarks"]]
    return Outcome(data=data, lines=lines)


def _site() -> str:
    """Where links lead: the public address, else where the site was last served, else the default port."""
    from django.conf import settings

    served = settings.QUXIN_HOME / "address"
    if settings.PUBLIC_URL or not served.exists():
        return settings.PUBLIC_URL or f"http://127.0.0.1:{settings.PORT}"
    return served.read_text(encoding="utf-8").strip()
