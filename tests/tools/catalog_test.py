"""Tests of tools/catalog.py: a small kernel tree made here, and the recorded dumps."""

import gzip
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("PROCTOR_SOURCE_ROOT", pathlib.Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "tools"))

import catalog  # noqa: E402
import catalog_data as data  # noqa: E402
import catalog_life as life  # noqa: E402
import ctl_tables  # noqa: E402

TREE = {
    "mm/sample.c": r"""
/* A table with a comment { in it, and a "quote. */
static int limit = 3 * 100;
#define MAX_LEVEL 7
static const int level_max = MAX_LEVEL;
static struct ctl_table sample_table[] = {
	{
		.procname	= "swappiness",
		.data		= &vm_swappiness,
		.maxlen		= sizeof(vm_swappiness),
		.mode		= 0644,
		.proc_handler	= proc_dointvec_minmax,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_TWO_HUNDRED,
	},
	{
		.procname	= "brand_new",	// arrives here
		.mode		= 0600,
		.proc_handler	= &proc_dou8vec_minmax,
		.extra1		= SYSCTL_ONE,
		.extra2		= (void *)&level_max,
	},
	{ .procname = "laptop_mode", .mode = 0644, .proc_handler = proc_dointvec_jiffies },
	{ }
};
static int __init sample_init(void)
{
	register_sysctl_init("vm", sample_table);
	return limit;
}
""",
    "net/ipv4/devinet.c": r"""
#define DEVINET_SYSCTL_ENTRY(attr, name, mval, proc) \
	{ \
		.procname	= name, \
		.mode		= mval, \
		.proc_handler	= proc, \
	}
#define DEVINET_SYSCTL_RW_ENTRY(attr, name) \
	DEVINET_SYSCTL_ENTRY(attr, name, 0644, devinet_conf_proc)
static struct devinet_sysctl_table {
	struct ctl_table devinet_vars[2];
} devinet_sysctl = {
	.devinet_vars = {
		DEVINET_SYSCTL_RW_ENTRY(RP_FILTER, "rp_filter"),
		DEVINET_SYSCTL_RW_ENTRY(NOVELTY, "novelty"),
	},
};
""",
    "ipc/sample.c": r"""
static struct ctl_table ipc_sysctls[] = {
	{ .procname = "msgmax", .mode = 0444, .proc_handler = proc_ipc_dointvec_minmax },
};
void setup(struct ipc_namespace *ns)
{
	struct ctl_table *tbl = kmemdup(ipc_sysctls, sizeof(ipc_sysctls), GFP_KERNEL);
	ns->ipc_sysctls = __register_sysctl_table(&ns->ipc_set, "kernel", tbl, 1);
}
""",
    "tools/ignored.c": 'struct ctl_table t[] = { { .procname = "ignored" } };',
}

KEYS_HEADER = ("key type slots unit min max access scope absent_before first last removed_in stable "
               "module config built vendor combines default replaced_by source notes evidence")
KEYS = {
    "kernel.msgmax": dict(first="<=2.6.18", source="ipc/sample.c"),
    "net.ipv4.conf.*.rp_filter": dict(first="<=2.6.18", source="net/ipv4/devinet.c"),
    "vm.gone": dict(first="<=2.6.18", source="mm/sample.c"),
    "vm.laptop_mode": dict(absent_before="6.11", first="6.12", source="mm/sample.c"),
    "vm.swappiness": dict(first="<=2.6.18", source="mm/sample.c"),
}
HISTORY = [
    ("kernel.msgmax", "2.6.18", "proc_ipc_dointvec_minmax", "", "", "0644"),
    ("net.ipv4.conf.*.rp_filter", "2.6.18", "devinet_conf_proc", "", "", "0644"),
    ("vm.gone", "2.6.18", "proc_dointvec", "", "", "0644"),
    ("vm.laptop_mode", "6.12", "proc_dointvec_jiffies", "", "", "0644"),
    ("vm.swappiness", "2.6.18", "proc_dointvec_minmax", "0", "100", "0644"),
]


def write_data(folder):
    columns = KEYS_HEADER.split()
    with open(folder / "keys.tsv", "w", encoding="utf-8") as file:
        file.write("\t".join(columns) + "\n")
        for key, given in sorted(KEYS.items()):
            row = dict(dict.fromkeys(columns, ""), key=key, type="int", access="rw",
                       scope="global", built="yes", **given)
            file.write("\t".join(row[column] for column in columns) + "\n")
    with open(folder / "history.tsv", "w", encoding="utf-8") as file:
        file.write("key\tbranch\tfrom\tbefore\thandler\tmin\tmax\tmaxlen\tmode\n")
        for key, since, handler, low, high, mode in HISTORY:
            file.write("\t".join([key, "", since, "", handler, low, high, "", mode]) + "\n")


