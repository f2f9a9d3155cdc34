#!/usr/bin/env python3
"""Writes the profiles as a C++ table of their texts.

    gen_profiles.py OUTPUT PROFILE.toml...

A profile is read when it is asked for; until then its text costs nothing but space.
"""

import pathlib
import sys


def literal(data: bytes) -> str:
    """Adjacent string literals: compilers bound the length of one."""
    parts = []
    for start in range(0, len(data), 4000):
        part = data[start:start + 4000]
        text = "".join(
            chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}"
            for byte in part)
        parts.append(f'"{text}"')
    return "\n    ".join(parts) or '""'


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    output, *paths = sys.argv[1:]
    rows = []
    for path in sorted(map(pathlib.Path, paths), key=lambda path: path.stem):
        text = literal(path.read_bytes())
        rows.append(f'    {{"{path.stem}", "profiles/{path.name}",\n    {text}}},\n')
    pathlib.Path(output).write_text(
        "// Made by tools/gen_profiles.py from profiles; edits are lost.\n"
        '#include <array>\n\n#include "advise/profile.h"\n\n'
        "namespace proctor::advise {\nnamespace {\n\n"
        f"constexpr std::array<BuiltinProfile, {len(rows)}> kProfiles = {{{{\n" + "".join(rows) +
        "}};\n\n}  // namespace\n\n"
        "std::span<const BuiltinProfile> builtin_profiles() { return kProfiles; }\n\n"
        "}  // namespace proctor::advise\n", encoding="utf-8")


if __name__ == "__main__":
    main()
