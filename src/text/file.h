// Reading and writing whole files.
#pragma once

#include <string>
#include <string_view>

#include "text/result.h"

namespace proctor {

/// The bytes of a regular file. Refuses a FIFO, a device, a directory, and above 4 GiB - 1, each
/// with a reason; never blocks on open. Follows symlinks (ELOOP is an error).
Result<std::string> read_file(const std::string& path);

/// A file that appears when it is whole: bytes go to a temporary file beside `path`, which commit()
/// renames over it, keeping mode and owner of a file that was there. Without commit() nothing
/// changes. What is no regular file (a device, a FIFO) is written directly; a symlink is followed.
class FileWriter {
 public:
  explicit FileWriter(const std::string& path);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  void append(std::string_view bytes);
  /// An empty string, or why the file is as it was before.
  std::string commit();
  /// Empty: no error so far.
  const std::string& error() const { return error_; }

 private:
  void open();
  void fail(int number);
  int finish_temporary();

  std::string target_;
  std::string temporary_;  ///< Empty: written directly.
  std::string error_;
  int fd_ = -1;
};

/// FileWriter in one call.
std::string write_file(const std::string& path, std::string_view bytes);

}  // namespace proctor
