"""Ballots that were cast before keep their receipt; their grade and words become answers, their form's hash a spent mark."""

from django.db import migrations


def fill(apps, schema_editor):
    Ballot = apps.get_model("evaluations", "Ballot")
    Spent = apps.get_model("evaluations", "Spent")
    for ballot in Ballot.objects.select_related("subject").order_by("number").iterator():
        ballot.round_id = ballot.subject.round_id
        ballot.answers = {"overall": ballot.grade} | ({"words": ballot.words} if ballot.words else {})
        ballot.save(update_fields=["round_id", "answers"])
        Spent.objects.create(round_id=ballot.round_id, subject_id=ballot.subject_id, mark=ballot.submission)


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0003_tokens_and_urn")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
