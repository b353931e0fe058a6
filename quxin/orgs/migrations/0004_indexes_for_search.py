from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orgs', '0003_byte_order_for_official_codes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='organisation',
            index=models.Index(fields=['path', 'name', 'short_name', 'initials', 'official_code', 'sort_key', 'depth', 'kind', 'opened_on', 'closed_on'], name='organisation_search'),
        ),
        migrations.RemoveIndex(
            model_name='person',
            name='person_sort',
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(fields=['sort_key', 'name', 'initials', 'staff_number', 'erased_at'], name='person_search'),
        ),
    ]
