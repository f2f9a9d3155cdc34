"""Loads sysctl files for real: each write that `proctor show` says a loader makes is made in a
guest, in that order, and each line is told whether the kernel took it."""
import json
import pathlib
import subprocess
import tempfile

import common
import guest
import packages

TORSERVERS = ["--kernel", "6.1", "--memory", "8GiB", "--role", "exit-relay"]


def add_options(parser):
    parser.add_argument("--load", nargs="+", default=[], metavar="FILE")
    parser.add_argument("--corrected", metavar="FILE",
                        help="load what `proctor fix --unsafe` makes of a file for an exit relay")
    parser.add_argument("--tuned", action="store_true", help="load what `proctor tune` writes")
    parser.add_argument("--proctor", help="the program, for --load, --corrected and --tuned")
    parser.add_argument("--loader", default="systemd-252", help="for --load (%(default)s)")


def wanted(args):
    return args.load or args.corrected or args.tuned


def dump_lines(dump):
    """A dump as `sysctl -a` prints it."""
    for path, value in dump.items():
        name = path.translate(str.maketrans("./", "/."))
        for line in common.as_read(value.text).split("\n") if value.readable else []:
            yield f"{name} = {line}\n"


def run_proctor(args, *arguments):
    """Standard output; findings (exit status 1) are no failure."""
    done = subprocess.run([args.proctor, *arguments], stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"proctor {' '.join(arguments)}: exit status {done.returncode}")
    return done.stdout


def files_to_load(args, place):
    """-> [(title, path)]"""
    files = [(name, name) for name in args.load]
    if args.corrected:
        target = place / "corrected.conf"
        target.write_bytes(run_proctor(args, "fix", "--unsafe", args.corrected, *TORSERVERS))
        files.append((f"{args.corrected}, corrected", str(target)))
    return files


def tuned_files(args, machine, place):
    """What every profile writes, connection tracking included, for the guest and for a machine of
    16 GiB: [(title, path)]"""
    version, memory, cpus, page = machine[:4]
    files = []
    for profile in json.loads(run_proctor(args, "profiles", "list", "--format", "json")):
        for size, title in ((memory, profile["id"]), ("16GiB", f"{profile['id']}, 16 GiB")):
            options = ["--kernel", version, "--memory", size, "--cpus", cpus,
                       "--fact", "arch=x86_64", "--fact", f"page_size={page}",
                       "--fact", "swap_kind=disk", "--fact", "link_speed=10Gbit/s"]
            if any(parameter["name"] == "stateful_fw" for parameter in profile["parameters"]):
                options += ["--set", "stateful_fw=true"]
            target = place / f"{profile['id']}-{size}.conf"
            done = subprocess.run([args.proctor, "tune", profile["id"], *options, "-o", target],
                                  stderr=subprocess.PIPE, text=True, check=False)
            if done.returncode == 0:
                files.append((title, str(target)))
            elif "is not for this machine" not in done.stderr:
                raise RuntimeError(f"proctor tune {profile['id']}: {done.stderr}")
    return files


def assignments(args, file, dump, version, place):
    """What `proctor show` says that the loader does with a file, from the guest's values."""
    running = place / "running"
    with open(running, "w", encoding="latin-1") as out:
        out.writelines(dump_lines(dump))
    text = run_proctor(args, "show", file, "--loader", args.loader, "--running", str(running),
                       "--kernel", version, "--format", "json")
    return json.loads(text)


class Line:
    """What became of an assignment."""

    def __init__(self, assignment):
        self.assignment = assignment
        self.errors = []  # (path, errno name or "ok", as predicted)
        self.needs = ""  # the module that would bring its key
        self.open = assignment["status"] == "unknown"
        self.wrong = False

    def refused(self):
        return self.assignment["status"] == "failed" or any(e != "ok" for _, e, _ in self.errors)

    def shown(self):
        what = ", ".join(f"{p}: {e}" + ("" if same else " (predicted otherwise)")
                         for p, e, same in self.errors) or self.assignment["reason"]
        word = "refused" if self.refused() else "taken" if self.errors else "not written"
        after = f"; module {self.needs}" if self.needs else ""
        key, value = self.assignment["key"], self.assignment["value"]
        return f"{self.assignment['line']}: {key} = {value}: {word} ({what}{after})"


def module_of(args, machine, key):
    model = common.Model(args.model)
    model.say("machine", *machine)
    model.ask("describe", key.translate(str.maketrans("./", "/.")))
    return model.answers()[0].split("\t")[4]


