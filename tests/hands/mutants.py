"""A solution with one piece of it changed: what its check has to find out.

`mutants(source)` reads a solution's cell and gives every answer in which one piece is
another: an operator, an operand that is dropped, a sign, a number by one, an axis, a
transpose, an index or a slice, another name, attribute or function, a statement that is
left out. It goes through the code in its order, and knows nothing of the exercise.
"""

import ast
import builtins
import re

SWAPPED = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Div, ast.Mod],
    ast.Mod: [ast.FloorDiv],
    ast.MatMult: [ast.Mult],
    ast.Pow: [ast.Mult],
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.Lt],
}
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.MatMult, ast.Pow)
ALIKE = [
    ["W_x", "W_h", "b"],
    ["W_xr", "W_xz", "W_xn", "W_hr", "W_hz", "W_hn"],
    ["b_r", "b_z", "b_n"],
    ["h", "h_n", "h_0", "c"],
    ["exp", "log", "tanh", "arctanh"],
    ["max", "min", "sum", "mean", "argmax", "argmin", "all", "any"],
    ["zeros", "ones"],
    ["zeros_like", "ones_like"],
    ["cumprod", "cumsum", "prod"],
    ["largest_singular_value", "spectral_radius"],
]
MOST = 20_000
"""So many rounds may the loops of an answer go before it counts as one without end."""


class Endless(Exception):
    """A loop has gone on for too long."""


def mutants(source):
    """Yield (what was changed, a function that makes the answer) for each mutant.

    The answer is what the cell's last line hands to its check. The function takes the
    names that the chapter's setup defines; it raises where the mutant is no answer.
    """
    tree = ast.parse(source)
    tree.body = needed(tree.body)
    seen = {ast.unparse(tree)}
    for before, after in changes(tree):
        text = ast.unparse(tree)
        if text not in seen and not re.search(r"(\w+)\.append\(\1\b", text):
            seen.add(text)
            yield f"{before} -> {after}", made_by(text)


def needed(body):
    """The definitions that the answer needs, and last `answer = ...` itself."""
    (given,) = body[-1].value.args
    last = ast.Assign([ast.Name("answer", ast.Store())], given)
    kept = [ast.fix_missing_locations(last)]
    for statement in reversed(body[:-1]):
        wanted = {one.id for kept_one in kept for one in names(kept_one)}
        if defined(statement) & wanted:
            kept.insert(0, statement)
    return kept


def names(tree):
    return [one for one in ast.walk(tree) if isinstance(one, ast.Name)]


def defined(statement):
    if isinstance(statement, ast.FunctionDef):
        return {statement.name}
    if isinstance(statement, ast.Assign):
        return {one.id for target in statement.targets for one in names(target)}
    return set()


def made_by(text):
    def make(space):
        tree, rounds = ast.parse(text), iter(range(MOST))

        def count():
            if next(rounds, None) is None:
                raise Endless("it does not end")

        for loop in ast.walk(tree):
            if isinstance(loop, (ast.For, ast.While)):
                loop.body.insert(0, ast.parse("count_round()").body[0])
        space = space | {"count_round": count}
        exec(compile(tree, "mutant", "exec"), space)
        return space["answer"]

    return make


def changes(tree):
    """Change one piece of the tree after the other, yield what it is, and undo it."""
    for parent in list(ast.walk(tree)):
        scope = known_in(tree, parent)
        for field, value in list(ast.iter_fields(parent)):
            if isinstance(value, ast.expr) and field != "func":
                for other in variants(value, parent, scope):
                    setattr(parent, field, other)
                    yield ast.unparse(value), ast.unparse(other)
                setattr(parent, field, value)
            elif isinstance(value, list):
                yield from changes_in_list(parent, field, value, scope)


def changes_in_list(parent, field, items, scope):
    for k, item in enumerate(items):
        if isinstance(item, ast.expr) and field != "targets":
            for other in variants(item, parent, scope):
                items[k] = other
                yield ast.unparse(item), ast.unparse(other)
            items[k] = item
        elif isinstance(item, ast.stmt) and not isinstance(parent, ast.Module):
            for other in statements(item):
                items[k : k + 1] = other
                after = " ".join(map(ast.unparse, other)).split("\n")[0]
                yield ast.unparse(item).split("\n")[0], after or "nothing"
                items[k : k + len(other)] = [item]
    whole = isinstance(parent, (ast.List, ast.Tuple, ast.Dict, ast.Call))
    if whole and field in ("elts", "values", "args"):
        yield from exchanged(parent, items)


def exchanged(parent, items):
    """Two neighbours of a list in each other's place, or one of them left out."""
    before = ast.unparse(parent)
    for k in range(len(items) - 1):
        items[k], items[k + 1] = items[k + 1], items[k]
        yield before, ast.unparse(parent)
        items[k], items[k + 1] = items[k + 1], items[k]
    if not isinstance(parent, ast.Dict):
        for k, item in enumerate(list(items)):
            if len(items) > 1:
                del items[k]
                yield before, ast.unparse(parent)
                items.insert(k, item)


