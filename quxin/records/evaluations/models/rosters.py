"""Who may vote in a closed round: frozen lines of a roster, the keys that sign their tokens, and the sealed pool.

Who has fetched a token is known here; what anyone said is not, and nothing here leads there.
"""

from django.db import models

from quxin.orgs.models import Person
from quxin.records.evaluations.models.rounds import Round, RoundSubject


class RoundKey(models.Model):
    """The key that signs tokens of one group (and, where members judge one another, of one judged member).

    `private` is encrypted, and deleted when the round is closed: nobody can make a token afterwards.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="keys")
    group = models.CharField(max_length=40, blank=True, default="")
    subject = models.ForeignKey(RoundSubject, null=True, on_delete=models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=16, unique=True)
    public = models.BinaryField()
    private = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "group", "subject"], name="round_key_once")]

    def __str__(self):
        return self.key_id


class RosterLine(models.Model):
    """One voter: a person with a log-in, or a printed card known only by the hash of its code.

    `blinded` is the hash of what the voter's browser sent: the same request again gets the same answer, another is refused.
    """

    class Way(models.TextChoices):
        """How the token was fetched."""

        NONE = "", "未领取"
        BLIND = "blind", "盲签"
        POOL = "pool", "凭证池"
        CANCELLED = "cancelled", "已注销"

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="roster")
    group = models.CharField(max_length=40, blank=True, default="")
    number = models.CharField(max_length=26)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    # Whom a card is meant for, where that was said: an enterprise of a register. Emptied when the round is closed.
    label = models.CharField(max_length=120, blank=True, default="")
    card = models.CharField(max_length=64, blank=True, default="")
    on_panel = models.BooleanField(default=False)
    way = models.CharField(max_length=10, choices=Way.choices, blank=True, default="")
    fetched_on = models.DateField(null=True)
    tokens = models.SmallIntegerField(default=0)
    blinded = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="roster_number_once"),
            models.UniqueConstraint(fields=["round", "person"], name="roster_person_once"),
            models.UniqueConstraint(fields=["round", "card"], condition=~models.Q(card=""), name="roster_card_once"),
        ]

    def __str__(self):
        return self.number


class CardSheet(models.Model):
    """The codes of a round's cards for the printer, encrypted; destroyed once they are printed, and when voting begins."""

    round = models.OneToOneField(Round, on_delete=models.PROTECT, related_name="card_sheet")
    box = models.BinaryField()

    def __str__(self):
        return "card sheet"


class PoolToken(models.Model):
    """A token made in advance for a voter without script, encrypted under the printed code that alone opens it.

    `lookup` is another hash of that code than the roster holds, so a copy of the database does not say which line drew it.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="pool")
    key = models.ForeignKey(RoundKey, on_delete=models.PROTECT, related_name="pool")
    lookup = models.CharField(max_length=64)
    box = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "key", "lookup"], name="pool_lookup_once")]

    def __str__(self):
        return "pool token"
