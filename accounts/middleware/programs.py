"""Write down what programs do with their API keys."""

from django.http import HttpRequest, HttpResponse

from accounts.middleware.audit import record_write
from accounts.models import ApiKey
from accounts.services.staff_audit import Person
from karima.middleware import GetResponse


class ProgramAuditMiddleware:
    """Record each unsafe request that came with a valid key, whatever became of it.

    The authentication leaves the key on the request. A key that does not hold is not
    recorded: strangers could fill a table that nobody may empty.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        key: ApiKey | None = request.__dict__.get("api_key")
        if key is not None:
            person = Person(email=key.prefix, subject=key.name, user=key.program)
            record_write(request, response, person=person)
        return response
