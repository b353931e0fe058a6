"""Ballots, and what keeps them honest: the marks of spent tokens, and the urn in which ballots wait to be mixed.

The three are apart on purpose. A spent mark says that a token was used, not what it said. An envelope is encrypted, so the
order in which ballots came can't be read from it. A ballot is put down in shuffled batches, with no link to a mark or an
envelope. What is joined by nothing cannot be joined by a copy of the database either (docs/threat-model.md).
"""

from django.db import models

from quxin.kernel.identifiers import new_code
from quxin.records.evaluations.models.rounds import Round, RoundSubject


class Spent(models.Model):
    """The mark of a token (or, in an open round, of a form) that was used: the hash of something only the voter had."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="spent")
    subject = models.ForeignKey(RoundSubject, null=True, on_delete=models.PROTECT, related_name="spent")
    # Unique by itself: a token's mark holds its key, a form's the code of its subject.
    mark = models.CharField(max_length=64, unique=True)
    # The token itself with its signature, for the public board; empty in open rounds.
    message = models.BinaryField(null=True)
    signature = models.BinaryField(null=True)
    key = models.CharField(max_length=16, blank=True, default="")

    def __str__(self):
        return "spent"


class Envelope(models.Model):
    """Ballots that were acknowledged and wait to be mixed: a list of them, encrypted; `count` is how many."""

    number = models.CharField(max_length=26, primary_key=True, default=new_code, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="envelopes")
    count = models.IntegerField()
    box = models.BinaryField()

    def __str__(self):
        return f"envelope of {self.count}"


class Ballot(models.Model):
    """One judgement. Append-only (triggers); its receipt proves that it is still there. `number` is random, not a count.

    `receipt` is the leaf of the public board: the hash of answers, nonce, round, subject and key.
    """

    number = models.CharField(max_length=20, primary_key=True, default=new_code, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="ballots")
    subject = models.ForeignKey(RoundSubject, null=True, on_delete=models.PROTECT, related_name="ballots")
    key = models.CharField(max_length=16, blank=True, default="")
    answers = models.JSONField()
    nonce = models.CharField(max_length=64, blank=True, default="")
    cast_on = models.DateField()
    receipt = models.CharField(max_length=64, unique=True)

    def __str__(self):
        return "ballot"


class SetAside(models.Model):
    """A ballot set aside in public at closing, with the reason; it counts as void."""

    ballot = models.OneToOneField(Ballot, on_delete=models.PROTECT, related_name="set_aside")
    reason = models.CharField(max_length=300)

    def __str__(self):
        return self.reason


class Answer(models.Model):
    """好差评: the answer that a 差评 is owed, told to the public. The ballot's words, not its voter, are what is answered."""

    # A sheet over many may rate several of them badly.
    ballot = models.ForeignKey(Ballot, on_delete=models.PROTECT, related_name="owed")
    subject = models.ForeignKey(RoundSubject, on_delete=models.PROTECT, related_name="answers")
    due_on = models.DateField()
    words = models.CharField(max_length=1000, blank=True, default="")
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ballot", "subject"], name="answer_once")]
        ordering = ["due_on", "pk"]

    def __str__(self):
        return f"{self.subject} {self.due_on}"


class Canary(models.Model):
    """One probe of one grade on the shadow round: whether it was taken, and what was said when it was not."""

    on = models.DateField()
    grade = models.SmallIntegerField()
    accepted = models.BooleanField()
    refusal = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on", "grade"], name="canary_once")]

    def __str__(self):
        return f"{self.on} {self.grade}"


class Pulse(models.Model):
    """How many ballots a subject took in one stretch of ten minutes; kept only while it lasts, or as a flag with its day.

    A flag holds the day, not the stretch: `window` is emptied when the stretch is over.
    """

    subject = models.ForeignKey(RoundSubject, on_delete=models.CASCADE, related_name="pulses")
    on = models.DateField()
    window = models.CharField(max_length=20, blank=True, default="")
    count = models.IntegerField(default=0)
    is_burst = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["subject", "on"], name="pulse_subject_day")]

    def __str__(self):
        return f"{self.on} {self.count}"
