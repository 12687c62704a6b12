import catalog.models.product
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import karima.money
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name='Size',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20, unique=True, verbose_name='nama')),
                ('position', models.PositiveSmallIntegerField(verbose_name='urutan')),
            ],
            options={
                'verbose_name': 'ukuran',
                'verbose_name_plural': 'ukuran',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Variant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(max_length=40, verbose_name='SKU')),
                ('price', karima.money.RupiahField(verbose_name='harga')),
                ('compare_at_price', karima.money.RupiahField(blank=True, null=True, verbose_name='harga coret')),
                ('weight_grams', models.PositiveIntegerField(verbose_name='berat (gram)')),
                ('is_active', models.BooleanField(default=True, verbose_name='dijual')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'SKU',
                'verbose_name_plural': 'SKU',
                'ordering': ['product', 'color', 'size__position'],
            },
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='nama')),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='urutan')),
                ('is_active', models.BooleanField(default=True, verbose_name='aktif')),
                ('path', models.CharField(editable=False, max_length=330, unique=True)),
                ('is_visible', models.BooleanField(default=True, editable=False, verbose_name='terlihat')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='catalog.category', verbose_name='induk')),
            ],
            options={
                'verbose_name': 'kategori',
                'verbose_name_plural': 'kategori',
                'ordering': ['path'],
            },
        ),
        migrations.CreateModel(
            name='Color',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='nama')),
                ('hex', models.CharField(max_length=7, verbose_name='kode hex')),
                ('family', models.CharField(max_length=20, verbose_name='keluarga warna')),
            ],
            options={
                'verbose_name': 'warna',
                'verbose_name_plural': 'warna',
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('hex__regex', '^#[0-9a-f]{6}$')), name='color_hex_is_six_digits')],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='nama')),
                ('slug', models.SlugField(max_length=140, unique=True)),
                ('description', models.TextField(blank=True, verbose_name='deskripsi')),
                ('status', models.CharField(choices=[('draft', 'Draf'), ('active', 'Dijual'), ('archived', 'Diarsipkan')], default='draft', max_length=10)),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='mulai dijual')),
                ('material', models.CharField(blank=True, max_length=80, verbose_name='bahan')),
                ('is_busui_friendly', models.BooleanField(default=False, verbose_name='busui friendly')),
                ('is_wudhu_friendly', models.BooleanField(default=False, verbose_name='wudhu friendly')),
                ('price_min', karima.money.RupiahField(editable=False, null=True)),
                ('price_max', karima.money.RupiahField(editable=False, null=True)),
                ('search_text', models.TextField(blank=True, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='catalog.category', verbose_name='kategori')),
            ],
            options={
                'verbose_name': 'produk',
                'verbose_name_plural': 'produk',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ProductImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.ImageField(height_field='height', max_length=255, upload_to=catalog.models.product.image_path, verbose_name='berkas', width_field='width')),
                ('alt', models.CharField(max_length=160, verbose_name='teks alternatif')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='urutan')),
                ('is_primary', models.BooleanField(default=False, verbose_name='utama')),
                ('width', models.PositiveIntegerField(editable=False)),
                ('height', models.PositiveIntegerField(editable=False)),
                ('color', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.color', verbose_name='warna')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='images', to='catalog.product')),
            ],
            options={
                'verbose_name': 'gambar',
                'verbose_name_plural': 'gambar',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Stock',
            fields=[
                ('variant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='stock', serialize=False, to='catalog.variant')),
                ('on_hand', models.PositiveIntegerField(default=0)),
                ('reserved', models.PositiveIntegerField(default=0)),
                ('low_stock_threshold', models.PositiveIntegerField(default=5)),
            ],
            options={
                'verbose_name': 'stok',
                'verbose_name_plural': 'stok',
                'permissions': [('receive_stock', 'Can receive goods into stock'), ('adjust_stock', 'Can correct the stock after a count')],
            },
        ),
        migrations.AddField(
            model_name='variant',
            name='color',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='catalog.color', verbose_name='warna'),
        ),
        migrations.AddField(
            model_name='variant',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='variants', to='catalog.product', verbose_name='produk'),
        ),
        migrations.AddField(
            model_name='variant',
            name='size',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='catalog.size', verbose_name='ukuran'),
        ),
        migrations.CreateModel(
            name='StockMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('receive', 'Barang masuk'), ('adjust', 'Penyesuaian'), ('reserve', 'Dipesan'), ('release', 'Dilepas'), ('ship', 'Dikirim'), ('return', 'Retur')], max_length=10, verbose_name='jenis')),
                ('delta_on_hand', models.IntegerField(verbose_name='± stok')),
                ('delta_reserved', models.IntegerField(verbose_name='± dipesan')),
                ('on_hand_after', models.PositiveIntegerField(verbose_name='stok sesudahnya')),
                ('reserved_after', models.PositiveIntegerField(verbose_name='dipesan sesudahnya')),
                ('reference', models.CharField(blank=True, max_length=64, verbose_name='rujukan')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='catatan')),
                ('created_at', models.DateTimeField(verbose_name='waktu')),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='oleh')),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='catalog.variant', verbose_name='SKU')),
            ],
            options={
                'verbose_name': 'mutasi stok',
                'verbose_name_plural': 'mutasi stok',
                'ordering': ['-id'],
            },
        ),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.CheckConstraint(condition=models.Q(('slug__regex', '^[a-z0-9]+(-[a-z0-9]+)*$')), name='category_slug_is_plain'),
        ),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.CheckConstraint(condition=models.Q(('path__regex', '^([a-z0-9-]+/){1,4}$')), name='category_path_at_most_four_levels'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('status', 'active')), name='product_newest'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(models.F('price_min'), models.F('id'), condition=models.Q(('status', 'active')), name='product_price'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(models.F('name'), models.F('id'), condition=models.Q(('status', 'active')), name='product_name'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search_text'], name='product_search_trigram', opclasses=['gin_trgm_ops']),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'active', 'archived'])), name='product_status_is_known'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'active'), _negated=True), ('published_at__isnull', False), _connector='OR'), name='product_active_has_publish_time'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('price_max__isnull', True), ('price_min__isnull', True)), models.Q(('price_max__gte', models.F('price_min')), ('price_min__gt', 0)), _connector='OR'), name='product_price_range_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='productimage',
            constraint=models.UniqueConstraint(condition=models.Q(('is_primary', True)), fields=('product',), name='product_image_one_primary'),
        ),
        migrations.AddConstraint(
            model_name='stock',
            constraint=models.CheckConstraint(condition=models.Q(('reserved__gte', 0), ('reserved__lte', models.F('on_hand'))), name='stock_reserved_within_on_hand'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Upper('sku'), name='variant_sku_unique'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.UniqueConstraint(fields=('product', 'color', 'size'), name='variant_one_per_color_and_size'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.CheckConstraint(condition=models.Q(('price__gt', 0)), name='variant_price_above_zero'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.CheckConstraint(condition=models.Q(('compare_at_price__isnull', True), ('compare_at_price__gte', models.F('price')), _connector='OR'), name='variant_compare_at_price_not_below_price'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.CheckConstraint(condition=models.Q(('weight_grams__gt', 0)), name='variant_weight_above_zero'),
        ),
        migrations.AddIndex(
            model_name='stockmovement',
            index=models.Index(fields=['variant', 'id'], name='movement_variant'),
        ),
        migrations.AddConstraint(
            model_name='stockmovement',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['receive', 'adjust', 'reserve', 'release', 'ship', 'return'])), name='movement_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='stockmovement',
            constraint=models.CheckConstraint(condition=models.Q(('delta_on_hand', 0), ('delta_reserved', 0), _negated=True), name='movement_changes_something'),
        ),
        migrations.AddConstraint(
            model_name='stockmovement',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['reserve', 'release', 'ship'])), fields=('variant', 'kind', 'reference'), name='movement_once_for_each_order'),
        ),
    ]
