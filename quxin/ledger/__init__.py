"""The one ledger: append-only facts in chained books, sealed and verifiable; and the audit of people's actions.

`operations.append` and `operations.reverse` are the only writers of facts. Organisations are integers and path strings
here: the ledger must never import them, so that last year's tree survives a reorganisation.
"""
