from typing import ClassVar

from rest_framework import serializers

from accounts.models import User


class MeOutput(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields: ClassVar = ["id", "email", "email_verified", "full_name", "phone"]
        read_only_fields = fields
