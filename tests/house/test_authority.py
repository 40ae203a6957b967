"""Only a verb decides who may name a leader, lift a stop or lift a limit (R30).

Only the modules listed here call the loosening verbs, and each passes a typed proof. Only a verb's
own module writes what it decides.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["superfamilja", "groups", "billing", "klikon"]

# The callers of loosening verbs: the portal, the desk, the demonstration's past. None is in 130.
CALLERS = {
    "leadership.assign": {
        "klikon.leader.naming",
        "klikon.desk.acts.leader",
        "klikon.demonstration.world.families",
    },
    "naming.name_online": {"klikon.portal.payer.choosing"},
    "freezes.unfreeze": {"klikon.portal.payer.leader_acts", "klikon.desk.acts.leader"},
    "limits.set_limit": {
        "klikon.portal.payer.own_limits",
        "klikon.desk.acts.payer",
        "klikon.staff.limits",
    },
    "limits.lift_limit": {"klikon.portal.payer.own_limits", "klikon.desk.acts.payer"},
    "asking.set_ask_above": {
        "klikon.portal.payer.asked_first",
        "klikon.desk.acts.payer",
        "klikon.staff.asking",
    },
    "asking.lift_ask_above": {"klikon.portal.payer.asked_first", "klikon.desk.acts.payer"},
    "phone_pin.set_pin": {"klikon.portal.payer.pin"},
    "phone_pin.unlock": {"klikon.portal.payer.pin", "klikon.desk.acts.leader"},
    "contact.change_contact": {"klikon.portal.payer.contact", "klikon.desk.acts.family"},
}
# The proofs that a page, the desk or the staff may pass; each is built from a code or a paper.
PROOFS = {
    "self.proof",
    "signed.proof",
    "proof",
    "word",
    "PayerSession(code=proof.code)",
    "PayerSession(code=asked[OLD])",
    'RecordedCall(call=cleaned["call"])',
    "past.payer_of(family.leader.group.contract, at)",
}
# The modules that write what these verbs decide.
WRITERS = {
    "LeaderAssignment": {"klikon.leader.leadership"},
    "LeaderFreeze": {"klikon.leader.freezes"},
    "Declaration": {"klikon.leader.leadership"},
    "OwnLimit": {"klikon.payer.limits", "klikon.payer.payers_will"},
    "AskAbove": {"klikon.payer.asking", "klikon.payer.payers_will"},
    "PhonePin": {"klikon.leader.phone_pin"},
    "ContactChange": {"groups.contact"},
}
WRITES = {
    "create",
    "bulk_create",
    "update",
    "bulk_update",
    "delete",
    "get_or_create",
    "update_or_create",
}
# Fields that end or change such a row by `save`.
FIELDS = {"ended_evidence", "ended_reason", "limit_lek", "above_lek", "pin_hash", "locked_at"}


@cache
def modules() -> dict[str, ast.Module]:
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                found[name.removesuffix(".__init__")] = ast.parse(path.read_text())
    return found


@cache
def all_calls() -> dict[str, list[tuple[str, ast.Call]]]:
    """Every call and its module, by what is called as it stands in the source."""
    found: dict[str, list[tuple[str, ast.Call]]] = {}
    for name, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                found.setdefault(ast.unparse(node.func), []).append((name, node))
    return found


def calls(verb: str) -> list[tuple[str, ast.Call]]:
    """Every call of this verb outside of its module, by module: `leadership.assign(…)`."""
    return all_calls().get(verb, [])


def imported_bare() -> set[str]:
    """Return loosening verbs that a module imports by name, which the walk above would miss."""
    verbs = {verb.partition(".")[2]: verb.partition(".")[0] for verb in CALLERS}
    return {
        f"{name}: {alias.name}"
        for name, module in modules().items()
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if verbs.get(alias.name) == (node.module or "").rpartition(".")[2]
    }


def written(source: ast.Module, model: str) -> bool:
    """Return whether this module contains `Model.objects….create(…)` or a similar call."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
        and ast.unparse(node.func.value).startswith(f"{model}.objects")
        for node in ast.walk(source)
    )


def assigned(source: ast.Module) -> set[str]:
    """Return which of those fields this module sets on a row."""
    targets: list[ast.expr] = []
    for node in ast.walk(source):
        if isinstance(node, ast.Assign):
            targets += node.targets
    flat = [e for t in targets for e in (t.elts if isinstance(t, ast.Tuple) else [t])]
    return {t.attr for t in flat if isinstance(t, ast.Attribute)} & FIELDS


@pytest.mark.parametrize("verb", CALLERS)
def test_a_loosening_verb_has_no_other_callers(verb: str) -> None:
    assert {name for name, _call in calls(verb)} == CALLERS[verb]


def test_no_module_takes_such_a_verb_by_its_own_name() -> None:
    assert imported_bare() == set()


@pytest.mark.parametrize("verb", CALLERS)
def test_every_call_hands_on_a_typed_proof(verb: str) -> None:
    for name, call in calls(verb):
        given = [ast.unparse(k.value) for k in call.keywords if k.arg == "proof"]
        assert [g.replace("'", '"') for g in given] != [], f"{name} hands on no proof to {verb}"
        assert given[0].replace("'", '"') in PROOFS, f"{name}: {given[0]}"


@pytest.mark.parametrize("model", WRITERS)
def test_only_the_verbs_module_writes(model: str) -> None:
    assert {name for name, source in modules().items() if written(source, model)} == WRITERS[model]


def test_only_the_verbs_modules_end_or_change_a_row() -> None:
    own = {writer for writers in WRITERS.values() for writer in writers}
    others = {name for name, source in modules().items() if assigned(source)}
    assert others - own == set()


def test_130_and_staff_on_the_phone_neither_name_nor_allow() -> None:
    for verb in ("leadership.assign", "naming.name_online", "freezes.unfreeze"):
        doors = {name for name in CALLERS[verb] if name.startswith(("klikon.ivr", "klikon.staff"))}
        assert doors == set()


def test_a_planted_page_is_found() -> None:
    planted = ast.parse("LeaderAssignment.objects.filter(pk=1).update(ended_at=None)")
    assert written(planted, "LeaderAssignment")
    assert assigned(ast.parse("own.ended_at, own.limit_lek = None, 9000")) == {"limit_lek"}
