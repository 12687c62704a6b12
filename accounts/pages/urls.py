from django.urls import path

from accounts.pages import views

urlpatterns = [
    path("login", views.flow, {"kind": "login"}, name="page-login"),
    path("registration", views.flow, {"kind": "registration"}, name="page-register"),
    path("recovery", views.flow, {"kind": "recovery"}, name="page-recovery"),
    path("verification", views.flow, {"kind": "verification"}, name="page-verify"),
    path("settings", views.flow, {"kind": "settings"}, name="page-settings"),
    path("error", views.error, name="page-error"),
    path("logout", views.sign_out, name="page-sign-out"),
]
