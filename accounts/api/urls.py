from django.urls import path

from accounts.api.views import MeView

urlpatterns = [
    path("auth/me", MeView.as_view(), name="me"),
    path("users/me", MeView.as_view(), name="users-me"),
]
