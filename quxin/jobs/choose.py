"""Find what a command names: a campaign by its key, an organisation by official code, address code or name, an account."""

from datetime import date

from quxin.access import SYSTEM, Actor
from quxin.kernel.errors import QuxinError
from quxin.kernel.text import nearest
from quxin.orgs.models import Account, Organisation
from quxin.orgs.operations import build_actor
from quxin.records.campaigns.models import Campaign


class NoSuchCampaign(QuxinError):
    """No campaign has that key."""

    default_message = "没有代号为“%(key)s”的活动。"
    default_hint = "现有：%(known)s。请先用 quxin campaigns deploy 或在“部署”页面部署；演示用 quxin setup --demo。"


class NoSuchOrganisation(QuxinError):
    """No organisation has that code or name, or several have."""

    default_message = "找不到单位“%(name)s”，或者不止一个。"
    default_hint = "请用编码，或核对名称。%(near)s"


class NoSuchAccount(QuxinError):
    """No account has that log-in name, or it is shut."""

    default_message = "没有登录名为“%(username)s”的账号，或者它已停用。"
    default_hint = "请核对登录名；不写 --as 就以系统的权限办理。"


def actor_called(username: str, today: date) -> Actor:
    """The actor behind a log-in name, "system" for the system itself; raises NoSuchAccount."""
    if username == "system":
        return SYSTEM
    account = Account.objects.filter(username=username, is_active=True).first()
    if account is None:
        raise NoSuchAccount(username=username[:60])
    return build_actor(account, today)


def campaign_called(key: str) -> Campaign:
    """The campaign with that key; raises NoSuchCampaign."""
    campaign = Campaign.objects.select_related("sponsor", "pack_version").filter(key=key).first()
    if campaign is None:
        known = "、".join(Campaign.objects.values_list("key", flat=True)) or "一个也没有"
        raise NoSuchCampaign(key=key, known=known)
    return campaign


def organisation_called(name: str) -> Organisation:
    """The one organisation with that code or name; raises NoSuchOrganisation."""
    for field in ("official_code", "code", "name"):
        found = list(Organisation.objects.filter(**{field: name})[:2])
        if len(found) == 1:
            return found[0]
    near = nearest(name, list(Organisation.objects.values_list("name", flat=True)[:20000]))
    raise NoSuchOrganisation(name=name, near=f"名称相近的有：{'、'.join(near)}" if near else "")
