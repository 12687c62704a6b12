"""Settings of the yardstick's server: a new Django project on the shop's database."""

from karima.settings.dev import *  # noqa: F403  settings are a flat list of names

ROOT_URLCONF = "bench.plain_drf"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}
