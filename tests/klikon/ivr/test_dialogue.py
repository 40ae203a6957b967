"""The call as its caller hears it: keys in, prompts out. No line, no database."""

from collections.abc import Iterator

import pytest

from klikon.activation import refusals
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.ivr.dialogue import questions as ask
from klikon.ivr.dialogue.menus import last_digits
from klikon.ivr.dialogue.turns import Place
from klikon.ivr.words import PLACES
from tests.klikon.ivr.calling import Phoned
from tests.klikon.ivr.house import LEADER, PAYER, SECOND, STRANGER, THIRD, House


def test_the_usual_call_is_three_keys() -> None:
    house = House()
    call = Phoned(house).press("311")
    assert [(act.member, act.package) for act in house.activated] == [(THIRD, "S700")]
    assert call.heard[-4:] == ["done", "reference", "room", "another"]


def test_what_a_leader_hears_first() -> None:
    assert Phoned(House()).new_words() == (
        "Mirë se vini në Klik-ON. Këtë muaj mbeten 6500 Lekë. "
        "Elira zero zero një: shtypni 1. Besnik zero zero dy: shtypni 2. "
        "Mira zero zero tre: shtypni 3. Ose shtypni numrin e plotë. "
        "Për aktivizimet, shtypni 9. For English, press 5."
    )


def test_the_price_is_heard_before_the_yes() -> None:
    call = Phoned(House()).press("3")
    call.new_words()
    assert call.press("2").new_words() == (
        "Super 1000 për: Mira Dardha. Në dyqan 1000 Lekë, me Klik-ON 800 Lekë në faturën fikse "
        "të radhës. Pastaj mbeten 5700 Lekë. Për po shtypni 1, për jo 2."
    )


def test_no_key_interrupts_the_price() -> None:
    call = Phoned(House()).press("32")
    assert [said.stops for said in call.turn.says] == [False, False, False, True]


def test_no_to_the_price_activates_nothing() -> None:
    house = House()
    call = Phoned(house).press("312")
    assert (house.activated, call.path[-1]) == ([], "packages")


def test_hash_repeats_the_price_and_is_no_yes() -> None:
    house = House()
    Phoned(house).press("31#")
    assert house.activated == []


def test_each_yes_has_a_key_of_its_own() -> None:
    house = House()
    Phoned(house).press("311" + "1" + "211")
    assert [act.confirmation for act in house.activated] == [1, 2]


def test_english_at_a_key_and_the_next_time() -> None:
    house = House()
    Phoned(house).press("5")
    assert Phoned(house).new_words().startswith("Welcome to Klik-ON. Left this month: 6500 Lek.")


def test_ten_digits_are_spoken_back() -> None:
    call = Phoned(House())
    call.new_words()
    call.press("0671230003")
    assert call.new_words().startswith(
        "Numri është: zero gjashtë shtatë, një dy tre, zero zero zero"
    )


def test_a_hash_after_ten_digits_answers_nothing() -> None:
    house = House()
    call = Phoned(house).press("0671230003#1")
    assert call.asked[-1] == ask.WhatFits(LEADER, THIRD)


def test_two_keys_the_number_again() -> None:
    assert Phoned(House()).press("06712300032").path[-1] == "members"


def test_a_number_of_another_family_is_refused() -> None:
    call = Phoned(House()).press("06900000091")
    assert "not_in_the_group" in call.heard
    assert call.path[-1] == "members"


def test_a_number_that_is_no_mobile() -> None:
    assert "not_a_mobile_number" in Phoned(House()).press("0422233445").heard


def test_zero_and_silence_is_care() -> None:
    call = Phoned(House(), care=True).press("0.")
    assert (call.path[-1], call.turn.wants.transfer) == ("care", True)


def test_without_care_on_the_line_it_says_so() -> None:
    assert Phoned(House()).press("0.").heard[-2:] == ["no_care", "goodbye"]


def test_three_silences_end_politely() -> None:
    call = Phoned(House()).press("...")
    assert call.heard[-3:] == ["nothing_heard", "gave_up", "goodbye"]


def test_three_wrong_keys_hear_help_twice_and_end_politely() -> None:
    call = Phoned(House()).press("888")
    assert call.heard.count("not_understood") == 3
    assert call.heard.count("help") == 2
    assert call.heard[-2:] == ["gave_up", "goodbye"]


def test_after_two_wrong_keys_a_right_one_begins_to_count_anew() -> None:
    call = Phoned(House()).press("88" + "3" + "99")
    assert not call.is_over


def test_over_the_cap_hears_why_before_choosing() -> None:
    call = Phoned(House(spent=5700))
    call.press("1")
    dear = "Këtë muaj mbeten 800 Lekë. Nuk mjaftojnë për: Super 1200, Super 1500, Super 2000."
    assert dear in call.new_words()


def test_nothing_fits_is_said_and_the_members_come_again() -> None:
    call = Phoned(House(spent=6500)).press("1")
    assert (call.path[-1], call.heard.count("over_the_cap")) == ("members", 1)


