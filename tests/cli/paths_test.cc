#include "cli/paths.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace proctor::cli {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a pattern names a path or a folder that it is in") {
  struct Case {
    std::string_view pattern;
    std::string_view path;
    bool fits;
  };
  constexpr Case kCases[] = {
      {"web", "web", true},
      {"web", "web/a.conf", true},
      {"web/", "web/a.conf", true},
      {"./web", "web/a.conf", true},
      {"web", "website/a.conf", false},
      {"web/*.conf", "web/a.conf", true},
      {"web/*.conf", "web/deep/a.conf", false},
      {"*/a.conf", "web/a.conf", true},
      {"**/a.conf", "a.conf", true},
      {"**/a.conf", "one/two/a.conf", true},
      {"**/old", "web/old/a.conf", true},
      {"web/**", "web/one/two", true},
      {"web/**/x", "web/x", true},
      {"web/**/x", "web/one/two/x", true},
      {"web/**/x", "web/one/two/y", false},
      {"a.conf", "web/a.conf", false},
      {"web/?.conf", "web/ab.conf", false},
      {"x/../web", "web/a.conf", true},
      {".", "web/a.conf", true},
      {"../web", "web/a.conf", false},
      {"../web", "../web/a.conf", true},
  };
  for (const Case& each : kCases) {
    CAPTURE(each.pattern);
    CAPTURE(each.path);
    CHECK_EQ(path_matches(each.pattern, each.path), each.fits);
  }
}

TEST_CASE("many '**' cost no more than their number") {
  std::string pattern;
  std::string path;
  for (int i = 0; i < 200; ++i) pattern += "**/a/";
  for (int i = 0; i < 2000; ++i) path += "a/";
  CHECK(path_matches(pattern, path));
  CHECK_FALSE(path_matches(pattern + "b", path));
}

TEST_CASE("paths by name") {
  CHECK_EQ(absolute_path("/a/./b//c/../d"), "/a/b/d");
  CHECK_EQ(absolute_path("/../.."), "/");
  CHECK_EQ(absolute_path("x"), absolute_path("./y/../x"));
  CHECK_EQ(relative_path("/a/b/c", "/a"), "b/c");
  CHECK_EQ(relative_path("/a", "/a"), ".");
  CHECK_EQ(relative_path("/a/x", "/a/b/c"), "../../x");
  CHECK_EQ(relative_path("/a", "/a/b"), "..");
  CHECK_EQ(join_path(".", "x"), "x");
  CHECK_EQ(join_path("a/", "x"), "a/x");
  CHECK_EQ(join_path("a", "/x"), "/x");
}

TEST_CASE("a pattern is followed through folders") {
  std::string name = (fs::temp_directory_path() / "proctor-paths-XXXXXX").string();
  const fs::path top = ::mkdtemp(name.data());
  for (const char* file :
       {"web/a.conf", "web/b.conf", "web/c.txt", "web/deep/d.conf", "db/e.conf", ".git/f.conf"}) {
    fs::create_directories((top / file).parent_path());
    std::ofstream(top / file) << "\n";
  }
  fs::create_directory_symlink(top, top / "web" / "loop");
  const auto found = [&](std::string_view pattern) {
    std::string out;
    for (const std::string& path : expand_path(pattern, top.string())) {
      out += (out.empty() ? "" : " ") + relative_path(path, top.string());
    }
    return out;
  };
  CHECK_EQ(found("web/*.conf"), "web/a.conf web/b.conf");
  CHECK_EQ(found("*/*.conf"), ".git/f.conf db/e.conf web/a.conf web/b.conf");
  CHECK_EQ(found("**/*.conf"), "db/e.conf web/a.conf web/b.conf web/deep/d.conf");
  CHECK_EQ(found("web"), "web");
  CHECK_EQ(found("web/**"), "web");
  CHECK_EQ(found("nosuch"), "");
  CHECK_EQ(found("web/a.conf"), "web/a.conf");
  fs::remove_all(top);
}

}  // namespace
}  // namespace proctor::cli