class SmallTree(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        for name, text in TREE.items():
            path = self.folder / "tree" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.data = self.folder / "data"
        self.data.mkdir()
        write_data(self.data)
        self.version = data.Version.parse("6.1.5")

    def entries(self):
        return {entry.key: entry for entry in ctl_tables.read_tree(self.folder / "tree")}

    def check(self):
        entries = ctl_tables.read_tree(self.folder / "tree")
        files = set(ctl_tables.candidates(self.folder / "tree"))
        rows = catalog.check_tree(catalog.Catalog(self.data), entries, self.version, files)
        return entries, {(kind, name) for kind, name, _ in rows}

    def test_entries(self):
        entries = self.entries()
        self.assertEqual(set(entries), {
            "vm.swappiness", "vm.brand_new", "vm.laptop_mode", "kernel.msgmax",
            "net.ipv4.conf.*.rp_filter", "net.ipv4.conf.*.novelty"})
        new = entries["vm.brand_new"]
        self.assertEqual((new.handler, new.minimum, new.maximum, new.mode),
                         ("proc_dou8vec_minmax", "1", "7", 0o600))

    def test_check(self):
        _, found = self.check()
        self.assertEqual(found, {
            ("new", "vm.brand_new"), ("new", "net.ipv4.conf.*.novelty"),
            ("present", "vm.laptop_mode"), ("changed", "vm.swappiness"),
            ("changed", "kernel.msgmax"), ("missing", "vm.gone")})

    def test_rebuild_leaves_nothing_to_say(self):
        entries, _ = self.check()
        files = set(ctl_tables.candidates(self.folder / "tree"))
        book = catalog.Catalog(self.data)
        found = list(catalog.check_tree(book, entries, self.version, files))
        catalog.merge(book, found, entries, self.version)
        book = catalog.Catalog(self.data)
        self.assertEqual(list(catalog.check_tree(book, entries, self.version, files)), [])
        self.assertEqual(book.by_name["vm.brand_new"]["type"], "u8")
        self.assertEqual(book.by_name["vm.gone"]["removed_in"], "6.1")
        self.assertEqual(book.by_name["vm.laptop_mode"]["stable"], "+6.1.5")
        newest = book.rows["vm.swappiness"][-1]
        self.assertEqual((newest["from"], newest["max"]), ("6.1.5", "200"))

    def test_broken_data_is_named(self):
        with open(self.data / "history.tsv", "a", encoding="utf-8") as file:
            file.write("vm.nothing\t\t6.1\t\tproc_dointvec\t\t\t\t0644\n")
        with self.assertRaisesRegex(data.DataError, r"history\.tsv:7: 'vm\.nothing'"):
            catalog.Catalog(self.data)

    def test_dump_of_sysctl(self):
        dump = self.folder / "sysctl.txt"
        dump.write_text("vm.swappiness = 60\nvm.strange = 1\nnet.ipv4.conf.eth0/1.rp_filter = 2\n"
                        "vm.laptop_mode = 0\nkernel.msgmax = 8192\nsysctl: permission denied\n",
                        encoding="utf-8")
        rows = catalog.check_dump(catalog.Catalog(self.data),
                                  catalog.read_dump(str(dump), self.version), self.version)
        self.assertEqual({(kind, name) for kind, name, _ in rows},
                         {("new", "vm.strange"), ("present", "vm.laptop_mode"),
                          ("missing", "vm.gone")})


class Expressions(unittest.TestCase):
    def test_programs(self):
        self.assertEqual(data.initial_program(r"1\t{page // 2}"),
                         [("kText", "1\t"), ("kFact", 2), ("kNumber", 2), ("kDivide", 0),
                          ("kEmit", 0)])
        for text in ("{open('x')}", "{memory ** 2}", "{nonsense}", "{1 < 2 < 3}", "{}"):
            with self.assertRaises((ValueError, SyntaxError)):
                data.initial_program(text)

    def test_life(self):
        row = dict(vendor="", first="5.13", last="", removed_in="", absent_before="5.12",
                   stable="-5.10.7 +5.10.223")
        answers = {"5.10.5": life.ABSENT, "5.10.7": life.ABSENT, "5.10.100": life.UNKNOWN,
                   "5.10.223": life.PRESENT, "5.10.250": life.PRESENT, "5.10": life.UNKNOWN,
                   "5.9": life.ABSENT, "5.11": life.UNKNOWN, "5.13": life.PRESENT}
        for version, answer in answers.items():
            self.assertEqual(life.existence(row, data.Version.parse(version)), answer, version)


class RealData(unittest.TestCase):
    def test_recorded_dumps(self):
        shared = os.environ.get("PROCTOR_SHARED", "")
        dump = os.path.join(shared, "kernel", "procsys.tsv.gz")
        if not os.path.exists(dump):
            self.skipTest("no recorded dumps")
        book = catalog.Catalog(str(ROOT / "rules" / "catalog"))
        for release in ("5.10.223", "6.1.176", "6.12.107", "7.2.13"):
            version = data.Version.parse(release)
            paths = list(catalog.read_dump(dump, version))
            self.assertGreater(len(paths), 900)
            self.assertEqual(list(catalog.check_dump(book, paths, version)), [], release)
        with gzip.open(dump, "rt", encoding="utf-8") as file:
            self.assertIn("kernel\tpath", file.readline())

    def test_every_default_names_a_key(self):
        folder = str(ROOT / "rules" / "catalog")
        names = {row["key"] for row in data.load_keys(folder)}
        self.assertGreater(len(data.load_defaults(folder, names)), 600)


if __name__ == "__main__":
    unittest.main()
