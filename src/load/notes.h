// What a loader makes of odd lines, in sentences.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "load/loader.h"

namespace proctor::load {

/// Bytes of a key, value or path for a sentence: escaped, and cut where they are long.
std::string quoted(std::string_view bytes);

class Notes {
 public:
  explicit Notes(LoadResult& result) : result_(result) {}

  /// `kind` is static storage. Beyond kMostNotes of a kind only the number is kept.
  void add(std::string_view kind, Origin origin, Span span, std::string text);
  /// Puts the notes in order of file, line and place.
  void finish();
  std::string_view loader() const { return result_.loader->name; }

 private:
  LoadResult& result_;
  std::map<std::string_view, uint32_t> counts_;
};

}  // namespace proctor::load
