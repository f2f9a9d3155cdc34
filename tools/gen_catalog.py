#!/usr/bin/env python3
"""Compiles rules/catalog/*.tsv into the constexpr tables of src/kernel.

usage: gen_catalog.py FOLDER OUTPUT.cc
"""

import sys

import catalog_data as data


def quote(text):
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("\t", "\\t").replace("\n", "\\n") + '"'


def flag(value):
    return "true" if value else "false"


class Trie:
    """Patterns by their parts; nodes in breadth-first order, so that children are contiguous."""

    def __init__(self, names):
        root = {}
        for index, name in enumerate(names):
            node = root
            for part in name.split("."):
                node = node.setdefault(part, {})
            node[""] = index
        self.nodes = []
        queue = [("", root)]
        position = 0
        while position < len(queue):
            label, node = queue[position]
            position += 1
            children = sorted(part for part in node if part not in ("", "*"))
            first = len(queue)
            queue += [(part, node[part]) for part in children]
            wildcard = 0
            if "*" in node:
                wildcard = len(queue)
                queue.append(("*", node["*"]))
            self.nodes.append((label, first, len(children), wildcard, node.get("", -1)))


def bound(text):
    if not text:
        return "{Bound::Kind::kNone, 0, {}}"
    if text.startswith("?"):
        return "{Bound::Kind::kSymbol, 0, %s}" % quote(text[1:])
    return "{Bound::Kind::kNumber, %s, {}}" % (
        text + "LL" if text != "-9223372036854775808" else "INT64_MIN")


def change_rows(history, names):
    """Rows in order of key, main line first; and for each key where its rows are."""
    by_key = {name: ([], []) for name in names}
    for row in history:
        by_key[row["key"]][1 if row["branch"] else 0].append(row)
    lines, where = [], {}
    for name in names:
        main, branches = by_key[name]
        where[name] = (len(lines), len(main), len(branches))
        for row in main + branches:
            since = data.optional_version(row["from"])
            lines.append("{%s, %s, %s, %s, %s, %s, %s, 0%s}" % (
                since.cxx(), data.optional_version(row["before"]).cxx(), flag(row["branch"]),
                quote(row["handler"]), bound(row["min"]), bound(row["max"]),
                row["maxlen"] or "0", row["mode"].lstrip("0") or "0"))
    return lines, where


def key_line(row, where):
    first, main, branches = where[row["key"]]
    text = [quote(row[column]) for column in (
        "first", "last", "removed_in", "absent_before", "module", "config", "default",
        "replaced_by", "source", "notes", "combines")]
    return ("{%s, ValueType::%s, %s, %s, %s, %s, %s, %s, %s, Scope::%s, %s, %s, %d, %d, %d}" % (
        quote(row["key"]), data.TYPES[row["type"]], row["slots"] or "0", quote(row["unit"]),
        quote(row["min"]), quote(row["max"]), flag(row["access"] == "ro"),
        flag(row["access"] == "wo"), flag(data.SCOPES[row["scope"]] == "kNetns"),
        data.SCOPES[row["scope"]], flag(row["vendor"]), ", ".join(text), first, main, branches))


def life_lines(keys):
    lives, observations = [], []
    for row in keys:
        built, low, high = data.parse_built(row["built"])
        seen = data.parse_observations(row["stable"])
        versions = [data.optional_version(row[column]).cxx()
                    for column in ("absent_before", "first", "last", "removed_in")]
        lives.append("{%s, %s, %s, %s, %d, %d}" % (
            ", ".join(versions), flag(built), low.cxx(), high.cxx(), len(observations), len(seen)))
        observations += ["{%s, %s}" % (version.cxx(), flag(present)) for version, present in seen]
    return lives, observations


def default_lines(rows):
    """Rows, their programs, and the steps of all programs."""
    lines, programs, ops = [], [], []
    for row in rows:
        lines.append("{%s, %s, %s, %s, %s}" % (
            quote(row["path"]), row["from"].cxx(), row["to"].cxx(), quote(row["value"]),
            quote(row["evidence"])))
        programs.append("{%d, %d}" % (len(ops), len(row["program"])))
        for code, operand in row["program"]:
            text = isinstance(operand, str)
            ops.append("{tables::Op::Code::%s, %d, %s}" % (
                code, 0 if text else operand, quote(operand) if text else "{}"))
    return lines, programs, ops


def array(kind, name, lines):
    body = ",\n".join("    " + line for line in lines)
    return f"constexpr {kind} {name}[] = {{\n{body}}};\n"


def generate(folder):
    keys = data.load_keys(folder)
    names = [row["key"] for row in keys]
    changes, where = change_rows(data.load_history(folder, set(names)), names)
    lives, observations = life_lines(keys)
    defaults, programs, ops = default_lines(data.load_defaults(folder, set(names)))
    nodes = ["{0x%sU, %s, %d, %d, %d, %d}" % (
                 label.encode()[:8].ljust(8, b"\0").hex(), quote(label), first, count, wildcard, key)
             for label, first, count, wildcard, key in Trie(names).nodes]
    tables = [
        array("Key", "kKeys", [key_line(row, where) for row in keys]),
        array("Change", "kChanges", changes),
        array("tables::Life", "kLives", lives),
        array("tables::Observation", "kObservations", observations),
        array("tables::Node", "kNodes", nodes),
        array("InitialRow", "kInitialRows", defaults),
        array("tables::Program", "kPrograms", programs),
        array("tables::Op", "kOps", ops),
    ]
    return (
        "// Made by tools/gen_catalog.py from rules/catalog; edits are lost.\n"
        '#include "kernel/catalog_tables.h"\n#include "kernel/initial_tables.h"\n\n'
        "namespace proctor::kernel {\nnamespace {\n\n" + "\n".join(tables) + "\n}  // namespace\n\n"
        "std::span<const Key> keys() { return kKeys; }\n\n"
        "namespace tables {\n"
        "std::span<const Change> changes() { return kChanges; }\n"
        "std::span<const Life> lives() { return kLives; }\n"
        "std::span<const Observation> observations() { return kObservations; }\n"
        "std::span<const Node> nodes() { return kNodes; }\n"
        "std::span<const InitialRow> initial_rows() { return kInitialRows; }\n"
        "std::span<const Program> programs() { return kPrograms; }\n"
        "std::span<const Op> ops() { return kOps; }\n"
        "}  // namespace tables\n\n}  // namespace proctor::kernel\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        text = generate(sys.argv[1])
    except data.DataError as error:
        sys.exit(f"gen_catalog.py: {error}")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
