"""Runs a real loader on files of our making and records what it writes.

Nothing of the machine is changed: every run has a network namespace of its own, /proc/sys is
mounted read-only except for that namespace's /proc/sys/net, and the loader lives in a chroot whose
changes go to a tmpfs. Needs root, strace, iproute2 and util-linux's unshare.

As a program (`sandbox.py --worker`, inside `unshare -n -m`) it reads one job a line from standard
input, JSON, and answers each with one line.
"""
import ctypes
import errno
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

CLONE_NEWNET = 0x40000000
PROC_SYS = "/proc/sys/"
PROGRAMS = {"procps": "/usr/sbin/sysctl", "systemd": "/usr/lib/systemd/systemd-sysctl",
            "busybox": "/usr/bin/busybox"}
MADE_FOLDERS = ["etc", "run", "tmp", "usr/local", "usr/lib/sysctl.d"]
# The loop that boots busybox on Alpine, in our own words.
ALPINE = r'''rc=0
run() { busybox sysctl -q -p "$1"; }
for f in /usr/lib/sysctl.d/*.conf; do n=${f##*/}
  [ -f "/etc/sysctl.d/$n" ] || [ -f "/run/sysctl.d/$n" ] || { [ -f "$f" ] && run "$f"; }
done
for f in /etc/sysctl.d/*.conf; do
  [ -f "/run/sysctl.d/${f##*/}" ] || { [ ! -f "$f" ] || run "$f" || rc=1; }
done
[ ! -f /etc/sysctl.conf ] || run /etc/sysctl.conf || rc=1
for f in /run/sysctl.d/*.conf; do [ ! -f "$f" ] || run "$f" || rc=1; done
exit $rc'''


def sh(*command):
    subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def host_programs():
    """program -> its file, for those that this machine has"""
    return {name: path for name, path in PROGRAMS.items() if os.path.exists(path)}


def copy_programs(folder):
    """A root folder with this machine's loaders and the libraries that they need."""
    for name in ("bin", "sbin", "lib", "lib64"):
        os.makedirs(os.path.join(folder, "usr", name), exist_ok=True)
        os.symlink("usr/" + name, os.path.join(folder, name))
    wanted = list(host_programs().values())
    for program in list(wanted):
        listing = subprocess.run(["ldd", program], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, universal_newlines=True).stdout
        wanted += re.findall(r"(?:=> )?(/\S+) \(0x", listing)
    for source in dict.fromkeys(wanted):
        target = folder + (source if source.startswith("/usr/") else "/usr" + source)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(os.path.realpath(source), target)


def prepare_root(folder):
    for name in MADE_FOLDERS + ["proc", "dev"]:
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    null = os.path.join(folder, "dev/null")
    if not os.path.exists(null):
        open(null, "w").close()


def unhex(text):
    return re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m.group(1), 16)]), text.encode())


def parse_trace(text, root):
    """strace output -> [[path, bytes, errno or None, taken]] of writes to files that were opened
    for writing; paths below /proc/sys, or absolute in the chroot."""
    writes, ours = [], set()
    for line in text.splitlines():
        match = re.match(r"\d+\s+(\w+)\((.*)\)\s+=\s+(-?\d+)(?:<([^>]*)>)?(?:\s+(E\w+))?", line)
        if not match:
            continue
        call, args, result, opened, error = match.groups()
        if call in ("open", "openat", "creat"):
            if opened and re.search(r"O_WRONLY|O_RDWR", args):
                ours.add(unhex(opened))
            continue
        parts = re.match(r"(\d+)<([^>]*)>, \"([^\"]*)\"", args)
        if not parts:
            continue
        path, data = unhex(parts.group(2)), unhex(parts.group(3))
        if path not in ours:
            continue
        name = path.decode("latin-1")
        if name.startswith(root):
            name = name[len(root):] or "/"
        if name.startswith("/dev/"):
            continue
        if name.startswith(PROC_SYS):
            name = name[len(PROC_SYS):]
        writes.append([name, data.decode("latin-1"), error, max(0, int(result))])
    return writes


def read_values():
    """-> ({path: text} of /proc/sys/net, [paths that cannot be read])"""
    values, hidden = {}, []
    for folder, _, names in os.walk(PROC_SYS + "net"):
        for name in names:
            path = os.path.join(folder, name)
            short = path[len(PROC_SYS):]
            try:
                if not os.stat(path).st_mode & stat.S_IRUSR:
                    hidden.append(short)
                    continue
                with open(path, "rb") as file:
                    values[short] = file.read().decode("latin-1").rstrip("\n")
            except OSError:
                hidden.append(short)
    return values, hidden


def put_file(root, path, content):
    full = root + path
    os.makedirs(os.path.dirname(full), exist_ok=True)
    if content.startswith("-> "):
        if os.path.isdir(full) and not os.path.islink(full):
            os.rmdir(full)
        os.symlink(content[3:], full)
    elif content == "(folder)":
        os.makedirs(full)
    else:
        with open(full, "wb") as file:
            file.write(content.encode("latin-1"))


def was_changed(answer, path):
    return answer["before"].get(path) != answer["after"].get(path)


