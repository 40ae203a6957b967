"""Every verb of staff is listed as one that decides, and asks `require_free`, or as another (R35).

A verb is a public function with an `actor`. A new one fails here until one of the two lists has it.
A verb that decides has to ask, itself or through what it calls.
"""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["superfamilja", "groups", "billing", "klikon"]
ASKS = "superfamilja.accounts.second_person.holding.require_free"

DECIDES = {
    "superfamilja.accounts.requests.account_requests": "ask confirm",
    "superfamilja.accounts.staff": (
        "create_staff disable_staff enable_staff change_role move_staff change_mobile "
        "give_temporary_password reset_second_factor require_administrator"
    ),
    "superfamilja.accounts.store_register.store_acts": (
        "make_store rename_store shut_store reopen_store"
    ),
    "klikon.comparison.ending": "propose_end end_halt begin_here",
    "groups.personal_number": "release_contract release_person",
    "groups.incoming.receiving": "receive_file",
    "groups.undoing.undo_import": "undo_import",
    "groups.incoming.deciding": "confirm_file agree_to_file discard_file retry_file undo_file",
    "billing.month.close_requests": "ask",
    "billing.month.closing": "close_month cancel_close approve_month",
    "billing.credits": "give_credit",
    "billing.outcomes": "reverse",
    "billing.answers.rejected": "send_again credit_rejected",
    "billing.answers.taking": "take_answer read_again look_into",
    "billing.month.parked": "recount propose_acceptance accept",
    "billing.reconciliation.comparing": "ask",
    "billing.reconciliation.ways_out": "take propose accept_difference set_entry_right",
    "klikon.comparison.deciding": "propose_ending confirm_ending end_standstill",
    "klikon.desk.day.cancelling": "cancel",
    "klikon.desk.confirming": "approve",
    "klikon.desk.day.day_end": "file_papers close_day post_letters",
    "klikon.desk.papers.scanning": "vouch withdraw",
    "klikon.leader.leadership": "cancel",
    "klikon.catalogue.price_correction": "correct_price",
    "klikon.provisioning.decisions": "mark_done reverse ask_again settle_delivered close_callback",
}
# They serve, answer, look, or loosen nothing by a second person's word, or a verb above calls them.
OTHERS = {
    "superfamilja.accounts.requests.account_requests": "withdraw",  # loosens nothing
    "superfamilja.accounts.second_person.holding": "require_free",
    "superfamilja.accounts.second_person.notices": "tell_changed",
    "superfamilja.audit.acts": "require_reason record",
    "groups.base_import.run": "import_base",
    "groups.contact": "change_contact prove_contact dispute_contact",
    "groups.incoming.deciding": "require_another",
    "groups.membership": "open_group add_member remove_member close_group keep_payers_will",
    "groups.opening": "is_open_to open_customer",
    "groups.personal_number": "tried owned_by",
    "billing.disputes": "recognise ask make_complaint answer close",
    "billing.month.export": "export_month issue draft",
    "billing.month.parked": "resolve",  # called by verbs that ask
    "klikon.activation.activate": "activate",
    "klikon.payer.asking": "set_ask_above lift_ask_above approve decline",
    "klikon.catalogue.import_file": "import_catalogue",
    "klikon.comparison.charging": "charge_line",
    "klikon.leader.contact_proof": "dispute",
    "klikon.desk.papers.blanks": "make_blanks",
    "klikon.desk.confirming": "send_code confirm send_for_approval send_back",
    "klikon.desk.drafts": "start save discard restore record",
    "klikon.desk.identity": "identify",
    "klikon.desk.papers.printing": "print_paper use_blank",
    "klikon.desk.papers.scanning": "attach picture",
    "klikon.leader.freezes": "freeze unfreeze number_changed end_freeze",
    "klikon.leader.leadership": "assign revoke",
    "klikon.leader.standing": "record",
    "klikon.payer.limits": "set_limit lift_limit",
    "klikon.payer.payers_will": "keep",
    "klikon.leader.phone_pin": "set_pin remove_pin unlock",
    "klikon.catalogue.promotions": "import_promotions",
}


def named(table: dict[str, str]) -> set[str]:
    return {f"{module}.{verb}" for module, verbs in table.items() for verb in verbs.split()}


@cache
def functions() -> dict[str, tuple[ast.FunctionDef, dict[str, str]]]:
    """Return every function by its full name, with what the names in its module mean."""
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            body = ast.parse(path.read_text(encoding="utf-8")).body
            own = [node for node in body if isinstance(node, ast.FunctionDef)]
            means = {node.name: f"{module}.{node.name}" for node in own}
            for line in body:
                if isinstance(line, ast.ImportFrom):
                    means |= {a.asname or a.name: f"{line.module}.{a.name}" for a in line.names}
            found |= {f"{module}.{node.name}": (node, means) for node in own}
    return found


def verbs() -> set[str]:
    """Return the public functions with an `actor`."""
    return {
        name
        for name, (node, _means) in functions().items()
        if not node.name.startswith("_")
        and "actor" in {a.arg for a in [*node.args.args, *node.args.kwonlyargs]}
    }


def asks(name: str, seen: frozenset[str] = frozenset()) -> bool:
    """Return whether this function, or one that it calls by name, asks `require_free`."""
    if name == ASKS:
        return True
    if name in seen or name not in functions():
        return False
    node, means = functions()[name]
    calls = {ast.unparse(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
    heads = ((call.partition(".")[0], call.partition(".")[2]) for call in calls)
    called = {".".join(filter(None, (means[head], rest))) for head, rest in heads if head in means}
    return any(asks(one, seen | {name}) for one in called)


def test_every_verb_is_known_as_one_that_decides_or_as_another() -> None:
    assert verbs() == named(DECIDES) | named(OTHERS)
    assert not named(DECIDES) & named(OTHERS)


def test_every_verb_that_decides_asks_whether_the_account_is_free() -> None:
    assert [name for name in sorted(named(DECIDES)) if not asks(name)] == []


def test_control_a_verb_that_asks_nothing_is_found_out() -> None:
    assert not asks("klikon.desk.drafts.save")
    assert asks("groups.proof.require_loosening")  # the second person of a paper
