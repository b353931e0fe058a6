"""Reading rounds. Ballots are read as counts only, and nothing is shown under the minimum, or when it would give a voter away."""

from collections import Counter
from dataclasses import dataclass

from quxin.ledger.models import Fact
from quxin.ledger.queries import standing
from quxin.records.evaluations.facts import GRADE
from quxin.records.evaluations.models import Ballot, Grade, Round, RoundSubject
from quxin.records.evaluations.operations import receipt_hash

# In a group smaller than this a unanimous result says what each member said.
UNANIMITY_FLOOR = 10
