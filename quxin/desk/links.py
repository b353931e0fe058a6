"""From the kind and code of a record to its page on the desk."""

from django.urls import reverse

from quxin.briefs.subjects import Subject

PAGES = {
    "activity": "desk:activity",
    "progress": "desk:progress_record",
    "commitment": "desk:commitment",
    "assignment": "desk:assignment",
    "task": "desk:task",
    "campaign": "desk:campaign",
    "organisation": "desk:organisation",
}


def href_of(subject: Subject) -> str:
    """The address of the record's page; "" when it has none."""
    return reverse(PAGES[subject.kind], args=[subject.code]) if subject.kind in PAGES and subject.code else ""
