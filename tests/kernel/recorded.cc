#include "recorded.h"

#include <cstdio>
#include <cstdlib>

#include "procsys_dump.h"
#include "text/text.h"

namespace proctor::kernel {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool exists(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file != nullptr) std::fclose(file);
  return file != nullptr;
}

}  // namespace

std::string recorded_file(std::string_view name) {
  const char* shared = std::getenv("PROCTOR_SHARED");
  if (shared == nullptr) return {};
  std::string path = std::string(shared) + "/kernel/" + std::string(name);
  return exists(path) ? path : std::string();
}

bool for_each_row(const std::string& path,
                  const std::function<void(const std::vector<std::string_view>&)>& row) {
  std::FILE* pipe = popen(("gzip -dc '" + path + "'").c_str(), "r");
  if (pipe == nullptr) return false;
  std::string all;
  char buffer[1 << 16];
  for (size_t got = 0; (got = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
    all.append(buffer, got);
  }
  if (pclose(pipe) != 0) return false;
  const std::vector<std::string_view> lines = split(all, '\n');
  for (size_t i = 1; i < lines.size(); ++i) {
    if (!lines[i].empty()) row(split(lines[i], '\t'));
  }
  return true;
}

std::string unescape(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      bytes += text[i];
      continue;
    }
    const char kind = text[++i];
    if (kind == 'n') bytes += '\n';
    if (kind == 't') bytes += '\t';
    if (kind == 'r') bytes += '\r';
    if (kind == '\\') bytes += '\\';
    if (kind == 'x' && i + 2 < text.size()) {
      bytes += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    }
  }
  return bytes;
}

std::map<std::string, State> recorded_states() {
  std::map<std::string, State> states;
  for (const testing::Dump& dump : testing::load_dumps()) {
    State& state = states.try_emplace(dump.series, dump.machine).first->second;
    for (const auto& [path, text] : dump.value) state.set(path, Cell::known(text));
    for (const std::string& path : dump.unreadable) state.set(path, Cell::unknown({}));
    state.set_complete(true);
    state.freeze();
  }
  return states;
}

}  // namespace proctor::kernel
