// Keys of interfaces, which copy themselves to each other.
#include <doctest/doctest.h>

#include <string>

#include "kernel/predict.h"
#include "predicting.h"

namespace proctor::kernel {
namespace {

TEST_CASE("mode 3 draws a secret for most interfaces, which lets them have mode 2") {
  State state(machine("5.10.262"));
  const std::string conf = "net/ipv6/conf/";
  const auto result = [&](const char* key, const char* bytes) {
    return write(state, conf + key, bytes).result;
  };
  CHECK(result("eth0/addr_gen_mode", "2\n") == WriteResult::kRejected);
  CHECK(result("eth0/addr_gen_mode", "3\n") == WriteResult::kAccepted);
  CHECK(result("eth0/addr_gen_mode", "2\n") == WriteResult::kUnknown);
  CHECK(result("lo/addr_gen_mode", "3\n") == WriteResult::kAccepted);
  CHECK(result("lo/addr_gen_mode", "2\n") == WriteResult::kRejected);
  CHECK(result("eth0/stable_secret", "2001:db8::1\n") == WriteResult::kAltered);
  CHECK(result("eth0/addr_gen_mode", "2\n") == WriteResult::kAccepted);
}

TEST_CASE("\"all\" is copied even if the write brought no number") {
  const struct {
    const char* name;
    const char* version;
    const char* bytes;
    const char* after;  ///< Of the interface.
  } cases[] = {
      {"addr_gen_mode", "6.12.118", "", "1"},   {"disable_ipv6", "6.12.118", "", "1"},
      {"forwarding", "7.2.13", "", "1"},        {"forwarding", "7.2.13", "x", "0"},
      {"forwarding", "6.1.176", "x", "1"},      {"ignore_routes_with_linkdown", "7.2.13", "", "1"},
      {"force_forwarding", "7.2.13", "1", "0"}, {"proxy_ndp", "7.2.13", "", "0"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.name);
    CAPTURE(one.bytes);
    const std::string conf = "net/ipv6/conf/";
    const std::string interface = conf + "eth0/" + one.name;
    State state(machine(one.version));
    state.set(conf + "all/" + one.name, Cell::known("1"));
    state.set(interface, Cell::known("0"));
    write(state, conf + "all/" + one.name, one.bytes);
    CHECK(state.read(interface).text == one.after);
  }
}

TEST_CASE("switching IPv6 forwarding off takes force_forwarding from the interfaces alone") {
  State state(machine("7.2.13"));
  const std::string conf = "net/ipv6/conf/";
  for (const char* name : {"all", "default", "eth0"}) {
    state.set(conf + name + "/force_forwarding", Cell::known("1"));
  }
  write(state, conf + "all/forwarding", "0\n");
  CHECK(state.read(conf + "all/force_forwarding").text == "1");
  CHECK(state.read(conf + "default/force_forwarding").text == "1");
  CHECK(state.read(conf + "eth0/force_forwarding").text == "0");
}

}  // namespace
}  // namespace proctor::kernel
