from django.urls import path

from accounts.api.addresses import AddressListView, AddressView, DefaultAddressView
from accounts.api.consents import ConsentsView
from accounts.api.groups import ResellerApplicationView
from accounts.api.handoff import HandoffView, TokenView
from accounts.api.me import FormerMeView, MeView
from accounts.api.redirects import LoginPageView, RegistrationPageView
from accounts.api.sessions import LogoutView, SessionListView, SessionView
from accounts.api.webhooks import KratosWebhookView

urlpatterns = [
    path("auth/me", MeView.as_view(), name="me"),
    path("users/me", FormerMeView.as_view(), name="users-me"),
    path("auth/login", LoginPageView.as_view(), name="login"),
    path("auth/register", RegistrationPageView.as_view(), name="register"),
    path("auth/handoff", HandoffView.as_view(), name="handoff"),
    path("auth/token", TokenView.as_view(), name="token"),
    path("auth/logout", LogoutView.as_view(), name="logout"),
    path("auth/sessions", SessionListView.as_view(), name="sessions"),
    path("auth/sessions/<uuid:session_id>", SessionView.as_view(), name="session"),
    path("addresses", AddressListView.as_view(), name="addresses"),
    path("addresses/<uuid:address_id>", AddressView.as_view(), name="address"),
    path(
        "addresses/<uuid:address_id>/default",
        DefaultAddressView.as_view(),
        name="address-default",
    ),
    path(
        "reseller-application",
        ResellerApplicationView.as_view(),
        name="reseller-application",
    ),
    path("privacy/consents", ConsentsView.as_view(), name="consents"),
    path("webhooks/kratos", KratosWebhookView.as_view(), name="kratos-webhook"),
]
