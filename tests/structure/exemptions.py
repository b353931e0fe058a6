"""What may break a rule of tests/structure/, and why. An entry that is no longer needed fails its test.

Keys are paths from the root of the repository; each value is the reason, in a sentence that a reviewer accepts.
"""

#: Files of more than 500 lines.
LONG_FILES: dict[str, str] = {}

#: Files that look models up by name.
MODEL_LOOKUPS: dict[str, str] = {
    "quxin/ledger/partitions.py": "an operation of migrations, which know models only by the state of their day",
}

#: Files that speak SQL outside ledger/ and measures/.
RAW_SQL: dict[str, str] = {
    "quxin/jobs/bench_ballots.py": "fills a scratch database with millions of rows, which only the engine does in time",
}

#: Files that read the clock outside faces and configuration.
CLOCK: dict[str, str] = {}

#: Functions of records/*/operations.py (`package.function`) that change nothing that a fact or the audit should tell.
SILENT_OPERATIONS: dict[str, str] = {
    "evaluations.cast_ballot": "a ballot is no fact and names nobody; closing the round appends the aggregates",
    "evaluations.draw_tokens": "the roster's line says that a token was fetched, by day; a trace would say when",
    "evaluations.issue_tokens": "the roster's line says that a token was fetched, by day; a trace would say when",
}

#: Functions of records/*/operations.py that nobody in particular carries out.
NO_ACTOR: dict[str, str] = {
    "commitments.settle_commitment": "on the due date it happens by itself",
}

#: Templates that carry a style or script of their own.
INLINE: dict[str, str] = {}

#: Models (`app.Model`) with methods beyond `__str__`.
MODEL_METHODS: dict[str, str] = {}