def test_a_repetition_is_asked_before_the_price() -> None:
    house = House()
    call = Phoned(house).press("311" + "131")
    assert call.path[-1] == "again"
    call.press("11")
    assert [act.repeat_confirmed for act in house.activated] == [False, True]


def test_no_key_interrupts_that_it_is_active_already() -> None:
    call = Phoned(House()).press("311" + "131")
    assert [said.stops for said in call.turn.says] == [False, True]


def test_a_repetition_that_came_in_between_is_asked_with_a_new_key() -> None:
    again = refusals.RepeatNotConfirmed(
        member="Mira", package="Super 700", since="2026-11-05T14:05+01:00", until="2026-12-03"
    )
    house = House(refuses=[again])
    call = Phoned(house).press("311")
    assert call.path[-1] == "again"
    call.press("11")
    assert [(act.confirmation, act.repeat_confirmed) for act in house.activated] == [(2, True)]


def test_r6_a_price_that_changed_after_it_was_heard_is_told_and_asked_anew() -> None:
    house = House()
    call = Phoned(house).press("31")
    house.discount = 50
    call.new_words()
    assert call.press("1").new_words() == (
        "Çmimi i paketës Super 700 ka ndryshuar: me Klik-ON tani kushton 650 Lekë dhe jo 500 Lekë. "
        "Nuk u shpenzua asgjë. Super 700 për: Mira Dardha. Në dyqan 700 Lekë, me Klik-ON 650 "
        "Lekë në faturën fikse të radhës. Pastaj mbeten 5850 Lekë. "
        "Për po shtypni 1, për jo 2."
    )
    assert house.activated == []
    call.press("1")
    assert [(act.confirmation, act.charged_lek) for act in house.activated] == [(2, 650)]


def test_r6_a_new_price_that_does_not_fit_leads_to_the_packages() -> None:
    house = House(spent=6000)
    call = Phoned(house).press("31")
    house.discount = 50
    call.press("1")
    assert (call.heard[-1], call.path[-1], house.activated) == ("to_english", "members", [])
    assert call.heard.count("over_the_cap") == 1


def test_r6_a_yes_to_once_more_is_not_asked_again_where_the_price_changed() -> None:
    house = House()
    call = Phoned(house).press("311" + "131" + "1")
    house.discount = 50
    call.press("1" + "1")
    assert [act.charged_lek for act in house.activated] == [500, 650]
    assert call.heard.count("again_keys") == 1


def test_waiting_for_the_fixed_leader_has_its_own_ending() -> None:
    waits = WaitingForTheFixedLeader(
        package="Super 2000", member="Mira", until="2026-11-06T14:05+01:00", charged_lek=1800
    )
    call = Phoned(House(waits_above=0, refuses=[waits])).press("351")
    assert "price_waits" in call.heard
    assert call.heard[-3:] == ["waiting_for_the_fixed_leader", "waiting_sms", "another"]
    assert call.turn.call.outcome == "waiting"


def test_above_the_amount_the_pin_is_asked_once_a_call() -> None:
    house = House(pin="4071")
    call = Phoned(house).press("31" + "4071#" + "1" + "1" + "211")
    assert len(house.activated) == 2
    assert call.heard.count("pin") == 1


def test_a_pin_that_the_terms_ask_for_meanwhile_is_asked_after_the_yes() -> None:
    house = House(pin="4071", asks_beforehand=False, refuses=[refusals.PinNotGiven()])
    call = Phoned(house).press("311")
    assert (call.path[-1], house.activated) == ("pin", [])
    call.press("4071#1")
    assert [(act.confirmation, act.pin_given) for act in house.activated] == [(2, True)]


def test_where_no_pin_is_set_what_needs_none_is_offered() -> None:
    house = House(pin="4071", pin_is_set=False, pin_above=800)
    call = Phoned(house).press("3")
    call.new_words()
    assert call.press("3").new_words() == (
        "Nuk është caktuar PIN. Lideri Fiks e cakton online. Me Klik-ON: "
        "Super 700, 500 Lekë: shtypni 1. Super 1000, 800 Lekë: shtypni 2."
    )
    assert (call.turn.call.refusal, "pin" in call.path) == ("no_pin", False)
    call.press("2" + "1")
    assert [act.charged_lek for act in house.activated] == [800]


def test_where_no_pin_is_set_and_all_need_one_the_members_come_again() -> None:
    call = Phoned(House(pin="4071", pin_is_set=False)).press("31")
    assert (call.path[-1], call.heard.count("no_pin")) == ("members", 1)


def test_a_pin_that_is_asked_meanwhile_and_not_set_leads_to_what_is_cheaper() -> None:
    refusal = refusals.PinNotGiven()
    house = House(pin="4071", pin_is_set=False, asks_beforehand=False, refuses=[refusal])
    call = Phoned(house).press("321" + "4071#")
    assert (call.path[-1], call.turn.wants.choices, house.activated) == ("packages", "1", [])


