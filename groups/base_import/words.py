"""Say what is wrong with a row and what to do, in both languages side by side.

The reject file carries both languages for every reader, so gettext is not used. `{field}`,
`{value}` and `{other}` (another line, another contract, a limit) are filled in.
"""

WORDS: dict[str, tuple[str, str]] = {
    "wrong_number_of_cells": (
        "Rreshti ka {value} qeliza në vend të 16. Kontrolloni presjet dhe thonjëzat.",
        "The row has {value} cells instead of 16. Check its commas and quotes.",
    ),
    "unclosed_quote": (
        "Një thonjëz hapet dhe nuk mbyllet. Mbylleni ose hiqeni.",
        "A quote opens and never closes. Close it or remove it.",
    ),
    "wrong_encoding": (
        "Rreshti nuk është në UTF-8. Ruajeni skedarin si “CSV UTF-8”.",
        "The row is not UTF-8. Save the file as “CSV UTF-8”.",
    ),
    "misread": (
        "“{value}” te {field} u lexua si {other}, kurse është UTF-8: shkronjat ë e ç dalin gabim. "
        "Hapeni skedarin e CRM-së si UTF-8 dhe ruajeni si “CSV UTF-8”.",
        "“{value}” in {field} was read as {other} and is UTF-8: ë and ç come out wrong. "
        "Open the file of the CRM as UTF-8 and save it as “CSV UTF-8”.",
    ),
    "lost_letter": (
        "Te “{value}” ({field}) mungon një shkronjë: u ruajt në një kodim që nuk e ka. "
        "Ruajeni skedarin si “CSV UTF-8”.",
        "“{value}” in {field} has lost a letter: it was saved in an encoding that lacks it. "
        "Save the file as “CSV UTF-8”.",
    ),
    "missing_value": (
        "Mungon {field}. Plotësojeni.",
        "{field} is missing. Fill it in.",
    ),
    "unreadable_number": (
        "“{value}” nuk lexohet si numër te {field}. Shkruajeni si 0671234567 ose 042223344.",
        "“{value}” in {field} is no number of that kind. Write it as 0671234567 or 042223344.",
    ),
    "unreadable_date": (
        "“{value}” nuk është datë te {field}. Shkruajeni si 2026-11-30.",
        "“{value}” in {field} is not a date. Write it as 2026-11-30.",
    ),
    "future_date": (
        "{field} është në të ardhmen: {value}. Korrigjojeni, ose dërgojeni atë ditë.",
        "{field} is in the future: {value}. Correct it, or send it on that day.",
    ),
    "closed_before_opened": (
        "Grupi mbyllet më {value}, para se të hapet. Korrigjoni datat.",
        "The group closes on {value}, before it opens. Correct the dates.",
    ),
    "left_before_joined": (
        "Anëtari largohet më {value}, para se të hyjë. Korrigjoni datat.",
        "The member leaves on {value}, before joining. Correct the dates.",
    ),
    "joined_after_closing": (
        "Anëtari hyn më {value}, pasi grupi është mbyllur. Korrigjoni datat.",
        "The member joins on {value}, after the group has closed. Correct the dates.",
    ),
    "too_long": (
        "{field} është tepër i gjatë. Shkurtojeni.",
        "{field} is too long. Shorten it.",
    ),
    "look_alike": (
        "“{value}” ka një shkronjë që vetëm duket si e jona. Shkruajeni numrin nga e para.",
        "“{value}” has a letter that only looks like one of ours. Type the number anew.",
    ),
    "unknown_status": (
        "Gjendja “{value}” nuk njihet. Shkruani active, suspended ose ended.",
        "The status “{value}” is unknown. Write active, suspended or ended.",
    ),
    "bad_nid": (
        "“{value}” nuk është numër personal: duhet shkronjë, 8 shifra, shkronjë.",
        "“{value}” is not a personal number: it must be letter, 8 digits, letter.",
    ),
    "bad_email": (
        "“{value}” nuk është adresë e-maili. Korrigjojeni ose lëreni bosh.",
        "“{value}” is not an e-mail address. Correct it or leave it empty.",
    ),
    "contradicts": (
        "{field} është “{value}” këtu dhe tjetër në rreshtin {other}. Bëjini njësoj.",
        "{field} is “{value}” here and something else in line {other}. Make them the same.",
    ),
    "two_open_groups": (
        "Kontrata ka edhe një grup tjetër të hapur (rreshti {other}). Mbylleni njërin.",
        "The contract has another open group (line {other}). Close one of them.",
    ),
    "repeated_row": (
        "Rreshti përsërit rreshtin {other}. Hiqeni njërin.",
        "The row repeats line {other}. Remove one of them.",
    ),
    "number_in_two_groups": (
        "Numri {value} është në të njëjtën kohë edhe në rreshtin {other}. "
        "Plotësoni datën e largimit te grupi i parë.",
        "The number {value} is at the same time in line {other}. "
        "Fill in the day on which it left the first group.",
    ),
    "number_in_a_group": (
        "Numri {value} është ende anëtar te kontrata {other}. "
        "Përfundojeni atje më parë, ose korrigjoni rreshtat e saj.",
        "The number {value} is still a member at contract {other}. "
        "End it there first, or correct the rows of that contract.",
    ),
    "fixed_number_on_two_contracts": (
        "Numri fiks {value} është edhe te rreshti {other}. Lëreni te një kontratë.",
        "The fixed number {value} is also in line {other}. Leave it with one contract.",
    ),
    "fixed_number_taken": (
        "Numri fiks {value} i përket ende kontratës {other}. Lirojeni atje më parë.",
        "The fixed number {value} still belongs to contract {other}. Free it there first.",
    ),
    "another_group_open": (
        "Kontrata ka te ne një grup të hapur më {other}. Mbylleni atë më parë.",
        "The contract has a group here that opened on {other}. Close that one first.",
    ),
    "group_closed_here": (
        "Ky grup është mbyllur te ne më {other}: nuk pranon anëtarë të rinj. "
        "Hiqeni rreshtin, ose dërgoni grupin e ri.",
        "This group was closed here on {other} and takes no new members. "
        "Remove the row, or send the new group.",
    ),
    "plan_not_allowed": (
        "Plani “{value}” nuk lejohet në grup. Lejohen: {other}.",
        "The plan “{value}” cannot be in a group. Allowed: {other}.",
    ),
    "group_full": (
        "Grupi do të kishte më shumë se {other} anëtarë. Hiqni numrin {value} ose një tjetër.",
        "The group would have more than {other} members. Remove {value} or another number.",
    ),
    "contract_left_out": (
        "Kontrata u la jashtë për shkak të rreshtit {other}. Korrigjoni atë rresht.",
        "Contract left out because of line {other}. Correct that line.",
    ),
}
