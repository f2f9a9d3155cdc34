"""What is written to a key: in range, at and beyond its bounds, every way to spell a number, and
what no key takes. Bytes are text whose code points are the bytes. Nothing here is drawn by chance:
the same path and seed give the same values, and other paths give others."""
import hashlib
import random

INT, UINT, LONG, ULONG = 2**31, 2**32, 2**63, 2**64
LIMITS = {"int": (-INT, INT - 1), "uint": (0, UINT - 1), "u8": (0, 255), "bool": (0, 1),
          "long": (-LONG, LONG - 1), "ulong": (0, ULONG - 1)}

# One-way keys, of which nothing could be written twice.
ONE_WAY = {"kernel/modules_disabled", "kernel/kexec_load_disabled",
           "kernel/unprivileged_bpf_disabled"}
# What stops the guest, or takes its time.
LEFT_OUT = ONE_WAY | {
    "kernel/panic", "kernel/panic_on_oops", "kernel/panic_on_warn", "kernel/hotplug",
    "kernel/poweroff_cmd", "vm/compact_memory", "vm/drop_caches", "vm/stat_refresh"}
# Larger numbers would take all memory.
LARGEST = {"vm/min_free_kbytes": 65536, "vm/nr_hugepages": 8, "vm/nr_hugepages_mempolicy": 8,
           "vm/nr_overcommit_hugepages": 1 << 20, "vm/user_reserve_kbytes": 1 << 20,
           "vm/admin_reserve_kbytes": 1 << 20, "vm/watermark_scale_factor": 1000,
           "net/netfilter/nf_conntrack_buckets": 1 << 20, "kernel/msgmni": 1 << 16}

# Switching these rewrites the kernel's code in thousands of places, which takes the emulator seconds:
# so many values are tried.
SLOW = {"kernel/stack_tracer_enabled": 10}

# Ways to write a number, and what looks like one.
SPELLINGS = ["010", "0777", "08", "00", "0x1f", "0X1F", "0xg", "0x", "0b101", "0o7", "+5", " 5",
             "\t5", "\n5", "5 ", "5\t", "5\n\n", "5\r\n", "5\v", "5\0", "5\0" "0", "\0" "5",
             "5 6", "5\t6", "5\n6\n", "5 # on", "5#x", "5;", "5,6", "5,", ",5", "5.0", "1e3", "4k",
             "1M", "50%", "5abc", "yes", "on", "true", "Y", "N", '"5"', "'5'", "--1", "- 1", "-0",
             "-0x10", "-010", "-", "+", "00000000000000000005", "000000000000000000005",
             "0" * 30 + "5", " " * 30 + "5", "", " ", "\n", " \n", "\xa05", "\xef\xbb\xbf5",
             "5 \xff", "=5", "~1"]
NUMBERS = [0, 1, 2, 3, 4, 5, 10, 20, 60, 64, 100, 127, 128, 200, 255, 256, 1000, 1001, 1023, 4095,
           4096, 8191, 32767, 32768, 65535, 65536, 1 << 20, (1 << 24) - 1, INT // 1000,
           INT // 250, INT // 250 + 1, INT // 100, INT - 1, INT, UINT - 1, UINT, UINT + 5, LONG - 1,
           LONG, ULONG - 1, ULONG, ULONG + 7, 10**19, 10**21, -1, -2, -100, -255, -65536, -INT,
           -INT - 1, -UINT + 1, -LONG, -LONG - 1, -ULONG]
STRINGS = ["", "\n", "x", "x\n", " x", "x ", "reno", "reno\n", " reno", "reno ", "cubic", "bbr\n",
           "htcp", "vegas\n", "nosuch\n", "reno cubic", "cubic reno\n", "cubic nosuch", "fq",
           "fq_codel\n", "pfifo_fast", "pfifo\n", "noqueue", "default", "kernel", "userspace\n",
           "0", "1\n", "-1", "a\nb", "a\0b", "\0", "a\tb", "\xc3\xa4\n", "\xff", "y" * 64 + "\n",
           "y" * 65, "y" * 127, "y" * 128 + "\n", "y" * 300, "/sbin/modprobe\n", "|/bin/core %p",
           "core.%e\n", "| x", "|x", "none", "(none)\n", "none,bdrop", "always", "2001:db8::1\n",
           "0-0-0-0", "00000001-00000002-00000003-00000004\n", "1-2-3-4,5-6-7-8", "N", "node\n"]
PORTS = ["", "\n", "0", "1", "8080", "8080\n", "65535\n", "65536", "-1", "8080,9090\n",
         "8080, 9090", "8080 9090", "8080\n9090", "8080,", ",8080", "8080,,9090", "1-5\n", "5-1",
         "5-5", "1-65535", "0-65535\n", "1-65536", "5-", "-5", "1-3,2-5,7\n", "9,8,7", "1-2-3", "0x1f90", "010", "08",
         "a", "80a", "80 ", " 80", "+80", "8080\r\n", "8080\0", "1,3,5,7,9\n", "1000-1010,1020",
         ",".join(str(n) for n in range(2000, 2600, 2)), "8080#x", "8080 # x", "99999999999"]
MASKS = ["", "\n", "0", "1", "1\n", "2", "3", "f", "ff\n", "0x1", "00000001", "000000001", "0,1\n",
         "1,0", "1,00000000", ",1", "1,", "0,,1", "f0000000", "ffffffff", "100000000", "z", "1z",
         "1 2", " 1", "1 ", "-1", "1\r\n", "F\n", "0-3", "all"]


