"""Rules as data: when an answer is right, and which hint fits one that is not.

A chapter's `rules.json`, beside its checks, has a rule for each question that needs no
Python. The checks follow it here, and a page of the book in `frontend/core/rules.js`,
which repeats what this module computes: the two must say the same of every answer.

A condition or a number is written as Python would: `max(abs(h[2:15])) <= 0.05`. Its
names are the question's: what was answered, what a figure is set to, and what it has
computed. `compiled` makes of it what both sides evaluate, lists such as
["<=", ["max", ...], 0.05], which JSON can hold. Where a list meets a number, each of
its items does.
"""

import ast
import math
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import accumulate

import numpy as np

_OPERATORS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.And: "and",
    ast.Or: "or",
}


class RuleError(ValueError):
    """A rule is not as a rule must be."""


@cache
def compiled(text):
    """Return what both sides evaluate of an expression; a str is a name there.

    Raises `RuleError` where the text is no expression of the few kinds that are known.
    """
    try:
        return _made(ast.parse(text, mode="eval").body)
    except (SyntaxError, KeyError) as error:
        raise RuleError(f"the rule “{text}” cannot be read: {error}") from None


def _made(node):
    made = _MADE.get(type(node))
    if made is None:
        known = ", ".join(sorted(kind.__name__ for kind in _MADE))
        raise RuleError(
            f"a rule has {ast.unparse(node)!r}, which is a {type(node).__name__}; "
            f"known are {known}"
        )
    return made(node)


def _constant(node):
    return ["'", node.value] if isinstance(node.value, str) else node.value


def _compared(node):
    sides = [_made(side) for side in (node.left, *node.comparators)]
    parts = [
        [_OPERATORS[type(op)], sides[k], sides[k + 1]] for k, op in enumerate(node.ops)
    ]
    return parts[0] if len(parts) == 1 else ["and", *parts]


def _item(node):
    if isinstance(node.slice, ast.Slice):
        ends = (node.slice.lower, node.slice.upper)
        return ["slice", _made(node.value), *(end and _made(end) for end in ends)]
    return ["at", _made(node.value), _made(node.slice)]


def _called(node):
    name = node.func.id
    if name == "given":
        return ["given", {one.arg: _made(one.value) for one in node.keywords}]
    if name not in FUNCTIONS:
        known = ", ".join(one for one in FUNCTIONS if one.isidentifier())
        raise RuleError(f"a rule calls {name}, which is not known; known are {known}")
    return [name, *map(_made, node.args)]


def _each(node):
    (loop,) = node.generators
    start, end = loop.iter.args
    return ["each", loop.target.id, _made(start), _made(end), _made(node.elt)]


_MADE = {
    ast.Constant: _constant,
    ast.Name: lambda node: node.id,
    ast.UnaryOp: lambda node: (
        ["not", _made(node.operand)]
        if isinstance(node.op, ast.Not)
        else ["-", 0, _made(node.operand)]
    ),
    ast.BinOp: lambda node: [
        _OPERATORS[type(node.op)],
        _made(node.left),
        _made(node.right),
    ],
    ast.BoolOp: lambda node: [_OPERATORS[type(node.op)], *map(_made, node.values)],
    ast.Compare: _compared,
    ast.IfExp: lambda node: ["if", *map(_made, (node.test, node.body, node.orelse))],
    ast.Subscript: _item,
    ast.Attribute: lambda node: ["at", _made(node.value), ["'", node.attr]],
    ast.Call: _called,
    ast.ListComp: _each,
    ast.List: lambda node: ["list", *map(_made, node.elts)],
}


# Numbers


def _over(function):
    """Let a function of numbers take lists too: item by item."""

    def applied(*values):
        lists = [one for one in values if isinstance(one, list)]
        if not lists:
            return function(*values)
        return [
            applied(*(one[k] if isinstance(one, list) else one for one in values))
            for k in range(len(lists[0]))
        ]

    return applied


def _divided(a, b):
    return a / b if b else math.nan if a == 0 or a != a else math.copysign(math.inf, a)


def apart(value, bar, digits=2, kind="f"):
    """Return a number in so few digits that it is still seen which side of a bar it is.

    kind : "f" for digits behind the point, "g" for digits that count.
    """
    text = (fixed if kind == "f" else general)(value, digits)
    if float(text) != bar or value == bar or digits > 15:
        return text
    return apart(value, bar, digits + 1, kind)


