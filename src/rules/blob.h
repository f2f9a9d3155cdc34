// Bytes of a packed table: numbers and texts, one after the other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace proctor::rules {

/// Small numbers take one byte.
class BlobWriter {
 public:
  void number(uint64_t value) {
    while (value >= 0x80) {
      out_ += static_cast<char>(value | 0x80U);
      value >>= 7U;
    }
    out_ += static_cast<char>(value);
  }
  void text(std::string_view value) {
    number(value.size());
    out_ += value;
  }
  size_t size() const { return out_.size(); }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// REQUIRES: bytes of a BlobWriter, read in the same order. Past their end it reads zeros.
class BlobReader {
 public:
  explicit BlobReader(std::string_view bytes) : bytes_(bytes) {}

  uint64_t number() {
    uint64_t value = 0;
    for (unsigned shift = 0; at_ < bytes_.size() && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
  /// Points into the bytes.
  std::string_view text() {
    const size_t size = number();
    const std::string_view value = bytes_.substr(std::min(at_, bytes_.size()), size);
    at_ += value.size();
    return value;
  }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

}  // namespace proctor::rules