def dice_of(path, seed):
    digest = hashlib.sha256(f"{seed} {path}".encode("utf-8")).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))


def one_number(dice, low, high):
    """A number of any size, mostly one that the type can hold."""
    kind = dice.randrange(6)
    if kind == 0:
        return dice.randrange(0, 300)
    if kind == 1:
        return dice.randrange(low, high + 1)
    if kind == 2:
        return 1 << dice.randrange(0, 66)
    if kind == 3:
        return -dice.randrange(1, 1 << dice.randrange(1, 40))
    return dice.randrange(0, 1 << dice.randrange(1, 40))


def range_of(kind, minimum, maximum):
    """The key's bounds, or else those of its type."""
    low, high = LIMITS.get(kind.removesuffix("-vector"), LIMITS["int"])
    return (int(minimum) if minimum else low), (int(maximum) if maximum else high)


def spelled(number, dice):
    """Now and then octal or hexadecimal."""
    kind = dice.randrange(12)
    sign = "-" if number < 0 else ""
    if kind == 0:
        return f"{sign}0{abs(number):o}"
    if kind == 1:
        return f"{sign}0x{abs(number):x}"
    return str(number)


def numbers(dice, low, high, now):
    near = [low - 1, low, low + 1, high - 1, high, high + 1, (low + high) // 2]
    around = [n + d for n in now[:1] for d in (-1, 0, 1)] + [2 * n for n in now[:1]]
    drawn = [one_number(dice, low, high) for _ in range(8)]
    return ([str(n) for n in near + around] + [spelled(n, dice) for n in drawn] +
            [str(n) for n in NUMBERS] + SPELLINGS)


def vectors(dice, low, high, now):
    size = len(now)
    text = [str(n) for n in now]
    out = [" ".join(text), "\t".join(text), "  ".join(text) + " ", "\n".join(text), ",".join(text),
           ", ".join(text), " ".join(text) + " 7", " ".join(text) + " x", " ".join(text[:-1]),
           " ".join(reversed(text)), " ".join(text) + " # on", "\"" + " ".join(text) + "\""]
    for slot in range(min(size, 6)):
        for value in (low - 1, low, low + 1, high - 1, high, high + 1, -1, 0, INT, ULONG):
            out.append(" ".join(text[:slot] + [str(value)] + text[slot + 1:]))
        for value in ("x", "010", "0x10", "08", "+1", "1.5", "", dice.choice(SPELLINGS)):
            out.append(" ".join(text[:slot] + [value] + text[slot + 1:]))
    for _ in range(12):
        count = dice.choice([size, size, size, 1, max(1, size - 1), size + 1])
        drawn = [spelled(one_number(dice, low, high), dice) for _ in range(count)]
        out.append(dice.choice([" ", " ", "\t", "  "]).join(drawn))
    for number in (0, 1, 2, 100, 1024, 4096, 65535):
        out.append(" ".join([str(number)] * size))
    return out


def too_large(path, text):
    limit = LARGEST.get(path)
    if limit is None:
        return False
    for word in text.replace("\0", " ").split():
        try:
            number = int(word, 16 if word.lower().startswith("0x") else 10)
        except ValueError:
            continue
        # Numbers that no kernel can hold are refused.
        if limit < number < ULONG:
            return True
    return False


def integers(text):
    try:
        return [int(word) for word in text.split()]
    except ValueError:
        return []


def values(path, kind, minimum, maximum, now, seed):
    """What to write to a key of that type, which reads `now` (None: it cannot be read)."""
    dice = dice_of(path, seed)
    here = integers(now or "")
    if kind == "-":
        kind = "int" if len(here) == 1 else "string"
    low, high = range_of(kind, minimum, maximum)
    if kind == "ports":
        out = PORTS + [",".join(str(dice.randrange(1, 65536)) for _ in range(4)) for _ in range(4)]
    elif kind == "mask":
        out = MASKS
    elif kind == "string" or (kind == "other" and not here):
        out = STRINGS + [now or "", (now or "") + "\n"] + dice.sample(SPELLINGS, 6)
    else:
        out = numbers(dice, low, high, here)
        if len(here) > 1:
            out = vectors(dice, low, high, here) + dice.sample(out, min(len(out), 25))
        out += dice.sample(STRINGS, 3)
    # A loader ends the value with a newline, echo -n does not.
    ended = [v if v.endswith("\n") or dice.randrange(4) == 0 else v + "\n" for v in out]
    fit = [v for v in dict.fromkeys(ended) if not too_large(path, v)]
    return dice.sample(fit, min(len(fit), SLOW[path])) if path in SLOW else fit


def sample(offers, wanted, seed):
    """About `wanted` of the (path, value) on offer, some of every path: `offers` is
    path -> values."""
    share = max(1, wanted // max(1, len(offers)))
    chosen, rest = {}, []
    for path, all_values in offers.items():
        ranked = sorted(all_values, key=lambda v, p=path: hashlib.sha256(
            f"{seed} {p} {v}".encode("utf-8")).digest())
        chosen[path] = ranked[:share]
        rest += [(path, v) for v in ranked[share:]]
    missing = wanted - sum(len(v) for v in chosen.values())
    dice_of("rest", seed).shuffle(rest)
    for path, value in rest[:max(0, missing)]:
        chosen[path].append(value)
    return chosen
