"""The catalog's data files, as Python objects.

keys.tsv      one row a key, see rules/catalog/README.md for the columns
history.tsv   how the kernel's handler and bounds of each key changed
defaults.tsv  initial values by version

Every reader here is strict: a row that does not fit is an error with its file and line, because
the build compiles these files into the program.
"""

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
