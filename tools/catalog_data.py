"""The catalog's data files, as Python objects.

keys.tsv      one row a key, see rules/catalog/README.md for the columns
history.tsv   how the kernel's handler and bounds of each key changed
defaults.tsv  initial values by version

Every reader here is strict: a row that does not fit is an error with its file and line, because
the build compiles these files into the program.
"""

import ast
import dataclasses
import os
import re

TYPES = {
    "int": "kInt", "uint": "kUint", "u8": "kU8", "bool": "kBool", "long": "kLong",
    "ulong": "kUlong", "ints": "kIntVector", "uints": "kUintVector", "longs": "kLongVector",
    "ulongs": "kUlongVector", "string": "kString", "port-bitmap": "kPortBitmap", "mask": "kMask",
    "other": "kOther",
}
SCOPES = {
    "global": "kGlobal", "global-visible": "kGlobal", "netns": "kNetns",
    "init-netns": "kInitNetns", "init-netns-write": "kInitNetnsWrites",
    "init-netns-default": "kInitNetnsDefault", "ipcns": "kIpcns", "userns": "kUserns",
    "utsns": "kUtsns", "pidns": "kPidns", "pidns-6.14": "kPidnsSince614", "unknown": "kUnknown",
}
COMBINES = {
    "", "max", "min", "or", "and", "iface", "all", "either", "all-nonzero", "or-max-6.0",
    "iface-or-5.11", "and-or-forwarding",
}
ACCESS = {"rw", "ro", "wo", "root", "all"}


class DataError(Exception):
    """A row of a data file that does not fit."""


@dataclasses.dataclass(frozen=True, order=True)
class Version:
    """A release (6.1.192), a series (6.1), or an old release (2.6.32)."""

    major: int
    minor: int
    patch: int = 0
    has_patch: bool = False

    @staticmethod
    def parse(text):
        if not re.fullmatch(r"\d+\.\d+(\.\d+)?(\.\d+)?", text):
            raise ValueError(f"not a version: {text!r}")
        parts = [int(part) for part in text.split(".")]
        return Version(parts[0], parts[1], parts[2] if len(parts) > 2 else 0, len(parts) > 2)

    def series(self):
        if self.major == 2:
            return self
        return Version(self.major, self.minor)

    def __str__(self):
        text = f"{self.major}.{self.minor}"
        return f"{text}.{self.patch}" if self.has_patch else text

    def cxx(self):
        return "{%d, %d, %d, %s}" % (
            self.major, self.minor, self.patch, "true" if self.has_patch else "false")


NONE = Version(0, 0)


def read_table(path):
    """Rows of a tab separated file as dicts, with `line`."""
    rows = []
    with open(path, encoding="utf-8", newline="") as file:
        header = None
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            cells = line.split("\t")
            if header is None:
                header = cells
                continue
            if len(cells) != len(header):
                raise DataError(f"{path}:{number}: {len(cells)} cells, expected {len(header)}")
            row = dict(zip(header, cells))
            row["line"] = number
            rows.append(row)
    return rows


def optional_version(text):
    return Version.parse(text.removeprefix("<=")) if text else NONE


def parse_built(text):
    """"yes", "no", or a range of series "6.1..", "..6.12" in which distributions build it."""
    if text in ("yes", "no", ""):
        return text == "yes", NONE, NONE
    low, dots, high = text.partition("..")
    if not dots:
        raise ValueError(f"not a range: {text!r}")
    return True, optional_version(low), optional_version(high)


def parse_observations(text):
    """"+6.1.47 -6.1.46": seen or missing in these releases of a series older than `first`."""
    result = []
    for word in text.split():
        if word[0] not in "+-":
            raise ValueError(f"observation without a sign: {word!r}")
        result.append((Version.parse(word[1:]), word[0] == "+"))
    return result


def load_keys(folder):
    path = os.path.join(folder, "keys.tsv")
    rows = read_table(path)
    previous = ""
    for row in rows:
        where = f"{path}:{row['line']}"
        try:
            if row["key"] <= previous:
                raise ValueError(f"{row['key']!r} is out of order")
            previous = row["key"]
            if row["type"] not in TYPES:
                raise ValueError(f"type {row['type']!r}")
            if row["scope"] not in SCOPES:
                raise ValueError(f"scope {row['scope']!r}")
            if row["combines"] not in COMBINES:
                raise ValueError(f"combines {row['combines']!r}")
            if row["access"] not in ACCESS:
                raise ValueError(f"access {row['access']!r}")
            for column in ("absent_before", "first", "last", "removed_in"):
                optional_version(row[column])
            if not row["vendor"] and not row["first"]:
                raise ValueError("no first release")
            parse_built(row["built"])
            parse_observations(row["stable"])
        except ValueError as error:
            raise DataError(f"{where}: {error}") from error
    return rows


