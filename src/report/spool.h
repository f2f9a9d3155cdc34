// Text that can only be written later, without holding all of it in memory.
#pragma once

#include <string>
#include <string_view>

#include "report/format.h"

namespace proctor::report {

/// Keeps text in memory up to 1 MiB, then in an unlinked temporary file. If that fails (no space,
/// no folder) it goes on in memory.
class Spool : public Sink {
 public:
  Spool() = default;
  ~Spool() override;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  void write(std::string_view text) override;
  /// All text written so far, in order.
  void copy_to(Sink& sink);

 private:
  bool spill();

  std::string text_;  ///< What is not in the file.
  int fd_ = -1;
  bool failed_ = false;
};

}  // namespace proctor::report
