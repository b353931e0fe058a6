"""Evidence of a subject, for staff and for the public."""

from django.db.models import Q, QuerySet

from quxin.files.models import Evidence


def evidence_of(subject: str, *, public_only: bool = False) -> QuerySet[Evidence]:
    """Standing evidence of `subject` and of its parts ("commitment:1/progress:5" is one of "commitment:1"), oldest first.

    Whoever asks must already be allowed to see the subject.
    """
    rows: QuerySet[Evidence] = Evidence.objects.public() if public_only else Evidence.objects.standing()
    return rows.filter(_of(subject)).select_related("blob", "public_copy").order_by("pk")


def ever_public_of(subject: str) -> QuerySet[Evidence]:
    """What is public of `subject` and its parts, and what was and is not any more (`unpublished_at`), oldest first.

    Of the latter only day and reason are for the public, never the name of the file.
    """
    taken = Q(is_public=False, unpublished_at__isnull=False)
    rows = Evidence.objects.filter(_of(subject)).filter(Q(pk__in=Evidence.objects.public().values("pk")) | taken)
    return rows.select_related("public_copy").order_by("pk")


def _of(subject: str) -> Q:
    return Q(subject=subject) | Q(subject__startswith=f"{subject}/")
