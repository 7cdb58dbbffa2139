"""Every small fault of a source: comparisons, arithmetic, constants, booleans, returns."""

import ast
import copy
from collections import Counter
from dataclasses import dataclass

COMPARED = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
RECKONED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
}
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}
NOT_CODE = (ast.Assert, ast.JoinedStr, ast.AnnAssign, ast.ImportFrom, ast.Import)


@dataclass(frozen=True)
class Mutant:
    """One fault."""

    key: str
    """`function: what was -> what is #which of them`: stands when other lines move."""
    tree: ast.Module


def mutants(source: str) -> list[Mutant]:
    """Return every fault of a source."""
    tree = ast.parse(source)
    found: list[Mutant] = []
    seen: Counter[str] = Counter()
    nodes = list(_code(tree, ""))
    for where, node in nodes:
        for change in _changes(node):
            changed = copy.deepcopy(node)
            was = ast.unparse(node)
            fresh = change(changed)
            if fresh is None:
                continue
            key = f"{where}: {was} -> {ast.unparse(fresh)}"
            seen[key] += 1
            key += f" #{seen[key]}" if seen[key] > 1 else ""
            found.append(Mutant(key, _with(tree, node, fresh)))
    return found


def _code(node, where):
    """Yield what can be wrong, with the name of the function it stands in."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST):
                continue
            if isinstance(child, ast.AnnAssign):
                if child.value is not None:
                    yield where, child.value
                    yield from _code(child.value, where)
                continue
            if isinstance(child, NOT_CODE) or _is_docstring(child):
                continue
            within = where
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                within = f"{where}.{child.name}" if where else child.name
            yield within, child
            yield from _code(child, within)


def _is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node):
    if isinstance(node, ast.Compare):
        for number, operator in enumerate(node.ops):
            for other in COMPARED[type(operator)]:
                yield lambda n, number=number, other=other: _compared(n, number, other)
    elif isinstance(node, ast.BinOp) and type(node.op) in RECKONED:
        yield lambda n: _set(n, "op", RECKONED[type(n.op)]())
    elif isinstance(node, ast.BoolOp):
        yield lambda n: _set(n, "op", ast.And() if isinstance(n.op, ast.Or) else ast.Or())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield lambda n: n.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield lambda n: ast.Constant(not n.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield lambda n: ast.Constant(n.value + 1)
    elif isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield lambda n: _set(n, "value", ast.Constant(None))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in CALLED:
            yield lambda n: _set(n, "func", ast.Name(CALLED[n.func.id], ast.Load()))
    elif isinstance(node, ast.IfExp):
        yield lambda n: n.body
        yield lambda n: n.orelse
    elif isinstance(node, ast.Continue):
        yield lambda n: ast.Break()


def _compared(node, number, other):
    node.ops[number] = other()
    return node


def _set(node, name, value):
    setattr(node, name, value)
    return node


def _at(node):
    return type(node), node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


class _Swap(ast.NodeTransformer):
    def __init__(self, old, new):
        self.at = _at(old)
        self.new = new
        self.done = False

    def visit(self, node):
        if not self.done and hasattr(node, "lineno"):
            at = (
                type(node),
                node.lineno,
                node.col_offset,
                node.end_lineno,
                node.end_col_offset,
            )
            if at == self.at:
                self.done = True
                return ast.copy_location(self.new, node)
        return self.generic_visit(node)


def _with(tree, old, new):
    swapped = _Swap(old, new).visit(copy.deepcopy(tree))
    return ast.fix_missing_locations(swapped)
