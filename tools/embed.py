#!/usr/bin/env python3
"""Writes a text as a C++ function that returns it.

    embed.py OUTPUT NAMESPACE FUNCTION FILE
"""

import pathlib
import sys


def literal(data: bytes) -> str:
    """Adjacent string literals: compilers bound the length of one."""
    parts = []
    for start in range(0, len(data), 4000):
        text = "".join(
            chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}"
            for byte in data[start:start + 4000])
        parts.append(f'"{text}"')
    return "\n    ".join(parts) or '""'


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    output, namespace, function, path = sys.argv[1:]
    text = literal(pathlib.Path(path).read_bytes())
    pathlib.Path(output).write_text(
        f"// Made by tools/embed.py from {pathlib.Path(path).name}; edits are lost.\n"
        "#include <string_view>\n\n"
        f"namespace {namespace} {{\n\n"
        f"std::string_view {function}();\n"
        f"std::string_view {function}() {{\n  return\n    {text};\n}}\n\n"
        f"}}  // namespace {namespace}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
