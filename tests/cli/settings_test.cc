#include "cli/settings.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

namespace proctor::cli {
namespace {

const CommandInfo& check_command() {
  return *find_command(std::vector<std::string>{"check"})->command;
}

Result<Settings> settings_of(const std::vector<std::string>& arguments) {
  const Result<Invocation> invocation = parse_options(check_command(), arguments);
  REQUIRE_MESSAGE(invocation.ok(), (invocation.ok() ? "" : invocation.error()));
  return read_settings(*invocation);
}

std::string fact(const std::vector<std::string>& arguments, std::string_view name) {
  const Result<Settings> settings = settings_of(arguments);
  if (!settings) return "error: " + settings.error();
  const host::FactValue* value = settings->facts.get(name);
  return value != nullptr ? host::fact_to_text(*value) : "unknown";
}

TEST_CASE("a later fact overrides an earlier one, whatever option gives it") {
  CHECK_EQ(fact({}, "kernel"), "unknown");
  CHECK_EQ(fact({"--kernel", "6.1"}, "kernel"), "6.1");
  CHECK_EQ(fact({"--kernel", "6.1", "--kernel", "5.10"}, "kernel"), "5.10");
  CHECK_EQ(fact({"--kernel", "6.1", "--fact", "kernel=5.10"}, "kernel"), "5.10");
  CHECK_EQ(fact({"--fact", "memory=1GiB", "--memory", "8GiB"}, "memory"), "8589934592");
  CHECK_EQ(fact({"--memory", "8GiB", "--fact", "host.memory=1GiB"}, "memory"), "1073741824");
}

TEST_CASE("--host is one of them") {
  CHECK_EQ(fact({"--host", "--kernel", "2.6.39"}, "kernel"), "2.6.39");
  const std::string here = fact({"--host"}, "kernel");
  CHECK_NE(here, "unknown");
  CHECK_EQ(fact({"--kernel", "2.6.39", "--host"}, "kernel"), here);
}

TEST_CASE("roles add up") {
  CHECK_EQ(fact({}, "roles"), "unknown");
  CHECK_EQ(fact({"--role", "relay", "--role", "hardened"}, "roles"), "relay,hardened");
}

TEST_CASE("running values: the last source counts") {
  const std::string path =
      (std::filesystem::temp_directory_path() / "proctor-settings-test.dump").string();
  std::ofstream(path) << "vm.swappiness = 60\nkernel.panic = 0\n";
  const Result<Settings> dump = settings_of({"--host", "--running", path});
  REQUIRE(dump.ok());
  CHECK_FALSE(dump->host_values);
  CHECK_EQ(dump->running.size(), 2);
  CHECK(dump->running_complete);
  const Result<Settings> host = settings_of({"--running", path, "--host"});
  REQUIRE(host.ok());
  CHECK(host->host_values);
  CHECK(host->running.empty());
  std::filesystem::remove(path);
}

TEST_CASE("errors name the option, the text and what is expected") {
  struct Case {
    std::vector<std::string> arguments;
    std::string_view expected;
  };
  const std::vector<Case> cases = {
      {{"--memory", "8X"},
       "--memory: '8X' is not a size; expected a number with an optional unit such as 8GiB, 512MiB"
       " or 4096"},
      {{"--fact", "thp"}, "--fact: 'thp' is not NAME=VALUE"},
      {{"--running", "/nonexistent"},
       "--running: /nonexistent cannot be read: No such file or directory"},
      {{"--select", "tcp/,"},
       "--select: 'tcp/,' holds an empty name; expected rule ids, prefixes or tags with a comma"
       " between them"},
      {{"--format", "jsn"}, "--format: unknown format 'jsn'; did you mean 'json'?"},
      {{"--output", "sarf=x"},
       "--output: unknown format 'sarf'; did you mean 'sarif'? (write ./ before a file name with"
       " '=')"},
      {{"--output", "json="}, "--output: the name of the file is missing"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.arguments[1]);
    const Result<Settings> settings = settings_of(one.arguments);
    REQUIRE_FALSE(settings.ok());
    CHECK_EQ(settings.error(), one.expected);
  }
}

std::string outputs(const std::vector<std::string>& arguments) {
  const Result<Settings> settings = settings_of(arguments);
  REQUIRE(settings.ok());
  std::string out;
  for (const OutputRequest& request : settings->outputs) {
    out += std::string(request.format->name) + ":" + request.path + " ";
  }
  return out;
}

TEST_CASE("reports: standard output and any number of files") {
  CHECK_EQ(outputs({}), "text: ");
  CHECK_EQ(outputs({"--format", "json"}), "json: ");
  CHECK_EQ(outputs({"--output", "sarif=a", "--output", "json=b=c"}), "text: sarif:a json:b=c ");
  // A file without a format takes the place of standard output.
  CHECK_EQ(outputs({"--output", "a", "--format", "json"}), "json:a ");
  CHECK_EQ(outputs({"--output", "./x=y"}), "text:./x=y ");
}

TEST_CASE("options for what a rule needs") {
  CHECK_EQ(option_for_need("host.memory"), "--memory");
  CHECK_EQ(option_for_need("host.kernel"), "--kernel");
  CHECK_EQ(option_for_need("host.thp"), "--fact thp=always|madvise|never");
  CHECK_EQ(option_for_need("host.ipv6"), "--fact ipv6=true|false");
  CHECK_EQ(option_for_need("host.modules"), "--fact modules=...");
  CHECK_EQ(option_for_need("loader"), "--loader");
  CHECK_EQ(option_for_need("net.ipv4.tcp_rmem"), "");
}

}  // namespace
}  // namespace proctor::cli
