from django.db import migrations, models
from django.db.models import Q

SHAPE = Q(postal_code__regex=r'^[1-9][0-9]{4}$')
ERASED = Q(
    erased_at__isnull=False,
    contact_email='',
    contact_phone='',
    receiver_phone='',
    address_detail='',
    notes='',
) & ~Q(legal_basis='')


class Migration(migrations.Migration):
    """The terms that an order was placed under, and orders without their person."""

    dependencies = [
        ('orders', '0002_order_events_append_only'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='terms_version',
            field=models.CharField(blank=True, db_default='', default='', max_length=20),
        ),
        migrations.AddField(
            model_name='order',
            name='erased_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='legal_basis',
            field=models.CharField(blank=True, db_default='', default='', max_length=300),
        ),
        migrations.RemoveConstraint(
            model_name='order',
            name='order_postal_code_shape',
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(
                condition=SHAPE | Q(erased_at__isnull=False, postal_code=''),
                name='order_postal_code_shape',
            ),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(
                condition=Q(erased_at=None, legal_basis='') | ERASED,
                name='order_erased_names_nobody',
            ),
        ),
    ]