class Worker:
    def __init__(self):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.box = tempfile.mkdtemp(prefix="loader-oracle.")
        sh("mount", "-t", "tmpfs", "-o", "size=256m,mode=755", "tmpfs", self.box)
        self.count = 0

    def new_root(self, lower):
        self.count += 1
        place = "%s/%d" % (self.box, self.count)
        for name in ("up", "work", "root"):
            os.makedirs(os.path.join(place, name))
        root = place + "/root"
        sh("mount", "-t", "overlay", "-o", "lowerdir=%s,upperdir=%s/up,workdir=%s/work"
           % (lower, place, place), "overlay", root)
        for name in MADE_FOLDERS:
            sh("mount", "-t", "tmpfs", "-o", "size=16m,mode=755", "tmpfs",
               os.path.join(root, name))
        sh("mount", "--bind", "/dev/null", root + "/dev/null")
        sh("mount", "--bind", "/proc", root + "/proc")
        sh("mount", "--bind", "/proc/sys", root + "/proc/sys")
        sh("mount", "-o", "remount,ro,bind", root + "/proc/sys")
        sh("mount", "--bind", "/proc/sys/net", root + "/proc/sys/net")
        sh("mount", "-o", "remount,rw,bind", root + "/proc/sys/net")
        try:
            with open(root + "/proc/sys/kernel/printk", "r+b"):
                raise SystemExit("the machine's /proc/sys is writable in the sandbox")
        except OSError as error:
            if error.errno != errno.EROFS:
                raise
        os.makedirs(root + "/etc/sysctl.d", exist_ok=True)
        return place, root

    def run(self, job):
        """In a child with a network namespace of its own."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            try:
                if self.libc.unshare(CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "unshare")
                answer = self.run_inside(job)
            except (OSError, subprocess.SubprocessError, UnicodeError) as error:
                answer = {"failed": str(error)}
            with os.fdopen(writer, "w") as out:
                json.dump(answer, out)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        return json.loads(text) if text else {"failed": "the child died"}

    def run_inside(self, job):
        place, root = self.new_root(job["lower"])
        try:
            # As on every machine the loopback has its address before a loader runs.
            sh("ip", "link", "set", "lo", "up")
            names = list(job.get("interfaces", []))
            while names:
                one = names.pop(0)
                other = names.pop(0) if names else "peer0"
                sh("ip", "link", "add", "name", one, "type", "veth", "peer", "name", other)
            for path, content in job["files"].items():
                put_file(root, path, content)
            for path, value in job.get("values", {}).items():
                with open(PROC_SYS + path, "w") as file:
                    file.write(value + "\n")
            before, hidden = read_values()
            trace = os.path.join(place, "trace")
            environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/",
                           "SYSTEMD_LOG_TARGET": "console"}
            environment.update(job.get("environment", {}))
            command = ["strace", "-f", "-y", "-xx", "-qq", "-s", "4000000", "-o", trace,
                       "-e", "trace=open,openat,creat,write,pwrite64", "-e", "signal=none",
                       "chroot", root] + job["command"]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=environment, timeout=60)
            with open(trace, encoding="utf-8", errors="replace") as file:
                writes = parse_trace(file.read(), root)
            after, _ = read_values()
            answer = {"exit": done.returncode, "writes": writes, "before": before,
                      "hidden": hidden, "after": after,
                      "interfaces": sorted(os.listdir("/proc/sys/net/ipv4/conf"))}
            if job.get("model"):
                answer["model"] = self.ask_model(job, answer, root)
            return answer
        finally:
            subprocess.run(["umount", "-R", "-l", root], check=False)
            shutil.rmtree(place, ignore_errors=True)

    @staticmethod
    def ask_model(job, answer, root):
        """The prediction, from the values that the kernel really had."""
        interfaces = [name for name in answer["interfaces"] if name not in ("all", "default")]
        start, fresh = {}, []
        for path, text in answer["before"].items():
            # /proc/sys does not show which values of interfaces still follow "default": where
            # this run changed it, those that nobody has set are left to the model.
            follows = [path.replace("/%s/" % name, "/default/") for name in interfaces
                       if "/%s/" % name in path]
            if follows and path not in job.get("values", {}) and was_changed(answer, follows[0]):
                fresh.append(path)
            else:
                start[path] = text
        question = dict(job["model"], start=start, fresh=fresh, unreadable=answer["hidden"],
                        closed=True, netns=True, kernel=os.uname().release.split("-")[0],
                        interfaces=interfaces, watch=sorted(answer["after"]))
        if question.pop("tree", False):
            question["root"] = root
        done = subprocess.run([question.pop("program")], input=(json.dumps(question) + "\n").encode(),
                              stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)


def main():
    worker = Worker()
    try:
        for line in sys.stdin:
            print(json.dumps(worker.run(json.loads(line))), flush=True)
    finally:
        subprocess.run(["umount", "-R", "-l", worker.box], check=False)
        os.rmdir(worker.box)


def obstacle():
    """Why runs are impossible here, or an empty string."""
    if os.geteuid() != 0:
        return "it needs root"
    for tool in ("strace", "ip", "unshare"):
        if shutil.which(tool) is None:
            return "%s is not installed" % tool
    probe = subprocess.run(["unshare", "-n", "-m", "--propagation", "private", "sh", "-c",
                            "d=$(mktemp -d) && mount -t tmpfs tmpfs $d && mkdir $d/a $d/b $d/c && "
                            "mount -t overlay -o lowerdir=$d/a,upperdir=$d/b,workdir=$d/c o $d/a; "
                            "r=$?; umount -R -l $d; rmdir $d; exit $r"],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if probe.returncode != 0:
        return "namespaces or mounts are not permitted: " + probe.stdout.decode().strip()[:200]
    traced = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    return "" if traced.returncode == 0 else "strace is not permitted"


if __name__ == "__main__":
    main()
