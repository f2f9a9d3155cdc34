#include "advise/diff.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "text/file.h"

using proctor::advise::unified_diff;

namespace {

/// A folder of its own that is gone afterwards.
struct Folder {
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "proctor-diff-XXXXXX";
    path = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path path;
};

/// What patch(1) makes of `before` with our diff.
std::string patched(const std::string& name, const std::string& before, const std::string& diff) {
  const Folder folder;
  CHECK(proctor::write_file(folder.path / name, before).empty());
  CHECK(proctor::write_file(folder.path / "change.diff", diff).empty());
  const std::string command =
      "cd '" + folder.path.string() + "' && patch --binary -s -F0 -p1 < change.diff";
  CHECK(std::system(command.c_str()) == 0);  // NOLINT(concurrency-mt-unsafe)
  const auto result = proctor::read_file(folder.path / name);
  return result.ok() ? *result : "unreadable: " + result.error();
}

size_t changed_lines(const std::string& diff) {
  size_t count = 0;
  for (size_t at = 0; at < diff.size(); at = diff.find('\n', at) + 1) {
    if (diff.compare(at, 3, "---") != 0 && diff.compare(at, 3, "+++") != 0) {
      count += diff[at] == '-' || diff[at] == '+' ? 1 : 0;
    }
    if (diff.find('\n', at) == std::string::npos) break;
  }
  return count;
}

}  // namespace

TEST_CASE("a unified diff as people know it") {
  CHECK(unified_diff("x", "a\n", "a\n").empty());
  CHECK(unified_diff("etc/s.conf", "a\nb\nc\n", "a\nB\nc\n") ==
        "--- a/etc/s.conf\n+++ b/etc/s.conf\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
  CHECK(unified_diff("/etc/s.conf", "", "a\n") ==
        "--- a/etc/s.conf\n+++ b/etc/s.conf\n@@ -0,0 +1 @@\n+a\n");
  CHECK(unified_diff("s", "a\n", "") == "--- a/s\n+++ b/s\n@@ -1 +0,0 @@\n-a\n");
  CHECK(unified_diff("s", "a", "a\n") ==
        "--- a/s\n+++ b/s\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
  CHECK(unified_diff("a b", "1\n", "2\n") == "--- a/a b\t\n+++ b/a b\t\n@@ -1 +1 @@\n-1\n+2\n");
}

TEST_CASE("near changes share a hunk, far ones do not") {
  std::string before;
  std::string near;
  std::string far;
  for (int i = 0; i < 20; ++i) {
    const std::string line = std::to_string(i) + "\n";
    before += line;
    near += i == 3 || i == 10 ? "x" + line : line;
    far += i == 3 || i == 11 ? "x" + line : line;
  }
  const auto hunks = [&](const std::string& after) {
    const std::string diff = unified_diff("f", before, after);
    size_t count = 0;
    for (size_t at = diff.find("\n@@ "); at != std::string::npos; at = diff.find("\n@@ ", at + 1)) {
      ++count;
    }
    return count;
  };
  CHECK(hunks(near) == 1);
  CHECK(hunks(far) == 2);
}

TEST_CASE("patch takes random diffs") {
  std::mt19937 random(20120109);  // The seed makes a failure repeatable.
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    std::vector<std::string> lines;
    const unsigned count = below(60);
    // Few distinct lines make ambiguous matches; CR, NUL and bytes outside UTF-8 must survive.
    for (unsigned i = 0; i < count; ++i) {
      static const std::vector<std::string> kinds{
          "", "a", "b = 1", "# c", "d\r", std::string("\0", 1), "\xff\xfe"};
      lines.push_back(kinds[below(static_cast<unsigned>(kinds.size()))]);
    }
    const auto join = [&](bool newline) {
      std::string out;
      for (const std::string& line : lines) out += line + "\n";
      if (!newline && !out.empty()) out.pop_back();
      return out;
    };
    const std::string before = join(below(3) != 0);
    for (unsigned edits = 1 + below(8); edits > 0; --edits) {
      const unsigned at = below(static_cast<unsigned>(lines.size()) + 1);
      const unsigned kind = below(3);
      if (kind == 0 || at == lines.size()) {
        lines.insert(lines.begin() + at, "new " + std::to_string(below(4)));
      } else if (kind == 1) {
        lines.erase(lines.begin() + at);
      } else {
        lines[at] += "!";
      }
    }
    const std::string after = join(below(3) != 0);
    if (before == after || after.empty()) continue;  // patch deletes a file that becomes empty.
    const std::string diff = unified_diff("f", before, after);
    CHECK(patched("f", before, diff) == after);
  }
}

TEST_CASE("patch takes names with blanks") {
  CHECK(patched("my file.conf", "a\n", unified_diff("my file.conf", "a\n", "b\n")) == "b\n");
}

TEST_CASE("the diff is shortest while that is cheap") {
  // Five lines out of place: the classical example needs five edits.
  CHECK(changed_lines(unified_diff("f", "a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n")) == 5);
}

TEST_CASE("hostile input ends") {
  std::string before;
  std::string after;
  for (int i = 0; i < 200000; ++i) {
    before += i % 3 == 0 ? "x\n" : (i % 7 == 0 ? "y\n" : "z\n");
    after += i % 5 == 0 ? "x\n" : (i % 11 == 0 ? "y\n" : "z\n");
  }
  // A search for the shortest diff would take longer than the suite gives a test.
  const std::string diff = unified_diff("f", before, after);
  CHECK(patched("f", before, diff) == after);
}
