// What the program prints: standard output, standard error, files that appear when whole.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "report/format.h"
#include "text/diagnostic.h"
#include "text/file.h"

namespace proctor::cli {

class Output : public report::Sink {
 public:
  /// An empty string or what went wrong since it was opened.
  virtual std::string close() = 0;
};

/// Standard output, buffered. A failed write is remembered, not repeated.
class StandardOutput : public Output {
 public:
  ~StandardOutput() override { flush(buffer_.size()); }

  void write(std::string_view text) override;
  std::string close() override;

 private:
  void flush(size_t size);

  std::string buffer_;
  int error_ = 0;
};

/// A report in a file: a temporary file beside it takes its place when the report is whole.
class FileOutput : public Output {
 public:
  explicit FileOutput(const std::string& path) : path_(path), writer_(path) {}

  void write(std::string_view text) override { writer_.append(text); }
  std::string close() override;
  /// An empty string, or why it cannot be opened.
  std::string open_error() const;

 private:
  std::string path_;
  FileWriter writer_;
};

/// Raw text on standard error.
void write_error_text(std::string_view text);
/// "proctor: TEXT" on standard error.
void complain(std::string_view text);
/// A diagnostic on standard error, with its excerpt; one without a file is of the command line.
void complain(const Diagnostic& problem);

/// Prints `text` on standard output; returns `status`, or kTrouble if it cannot be written.
int print(std::string_view text, int status = 0);

struct Terminal {
  bool color;
  unsigned width;
};

/// Of standard output. `when` is the value of --color; "auto" asks NO_COLOR, CLICOLOR_FORCE, TERM
/// and whether it is a terminal, in this order. The width is 80 when unknown.
Terminal terminal(std::string_view when);

}  // namespace proctor::cli
