"""Plain http in production: people are redirected, programs are told.

A redirect would teach a program to keep sending its token in clear, and nobody would
notice (OWASP ASVS 5.0, 4.1.2).
"""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from karima.middleware import GetResponse, face
from karima.problems import Problem, problem_response


class HttpsRequiredMiddleware:
    """Refuse plain http on the API host, just before `SecurityMiddleware` redirects.

    The same two settings decide for both.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.exempt = [re.compile(regex) for regex in settings.SECURE_REDIRECT_EXEMPT]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._is_refused(request):
            problem = Problem(status=403, code="https_required")
            return problem_response(request, problem)
        return self.get_response(request)

    def _is_refused(self, request: HttpRequest) -> bool:
        if not settings.SECURE_SSL_REDIRECT or request.is_secure():
            return False
        path = request.path.lstrip("/")
        is_exempt = any(pattern.search(path) for pattern in self.exempt)
        return not is_exempt and face(request) == "api"
