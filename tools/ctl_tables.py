"""Reads ctl_table initialisers from a kernel source tree.

What it cannot see: tables filled at run time, modes or bounds changed after a kmemdup(), options of
Kconfig and Makefiles. Function-like macros that make entries are expanded if the same file defines
them. The folder of a table comes from the call that registers it; where that is out of reach
(trees of .child tables before 6.5, tables registered from another file) it is empty.
"""

import dataclasses
import itertools
import os
import re

NOT_TABLES = {"fs/proc/proc_sysctl.c", "kernel/sysctl-test.c", "lib/test_sysctl.c"}
SKIPPED = {"tools", "samples", "Documentation", "usr", "scripts", "include", "rust"}

# Tables whose folder is computed when they are registered.
FOLDERS = [
    (r"net/ipv4/devinet\.c", r"devinet_vars|devinet_sysctl", "net.ipv4.conf.*"),
    (r"net/ipv4/devinet\.c", r"ctl_forward_entry", "net.ipv4"),
    (r"net/ipv6/addrconf\.c", r".*", "net.ipv6.conf.*"),
    (r"net/core/neighbour\.c", r".*", "net.*.neigh.*"),
    (r"net/ipv6/(sysctl_net_ipv6|route|icmp)\.c", r"ipv6_route_table.*", "net.ipv6.route"),
    (r"net/ipv6/(sysctl_net_ipv6|route|icmp)\.c", r"ipv6_icmp_table.*", "net.ipv6.icmp"),
    (r"net/mpls/af_mpls\.c", r"mpls_dev_table", "net.mpls.conf.*"),
    (r"net/ax25/.*", r".*", "net.ax25.*"),
    (r"kernel/sysctl\.c", r"kern_table", "kernel"),
    (r"kernel/sysctl\.c", r"vm_table", "vm"),
    (r"kernel/sysctl\.c", r"fs_table", "fs"),
    (r"kernel/sysctl\.c", r"debug_table", "debug"),
    (r"drivers/parport/procfs\.c", r".*device.*", "dev.parport.*.devices.*"),
    (r"drivers/parport/procfs\.c", r".*default.*", "dev.parport.default"),
    (r"drivers/parport/procfs\.c", r".*", "dev.parport.*"),
]

CONSTANTS = {
    "SYSCTL_ZERO": "0", "SYSCTL_ONE": "1", "SYSCTL_TWO": "2", "SYSCTL_THREE": "3",
    "SYSCTL_FOUR": "4", "SYSCTL_NEG_ONE": "-1", "SYSCTL_ONE_HUNDRED": "100",
    "SYSCTL_TWO_HUNDRED": "200", "SYSCTL_ONE_THOUSAND": "1000",
    "SYSCTL_THREE_THOUSAND": "3000", "SYSCTL_INT_MAX": "2147483647", "SYSCTL_MAXOLDUID": "65535",
    "SYSCTL_U8_MAX": "255", "SYSCTL_LONG_ZERO": "0", "SYSCTL_LONG_ONE": "1",
    "SYSCTL_LONG_MAX": "9223372036854775807", "INT_MAX": "2147483647", "USHRT_MAX": "65535",
    "U8_MAX": "255", "UINT_MAX": "4294967295", "LONG_MAX": "9223372036854775807", "NULL": "",
}


@dataclasses.dataclass(frozen=True)
class Entry:
    """One row of a ctl_table."""

    folder: str  # dotted, "" if not resolved
    name: str
    file: str
    table: str
    handler: str
    minimum: str  # a number, "?symbol", or ""
    maximum: str
    mode: int

    @property
    def key(self):
        return f"{self.folder}.{self.name}" if self.folder else ""


def without_comments(text):
    """Comments become blanks, so that offsets stay; strings are left alone."""
    pattern = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.S)

    def blank(match):
        part = match.group(0)
        return re.sub(r"[^\n]", " ", part) if part.startswith("/") else part

    return pattern.sub(blank, text)


def split_arguments(text):
    """Top-level commas outside of brackets and strings."""
    parts, depth, current, quoted = [], 0, "", False
    for position, char in enumerate(text):
        if char == '"' and (position == 0 or text[position - 1] != "\\"):
            quoted = not quoted
        if not quoted:
            depth += (char in "([{") - (char in ")]}")
            if char == "," and depth == 0:
                parts.append(current.strip())
                current = ""
                continue
        current += char
    if current.strip():
        parts.append(current.strip())
    return parts


