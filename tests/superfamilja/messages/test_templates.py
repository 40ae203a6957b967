"""Every message in both languages, with the longest values, keeps within its budget."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from django.utils.translation import override

from superfamilja.messages import templates
from superfamilja.messages.outbox import Facts
from superfamilja.messages.templates import MessageFile, read, segments

FILES = sorted(templates.every().values(), key=lambda file: file.name)
RECEIPT: Facts = {
    "is_member": 0,
    "is_leader": 0,
    "is_payer": 0,
    "member_name": "Besnik Dardha",
    "leader_name": "Elira Dardha",
    "package": "Super 700",
    "until": "03.12.2026",
    "charged_lek": 500,
    "list_price_lek": 700,
    "room_left_lek": 6000,
    "limit_lek": 6500,
    "month": "11/2026",
    "reference": "KN-7QX-4PW-R2AR",
}


def readers(sample: Facts) -> Iterator[Facts]:
    """Return the sample for every combination of its reader's roles, at least one role each."""
    roles = [name for name in sample if name.startswith("is_")]
    for chosen in product((0, 1), repeat=len(roles)):
        if any(chosen) or len(roles) < 2:
            yield {**sample, **dict(zip(roles, chosen, strict=True))}


@pytest.mark.parametrize("language", ["sq", "en"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
class TestEveryFile:
    def test_keeps_its_budget_with_the_longest_values(
        self, file: MessageFile, language: str
    ) -> None:
        assert 1 <= file.budget <= 3
        assert file.samples
        for facts in (facts for sample in file.samples for facts in readers(sample)):
            text = file.render(language, facts)
            assert segments(text) <= file.budget, f"{len(text)}: {text}"

    def test_samples_name_just_the_facts_that_it_asks_for(
        self, file: MessageFile, language: str
    ) -> None:
        for sample in file.samples:
            assert file.facts(language) == set(sample)

    def test_says_who_speaks_and_leaves_no_hole(self, file: MessageFile, language: str) -> None:
        for facts in (facts for sample in file.samples for facts in readers(sample)):
            text = file.render(language, facts)
            # A code comes first, where a phone's notification shows it and its keyboard offers it.
            assert text.startswith("482913 " if file.is_secret else "Klik-ON")
            assert not any(hole in text for hole in ("  ", " .", " ,", "{", "None", ": ."))


def test_the_messages_of_the_house() -> None:
    assert [file.name for file in FILES] == [
        "account_asked",
        "account_changed",
        "activation_on_its_way",
        "activation_receipt",
        "activation_reversed",
        "cap_warning",
        "code_for_act",
        "code_for_contact",
        "code_for_leader",
        "code_for_paper",
        "code_for_shop",
        "contact_changed",
        "contact_warned",
        "leader_after_change",
        "leader_frozen",
        "leader_gave_back",
        "leader_named",
        "leader_revoked",
        "leader_unfrozen",
        "loosened",
        "phone_locked",
        "question_answered",
        "request_declined",
        "request_expired",
        "request_refused",
        "request_waits",
        "sign_in_code",
    ]


class TestR23EachHearsWhatConcernsHim:
    @staticmethod
    def receipt(**roles: int) -> str:
        return templates.render("activation_receipt", "sq", {**RECEIPT, **roles})

    def test_the_member_what_he_got(self) -> None:
        assert self.receipt(is_member=1) == (
            "Klik-ON: keni Super 700 deri më 03.12.2026. E aktivizoi: Elira. Ref. KN-7QX-4PW-R2AR"
        )

    def test_the_mobile_leader_what_is_left(self) -> None:
        assert self.receipt(is_leader=1) == (
            "Klik-ON: Super 700 u aktivizua për: Besnik, deri më 03.12.2026. "
            "Mbeten 6.000 Lekë nga 6.500 Lekë për 11/2026. Ref. KN-7QX-4PW-R2AR"
        )

    def test_the_fixed_leader_what_it_costs_and_on_which_bill(self) -> None:
        assert self.receipt(is_payer=1) == (
            "Klik-ON: Super 700 për: Besnik, nga: Elira. Në dyqan 700 Lekë, me Klik-ON 500 Lekë, "
            "në faturën fikse 12/2026. Ref. KN-7QX-4PW-R2AR"
        )

    def test_one_person_in_three_roles_all_of_it_once(self) -> None:
        assert self.receipt(is_member=1, is_leader=1, is_payer=1) == (
            "Klik-ON: keni Super 700 deri më 03.12.2026. Në dyqan 700 Lekë, me Klik-ON 500 Lekë, "
            "në faturën fikse 12/2026. Mbeten 6.000 Lekë nga 6.500 Lekë. KN-7QX-4PW-R2AR"
        )


def test_what_people_called_themselves_is_text_and_never_a_template() -> None:
    text = templates.render(
        "activation_receipt", "sq", {**RECEIPT, "is_leader": 1, "member_name": "{{limit_lek}}<b>&"}
    )
    assert "për: {{limit_lek., deri" in text


def test_a_missing_fact_is_named() -> None:
    with pytest.raises(templates.MissingFact, match="cap_warning: month, percent"):
        templates.render(
            "cap_warning", "sq", {"is_payer": 1, "spent_lek": 1, "limit_lek": 1, "room_left_lek": 1}
        )


@pytest.mark.parametrize("name", ["nobody_wrote_it", "../sms/cap_warning", "/etc/passwd"])
def test_only_known_messages_are_rendered(name: str) -> None:
    with pytest.raises(templates.UnknownMessage):
        templates.render(name, "sq", {})


HEAD = "title.sq: Provë\ntitle.en: Trial\nsegments: 1\n"


@pytest.mark.parametrize(
    "content",
    [
        HEAD + "[en]\na\n[sq]\na\n",
        HEAD + "[sq]\na\n",
        "segments: 1\n[sq]\na\n[en]\na\n",
        HEAD + "segmets: 2\n[sq]\na\n[en]\na\n",
        HEAD + "segments: 2\n[sq]\na\n[en]\na\n",
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "odd.txt").write_text(content)
    with pytest.raises(ValueError, match=r"odd\.txt"):
        read(tmp_path / "odd.txt")


def test_staff_read_what_a_message_is_called_in_their_language() -> None:
    with override("sq"):
        assert templates.title("leader_named") == "U zgjodh Lideri Mobile"
    with override("en"):
        assert templates.title("leader_named") == "The Mobile Leader was named"
        assert templates.title("nobody_wrote_it") == "nobody_wrote_it"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        # The extension table: two places each, never split.
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("€" * 152, 2),
        ("€" * 153, 3),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("a" * 151 + "€" + "a" * 153, 2),
        # Ç is in the alphabet; ë and ç are not.
        ("Ç" * 160, 1),
        ("ë" * 70, 1),
        ("ë" * 71, 2),
        ("ë" * 134, 2),
        ("ë" * 135, 3),
        ("ç" + "a" * 69, 1),
        ("ç" + "a" * 70, 2),
        # Two code units each, never split.
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 66, 2),
        ("😀" * 67, 3),
        ("", 1),
    ],
)
def test_parts_are_counted_as_networks_do(text: str, parts: int) -> None:
    assert segments(text) == parts
