// A rule file while it is read: its text, and where its mistakes go.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/yaml.h"
#include "text/diagnostic.h"

namespace proctor::rules {

class Source {
 public:
  Source(std::string name, std::string text)
      : name_(std::move(name)), text_(std::move(text)), index_(text_) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  Position position(uint32_t offset) const { return index_.position(offset); }

  Diagnostic diagnostic(Span span, std::string message) const;
  /// At a whole scalar, or the first byte of a list or mapping.
  Diagnostic diagnostic(const YamlNode& node, std::string message) const {
    return diagnostic(span_of(text_, node), std::move(message));
  }
  /// At bytes of a scalar's text.
  Diagnostic diagnostic(const YamlNode& scalar, Span in_text, std::string message) const {
    return diagnostic(ScalarMap(text_, scalar).span(in_text), std::move(message));
  }

 private:
  std::string name_;
  std::string text_;
  LineIndex index_;
};

/// Collects the mistakes of one file, up to a number that nobody reads anyway.
class Reporter {
 public:
  Reporter(const Source& source, std::vector<Diagnostic>& problems)
      : source_(source), problems_(problems) {}

  template <typename... Where>
  void operator()(Where&&... where) {
    if (count_++ < kMost) problems_.push_back(source_.diagnostic(std::forward<Where>(where)...));
  }
  const Source& source() const { return source_; }
  /// Of all mistakes so far.
  size_t count() const { return count_; }

 private:
  static constexpr size_t kMost = 200;

  const Source& source_;
  std::vector<Diagnostic>& problems_;
  size_t count_ = 0;
};

/// "; did you mean 'x'?" for the nearest of `candidates`, or empty.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);
/// A piece of the file for a message: control bytes escaped, shortened in the middle of nowhere.
std::string quoted(std::string_view text);

}  // namespace proctor::rules
