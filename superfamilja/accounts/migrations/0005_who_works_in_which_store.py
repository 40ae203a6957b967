"""Each code that stood at a person becomes a shop, and the person works there."""

from django.db import migrations


def link_people(apps, schema_editor):
    Store, User = (apps.get_model('accounts', name) for name in ('Store', 'User'))
    for user in User.objects.exclude(store_code=''):
        code = user.store_code.strip().upper()
        if code:
            # Its name and place are not known yet: an administrator gives them.
            store, _created = Store.objects.get_or_create(code=code, defaults={'name': code})
            user.stores.add(store)


def write_codes(apps, schema_editor):
    for user in apps.get_model('accounts', 'User').objects.filter(stores__isnull=False).distinct():
        user.store_code = user.stores.order_by('code').first().code
        user.save(update_fields=['store_code'])


class Migration(migrations.Migration):
    dependencies = [('accounts', '0004_stores')]

    operations = [
        migrations.RunPython(link_people, write_codes),
    ]
