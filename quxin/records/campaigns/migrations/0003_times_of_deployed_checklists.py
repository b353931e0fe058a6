"""Checklists deployed before items kept how often they ask learn it from their pack."""

from django.db import migrations


def from_packs(apps, schema_editor):
    Campaign = apps.get_model("campaigns", "Campaign")
    Item = apps.get_model("campaigns", "ChecklistItem")
    for campaign in Campaign.objects.select_related("pack_version"):
        checklists = (campaign.pack_version.content.get("campaign") or {}).get("checklists") or {}
        for key, checklist in checklists.items():
            for item in checklist.get("items", ()):
                times = item.get("times", 1)
                if times > 1:
                    Item.objects.filter(campaign=campaign, checklist=key, key=item["id"]).update(times=times)


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0002_closing_sharing_and_times"),
        ("packs", "0001_initial"),
    ]

    operations = [migrations.RunPython(from_packs, migrations.RunPython.noop)]
