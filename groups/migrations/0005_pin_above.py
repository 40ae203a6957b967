from django.db import migrations, models

from superfamilja.data.append_only import WrittenOnce


class Migration(migrations.Migration):
    dependencies = [("groups", "0004_owner_name_words")]
    operations = [
        migrations.AddField(
            model_name="termsversion",
            name="pin_above_lek",
            field=models.PositiveIntegerField(
                blank=True, null=True, verbose_name="PIN asked above, Lek"
            ),
        ),
        WrittenOnce("TermsVersion"),
    ]
