"""A mark is unique by itself: it holds what it belongs to."""

from django.db import migrations, models

from quxin.ledger.guards import guard, unguard


class Migration(migrations.Migration):

    dependencies = [
        ('evaluations', '0006_card_sheet_and_proposal'),
    ]

    operations = [
        unguard("evaluations_spent"),
        migrations.RemoveConstraint(
            model_name='spent',
            name='spent_once',
        ),
        migrations.AlterField(
            model_name='spent',
            name='mark',
            field=models.CharField(max_length=64, unique=True),
        ),
        guard("evaluations_spent"),
    ]