def statements(node):
    """What may stand in place of a statement: a list of statements."""
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr)):
        yield [ast.Pass()]
    if isinstance(node, ast.AugAssign):
        other = ast.AugAssign(node.target, SWAPPED[type(node.op)][0](), node.value)
        for one in (other, ast.Assign([node.target], node.value)):
            yield [ast.fix_missing_locations(one)]


def known_in(tree, parent):
    """The names that the function around a place has: its arguments and its own."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and parent in ast.walk(function):
            stored = [one.id for one in names(function) if type(one.ctx) is ast.Store]
            return list(dict.fromkeys([a.arg for a in function.args.args] + stored))
    return []


def variants(node, parent, scope):
    """What may stand in place of an expression."""
    kind = type(node).__name__
    if isinstance(getattr(node, "ctx", None), ast.Store):
        return
    place = isinstance(parent, (ast.Subscript, ast.keyword))  # where -1 is the last
    for other in OF_KIND.get(kind, nothing)(node, scope):
        if not (place and ast.unparse(other) == "-1"):
            yield other
    in_product = isinstance(getattr(parent, "op", None), ast.MatMult)
    if kind == "Name" and node.id[0].isupper() and in_product:
        yield ast.Attribute(node, "T", ast.Load())
    signed = isinstance(node, (ast.BinOp, ast.Call)) and "zeros" not in ast.unparse(
        node
    )
    signed = signed and not ast.unparse(node).startswith("np.allclose")
    if signed and not isinstance(parent, ast.Attribute):
        yield ast.UnaryOp(ast.USub(), node)


def nothing(node, scope):
    return ()


def of_operation(node, scope):
    yield from (node.left, node.right)
    for op in SWAPPED.get(type(node.op), ()):
        yield ast.BinOp(node.left, op(), node.right)
    if isinstance(node.op, ORDERED):
        yield ast.BinOp(node.right, node.op, node.left)


def of_comparison(node, scope):
    for op in SWAPPED.get(type(node.ops[0]), ()):
        yield ast.Compare(node.left, [op()], node.comparators)


def of_constant(node, scope):
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, (int, float)):
        near = [value + 1, value - 1] if abs(value) < 10 else []
        yield from (ast.Constant(one) for one in [*near, 0, -value] if one != value)
    elif isinstance(value, str):
        yield from (ast.Constant(one) for one in "abcd" if value in "abcd")


def of_attribute(node, scope):
    if node.attr == "T":
        yield node.value
    yield from (ast.Attribute(node.value, one, node.ctx) for one in likes(node.attr))


def of_name(node, scope):
    if node.id in scope:
        yield from (ast.Name(one, node.ctx) for one in scope if one != node.id)


def of_call(node, scope):
    called = node.func
    name = getattr(called, "attr", getattr(called, "id", ""))
    if len(node.args) == 1:
        yield node.args[0]
    elif isinstance(called, ast.Attribute) and name not in vars(builtins):
        yield called.value  # array.swapaxes(0, 1) -> array
    for one in likes(name):
        if isinstance(called, ast.Attribute):
            other = ast.Attribute(called.value, one, ast.Load())
        else:
            other = ast.Name(one, ast.Load())
        yield ast.Call(other, node.args, node.keywords)
    for k in range(len(node.keywords)):
        rest = node.keywords[:k] + node.keywords[k + 1 :]
        yield ast.Call(called, node.args, rest)


def of_index(node, scope):
    yield node.value


def of_slice(node, scope):
    one = ast.Constant(1)
    yield ast.Slice(node.lower, node.upper)
    if node.lower:
        yield ast.Slice(None, node.upper, node.step)
        for op in (ast.Add(), ast.Sub()):
            yield ast.Slice(ast.BinOp(node.lower, op, one), node.upper, node.step)
    else:
        yield ast.Slice(one, node.upper, node.step)
    if node.upper:
        yield ast.Slice(node.lower, None, node.step)
        for op in (ast.Add(), ast.Sub()):
            yield ast.Slice(node.lower, ast.BinOp(node.upper, op, one), node.step)
    else:
        yield ast.Slice(node.lower, ast.UnaryOp(ast.USub(), one), node.step)


def of_choice(node, scope):
    yield from (node.body, node.orelse)
    yield ast.IfExp(node.test, node.orelse, node.body)


def of_sign(node, scope):
    yield node.operand


OF_KIND = {
    "BinOp": of_operation,
    "Compare": of_comparison,
    "Constant": of_constant,
    "Attribute": of_attribute,
    "Name": of_name,
    "Call": of_call,
    "Subscript": of_index,
    "Slice": of_slice,
    "IfExp": of_choice,
    "UnaryOp": of_sign,
}


def likes(name):
    """The names that stand for something of the same kind."""
    return [one for group in ALIKE if name in group for one in group if one != name]
