"""Evidence of a subject, for staff and for the public."""

from django.db.models import QuerySet

from quxin.files.models import Evidence


def evidence_of(subject: str, *, public_only: bool = False) -> QuerySet[Evidence]:
    """Standing evidence of `subject`, oldest first; whoever asks must already be allowed to see the subject."""
    rows = Evidence.objects.filter(subject=subject, withdrawn_at__isnull=True).select_related("blob").order_by("pk")
    return rows.filter(is_public=True, personal_numbers=0) if public_only else rows
