import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """One-time codes for a storefront on another site."""

    dependencies = [
        ('accounts', '0003_staff_audit'),
    ]

    operations = [
        migrations.CreateModel(
            name='HandoffCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code_hash', models.CharField(max_length=64, unique=True)),
                ('session_id', models.UUIDField()),
                ('session_expires_at', models.DateTimeField()),
                ('redirect_uri', models.CharField(max_length=500)),
                ('code_challenge', models.CharField(max_length=43)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('used_at', models.DateTimeField(null=True)),
                ('token_id', models.UUIDField(null=True, unique=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('token_id', None), ('used_at__isnull', False), _connector='OR'), name='handoff_token_only_from_a_used_code'),
                    models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='handoff_code_expires_after_it_is_made'),
                ],
            },
        ),
    ]