def test_three_wrong_pins_end_the_call() -> None:
    house = House(pin="4071")
    call = Phoned(house).press("31" + "9999#" + "9999#" + "9999#")
    assert (house.activated, call.heard[-2:]) == ([], ["phone_locked", "goodbye"])


def test_the_digits_of_a_pin_are_in_nothing_that_is_written() -> None:
    call = Phoned(House(pin="4071")).press("31" + "9753#")
    assert "9753" not in repr([call.asked, call.turn, call.path])


def test_the_payer_stops_the_leader_with_one_key() -> None:
    house = House()
    call = Phoned(house, PAYER).press("8")
    assert (house.frozen, call.turn.call.outcome, call.is_over) == (True, "frozen", True)


def test_everybody_else_hears_the_same_words_and_his_own_number() -> None:
    call = Phoned(House(), STRANGER)
    assert call.heard == [
        "welcome",
        "what_klik_on_is",
        "how_a_leader_is_named",
        "your_number",
        "told_keys",
        "to_english",
    ]


def test_a_hidden_number_is_told_so_and_asked_nothing() -> None:
    call = Phoned(House(), "")
    assert (call.heard, call.asked) == (["welcome", "hidden", "goodbye"], [])


def test_trouble_before_a_yes_promises_that_nothing_more_happened() -> None:
    house = House()
    call = Phoned(house).press("31")
    house.down = True
    assert call.press("#*").path[-1] == "packages"
    assert call.press("*2").heard[-2:] == ["sorry", "goodbye"]


def test_trouble_after_a_yes_promises_nothing() -> None:
    house = House()
    call = Phoned(house).press("31")
    house.down = True
    assert call.press("1").heard[-2:] == ["sorry_after_yes", "goodbye"]


def test_star_leads_back() -> None:
    assert Phoned(House()).press("31*").path[-1] == "packages"
    assert Phoned(House()).press("3*").path[-1] == "members"


def test_seven_packages_come_on_two_pages() -> None:
    many = [(f"S{price}", price) for price in range(700, 1400, 100)]
    house = House(packages=many)
    call = Phoned(house).press("371")
    assert call.press("1").turn is not None
    assert [act.package for act in house.activated] == ["S1300"]


def test_the_second_member_is_key_two() -> None:
    house = House()
    Phoned(house).press("211")
    assert house.activated[0].member == SECOND


def test_a_whole_number_keyed_straight_away_is_thirteen_keys() -> None:
    house = House()
    keys = "0671230003" + "1" + "1" + "1"
    Phoned(house).press(keys)
    assert (len(house.activated), len(keys)) == (1, 13)  # at most twenty


def test_members_whose_last_digits_are_equal_are_told_by_more_of_them() -> None:
    assert last_digits(["+355671230003", "+355671231003", "+355690000001"]) == [
        "0003",
        "1003",
        "0001",
    ]


def test_no_menu_offers_more_than_six_choices_beside_the_next_page() -> None:
    many = [(f"S{price}", price) for price in range(700, 1500, 100)]
    call = Phoned(House(packages=many)).press("3")
    assert call.turn.wants.choices == "1234567"


def test_these_refusals_stop_whatever_the_leader_chooses() -> None:
    assert {code for code, refusal in refusals.BY_CODE.items() if refusal.stops_the_leader} == {
        "not_the_leader",
        "leader_frozen",
        "contract_suspended",
        "channel_not_allowed",
        "phone_locked",
    }


def test_a_no_that_stops_the_leader_ends_the_call_and_another_does_not() -> None:
    stopped = Phoned(House(refuses=[refusals.LeaderFrozen()])).press("311")
    assert (stopped.heard[-2:], stopped.is_over) == (["leader_frozen", "goodbye"], True)
    left = Phoned(House(refuses=[refusals.NotInTheGroup()])).press("311")
    assert (left.heard[-2:], left.path[-1]) == (["not_in_the_group", "another"], "afterwards")


def test_a_no_to_the_first_question_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    no = ask.Refused(refusals.ContractSuspended())
    monkeypatch.setattr(House, "who_calls", lambda _self, _asked: no)
    call = Phoned(House())
    assert (call.heard, call.is_over) == (["contract_suspended", "goodbye"], True)


def test_only_the_goodbye_is_no_place_that_a_call_was_left_at() -> None:
    assert {place.name for place in places(Place) if place.is_goodbye} == {"end"}


def test_only_the_act_follows_a_yes() -> None:
    assert {place.name for place in places(Place) if place.follows_a_yes} == {"activating"}


def test_the_register_has_words_for_every_place() -> None:
    assert {place.name for place in places(Place)} == set(PLACES)


def places(base: type[Place]) -> Iterator[type[Place]]:
    """Return every kind of place that has a name."""
    for kind in base.__subclasses__():
        if hasattr(kind, "name"):
            yield kind
        yield from places(kind)
