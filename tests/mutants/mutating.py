"""Every small wrong change that the trial can make in the code that takes people's money."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

from tests.mutants import sql

ROOT = Path(__file__).resolve().parents[2]
TARGETS = [*sorted((ROOT / "klikon/activation").glob("*.py")), ROOT / "billing/charges.py"]

_SWAPPED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
}
# A decorator and an annotation change nothing at run time; an assert here is for the type checker.
_LEFT_ALONE = ("decorator_list", "annotation", "returns")


@dataclass(frozen=True)
class Mutant:
    """One wrong change: where, of which kind, and what stands there before and after.

    `within` is the top-level statement that holds it, `in_function` says whether a call runs it,
    and `lines` are the lines of its statement.
    """

    file: str
    number: int
    line: int
    kind: str
    said: str
    within: int
    in_function: bool
    lines: range
    change: Callable[[], None] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return f"{self.file}:{self.number}"


def all_mutants() -> list[Mutant]:
    """Return every possible mutant of the targets, always in the same order."""
    return [mutant for path in TARGETS for mutant in mutants_of(path)[1]]


def mutants_of(path: Path) -> tuple[ast.Module, list[Mutant]]:
    """Return the parsed file and its mutants; `change` of one of them changes this tree."""
    return mutants_in(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))


def mutants_in(source: str, file: str) -> tuple[ast.Module, list[Mutant]]:
    """Do the same for a text."""
    tree = ast.parse(source)
    found: list[Mutant] = []
    for within, statement in enumerate(tree.body):
        for place in _places(statement, lambda new, at=within: tree.body.__setitem__(at, new)):
            for kind, said, change in _changes(place):
                at = place.node.lineno if hasattr(place.node, "lineno") else place.lines.start
                line = at + (said.line if isinstance(said, sql.Changed) else 0)
                found.append(
                    Mutant(
                        file,
                        len(found),
                        line,
                        kind,
                        str(said),
                        within,
                        place.in_function,
                        place.lines,
                        change,
                    )
                )
    return tree, found


@dataclass(frozen=True)
class _Place:
    node: ast.AST
    put: Callable[[ast.AST], None]
    in_function: bool
    lines: range


def _places(
    node: ast.AST,
    put: Callable[[ast.AST], None],
    in_function: bool = False,
    lines: range = range(0),
) -> Iterator[_Place]:
    if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.stmt):
        body = getattr(node, "body", None)
        end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
        lines = range(node.lineno, max(end, node.lineno) + 1)
    if isinstance(node, ast.JoinedStr):
        _number_lines(node)
    yield _Place(node, put, in_function, lines)
    is_function = isinstance(node, ast.FunctionDef | ast.Lambda)
    for name, value in ast.iter_fields(node):
        if name in _LEFT_ALONE:
            continue
        inside = in_function or (is_function and name == "body")
        if isinstance(value, ast.AST):
            yield from _places(value, lambda new, n=name: setattr(node, n, new), inside, lines)
        elif isinstance(value, list):
            for index, each in enumerate(value):
                if isinstance(each, ast.AST):
                    yield from _places(
                        each, lambda new, v=value, i=index: v.__setitem__(i, new), inside, lines
                    )


def _number_lines(joined: ast.JoinedStr) -> None:
    """Give each piece of an f-string its own first line, because Python 3.11 does not."""
    line = joined.lineno
    for piece in joined.values:
        if isinstance(piece, ast.Constant):
            piece.lineno = line
            line += str(piece.value).count("\n")


_Change = tuple[str, "str | sql.Changed", Callable[[], None]]


def _changes(place: _Place) -> Iterator[_Change]:
    for kind, new in _replacements(place.node):
        if ast.dump(new) == ast.dump(place.node):  # two equal arguments, swapped
            continue
        said = _said(ast.unparse(place.node), ast.unparse(new))
        yield kind, said, lambda new=new: place.put(new)
    node = place.node
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and sql.is_sql(node.value):
        for changed in sql.changes(node.value):
            yield changed.kind, changed, lambda to=changed.text: setattr(node, "value", to)


def _said(before: str, after: str) -> str:
    """Return both without the long parts that they share."""
    start = max(_shared(before, after) - 30, 0)
    end = max(_shared(before[start:][::-1], after[start:][::-1]) - 30, 0)
    pieces = [text[start : len(text) - end] for text in (before, after)]
    return " → ".join(" ".join(piece.split()) for piece in pieces)


def _shared(one: str, other: str) -> int:
    """Return the length of the beginning that both have."""
    return len([*takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))])


def _replacements(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.stmt):
        yield from _statements(node)
    elif isinstance(node, ast.Call | ast.Dict):
        yield from _arguments(node)
    else:
        yield from _expressions(node)


def _statements(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.AugAssign():
            yield "removed statement", ast.Pass()
        case ast.Return(value=ast.AST() as value) if ast.unparse(value) != "None":
            yield "changed return", ast.Return(ast.Constant(None))
        case ast.If(test=test, body=body, orelse=orelse):
            yield "condition", ast.If(_not(test), body, orelse)


def _expressions(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(left=left, ops=[op, *more], comparators=compared):
            yield "comparison", ast.Compare(left, [_SWAPPED[type(op)](), *more], compared)
        case ast.BoolOp(op=op, values=values):
            yield "and/or", ast.BoolOp(_SWAPPED[type(op)](), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "removed not", operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SWAPPED:
            yield "arithmetic", ast.BinOp(left, _SWAPPED[type(op)](), right)
        case ast.Constant(value=bool(value)):
            yield "constant", ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield "constant", ast.Constant(value + 1)
            yield "constant", ast.Constant(value - 1)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield "condition", ast.IfExp(_not(test), body, orelse)


def _arguments(node: ast.Call | ast.Dict) -> Iterator[tuple[str, ast.AST]]:
    """Swap the neighbours, one pair at a time."""
    if isinstance(node, ast.Dict):
        for i in _neighbours([isinstance(key, ast.Constant) for key in node.keys]):
            yield "swapped arguments", ast.Dict(node.keys, _swapped(node.values, i))
        return
    for i in _neighbours([not isinstance(arg, ast.Starred) for arg in node.args]):
        args = _swapped(node.args, i)
        yield "swapped arguments", ast.Call(node.func, args, node.keywords)
    for i in _neighbours([keyword.arg is not None for keyword in node.keywords]):
        values = _swapped([keyword.value for keyword in node.keywords], i)
        names = [keyword.arg for keyword in node.keywords]
        keywords = [ast.keyword(*pair) for pair in zip(names, values, strict=True)]
        yield "swapped arguments", ast.Call(node.func, node.args, keywords)


def _not(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _neighbours(usable: list[bool]) -> list[int]:
    return [i for i in range(len(usable) - 1) if usable[i] and usable[i + 1]]


def _swapped(values: list[ast.expr], i: int) -> list[ast.expr]:
    return [*values[:i], values[i + 1], values[i], *values[i + 2 :]]