def fixed(value, decimals):
    """Return a number with so many decimals, a half rounded away from zero.

    From a million on it has three digits that count.
    """
    if not math.isfinite(value) or abs(value) >= 1e6:
        return general(value, 3)
    last = Decimal(1).scaleb(-int(decimals))
    return f"{Decimal(float(value)).quantize(last, ROUND_HALF_UP):f}"


def general(value, digits):
    """Return a number in so many digits that count, without zeros at its end."""
    if not math.isfinite(value):
        return _special(value)
    exact = Decimal(float(value))
    if exact:
        last = Decimal(1).scaleb(exact.adjusted() - int(digits) + 1)
        exact = exact.quantize(last, ROUND_HALF_UP)
    return f"{float(exact):.{int(digits)}g}"


def _special(value):
    return "nan" if value != value else "inf" if value > 0 else "-inf"


FUNCTIONS = {
    "+": _over(lambda a, b: a + b),
    "-": _over(lambda a, b: a - b),
    "*": _over(lambda a, b: a * b),
    "/": _over(_divided),
    "%": _over(lambda a, b: a % b),
    "**": _over(lambda a, b: float(np.float64(a) ** b)),
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": _over(lambda a, b: a < b),
    "<=": _over(lambda a, b: a <= b),
    ">": _over(lambda a, b: a > b),
    ">=": _over(lambda a, b: a >= b),
    "in": lambda a, b: a in b,
    "not": lambda a: not a,
    "list": lambda *items: list(items),
    "slice": lambda items, first, end: items[slice(first, end)],
    "abs": _over(abs),
    "sign": _over(lambda a: (a > 0) - (a < 0)),
    "exp": _over(lambda a: float(np.exp(a))),
    "tanh": _over(math.tanh),
    "isfinite": _over(math.isfinite),
    "min": min,
    "max": max,
    "sum": sum,
    "cumsum": lambda values: list(accumulate(values)),
    "len": len,
    "sorted": sorted,
    "all": all,
    "where": lambda flags: [k for k, flag in enumerate(flags) if flag],
    "argmax": lambda values: values.index(max(values)),
    "norm": lambda points: [math.hypot(*point) for point in points],
    "steps": lambda points: [
        [b - a for a, b in zip(*pair, strict=True)]
        for pair in zip(points, points[1:], strict=False)
    ],
    "fixed": fixed,
    "general": general,
    "apart": apart,
    "shape": lambda sizes: f"({', '.join(map(str, sizes))})",
}


def evaluate(made, names):
    """Return the value of what `compiled` made.

    names : a function from a name to its value; `given(w_h=0.7)` asks it for the names
        of a figure that is set so, by names.given({"w_h": 0.7}).
    """
    if isinstance(made, str):
        return names(made)
    if not isinstance(made, list):
        return made
    kind, *parts = made
    if kind in _LAZY:
        return _LAZY[kind](parts, names)
    return FUNCTIONS[kind](*(evaluate(part, names) for part in parts))


def _of_another(parts, names):
    return names.given({key: evaluate(one, names) for key, one in parts[0].items()})


def _at(parts, names):
    holder, key = (evaluate(part, names) for part in parts)
    return holder(key) if isinstance(holder, Names) else holder[key]


def _for_each(parts, names):
    name, start, end, made = parts
    ends = (evaluate(end, names) for end in (start, end))
    return [evaluate(made, names.with_({name: k})) for k in range(*ends)]


_LAZY = {
    "'": lambda parts, names: parts[0],
    "and": lambda parts, names: all(evaluate(part, names) for part in parts),
    "or": lambda parts, names: any(evaluate(part, names) for part in parts),
    "if": lambda parts, names: evaluate(
        parts[1] if evaluate(parts[0], names) else parts[2], names
    ),
    "given": _of_another,
    "at": _at,
    "each": _for_each,
}


class Names:
    """What names mean: `find(name)`, and for `given`, `another(values)`.

    Each is found once, however often a rule names it.
    """

    def __init__(self, find, another=None):
        self.find, self.another = cache(lambda name: plain(find(name))), another

    def __call__(self, name):
        return self.find(name)

    def given(self, values):
        return self.another(values)

    def with_(self, known):
        return Names(
            lambda name: known[name] if name in known else self.find(name), self.another
        )


def plain(value):
    """Return a value with its arrays as lists, as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return list(value)
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
