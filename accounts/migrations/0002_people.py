import django.db.models.deletion
import django.db.models.functions.text
import karima.ids
from django.conf import settings
from django.db import migrations, models


GROUPS = (
    ("retail", "Retail"),
    ("reseller", "Reseller"),
    ("agen", "Agen"),
    ("distributor", "Distributor"),
)

FORWARD = """
CREATE FUNCTION accounts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER application_event_append_only
    BEFORE UPDATE OR DELETE ON accounts_applicationevent
    FOR EACH ROW EXECUTE FUNCTION accounts_refuse_change();
"""

BACKWARD = """
DROP TRIGGER application_event_append_only ON accounts_applicationevent;
DROP FUNCTION accounts_refuse_change();
"""


def add_groups(apps, schema_editor):
    group = apps.get_model("accounts", "CustomerGroup")
    group.objects.bulk_create(
        group(code=code, name=name, position=position)
        for position, (code, name) in enumerate(GROUPS, start=1)
    )


class Migration(migrations.Migration):
    """Add customer groups with their rows, addresses, and reseller applications.

    The rows are here because every customer, also those who exist, belongs to one.
    """

    dependencies = [
        ('accounts', '0001_initial'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='CustomerGroup',
            fields=[
                ('code', models.CharField(choices=[('retail', 'Retail'), ('reseller', 'Reseller'), ('agen', 'Agen'), ('distributor', 'Distributor')], max_length=20, primary_key=True, serialize=False, verbose_name='kode')),
                ('name', models.CharField(max_length=50, verbose_name='nama')),
                ('position', models.PositiveSmallIntegerField(unique=True, verbose_name='urutan')),
            ],
            options={
                'verbose_name': 'grup pelanggan',
                'verbose_name_plural': 'grup pelanggan',
                'ordering': ['position'],
                'constraints': [models.CheckConstraint(condition=models.Q(('code__in', ['retail', 'reseller', 'agen', 'distributor'])), name='customer_group_code_known')],
            },
        ),
        migrations.RunPython(add_groups, migrations.RunPython.noop),
        migrations.CreateModel(
            name='ResellerApplication',
            fields=[
                ('id', models.UUIDField(default=karima.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('shop_name', models.CharField(max_length=100, verbose_name='nama toko')),
                ('city', models.CharField(max_length=100, verbose_name='kota')),
                ('story', models.CharField(max_length=1000, verbose_name='cerita')),
                ('social_link', models.URLField(blank=True, verbose_name='tautan')),
                ('state', models.CharField(choices=[('open', 'Menunggu'), ('approved', 'Disetujui'), ('rejected', 'Ditolak')], default='open', max_length=10, verbose_name='keadaan')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='alasan')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='diajukan')),
            ],
            options={
                'verbose_name': 'pengajuan grup',
                'verbose_name_plural': 'pengajuan grup',
                'ordering': ['-id'],
                'permissions': [('decide_application', 'Can approve and reject applications')],
            },
        ),
        migrations.CreateModel(
            name='Address',
            fields=[
                ('id', models.UUIDField(default=karima.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('label', models.CharField(blank=True, max_length=50, verbose_name='label')),
                ('receiver_name', models.CharField(max_length=100, verbose_name='penerima')),
                ('phone', models.CharField(max_length=20, verbose_name='telepon')),
                ('province', models.CharField(max_length=100, verbose_name='provinsi')),
                ('city', models.CharField(max_length=100, verbose_name='kabupaten/kota')),
                ('district', models.CharField(max_length=100, verbose_name='kecamatan')),
                ('subdistrict', models.CharField(max_length=100, verbose_name='kelurahan/desa')),
                ('postal_code', models.CharField(max_length=5, verbose_name='kode pos')),
                ('detail', models.CharField(max_length=300, verbose_name='alamat')),
                ('rt_rw', models.CharField(blank=True, max_length=7, verbose_name='RT/RW')),
                ('landmark', models.CharField(blank=True, max_length=150, verbose_name='patokan')),
                ('is_default', models.BooleanField(default=False, verbose_name='utama')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='addresses', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'alamat',
                'verbose_name_plural': 'alamat',
                'ordering': ['-is_default', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ApplicationEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_state', models.CharField(blank=True, max_length=10)),
                ('to_state', models.CharField(max_length=10)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='user',
            name='group',
            field=models.ForeignKey(default='retail', on_delete=django.db.models.deletion.PROTECT, related_name='customers', to='accounts.customergroup', verbose_name='grup pelanggan'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(django.db.models.functions.text.Lower('email'), name='user_email_lower'),
        ),
        migrations.AddField(
            model_name='resellerapplication',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reseller_applications', to=settings.AUTH_USER_MODEL, verbose_name='pelanggan'),
        ),
        migrations.AddField(
            model_name='resellerapplication',
            name='wanted_group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.customergroup', verbose_name='grup yang diminta'),
        ),
        migrations.AddField(
            model_name='applicationevent',
            name='application',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='accounts.resellerapplication'),
        ),
        migrations.AddConstraint(
            model_name='address',
            constraint=models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('customer',), name='address_one_default_per_customer'),
        ),
        migrations.AddConstraint(
            model_name='address',
            constraint=models.CheckConstraint(condition=models.Q(('postal_code__regex', '^[1-9][0-9]{4}$')), name='address_postal_code_shape'),
        ),
        migrations.AddConstraint(
            model_name='address',
            constraint=models.CheckConstraint(condition=models.Q(('phone__regex', '^\\+[1-9][0-9]{6,14}$')), name='address_phone_is_e164'),
        ),
        migrations.AddConstraint(
            model_name='resellerapplication',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('customer',), name='reseller_application_one_open'),
        ),
        migrations.AddConstraint(
            model_name='resellerapplication',
            constraint=models.CheckConstraint(condition=models.Q(('wanted_group', 'retail'), _negated=True), name='reseller_application_wants_more_than_retail'),
        ),
        migrations.AddConstraint(
            model_name='resellerapplication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='reseller_application_decided_or_open'),
        ),
        migrations.AddConstraint(
            model_name='resellerapplication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='reseller_application_rejected_with_reason'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
