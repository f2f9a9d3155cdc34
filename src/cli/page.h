// Pages for people: labelled rows, wrapped to a width.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace proctor::cli {

class Page {
 public:
  explicit Page(unsigned width);

  /// The name on a line of its own, what it is in short below, a blank line.
  void head(std::string_view name, std::string_view summary);
  /// A label and its text; nothing if the text is empty.
  void row(std::string_view label, std::string_view text);
  /// The same with each text on lines of its own.
  void rows(std::string_view label, const std::vector<std::string>& texts);
  /// Lines as they are, indented like the text of rows.
  void verbatim(std::string_view label, std::string_view lines);
  std::string take() { return std::move(out_); }

 private:
  unsigned width_;
  std::string out_;
};

/// Appends `text`, with ", " between; nothing if it is empty.
void append_part(std::string& list, std::string_view text);
std::string joined(const std::vector<std::string>& texts);

}  // namespace proctor::cli
