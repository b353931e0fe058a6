"""What the bench of ballots is held against: a plain Django view that stores one row with the ORM, under the same server.

Django's own middleware of a new project, the product's settings of the database. Serves nobody but the bench.
"""

import json
import os
from functools import cache

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quxin.config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

# Read when the first request is answered: a plain project has these and no more.
settings.MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
settings.ROOT_URLCONF = __name__
settings.ALLOWED_HOSTS = ["127.0.0.1"]
application = get_wsgi_application()


@csrf_exempt
@require_POST
def insert(request: HttpRequest) -> JsonResponse:
    """Store one ballot as it comes, unchecked."""
    from quxin.kernel import clock
    from quxin.kernel.identifiers import new_code
    from quxin.records.evaluations.models import Ballot

    given = json.loads(request.body)
    Ballot.objects.create(
        number=new_code(16),
        round_id=_round(),
        answers=given["answers"],
        nonce=given["nonce"],
        cast_on=clock.today(),
        receipt=given["message"][:64],
    )
    return JsonResponse({"receipt": given["message"][:16]})


@cache
def _round() -> int:
    """The only round of the scratch database."""
    from quxin.records.evaluations.models import Round

    return Round.objects.values_list("pk", flat=True).get()


urlpatterns = [path("cast/", insert)]
