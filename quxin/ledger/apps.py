"""The ledger as a Django app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """App label `ledger`."""

    name = "quxin.ledger"
    label = "ledger"
