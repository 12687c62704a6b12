"""moto as a WSGI application, for a server that keeps connections open as R2 does."""

from moto.server import DomainDispatcherApplication, create_backend_app

app = DomainDispatcherApplication(create_backend_app)
