"""What test scripts share: every test is tried, what fails is told, and the last line counts."""

import inspect
import pathlib
import tempfile


class Skip(Exception):
    """What the test needs is not there."""


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def attempt(self, name: str, test, *arguments) -> None:
        """A test fails by an exception, whichever."""
        try:
            test(*arguments)
        except Skip as why:
            print(f"{name}: skipped, {why}")
        except Exception as wrong:
            self.failed += 1
            print(f"{name}: {type(wrong).__name__}: {str(wrong)[:2000]}")
        else:
            self.passed += 1

    def end(self) -> int:
        """The exit status."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0


def in_folder(test) -> None:
    """Calls `test` with an empty folder of its own."""
    with tempfile.TemporaryDirectory(prefix="proctor-test-") as folder:
        test(pathlib.Path(folder).resolve())


def run_tests(names: dict) -> int:
    """Tries the functions `test_...` among `names`; one with a parameter gets an empty folder."""
    tally = Tally()
    for name, test in list(names.items()):
        if name.startswith("test_"):
            if inspect.signature(test).parameters:
                tally.attempt(name, in_folder, test)
            else:
                tally.attempt(name, test)
    return tally.end()
