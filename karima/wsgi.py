"""The WSGI entry point that gunicorn loads."""

from django.core.wsgi import get_wsgi_application

from karima.settings import select_settings

select_settings()
application = get_wsgi_application()
