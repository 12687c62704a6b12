from django.urls import path

from accounts.api.views import FormerMeView, MeView

urlpatterns = [
    path("auth/me", MeView.as_view(), name="me"),
    path("users/me", FormerMeView.as_view(), name="users-me"),
]
