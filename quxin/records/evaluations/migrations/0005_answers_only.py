"""The fields of old go; ballots are append-only again."""

import django.db.models.deletion
from django.db import migrations, models

from quxin.ledger.guards import guard


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0004_fill_answers")]
    operations = [
        migrations.RemoveConstraint(
            model_name='ballot',
            name='ballot_grade_in_scale',
        ),
        migrations.RemoveField(
            model_name='ballot',
            name='grade',
        ),
        migrations.RemoveField(
            model_name='ballot',
            name='submission',
        ),
        migrations.RemoveField(
            model_name='ballot',
            name='words',
        ),
        migrations.AlterField(
            model_name='ballot',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ballots', to='evaluations.round'),
        ),
        migrations.AlterField(
            model_name='ballot',
            name='answers',
            field=models.JSONField(),
        ),
        guard("evaluations_ballot"),
        guard("evaluations_spent"),
        guard("evaluations_signature"),
        migrations.RemoveField(
            model_name='round',
            name='scale',
        ),
    ]
