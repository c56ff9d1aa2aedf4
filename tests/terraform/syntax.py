"""The functions' code as it is written: its modules, what they define and import, and what literals stand for."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, product
from pathlib import Path
from typing import Any

from tests.terraform.tree import ROOT

FUNCTIONS = ROOT / "functions"
FIRESTORE = ("common.storage.firestore", "FirestoreDocuments")
GEMINI = ("common.llm.gemini", "Gemini")
DECORATOR = "functions_framework.aio.http"

[NOTHING] = ast.parse("def nothing(): ...").body
"""Around what is in no function."""

Name = tuple[str, str]
"""A module, and what is defined in it at the top; an empty name is the module itself."""


class Unclear(Exception):
    """The code is written in a way that these tests do not follow: teach them, or write it plainer."""


@dataclass(frozen=True, eq=False)
class Module:
    name: str
    tree: ast.Module
    defined: dict[str, list[ast.stmt]]  # what belongs to each top-level name; a router has its endpoints
    imported: dict[str, Name]


@dataclass(frozen=True, eq=False)
class Piece:
    """A definition, or a part of one."""

    module: Module
    node: ast.stmt

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.node) if isinstance(node, ast.Call))

    def resolve(self, expression: ast.expr) -> Name | None:
        """What `Name` or `module.Name` stands for."""
        if isinstance(expression, ast.Name):
            own = (self.module.name, expression.id) if expression.id in self.module.defined else None
            return self.module.imported.get(expression.id) or own
        if isinstance(expression, ast.Attribute) and isinstance(expression.value, ast.Name):
            of = self.module.imported.get(expression.value.id)
            return (_as_module(of), expression.attr) if of and path_of(_as_module(of)).is_file() else None
        return None


def entry_points(folder: str) -> set[str]:
    return {
        node.name
        for node in module(f"{folder}.main").tree.body
        if isinstance(node, ast.AsyncFunctionDef) and DECORATOR in map(ast.unparse, node.decorator_list)
    }


@cache
def module(name: str) -> Module:
    tree = ast.parse(path_of(name).read_text())
    imported = {alias: of for node in tree.body for alias, of in _imports(name, node).items()}
    defined: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        for own in [*_names(node), *(one for one in _decorators(node) if one in defined)]:
            defined.setdefault(own, []).append(node)
    return Module(name, tree, defined, imported)


def path_of(name: str) -> Path:
    path = FUNCTIONS / name.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _as_module(name: Name) -> str:
    return ".".join(part for part in name if part)


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    return [target.id for target in _targets(node) if isinstance(target, ast.Name)]


def _decorators(node: ast.stmt) -> list[str]:
    """A router, too, has the endpoints that are registered with it."""
    decorators = getattr(node, "decorator_list", [])
    return [one.id for decorator in decorators for one in ast.walk(decorator) if isinstance(one, ast.Name)]


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return list(chain.from_iterable(one.elts if isinstance(one, ast.Tuple) else [one] for one in node.targets))
    return [node.target] if isinstance(node, ast.AnnAssign) else []


def _imports(of: str, within: ast.stmt) -> dict[str, Name]:
    """What the statement imports, also inside functions, by the name that it is given."""
    found: dict[str, Name] = {}
    for node in ast.walk(within):
        if isinstance(node, ast.ImportFrom):
            package = of if path_of(of).name == "__init__.py" else of.rpartition(".")[0]
            start = ".".join(part for part in (package if node.level else "", node.module or "") if part)
            found |= {one.asname or one.name: (start, one.name) for one in node.names}
    return found


def modules() -> Iterator[Module]:
    for path in sorted(FUNCTIONS.rglob("*.py")):
        name = ".".join(path.relative_to(FUNCTIONS).with_suffix("").parts)
        yield module(name.removesuffix(".__init__"))


def everything() -> Iterator[Piece]:
    """Every top-level definition."""
    for one in modules():
        yield from (Piece(one, node) for node in one.tree.body)


def values(piece: Piece, expression: ast.expr, within: ast.AST) -> list[Any]:
    """All that an expression may stand for: literals, constants, either side of a condition, what a loop goes through,
    arguments of callers."""
    match expression:
        case ast.Constant():
            return [expression.value]
        case ast.List() | ast.Tuple():
            return [list(chain(*parts)) for parts in product(*(_spread(piece, one, within) for one in expression.elts))]
        case ast.IfExp():
            return [*values(piece, expression.body, within), *values(piece, expression.orelse, within)]
        case ast.Call():
            arguments = product(*(values(piece, one, within) for one in expression.args[:2]))
            return [(ast.unparse(expression.func), *one) for one in arguments]
        case ast.Attribute() | ast.Name():
            return _looked_up(piece, expression, within)
    raise Unclear(f"{piece.module.name}: {ast.unparse(expression)}")


def _spread(piece: Piece, expression: ast.expr, within: ast.AST) -> list[Sequence[Any]]:
    """An element of a list as a list; `*some` is several."""
    if isinstance(expression, ast.Starred):
        return values(piece, expression.value, within)
    return [[one] for one in values(piece, expression, within)]


def _looked_up(piece: Piece, expression: ast.Attribute | ast.Name, within: ast.AST) -> list[Any]:
    if isinstance(expression, ast.Name):
        local = assigned(piece, expression.id, within)
        found = [value for one in local for value in values(piece, one, within)]
        found += _gone_through(piece, expression.id, within) or _given(piece, expression.id, within)
        if found:
            return found
    name = piece.resolve(expression)
    if name is None or not hasattr(importlib.import_module(name[0]), name[1]):
        raise Unclear(f"{piece.module.name}: {ast.unparse(expression)}")
    return [getattr(importlib.import_module(name[0]), name[1])]


def assigned(piece: Piece, name: str, within: ast.AST) -> list[ast.expr]:
    """What the function around it assigns to a variable."""
    return [
        node.value
        for node in ast.walk(_function(piece, within))
        if isinstance(node, ast.Assign) and name in [ast.unparse(target) for target in node.targets]
    ]


def _gone_through(piece: Piece, name: str, within: ast.AST) -> list[Any]:
    """What a loop or a comprehension binds the name to."""
    loops = (node for node in ast.walk(_function(piece, within)) if isinstance(node, ast.For | ast.comprehension))
    return [
        value
        for loop in loops
        if ast.unparse(loop.target) == name
        for several in values(piece, loop.iter, within)
        for value in several
    ]


def _given(piece: Piece, name: str, within: ast.AST) -> list[Any]:
    """What callers give for a parameter; a method's are in its own class."""
    function = _function(piece, within)
    names = [parameter.arg for parameter in function.args.args if parameter.arg != "self"]
    if name not in names:
        return []
    place, found = names.index(name), []
    for other in everything():
        for call in other.calls():
            if len(call.args) > place and _calls(other, call, piece, function.name):
                found += values(other, call.args[place], call)
    return found


def _calls(other: Piece, call: ast.Call, piece: Piece, name: str) -> bool:
    if isinstance(piece.node, ast.ClassDef):
        return other.node is piece.node and ast.unparse(call.func) == f"self.{name}"
    return other.resolve(call.func) == (piece.module.name, name)


def _function(piece: Piece, within: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """The innermost function around a piece of code."""
    assert isinstance(NOTHING, ast.FunctionDef)
    around = [
        node
        for node in ast.walk(piece.node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and within in ast.walk(node)
    ]
    return around[-1] if around else NOTHING
