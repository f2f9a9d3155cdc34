// Hand-made judged parts for the tests of formats.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "report/format.h"
#include "report/part.h"

namespace proctor::report {

class StringSink : public Sink {
 public:
  void write(std::string_view text) override { text_ += text; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Files and what was found in them.
struct Sample {
  std::vector<std::unique_ptr<conf::Document>> documents;
  Part part;

  uint32_t file(std::string name, std::string bytes) {
    documents.push_back(
        std::make_unique<conf::Document>(conf::Document::parse(std::move(name), std::move(bytes))));
    part.files.push_back(documents.back().get());
    return static_cast<uint32_t>(part.files.size() - 1);
  }
  /// The first place of `text` in a file.
  Span span(uint32_t file, std::string_view text) const {
    const auto at = static_cast<uint32_t>(documents[file]->bytes().find(text));
    return {at, at + static_cast<uint32_t>(text.size())};
  }
};

/// Three files' worth of what formats must show: fixes safe and unsafe, related lines in the same
/// and in another file, bytes that are not UTF-8, columns after wide characters, an undecided rule
/// of each kind, a file that cannot be read.
Sample sample();
Run sample_run();

std::string print(const Run& run, std::string_view format, const std::vector<const Part*>& parts);

}  // namespace proctor::report
