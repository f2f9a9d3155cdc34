"""What the experiments with real kernels share: how bytes are written down, the prediction, the
machine's facts."""
import errno
import re
import subprocess

SKIPPED = 77
# Loaded besides those that the catalog names, and left out of them: these wait for devices that the
# guest has not, or need another machine.
MORE_MODULES = ["tcp_bbr", "tcp_htcp", "sch_fq"]
NO_MODULES = {"i915", "xe", "hv_vmbus", "ipmi_poweroff", "xpc", "ocfs2"}


def escape(text):
    names = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\"}
    return "".join(names.get(c) or (c if " " <= c <= "~" else f"\\x{ord(c):02x}") for c in text)


def unescape(text):
    names = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(x[0-9a-f]{2}|.)", lambda m: chr(int(m[1][1:], 16)) if len(m[1]) == 3
                  else names.get(m[1], m[1]), text)


def as_read(text):
    """A value of the guest less the newline that ends it; None where it cannot be read."""
    return None if text.startswith("!") else unescape(text).removesuffix("\n")


def errno_name(number):
    return {**errno.errorcode, 95: "EOPNOTSUPP", 524: "ENOTSUPP"}.get(number, str(number)) if number else "ok"


class Model:
    """Asks the prediction; orders are collected and answered together."""

    def __init__(self, program):
        self.program, self.lines, self.asked = program, [], 0

    def say(self, *fields):
        self.lines.append("\t".join(fields))

    def ask(self, *fields):
        self.say(*fields)
        self.asked += 1

    def begin(self, machine, dump):
        """The state of a guest from its dump."""
        self.say("machine", *machine)
        self.say("complete")
        self.set_values(dump)

    def set_values(self, dump):
        for path, value in dump.items():
            if value.readable:
                self.say("value", path, value.text)
            else:
                self.say("unreadable", path)

    def answers(self):
        text = "".join(line + "\n" for line in self.lines)
        done = subprocess.run([self.program], input=text.encode("ascii"), stdout=subprocess.PIPE,
                              check=True)
        return done.stdout.decode("latin-1").splitlines()


def facts_of(kernel, facts, modules, dump):
    """The fields of the model's order "machine"."""
    # As "#1 SMP ... Debian 6.1.192-2 (DATE)"; `uname -r` does not tell the release of the series.
    version = re.search(r" Debian (\d+\.\d+\.\d+)\S* \(\d{4}-", facts["/proc/version"])
    memory = re.search(r"MemTotal: +(\d+) kB", facts["/proc/meminfo"])
    thp = re.search(r"\[(\w+)\]", facts["/sys/kernel/mm/transparent_hugepage/enabled"])
    hz = re.search(r"^CONFIG_HZ=(\d+)$", kernel.config.read_text(encoding="utf-8"), re.M)
    interfaces = sorted({p.split("/")[3] for p in dump if p.startswith("net/ipv4/conf/")} -
                        {"all", "default"})
    loaded = {line.split(" ")[0] for line in unescape(facts["/proc/modules"]).splitlines()}
    return [version[1], str(int(memory[1]) * 1024), facts["cpus"], facts["page"], hz[1],
            thp[1] if thp else "never", "x86_64", ",".join(sorted(loaded | modules.builtin)),
            ",".join(interfaces)]


def wanted_modules(program):
    """Those that bring keys, by the catalog, and some more."""
    model = Model(program)
    model.ask("modules")
    return [n for n in model.answers()[0].split(",") if n not in NO_MODULES] + MORE_MODULES


def count(passed, failed, skipped):
    """Prints the line that tools/test.py reads; -> exit status"""
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0 if passed else SKIPPED
