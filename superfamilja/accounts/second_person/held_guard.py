"""Refuse in the database a decision in the name of a held account (R35)."""

from collections.abc import Iterable
from typing import Any

from superfamilja.data.table_operation import TableOperation

_FUNCTION = """
CREATE OR REPLACE FUNCTION held_account_waits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    person bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    moment timestamptz := (to_jsonb(NEW) ->> TG_ARGV[1])::timestamptz;
BEGIN
    IF person IS NULL OR moment IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) ->> TG_ARGV[0])::bigint IS NOT DISTINCT FROM person THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM accounts_user WHERE id = person AND held_until > moment) THEN
        RAISE EXCEPTION 'account % is held: it approves, credits and administers nothing', person
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


class HeldAccountsWait(TableOperation):
    """Migration operation: refuse a row whose `person` is held at the row's own `moment`.

    `when` narrows it to rows that are decisions, as a condition on NEW in SQL.
    """

    def __init__(self, model: str, person: str, moment: str, when: str = "") -> None:
        super().__init__(model)
        self.person, self.moment, self.when = person, moment, when

    def sql_there(self, model: type[Any]) -> Iterable[str]:
        person = model._meta.get_field(self.person).column
        when = f"WHEN ({self.when}) " if self.when else ""
        yield _FUNCTION
        yield (
            f'CREATE TRIGGER "held_{self.person}_waits" BEFORE INSERT OR UPDATE '
            f'ON "{model._meta.db_table}" FOR EACH ROW {when}'
            f"EXECUTE FUNCTION held_account_waits('{person}', '{self.moment}')"
        )

    def sql_back(self, model: type[Any]) -> Iterable[str]:
        yield f'DROP TRIGGER "held_{self.person}_waits" ON "{model._meta.db_table}"'

    def describe(self) -> str:
        return f"A held account's {self.person} is refused on {self.model}"