def load_history(folder, names):
    path = os.path.join(folder, "history.tsv")
    rows = read_table(path)
    for row in rows:
        where = f"{path}:{row['line']}"
        try:
            if row["key"] not in names:
                raise ValueError(f"{row['key']!r} is not in keys.tsv")
            Version.parse(row["from"])
            optional_version(row["before"])
            optional_version(row["branch"])
            int(row["mode"] or "0", 8)
            int(row["maxlen"] or "0")
            for column in ("min", "max"):
                if not re.fullmatch(r"-?\d+|\?\S+|", row[column]):
                    raise ValueError(f"{column} {row[column]!r}")
        except ValueError as error:
            raise DataError(f"{where}: {error}") from error
    return rows


def parse_range(text):
    """"5.4..", "..5.3", "6.1", "" for all: both ends inclusive."""
    low, dots, high = text.partition("..")
    if not dots:
        high = low
    return (Version.parse(low) if low else NONE,
            Version.parse(high) if high else Version(65535, 0))


def load_defaults(folder, names):
    """Rows sorted by path and kernel; ranges of one path do not overlap."""
    path = os.path.join(folder, "defaults.tsv")
    rows = read_table(path)
    for row in rows:
        where = f"{path}:{row['line']}"
        try:
            pattern = re.sub(r"^(net\.ipv[46]\.(?:conf|neigh))\.(?:all|default|lo)\.", r"\1.*.",
                             row["path"])
            if row["path"] not in names and pattern not in names:
                raise ValueError(f"{row['path']!r} is not in keys.tsv")
            row["from"], row["to"] = parse_range(row["kernels"])
            row["program"] = initial_program(row["value"])
        except (ValueError, SyntaxError) as error:
            raise DataError(f"{where}: {error}") from error
    rows.sort(key=lambda row: (row["path"], row["from"]))
    for one, other in zip(rows, rows[1:]):
        if one["path"] == other["path"] and one["to"] >= other["from"]:
            raise DataError(f"{path}:{other['line']}: overlaps line {one['line']}")
    return rows


FACTS = {"memory": 0, "cpus": 1, "page": 2, "hz": 3, "thp": 4, "x86_64": 5}
FUNCTIONS = {"min": "kMin", "max": "kMax", "pow2up": "kPow2Up", "pow2down": "kPow2Down",
             "isqrt": "kSquareRoot", "about": "kAbout"}
UNARY = {"kPow2Up", "kPow2Down", "kSquareRoot", "kAbout"}
OPERATORS = {ast.Add: "kAdd", ast.Sub: "kSubtract", ast.Mult: "kMultiply",
             ast.FloorDiv: "kDivide"}
COMPARISONS = {ast.Lt: "kLess", ast.LtE: "kLessEqual", ast.Eq: "kEqual"}
STACK = 16


def compile_expression(node):
    """Steps of tables::Op for a Python expression of whole numbers, facts and a few functions."""
    if isinstance(node, ast.Expression):
        return compile_expression(node.body)
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return [("kNumber", node.value)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return [("kNumber", 0)] + compile_expression(node.operand) + [("kSubtract", 0)]
    if isinstance(node, ast.Name) and node.id == "unknown":
        return [("kUnknown", 0)]
    if isinstance(node, ast.Name) and node.id in FACTS:
        return [("kFact", FACTS[node.id])]
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return (compile_expression(node.left) + compile_expression(node.right) +
                [(OPERATORS[type(node.op)], 0)])
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = compile_expression(node.left), compile_expression(node.comparators[0])
        kind = type(node.ops[0])
        if kind in (ast.Gt, ast.GtE):
            left, right, kind = right, left, ast.Lt if kind is ast.Gt else ast.LtE
        return left + right + [(COMPARISONS[kind], 0)]
    if isinstance(node, ast.IfExp):
        return (compile_expression(node.test) + compile_expression(node.body) +
                compile_expression(node.orelse) + [("kSelect", 0)])
    if isinstance(node, ast.Call) and getattr(node.func, "id", None) in FUNCTIONS:
        steps = compile_expression(node.args[0])
        for argument in node.args[1:]:
            steps += compile_expression(argument) + [(FUNCTIONS[node.func.id], 0)]
        return steps if len(node.args) > 1 else steps + [(FUNCTIONS[node.func.id], 0)]
    raise ValueError(f"not understood: {ast.unparse(node)}")


def depth_of(steps):
    """How deep the stack gets."""
    depth = deepest = 0
    for code, _ in steps:
        if code in ("kNumber", "kFact", "kUnknown"):
            depth += 1
        elif code == "kSelect":
            depth -= 2
        elif code not in UNARY:
            depth -= 1
        deepest = max(deepest, depth)
    return deepest


def initial_program(value):
    """"4096\\t{max(1, memory // 4)}": literal text with expressions in braces."""
    steps = []
    for piece in re.split(r"(\{[^}]*\})", value):
        if piece.startswith("{"):
            expression = compile_expression(ast.parse(piece[1:-1].strip(), mode="eval"))
            if depth_of(expression) > STACK:
                raise ValueError(f"too deep: {piece}")
            steps += expression + [("kEmit", 0)]
        elif piece:
            steps.append(("kText", piece.replace("\\t", "\t").replace("\\n", "\n")))
    return steps
