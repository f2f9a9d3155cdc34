// A folder as the root of a file system: symlinks are resolved inside it and never lead out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace proctor::load {

class RootFs {
 public:
  /// `root` may be "/" and any folder that exists; else everything is ENOENT.
  explicit RootFs(const std::string& root);
  ~RootFs();
  RootFs(const RootFs&) = delete;
  RootFs& operator=(const RootFs&) = delete;

  /// Why nothing can be found: errno of opening the root, or 0.
  int error() const { return error_; }

  /// Where a path leads once its symlinks are resolved, or errno (ENOENT: dangling, ELOOP).
  struct Place {
    std::string path;  ///< Absolute in the root, without symlinks. "/dev/null" always exists.
    int error = 0;
  };
  Place resolve(std::string_view path) const;

  /// Nothing is called so, not even a symlink that leads nowhere.
  bool is_absent(std::string_view path) const;

  /// Names in a folder, sorted bytewise, without "." and "..". Empty if it cannot be listed, with
  /// the errno of that in `error`.
  std::vector<std::string> list(std::string_view path, int* error = nullptr) const;

  /// What is at the end of a path.
  struct Content {
    std::optional<std::string> bytes;  ///< Of a regular file, or empty for /dev/null.
    int error = 0;                     ///< errno; EISDIR: a folder.
    std::string why;                   ///< For people; "a FIFO" has no errno of its own.
    std::string real_path;             ///< In the root, symlinks resolved.
  };
  Content read(std::string_view path) const;
  /// stat() says a regular file. /dev/null is none.
  bool is_regular(std::string_view path) const;
  bool exists(std::string_view path) const { return resolve(path).error == 0; }

 private:
  Place walk(std::string done, std::string_view path) const;
  int open_place(const std::string& path, int flags) const;

  int root_ = -1;
  int error_ = 0;
  // Files are asked for folder by folder: the last one, as it was named and as it is.
  mutable std::string folder_;
  mutable std::string real_folder_;
  // The folder of the last place that was opened.
  mutable std::string open_path_;
  mutable int open_folder_ = -1;
};

}  // namespace proctor::load
