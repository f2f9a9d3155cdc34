#include "report/fingerprint.h"

#include <fmt/core.h>

#include <map>

#include "report/place.h"
#include "text/text.h"

namespace proctor::report {
namespace {

/// FNV-1a; a byte that no text holds in UTF-8 ends each field.
class Hash {
 public:
  void add(std::string_view field) {
    for (const char c : field) byte(static_cast<unsigned char>(c));
    byte(0xFF);
  }
  uint64_t value() const { return value_; }

 private:
  void byte(unsigned char b) {
    value_ ^= b;
    value_ *= 0x100000001B3ULL;
  }
  uint64_t value_ = 0xCBF29CE484222325ULL;
};

}  // namespace

std::string Fingerprint::hex() const { return fmt::format("{:016x}", hash); }

uint64_t hash_of(std::string_view text) {
  Hash hash;
  hash.add(text);
  return hash.value();
}

std::vector<Fingerprint> fingerprints(const Part& part) {
  std::vector<Fingerprint> out;
  std::map<uint64_t, uint32_t> seen;
  for (const Entry& entry : part.entries) {
    const rules::Finding& finding = entry.finding;
    Hash hash;
    hash.add(part.files[finding.file]->name());
    hash.add(finding.rule);
    for (const std::string& key : finding.keys) hash.add(key);
    // What is said of the whole file does not depend on its first line.
    const bool whole = is_whole_file(finding);
    hash.add(whole ? std::string_view() : trim(source_line(part, finding.file, finding.span)));
    out.push_back({hash.value(), ++seen[hash.value()]});
  }
  return out;
}

}  // namespace proctor::report
