#!/usr/bin/env python3
"""Writes what each key does as a C++ table, sorted by key.

    gen_explain.py CATALOG OUTPUT

CATALOG is the folder with explain.tsv and keys.tsv; a text about a key that is not in keys.tsv is an
error.
"""

import pathlib
import sys


def rows(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return [line.split("\t") for line in lines[1:]]


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    catalog = pathlib.Path(sys.argv[1])
    known = {row[0] for row in rows(catalog / "keys.tsv")}
    texts = {}
    for row in rows(catalog / "explain.tsv"):
        if len(row) != 2 or not row[1]:
            sys.exit(f"explain.tsv: {row[0]}: a key, a tab and a text")
        if row[0] not in known:
            sys.exit(f"explain.tsv: {row[0]} is not in keys.tsv")
        if row[0] in texts:
            sys.exit(f"explain.tsv: {row[0]} stands twice")
        texts[row[0]] = row[1]
    table = "".join(f"    {{{literal(key)},\n     {literal(texts[key])}}},\n" for key in sorted(texts))
    pathlib.Path(sys.argv[2]).write_text(
        "// Made by tools/gen_explain.py from rules/catalog/explain.tsv; edits are lost.\n"
        '#include "cli/key_text.h"\n\n#include <algorithm>\n#include <array>\n\n'
        "namespace proctor::cli {\nnamespace {\n\n"
        "struct KeyText {\n  std::string_view key;\n  std::string_view does;\n};\n\n"
        f"constexpr std::array<KeyText, {len(texts)}> kTexts = {{{{\n{table}}}}};\n\n"
        "}  // namespace\n\n"
        "std::string_view key_text(std::string_view key) {\n"
        "  const auto* const found = std::ranges::lower_bound(kTexts, key, {}, &KeyText::key);\n"
        "  return found != kTexts.end() && found->key == key ? found->does : std::string_view();\n"
        "}\n\n}  // namespace proctor::cli\n", encoding="utf-8")


if __name__ == "__main__":
    main()
