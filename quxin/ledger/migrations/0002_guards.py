"""Facts, seals and the audit are append-only: triggers refuse every change."""

from django.db import migrations

from quxin.ledger.guards import guard


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [guard("ledger_fact"), guard("ledger_seal"), guard("ledger_auditentry")]
