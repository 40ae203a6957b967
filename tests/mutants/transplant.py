"""Put a mutant into the running process, so that Django starts once and not once a mutant.

Functions keep their identity and get the code of the mutant, because other modules have imported
them by name. Constants are computed anew and replaced wherever they were imported.
"""

import ast
import sys
from types import FunctionType, ModuleType
from typing import Any

from tests.mutants.mutating import ROOT, Mutant, mutants_of

_OF_THE_CLASS_ITSELF = {"__dict__", "__weakref__", "__doc__", "__module__"}
_DEFINED = (ast.FunctionDef, ast.ClassDef)


def transplant(mutant: Mutant) -> None:
    """Change the running module as the mutant says. Only a process that ends soon may do this."""
    module = sys.modules[mutant.file.removesuffix(".py").replace("/", ".")]
    tree, mutants = mutants_of(ROOT / mutant.file)
    mutants[mutant.number].change()
    changed = ast.fix_missing_locations(tree).body
    statement = changed[mutant.within]
    if isinstance(statement, _DEFINED):
        scratch = dict(vars(module))
        _run(statement, module, scratch)
        _replace(vars(module)[statement.name], scratch[statement.name])
    if not isinstance(statement, ast.ClassDef):
        _compute_constants(module, changed)


def _compute_constants(module: ModuleType, statements: list[ast.stmt]) -> None:
    for statement in statements:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            before = dict(vars(module))
            _run(statement, module, vars(module))
            for name, old in before.items():
                if vars(module)[name] == old:
                    vars(module)[name] = old
                else:
                    _hand_on(name, old, vars(module)[name])


def _hand_on(name: str, old: Any, new: Any) -> None:
    for other in list(sys.modules.values()):
        if getattr(other, "__dict__", {}).get(name) is old:
            setattr(other, name, new)


def _run(statement: ast.stmt, module: ModuleType, names: dict[str, Any]) -> None:
    code = compile(ast.Module([statement], []), str(module.__file__), "exec")
    exec(code, names)  # noqa: S102 - a changed statement of our own


def _replace(old: Any, new: Any) -> None:
    if isinstance(old, FunctionType):
        old.__code__, old.__defaults__ = new.__code__, new.__defaults__
        old.__kwdefaults__ = new.__kwdefaults__
    elif isinstance(old, property):
        _replace(old.fget, new.fget)
    elif isinstance(old, type):
        for name in vars(new).keys() - _OF_THE_CLASS_ITSELF:
            _replace_in_class(old, name, vars(new)[name])


def _replace_in_class(owner: type, name: str, new: Any) -> None:
    old = vars(owner).get(name)
    if isinstance(new, FunctionType | property) and type(old) is type(new):
        if _captured(old) == _captured(new):
            _replace(old, new)
        else:  # the mutant calls super() no more
            setattr(owner, name, new)
    elif isinstance(new, bool | int | str):
        setattr(owner, name, new)


def _captured(function: Any) -> tuple[str, ...]:
    return (function.fget if isinstance(function, property) else function).__code__.co_freevars
