"""Find the tests that run a mutant."""

import ast
import re
from functools import cache

from tests.mutants.covering import Covering
from tests.mutants.mutating import ROOT, Mutant


def tests_of(mutant: Mutant, covering: dict[str, Covering]) -> list[str]:
    """Return the tests that run the mutant's statement.

    A constant of the module is run by the functions that name it. What a class declares is run by
    every test of the module's functions, and by the tests whose file names it.
    """
    lines = set(mutant.lines) if mutant.in_function else _lines_of_users(mutant)
    named = set() if mutant.in_function else _declared(mutant)
    return [
        nodeid
        for nodeid, test in covering.items()
        if lines & set(test.lines.get(mutant.file, []))
        or (named and named & _words(nodeid.partition("::")[0]))
    ]


def _declared(mutant: Mutant) -> set[str]:
    statement = _tree(mutant.file).body[mutant.within]
    inside = statement.body if isinstance(statement, ast.ClassDef) else []
    return {name for each in inside if each.lineno in mutant.lines for name in _assigned(each)}


@cache
def _words(file: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", (ROOT / file).read_text(encoding="utf-8")))


def _lines_of_users(mutant: Mutant) -> set[int]:
    tree = _tree(mutant.file)
    names = _assigned(tree.body[mutant.within])
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    if not names:
        return {line for function in functions for line in _body(function)}
    for statement in tree.body:  # constants that are made of this one, in their order
        if _assigned(statement) and names & _named(statement):
            names |= _assigned(statement)
    users = [function for function in functions if names & _named(function)]
    return {line for function in users or functions for line in _body(function)}


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def _assigned(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return {target.id for target in targets if isinstance(target, ast.Name)}
    return set()


def _named(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _body(function: ast.FunctionDef) -> range:
    return range(function.body[0].lineno, (function.end_lineno or function.lineno) + 1)
