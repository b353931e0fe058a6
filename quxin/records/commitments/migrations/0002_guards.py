"""Rows of commitments_commitmentevent are append-only: triggers refuse every change."""

from django.db import migrations

from quxin.ledger.guards import guard


class Migration(migrations.Migration):
    dependencies = [("commitments", "0001_initial"), ("ledger", "0002_guards")]
    operations = [guard("commitments_commitmentevent")]
