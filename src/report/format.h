// The formats of `check`: findings in, text out, streamed.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "report/part.h"

namespace proctor::report {

/// Where a format's text goes.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(std::string_view text) = 0;
};

/// The text of one part. Formats that collect (json) keep what must come later apart.
struct Piece {
  std::string text;
  std::string undecided;
  std::string errors;
};

/// One format writing one report. The order of calls is begin, add for every part, end. render may
/// run on any thread; the others run on one, in the order of the parts.
class Format {
 public:
  explicit Format(const Run& run) : run_(run) {}
  virtual ~Format() = default;
  Format(const Format&) = delete;
  Format& operator=(const Format&) = delete;

  virtual void begin(Sink& sink);
  virtual Piece render(const Part& part) const = 0;
  virtual void add(const Piece& piece, Sink& sink);
  virtual void end(const Totals& totals, Sink& sink);

 protected:
  const Run& run() const { return run_; }

 private:
  const Run& run_;
};

struct FormatInfo {
  std::string_view name;
  std::string_view description;
  bool needs_rules;  ///< Uses Run::rules.
  std::unique_ptr<Format> (*make)(const Run& run);
};

/// Every format, text first.
std::span<const FormatInfo> formats();
/// nullptr: no such format.
const FormatInfo* find_format(std::string_view name);

}  // namespace proctor::report
