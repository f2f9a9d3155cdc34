// Text of unknown content inside terminals, JSON and XML.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace proctor::report {

/// For a terminal or a log: control bytes and bytes that are not UTF-8 as \xNN; the rest as it is.
std::string printable(std::string_view text);

/// Appends a JSON string with its quotes. A byte that is not UTF-8 becomes the four characters
/// \xNN, so that the document stays valid JSON.
void append_json(std::string& out, std::string_view text);
std::string json_string(std::string_view text);

/// For XML text and attributes. Characters that XML 1.0 cannot hold become \xNN.
std::string xml_text(std::string_view text);

/// "1 error", "2 errors"; with thousands separators.
std::string counted(uint64_t count, std::string_view singular, std::string_view plural = {});

/// Breaks `text` at blanks so that no line is wider than `width` code points; never empty.
std::string wrap(std::string_view text, unsigned width, std::string_view indent);

}  // namespace proctor::report