def closing(text, opening):
    """Offset of the bracket that closes the one at `opening`, or -1."""
    pairs = {"(": ")", "{": "}"}
    left, right, depth = text[opening], pairs[text[opening]], 0
    position = opening
    while position < len(text):
        char = text[position]
        if char == '"':
            position = text.find('"', position + 1)
            while position > 0 and text[position - 1] == "\\":
                position = text.find('"', position + 1)
            if position < 0:
                return -1
        elif char == left:
            depth += 1
        elif char == right:
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return -1


class SourceFile:
    """One file, its entry-making macros expanded."""

    def __init__(self, root, name):
        self.name = name
        with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
            text = without_comments(file.read())
        text = re.sub(r"\\\n", " ", text)
        self.constants = dict(CONSTANTS)
        self.macros = {}
        self._collect(text)
        text = re.sub(r"^[ \t]*#.*$", "", text, flags=re.M)
        for _ in range(4):
            text, changed = self._expand(text)
            if not changed:
                break
        self.text = text

    def _collect(self, text):
        for match in re.finditer(r"^[ \t]*#[ \t]*define[ \t]+(\w+)\(([^)]*)\)(.*)$", text, re.M):
            names = [name.strip() for name in match.group(2).split(",")]
            self.macros[match.group(1)] = (names, match.group(3))
        makers = {name for name, (_, body) in self.macros.items() if ".procname" in body}
        for _ in range(4):
            makers |= {name for name, (_, body) in self.macros.items()
                       if any(re.search(rf"\b{maker}\s*\(", body) for maker in makers)}
        self.macros = {name: self.macros[name] for name in makers}
        for match in re.finditer(r"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(\S.*)$", text, re.M):
            self.constants.setdefault(match.group(1), match.group(2).strip())
        for match in re.finditer(r'\bchar\s+(\w+)\s*\[\s*\]\s*=\s*("[^"]*")', text):
            self.constants.setdefault(match.group(1), match.group(2))
        declared = re.finditer(
            r"^(?:static\s+)?(?:const\s+)?(?:unsigned\s+|signed\s+)?(?:int|long|u8|u32|size_t)\s+"
            r"(?:const\s+|__maybe_unused\s+|__read_mostly\s+|__ro_after_init\s+)*([^;{}()]*=[^;{}]*);",
            text, re.M)
        for match in declared:
            for part in split_arguments(match.group(1)):
                name, equals, value = part.partition("=")
                words = name.split()
                if equals and words:
                    self.constants.setdefault(words[0], value.strip())

    def _expand(self, text):
        if not self.macros:
            return text, False
        result, position, changed = "", 0, False
        for match in re.finditer(rf"\b({'|'.join(sorted(self.macros))})\s*\(", text):
            if match.start() < position:
                continue
            end = closing(text, match.end() - 1)
            if end < 0:
                continue
            names, body = self.macros[match.group(1)]
            values = split_arguments(text[match.end():end])
            for name, value in zip(names, values):
                if name:
                    body = re.sub(rf"(?<!#)#\s*{name}\b", '"' + value.strip('"') + '"', body)
            for name, value in zip(names, values):
                if name:
                    body = re.sub(rf"\b{re.escape(name)}\b", lambda _, v=value: v, body)
            result += text[position:match.start()] + re.sub(r"\s*##\s*", "", body)
            position, changed = end + 1, True
        return result + text[position:], changed

    def number(self, text, depth=0):
        """A bound as a number, "?symbol" if it is none, "" for NULL."""
        symbol = re.sub(r"\([^()]*\*\)|[&()\s]", "", text)
        if not symbol:
            return ""
        value = self.constants.get(symbol)
        if value is None:
            return symbol if re.fullmatch(r"-?\d+", symbol) else "?" + symbol
        if value == "" or re.fullmatch(r"-?\d+", value):
            return value
        if depth < 3 and re.fullmatch(r"\w+", value):
            found = self.number(value, depth + 1)
            return found if not found.startswith("?") else "?" + symbol
        arithmetic = re.sub(r"(\d)[UuLl]+", r"\1", value)
        if re.fullmatch(r"[\d\s+*()<-]+", arithmetic) and len(arithmetic) < 40:
            try:
                return str(eval(arithmetic, {"__builtins__": {}}))  # digits and operators only
            except SyntaxError:
                pass
        return "?" + symbol

    def string(self, text):
        """A string literal, or a macro or array that holds one."""
        text = text.strip()
        if re.fullmatch(r'(?:"[^"]*"\s*)+', text):
            return "".join(re.findall(r'"([^"]*)"', text))
        value = self.constants.get(text, "")
        return value.strip('"') if value.startswith('"') else None

    def blocks(self):
        """Every brace with its parent."""
        stack, parents, ends = [], {}, {}
        for match in re.finditer(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[{}]', self.text):
            if match.group(0) == "{":
                parents[match.start()] = stack[-1] if stack else None
                stack.append(match.start())
            elif match.group(0) == "}" and stack:
                ends[stack.pop()] = match.start()
        return parents, ends

    def table_of(self, parents, block):
        """Name of the array around an entry."""
        while block is not None:
            before = re.sub(r"\s+", " ", self.text[max(0, block - 200):block])
            match = re.search(r"\.?(\w+) ?(?:\[[^\]]*\] ?)*(?:__\w+ ?)*= ?(?:\([^)]*\) ?)?$", before)
            if match:
                return match.group(1)
            block = parents[block]
        return ""

    def entries(self):
        """(table, names, fields) of each initialiser; an #ifdef may give it two names."""
        parents, ends = self.blocks()
        starts, done = sorted(parents), set()
        for match in re.finditer(r"\.procname\s*=", self.text):
            inside = [start for start in starts
                      if start < match.start() < ends.get(start, -1)]
            if not inside or inside[-1] in done:
                continue
            block = inside[-1]
            done.add(block)
            fields, names = {}, []
            for part in split_arguments(self.text[block + 1:ends[block]]):
                named = re.match(r"\.(\w+)\s*=\s*(.*)$", part, re.S)
                if named:
                    fields[named.group(1)] = re.sub(r"\s+", " ", named.group(2))
                if named and named.group(1) == "procname":
                    names.append(self.string(named.group(2)))
            outer = parents[block]
            yield self.table_of(parents, outer if outer is not None else block), names, fields

    def folders(self):
        """Table name -> folders that it is registered under."""
        copies = {}
        for match in re.finditer(r"([\w>.-]+)\s*=\s*kmemdup(?:_array)?\(\s*&?(\w+)", self.text):
            copies.setdefault(match.group(1).split(">")[-1].split(".")[-1], set()).add(
                match.group(2))
        for match in re.finditer(r"\b(\w+)\s*=\s*&?(\w+)\s*;", self.text):
            copies.setdefault(match.group(1), set()).add(match.group(2))
        result = {}
        call = r"\b(__)?register_(net_)?sysctl\w*\s*\("
        for match in re.finditer(call, self.text):
            end = closing(self.text, match.end() - 1)
            arguments = split_arguments(self.text[match.end():end]) if end > 0 else []
            if match.group(1) or match.group(2):  # a set or a namespace comes first
                arguments = arguments[1:]
            if len(arguments) < 2:
                continue
            folder = self.string(arguments[0])
            if folder is None:
                continue
            table = re.sub(r"[&\s]", "", arguments[1]).split(">")[-1].split(".")[-1]
            for name in {table} | copies.get(table, set()):
                result.setdefault(name, set()).add(folder.replace("/", "."))
        return result


def folders_of(source, table, registered):
    for file, pattern, folder in FOLDERS:
        if re.fullmatch(file, source.name) and re.fullmatch(pattern, table):
            if folder == "net.*.neigh.*":
                return {"net.ipv4.neigh.*", "net.ipv6.neigh.*"}
            return {folder}
    return registered.get(table, {""})


def mode_of(text):
    text = text.replace(" ", "")
    named = {"S_IRUGO|S_IWUSR": 0o644, "S_IRUGO": 0o444, "S_IWUSR|S_IRUGO": 0o644}
    if text in named:
        return named[text]
    return int(text, 8) if re.fullmatch(r"[0-7]+", text) else 0


def candidates(root):
    for folder, folders, files in os.walk(root):
        relative = os.path.relpath(folder, root)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if relative.split(os.sep)[0] in SKIPPED:
            folders[:] = []
            continue
        for name in sorted(files):
            if name.endswith((".c", ".h")):
                yield os.path.normpath(os.path.join(relative, name))


def read_tree(root):
    """Every entry of every table under `root`."""
    entries = []
    for name in candidates(root):
        if name in NOT_TABLES:
            continue
        with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
            text = file.read()
        if "procname" not in text or "ctl_table" not in text:
            continue
        source = SourceFile(root, name)
        registered = source.folders()
        for table, names, fields in source.entries():
            if "proc_handler" not in fields:  # a folder of old trees: .child, or a ctl_path
                continue
            where = itertools.product(filter(None, names), folders_of(source, table, registered))
            for procname, folder in sorted(where):
                entries.append(Entry(
                    folder, procname, name, table, fields.get("proc_handler", "").lstrip("&"),
                    source.number(fields.get("extra1", "")),
                    source.number(fields.get("extra2", "")), mode_of(fields.get("mode", ""))))
    return entries
