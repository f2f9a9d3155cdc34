#include "kernel/predict_address.h"

#include <algorithm>

namespace proctor::kernel {
namespace {

constexpr size_t kGroups = 8;

std::optional<uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool read() {
    if (rest_.starts_with("::")) {
      take_gap();
    }
    while (!(gap_ == count_ && at_end())) {
      if (!hex_digit(next())) return false;
      if (count_ == most()) return false;
      const std::string_view group = rest_;
      const std::optional<uint16_t> value = take_group();
      if (!value) return false;
      if (next() == '.') return take_ipv4(group);
      groups_[count_++] = *value;
      if (at_end()) return gap_ || count_ == kGroups;
      // Behind the last group that there is room for no ':' may stand.
      if (count_ == most()) return false;
      if (rest_.starts_with("::")) {
        if (gap_) return false;
        take_gap();
      } else {
        rest_.remove_prefix(1);
        if (at_end()) return false;
      }
    }
    return true;
  }

  std::array<uint8_t, 16> address() const {
    std::array<uint8_t, 16> bytes{};
    const size_t before = gap_.value_or(count_);
    for (size_t i = 0; i < count_; ++i) {
      const size_t at = i < before ? i : kGroups - count_ + i;
      bytes[2 * at] = static_cast<uint8_t>(groups_[i] >> 8);
      bytes[2 * at + 1] = static_cast<uint8_t>(groups_[i] & 0xff);
    }
    return bytes;
  }

 private:
  char next() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool at_end() const { return next() != ':' && next() != '.' && !hex_digit(next()); }
  /// "::" stands for one group at least.
  size_t most() const { return gap_ ? kGroups - 1 : kGroups; }

  void take_gap() {
    rest_.remove_prefix(2);
    gap_ = count_;
  }

  std::optional<uint16_t> take_group() {
    unsigned value = 0;
    for (std::optional<uint8_t> digit; (digit = hex_digit(next())); rest_.remove_prefix(1)) {
      if ((value & 0xf000) != 0) return std::nullopt;
      value = value << 4 | *digit;
    }
    return static_cast<uint16_t>(value);
  }

  /// Four decimal numbers in place of the last two groups.
  bool take_ipv4(std::string_view text) {
    if (gap_ ? count_ + 2 > most() : count_ + 2 != kGroups) return false;
    std::array<unsigned, 4> parts{};
    for (size_t i = 0; i < parts.size(); ++i) {
      if (i != 0) {
        if (!text.starts_with('.')) return false;
        text.remove_prefix(1);
      }
      const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
      if (digits == 0) return false;
      for (const char c : text.substr(0, digits)) {
        parts[i] = parts[i] * 10 + static_cast<unsigned>(c - '0');
        if (parts[i] > 255) return false;
      }
      text.remove_prefix(digits);
    }
    if (!text.empty() && (text.front() == '.' || hex_digit(text.front()))) return false;
    groups_[count_++] = static_cast<uint16_t>(parts[0] << 8 | parts[1]);
    groups_[count_++] = static_cast<uint16_t>(parts[2] << 8 | parts[3]);
    return true;
  }

  std::string_view rest_;
  std::array<uint16_t, kGroups> groups_{};
  size_t count_ = 0;
  std::optional<size_t> gap_;  ///< Groups before "::".
};

}  // namespace

std::optional<std::array<uint8_t, 16>> read_ipv6(std::string_view text) {
  Reader reader(text);
  if (!reader.read()) return std::nullopt;
  return reader.address();
}

}  // namespace proctor::kernel