def load_file(args, running, machine, file, place):
    """Makes the writes; -> (lines, effective values that are not as predicted)"""
    shown = assignments(args, file, running.dump(), machine[0], place)
    # busybox alone writes the value as it stands.
    end = "" if args.loader.startswith("busybox") else "\\n"
    lines = []
    for assignment in shown["assignments"]:
        line = Line(assignment)
        orders = [(w["path"], common.escape(w["value"]) + end, True) for w in assignment["writes"]]
        for write, real in zip(assignment["writes"], running.attempts(orders)):
            name = common.errno_name(real.error)
            same = name == (write["errno"] or "ok")
            line.errors.append((write["path"], name, same))
            line.wrong = line.wrong or not same
        if line.refused() and not assignment["writes"]:
            line.needs = module_of(args, machine, assignment["key"])
        lines.append(line)
    after, wrong = running.dump(), []
    for key, value in shown["effective"].items():
        path = key.translate(str.maketrans("./", "/."))
        real = common.as_read(after[path].text) if path in after else None
        if value is not None and real != value:
            wrong.append(f"{key} is {real!r}, predicted {value!r}")
    return lines, wrong


class Loaded:
    """A file on a kernel. It passes if the kernel takes every line but those of modules that are
    not loaded, and every value in the end is as predicted."""

    def __init__(self, lines, wrong):
        self.lines = lines
        self.wrong = wrong
        self.refused = [line for line in lines if line.refused()]
        self.unlike = [line for line in lines if line.wrong]
        self.open = [line for line in lines if line.open]
        self.good = bool(lines) and not wrong and not self.unlike and all(
            line.needs for line in self.refused)

    def cell(self):
        """For a table."""
        taken = len(self.lines) - len(self.refused)
        unlike = len(self.unlike) + len(self.wrong)
        return f"{taken} of {len(self.lines)}" + (f", {unlike} unlike" if unlike else "")

    def print(self, title, everything):
        print(f"  {title}: {len(self.lines)} assignments, {len(self.refused)} refused, "
              f"{len(self.unlike)} other than predicted, {len(self.open)} not predicted, "
              f"{len(self.wrong)} values other than predicted")
        for line in self.lines if everything else self.refused:
            print(f"    {line.shown()}")
        for text in self.wrong:
            print(f"    {text}")


def files_on(args, kernel, modules, place):
    """Each file on a kernel that has just started: [(title, Loaded)]"""
    results = []
    for title, file in files_to_load(args, place):
        with guest.Guest(kernel, args.probe, modules) as running:
            machine = common.facts_of(kernel, running.facts(), modules, running.dump())
            results.append((title, Loaded(*load_file(args, running, machine, file, place))))
    return results


def profiles_on(args, kernel, modules, place):
    """Every profile on one kernel, each upon what the one before it left: [(title, Loaded)]"""
    results = []
    with guest.Guest(kernel, args.probe, modules) as running:
        machine = common.facts_of(kernel, running.facts(), modules, running.dump())
        for title, file in tuned_files(args, machine, place):
            results.append((title, Loaded(*load_file(args, running, machine, file, place))))
    return results


def load_on(args, release, place):
    """-> [(title, Loaded)]"""
    kernel = packages.fetch(release, args.refresh)
    modules = guest.Modules(kernel.modules, common.wanted_modules(args.model))
    print(f"{release.name}, Linux {kernel.package_version}, {args.loader}")
    results = files_on(args, kernel, modules, place)
    if args.tuned:
        results += profiles_on(args, kernel, modules, place)
    for title, loaded in results:
        loaded.print(title, bool(args.load))
    return results


def print_table(columns):
    """Files by kernels: how many lines each took."""
    rows = {}
    for name, results in columns:
        for title, loaded in results:
            rows.setdefault(title, {})[name] = loaded.cell()
    width = max((len(title) for title in rows), default=0)
    print("\n" + " " * width + "".join(f"  {name:>16}" for name, _ in columns))
    for title, cells in rows.items():
        print(f"{title:{width}}" + "".join(f"  {cells.get(name, '-'):>16}" for name, _ in columns))


def main(args):
    columns, failed, skipped = [], 0, 0
    with tempfile.TemporaryDirectory(prefix="kernel-load.") as folder:
        for name in args.kernels.split(","):
            release = packages.RELEASES[name]
            try:
                columns.append((release.name, load_on(args, release, pathlib.Path(folder))))
            except packages.Unavailable as why:
                print(f"{release.name}: skipped, {why}")
                skipped += 1
            except guest.Stopped as why:
                print(f"FAILED: {release.name}: {why}")
                failed += 1
    if args.tuned:
        print_table(columns)
    good = [loaded.good for _, results in columns for _, loaded in results]
    return common.count(sum(good), failed + len(good) - sum(good), skipped)
