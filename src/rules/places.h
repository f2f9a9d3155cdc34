// Reports on pieces of a file become one on the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "rules/engine.h"

namespace proctor::rules {

/// Where the bytes of a piece stand in its file.
class Places {
 public:
  /// By line of the piece, which is `size` bytes long: where it begins there, and where in the
  /// file.
  Places(const std::vector<uint32_t>& begins, std::vector<uint32_t> in_file, uint32_t size)
      : begins_(begins), in_file_(std::move(in_file)), size_(size) {}

  /// Whether each span of the report lies within a line. Does not look at the file.
  bool hold(const Report& report) const;
  /// REQUIRES: hold().
  void move(Report& report) const;
  /// Of the piece.
  size_t line_of(Span span) const;

 private:
  bool hold(Span span) const;
  void move(Span& span) const;

  const std::vector<uint32_t>& begins_;
  std::vector<uint32_t> in_file_;
  uint32_t size_;
};

/// Adds what a piece gave; `piece` speaks of the whole's file.
void append(Report& whole, Report piece);

/// In the order of judge().
void sort(Report& report);

}  // namespace proctor::rules
