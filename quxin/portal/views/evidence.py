"""Public evidence, handed out: the stripped copy and nothing else. Whatever is not public is not there."""

from django.http import FileResponse, Http404, HttpRequest
from django.urls import path
from django.views.decorators.http import require_safe

from quxin.briefs.evidence import public_file
from quxin.files.operations import place_of


@require_safe
def evidence(request: HttpRequest, code: str) -> FileResponse:
    """The public copy, always as a download: nothing that was uploaded is ever shown inside a page."""
    found = public_file(code)
    copy = found.public_copy if found is not None else None
    if found is None or copy is None:
        raise Http404
    place = place_of(copy.sha256)
    if not place.is_file():
        raise Http404
    response = FileResponse(place.open("rb"), as_attachment=True, filename=found.filename, content_type=copy.kind)
    response["X-Content-Type-Options"] = "nosniff"
    # Asked anew each time: what was taken down must not live on in a cache on the way.
    response["Cache-Control"] = "no-cache"
    response["ETag"] = f'"{copy.sha256}"'
    return response


urlpatterns = [path("evidence/<str:code>/", evidence, name="evidence")]
