"""A wrong price may be replaced while nobody bought at it; the database sees to both halves."""

from django.db import migrations

from superfamilja.data.append_only import WrittenOnce

# Who buys holds a key share of the package's row until the commit: FOR UPDATE waits for them, and
# they for it.
GUARDS = """
CREATE FUNCTION package_price_was_bought() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM klikon_package WHERE id = OLD.id FOR UPDATE;
    IF EXISTS (SELECT FROM klikon_activation WHERE package_id = OLD.id) THEN
        RAISE EXCEPTION 'package %: a price that was bought at never changes', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER package_price_was_bought BEFORE UPDATE OF list_price_lek ON klikon_package
    FOR EACH ROW WHEN (OLD.list_price_lek <> NEW.list_price_lek)
    EXECUTE FUNCTION package_price_was_bought();

CREATE FUNCTION activation_at_a_replaced_price() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_lek int;
BEGIN
    SELECT list_price_lek INTO now_lek FROM klikon_package WHERE id = NEW.package_id FOR KEY SHARE;
    IF now_lek <> NEW.list_price_lek THEN
        RAISE EXCEPTION 'activation %: its price was replaced meanwhile', NEW.reference
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER activation_at_a_replaced_price BEFORE INSERT ON klikon_activation
    FOR EACH ROW EXECUTE FUNCTION activation_at_a_replaced_price();
"""
UNDO = """
DROP TRIGGER package_price_was_bought ON klikon_package;
DROP FUNCTION package_price_was_bought();
DROP TRIGGER activation_at_a_replaced_price ON klikon_activation;
DROP FUNCTION activation_at_a_replaced_price();
"""


class Migration(migrations.Migration):
    dependencies = [("klikon", "0011_declarations_of_a_shop")]
    operations = [
        migrations.AlterModelOptions(
            name="package",
            options={
                "default_permissions": ("view",),
                "permissions": [("correct_price", "Can put a wrong price right")],
                "verbose_name": "package",
                "verbose_name_plural": "packages",
            },
        ),
        WrittenOnce("Package", free=["on_sale_until", "list_price_lek"]),
        migrations.RunSQL(GUARDS, UNDO),
    ]
