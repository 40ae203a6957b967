"""SQL and superfamilja.values.phone read numbers alike."""

from collections.abc import Callable

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from groups.base_import import phones
from superfamilja.values import phone

READERS = [(phones.msisdn, phone.parse_msisdn), (phones.fixed, phone.parse_fixed)]


def in_sql(expression: Callable[[str], str], texts: list[str]) -> list[str | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {expression('t')} FROM unnest(%(texts)s::text[]) WITH ORDINALITY AS x (t, n)"
            " ORDER BY n",
            {"texts": texts},
        )
        return [row[0] for row in cursor.fetchall()]


def in_python(parse: Callable[[str], str], text: str) -> str | None:
    try:
        return parse(text)
    except phone.UnreadableNumberError:
        return None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "msisdn"),
    [
        ("0671234567", "+355671234567"),
        ("+355671234567", "+355671234567"),
        ("00355 67 123 4567", "+355671234567"),
        ("+355 0 67 123 4567", "+355671234567"),
        ("355671234567", "+355671234567"),
        ("671234567", "+355671234567"),
        ("(067) 123-4567", "+355671234567"),
        ("067\u00a0123/4567.", "+355671234567"),
        ("068 12 34 567", "+355681234567"),
        ("042223344", None),
        ("067123456", None),
        ("06712345678", None),
        ("+306712345678", None),
        ("067 123 4567 ext 1", None),
        ("0661234567", None),
        ("", None),
    ],
)
def test_a_mobile_number_is_read_however_it_is_written(text: str, msisdn: str | None) -> None:
    assert in_sql(phones.msisdn, [text]) == [msisdn]
    assert in_python(phone.parse_msisdn, text) == msisdn


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("04 222 3344", "+35542223344"),
        ("+35542223344", "+35542223344"),
        ("0035542223344", "+35542223344"),
        ("052 123456", "+35552123456"),
        ("0671234567", None),
        ("0422233", None),
    ],
)
def test_a_fixed_number_is_read_however_it_is_written(text: str, number: str | None) -> None:
    assert in_sql(phones.fixed, [text]) == [number]
    assert in_python(phone.parse_fixed, text) == number


class BothReadAlike(TestCase):
    """Try any text of digits, plus, blanks and the usual marks."""

    @settings(max_examples=10, deadline=None)
    @given(
        st.lists(
            st.one_of(
                st.text("0123456789+ ().-/", max_size=16),
                st.builds(
                    lambda prefix, first, rest, gap: prefix + first + gap + rest,
                    st.sampled_from(["", "0", "00355", "+355", "+355 0", "355", "(0", "00355 0"]),
                    st.sampled_from(["67", "68", "69", "66", "4", "52", "8"]),
                    st.text("0123456789", min_size=6, max_size=7),
                    st.sampled_from(["", " ", "-", "/", ") "]),
                ),
            ),
            min_size=20,
            max_size=40,
        )
    )
    def test_sql_and_python_agree(self, texts: list[str]) -> None:
        for expression, parse in READERS:
            expected = [in_python(parse, text) for text in texts]
            assert dict(zip(texts, in_sql(expression, texts), strict=True)) == dict(
                zip(texts, expected, strict=True)
            )
