"""Rows of evaluations_ballot are append-only: triggers refuse every change."""

from django.db import migrations

from quxin.ledger.guards import guard


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0001_initial"), ("ledger", "0002_guards")]
    operations = [guard("evaluations_ballot")]
