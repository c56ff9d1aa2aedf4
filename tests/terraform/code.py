"""What the code does that a deployment must allow for: for each entry point the topics it may publish to, the settings
it reads, and whether it uses Firestore and Gemini.

Everything that an entry point can reach is followed, function by function and method by method, with the types that
mypy finds: from `main.py` through what each piece refers to. What cannot be followed raises `Unclear`, so nothing is
overlooked in silence.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, get_args, get_type_hints

from mypy.build import BuildSource, build
from mypy.nodes import Expression, MemberExpr, MypyFile, NameExpr, TypeInfo
from mypy.options import Options
from mypy.traverser import NameAndMemberCollector
from mypy.types import AnyType, CallableType, Instance, Type, TypeType, UnionType, get_proper_type

from common.events import Event
from common.messages.deferred import Waiting
from common.settings import Settings
from tests.terraform import syntax
from tests.terraform.syntax import FUNCTIONS, Piece, Unclear

USED = {"firestore": "common.storage.firestore.FirestoreDocuments", "gemini": "common.llm.gemini.Gemini"}
READ = {"read", "where_given"}
PUT_ASIDE = ("common.messages.deferred", "one['topic']")
"""What was put aside is published again where it was going."""

Place = tuple[int, int, int | None, int | None]


@dataclass(frozen=True)
class Typed:
    """What a module refers to, by where it does, with what mypy knows about it."""

    references: Mapping[Place, list[NameExpr | MemberExpr]]
    types: Mapping[Expression, Type]

    def at(self, node: ast.expr) -> Sequence[NameExpr | MemberExpr]:
        return self.references.get((node.lineno, node.col_offset, node.end_lineno, node.end_col_offset), ())

    def type_of(self, node: ast.expr) -> list[Type]:
        """The members of its type where that is a union."""
        if isinstance(node, ast.Call):
            called = self.type_of(node.func)
            return list(chain.from_iterable(_members(one.ret_type) for one in called if isinstance(one, CallableType)))
        return list(chain.from_iterable(_members(self.types.get(one)) for one in self.at(node)))


def _members(of: Type | None) -> list[Type]:
    proper = get_proper_type(of) if of else None
    if isinstance(proper, UnionType):
        return list(chain.from_iterable(_members(item) for item in proper.items))
    return [proper] if proper else []


@cache
def checked() -> Mapping[str, Typed]:
    """Libraries are left out: what they return may be anything."""
    options = Options()
    options.export_types = options.preserve_asts = options.namespace_packages = options.explicit_package_bases = True
    options.ignore_missing_imports = True
    options.incremental = False
    options.python_executable = None
    options.mypy_path = [str(FUNCTIONS)]
    options.follow_imports = "silent"
    names = [one.name for one in syntax.modules()]
    result = build([BuildSource(str(syntax.path_of(name)), name) for name in names], options)
    return {name: _typed(result.graph[name].tree, result.types) for name in names}


def _typed(tree: MypyFile | None, types: Mapping[Expression, Type]) -> Typed:
    collected = NameAndMemberCollector()
    if tree:
        tree.accept(collected)
    references: dict[Place, list[NameExpr | MemberExpr]] = {}
    found: list[NameExpr | MemberExpr] = [*collected.name_exprs, *collected.member_exprs]
    for one in found:
        references.setdefault((one.line, one.column, one.end_line, one.end_column), []).append(one)
    return Typed(references, types)


@cache
def pieces() -> Mapping[str, list[Piece]]:
    """Every top-level definition and every method, by its full name. A class has its special methods."""
    found: dict[str, list[Piece]] = {}
    for module in syntax.modules():
        for name, nodes in module.defined.items():
            for node in nodes:
                for within, part in _parts(name, node):
                    found.setdefault(f"{module.name}.{within}", []).append(Piece(module, part))
    return found


def _parts(name: str, node: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    if not isinstance(node, ast.ClassDef):
        yield name, node
        return
    for statement in node.body:
        method = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and not statement.name.startswith("__")
        yield f"{name}.{statement.name}" if method else name, statement  # type: ignore[attr-defined]


@cache
def reached(folder: str, entry_point: str) -> tuple[Piece, ...]:
    """What the entry point can reach. A method called through a protocol is any that has its name in a class that is
    reached."""
    known, anywhere = {f"{folder}.main.{entry_point}"}, set[str]()
    waiting = list(known)
    while waiting:
        for piece in pieces().get(waiting.pop(), ()):
            named, by_name = _referred(piece)
            anywhere |= by_name
            new = (named | _methods(known | named, anywhere)) - known
            known |= new
            waiting += new
    return tuple(chain.from_iterable(pieces().get(name, ()) for name in sorted(known)))


def _methods(names: set[str], called: set[str]) -> set[str]:
    return {f"{name}.{method}" for name in names for method in called if f"{name}.{method}" in pieces()}


@cache
def _referred(piece: Piece) -> tuple[set[str], set[str]]:
    """Full names of what a piece refers to, and names of methods of it is not known what."""
    named, by_name = set[str](), set[str]()
    typed = checked()[piece.module.name]
    for node in ast.walk(piece.node):
        if isinstance(node, ast.Name | ast.Attribute):
            for expression in typed.at(node):
                if expression.fullname:
                    named.add(expression.fullname)
                elif isinstance(expression, MemberExpr):
                    owners = {_owner(one, expression.name) for one in _members(typed.types.get(expression.expr))}
                    named |= {f"{owner}.{expression.name}" for owner in owners if owner}
                    by_name |= {expression.name} if None in owners else set()
    return named, by_name


def _owner(of: Type, name: str) -> str | None:
    """The class that defines the attribute, empty where there is none; None for a protocol, for anything, and for what
    no class says, such as the content of a module."""
    info = _class(of)
    if info is None:
        return None if isinstance(of, AnyType) else ""
    owner = next((one for one in info.mro if name in one.names), None)
    return owner.fullname if owner and not owner.is_protocol else None


def _class(of: Type) -> TypeInfo | None:
    if isinstance(of, TypeType):
        of = of.item
    if isinstance(of, CallableType) and of.is_type_obj():
        return of.type_object()
    return of.type if isinstance(of, Instance) else None


def published(folder: str, entry_point: str) -> set[str]:
    """The topics."""
    return set(chain.from_iterable(_topics(piece) for piece in reached(folder, entry_point)))


def _topics(piece: Piece) -> Iterator[str]:
    for call in piece.calls():
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if method == "publish_raw":
            yield from _raw(piece, call)
        elif method == "publish" and call.args:
            yield from (_event(piece, one).topic for one in _elements(piece, call))


def _raw(piece: Piece, call: ast.Call) -> Iterator[str]:
    if (piece.module.name, ast.unparse(call.args[0])) == PUT_ASIDE:
        yield from (event.topic for event in get_args(get_type_hints(Waiting)["event"]))
    else:
        yield from map(str, syntax.values(piece, call.args[0], call))


def _elements(piece: Piece, call: ast.Call) -> Iterator[Type]:
    """The types of what is in the list that is published; those of its parts are narrower than its own."""
    typed = checked()[piece.module.name]
    match call.args[0]:
        case ast.List(elts=parts):
            for one in parts:
                yield from typed.type_of(_original(piece, one, call))
        case ast.ListComp(elt=one):
            yield from typed.type_of(_original(piece, one, call))
        case whole:
            for of in typed.type_of(whole):
                yield from chain.from_iterable(map(_members, of.args if isinstance(of, Instance) else ()))


def _original(piece: Piece, expression: ast.expr, call: ast.Call) -> ast.expr:
    """`event.model_copy(…)` is what `event` is, also where it is given a name first."""
    local = syntax.assigned(piece, expression.id, call) if isinstance(expression, ast.Name) else []
    match local or [expression]:
        case [ast.Call(func=ast.Attribute(attr="model_copy", value=original))]:
            return original
    return expression


def _event(piece: Piece, of: Type) -> type[Event]:
    info = _class(of)
    event = _imported(info.fullname) if info else None
    if not (isinstance(event, type) and issubclass(event, Event)):
        raise Unclear(f"{piece.module.name}: what is published is no event but {of}")
    return event


def settings(folder: str, entry_point: str) -> Mapping[type[Settings], bool]:
    """The groups that are read, and whether they are whatever is given: `Group.read(os.environ)`."""
    found: dict[type[Settings], bool] = {}
    for piece in reached(folder, entry_point):
        for call in piece.calls():
            if isinstance(call.func, ast.Attribute) and call.func.attr in READ:
                for of in checked()[piece.module.name].type_of(call.func.value):
                    info = _class(of)
                    group = _imported(info.fullname) if info else None
                    if isinstance(group, type) and issubclass(group, Settings) and group is not Settings:
                        found[group] = found.get(group, False) or call.func.attr == "read"
    return found


def _imported(fullname: str) -> Any:
    module, _, name = fullname.rpartition(".")
    return getattr(importlib.import_module(module), name, None) if module.startswith(("common", "builtins")) else None


def uses(folder: str, entry_point: str) -> set[str]:
    named = set().union(*(_referred(piece)[0] for piece in reached(folder, entry_point)))
    return {name for name, fullname in USED.items() if fullname in named}
