// Where findings stand, as people and machines are told.
#pragma once

#include <string>
#include <string_view>

#include "report/part.h"

namespace proctor::report {

/// Line and column from 1. The file as a whole is its first character.
struct Place {
  std::string_view file;  ///< Raw bytes of the name.
  Position begin;
  Position end;  ///< Exclusive.
};

Place place_of(const Part& part, uint32_t file, Span span);

/// "web/6.1, web/6.12": the targets that an entry holds for; empty if that is all of its file's.
std::string target_names(const Run& run, const Entry& entry);

/// The message; where it holds for some targets only, with their names: "... (for web/6.1)".
std::string message_of(const Run& run, const Entry& entry);

/// Whether it is said of the file as a whole, not of a line.
bool is_whole_file(const rules::Finding& finding);

/// The source line of a place without its line end.
std::string_view source_line(const Part& part, uint32_t file, Span span);

/// "net.ipv4.tcp_fin_timeout = 4": what a related line says.
std::string source_text(const Part& part, uint32_t file, Span span);

}  // namespace proctor::report
