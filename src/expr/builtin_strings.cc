// The strings extension, format() excepted. Positions count code points; a byte outside UTF-8 is
// one.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "expr/builtin_calls.h"
#include "expr/literal.h"
#include "text/text.h"

namespace proctor::expr::calls {
namespace {

const std::string& text_of(const Value& value) { return *value.as_string(); }
int64_t int_of(const Value& value) { return *value.get_if<int64_t>(); }

size_t step(std::string_view rest) { return std::max<size_t>(utf8_length(rest), 1); }

/// Byte offsets of the code points, and the end.
std::vector<size_t> boundaries(std::string_view text) {
  std::vector<size_t> result;
  for (size_t at = 0; at < text.size(); at += step(text.substr(at))) result.push_back(at);
  result.push_back(text.size());
  return result;
}

int64_t position_of(const std::vector<size_t>& offsets, size_t byte) {
  return std::lower_bound(offsets.begin(), offsets.end(), byte) - offsets.begin();
}

Value outside(const Value& index, size_t length) {
  return Value::error("position " + brief_text(index) + " is outside a string of " +
                      std::to_string(length) + " characters");
}

/// Whether `index` is one of `offsets`.
bool inside(const Value& index, const std::vector<size_t>& offsets) {
  return int_of(index) >= 0 && static_cast<uint64_t>(int_of(index)) < offsets.size();
}

size_t offset_at(const std::vector<size_t>& offsets, const Value& index) {
  return offsets[static_cast<size_t>(int_of(index))];
}

/// All the strings and their boundaries are walked; a boundary costs as much as eight bytes.
bool pay(Meter& meter, Arguments arguments) {
  uint64_t bytes = 0;
  for (const Value& argument : arguments) bytes += argument.weight();
  return meter.work(bytes * 8);
}

Value make_string(Meter& meter, std::string text) {
  return meter.build(text.size()) ? Value::string(std::move(text)) : meter.error();
}

template <typename Convert>
Value map_bytes(Meter& meter, const Value& value, Convert convert) {
  std::string text = text_of(value);
  for (char& byte : text) byte = convert(byte);
  return make_string(meter, std::move(text));
}

/// Where the last `part` stands that begins at or before byte `last`, or npos; in linear time.
size_t find_last(std::string_view text, std::string_view part, size_t last) {
  std::string reversed(text.substr(0, last + std::min(part.size(), text.size() - last)));
  std::string reversed_part(part);
  std::reverse(reversed.begin(), reversed.end());
  std::reverse(reversed_part.begin(), reversed_part.end());
  const size_t found = find_text(reversed, reversed_part);
  if (found == std::string_view::npos) return found;
  return reversed.size() - found - part.size();
}

/// Byte offsets where `separator` stands, at most `limit` of them (all if it is negative), without
/// overlap. An empty separator stands at every boundary but the ends.
std::vector<size_t> places(std::string_view text, std::string_view separator, int64_t limit) {
  std::vector<size_t> result;
  const auto full = [&] { return limit >= 0 && result.size() >= static_cast<uint64_t>(limit); };
  if (separator.empty()) {
    for (size_t at = text.empty() ? 0 : step(text); at < text.size() && !full();
         at += step(text.substr(at))) {
      result.push_back(at);
    }
    return result;
  }
  for (size_t at = find_text(text, separator); at != std::string_view::npos && !full();
       at = find_text(text, separator, at + separator.size())) {
    result.push_back(at);
  }
  return result;
}

bool is_space(std::string_view character) {
  if (character.size() == 1) {
    return character == " " || (character[0] >= '\t' && character[0] <= '\r');
  }
  static constexpr std::array<std::string_view, 18> kSpaces = {
      "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005",
      "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f"};
  return character == "\u3000" ||
         std::find(kSpaces.begin(), kSpaces.end(), character) != kSpaces.end();
}

}  // namespace

Value string_char_at(Meter& meter, Arguments arguments) {
  if (!pay(meter, arguments)) return meter.error();
  const std::string& text = text_of(arguments[0]);
  const std::vector<size_t> offsets = boundaries(text);
  if (!inside(arguments[1], offsets)) return outside(arguments[1], offsets.size() - 1);
  const size_t begin = offset_at(offsets, arguments[1]);
  return Value::string(begin == text.size()
                           ? std::string()
                           : text.substr(begin, step(std::string_view(text).substr(begin))));
}

Value string_index_of(Meter& meter, Arguments arguments) {
  if (!pay(meter, arguments)) return meter.error();
  const std::string& text = text_of(arguments[0]);
  const std::vector<size_t> offsets = boundaries(text);
  size_t from = 0;
  if (arguments.size() == 3) {
    if (!inside(arguments[2], offsets)) return outside(arguments[2], offsets.size() - 1);
    from = offset_at(offsets, arguments[2]);
  }
  const size_t found = find_text(text, text_of(arguments[1]), from);
  return Value::of(found == std::string::npos ? int64_t{-1} : position_of(offsets, found));
}

Value string_last_index_of(Meter& meter, Arguments arguments) {
  if (!pay(meter, arguments)) return meter.error();
  const std::string& text = text_of(arguments[0]);
  const std::vector<size_t> offsets = boundaries(text);
  size_t last = text.size();
  if (arguments.size() == 3) {
    if (!inside(arguments[2], offsets)) return outside(arguments[2], offsets.size() - 1);
    last = offset_at(offsets, arguments[2]);
  }
  const size_t found = find_last(text, text_of(arguments[1]), last);
  return Value::of(found == std::string::npos ? int64_t{-1} : position_of(offsets, found));
}

Value string_lower_ascii(Meter& meter, Arguments arguments) {
  return map_bytes(meter, arguments[0], [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

Value string_upper_ascii(Meter& meter, Arguments arguments) {
  return map_bytes(meter, arguments[0], [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
}

Value string_replace(Meter& meter, Arguments arguments) {
  if (!pay(meter, arguments)) return meter.error();
  const std::string& text = text_of(arguments[0]);
  const std::string& old = text_of(arguments[1]);
  const std::string& fresh = text_of(arguments[2]);
  int64_t limit = arguments.size() == 4 ? int_of(arguments[3]) : -1;
  std::vector<size_t> where;
  if (old.empty() && limit != 0) {
    where.push_back(0);
    limit -= limit > 0 ? 1 : 0;
  }
  const std::vector<size_t> inner = places(text, old, limit);
  where.insert(where.end(), inner.begin(), inner.end());
  if (old.empty() && (limit < 0 || inner.size() < static_cast<uint64_t>(limit)) && !text.empty()) {
    where.push_back(text.size());
  }
  if (!meter.build(text.size() + where.size() * fresh.size())) return meter.error();
  std::string out;
  size_t at = 0;
  for (const size_t place : where) {
    out += text.substr(at, place - at);
    out += fresh;
    at = place + old.size();
  }
  return Value::string(out + text.substr(at));
}

Value string_split(Meter& meter, Arguments arguments) {
  if (!pay(meter, arguments)) return meter.error();
  const std::string& text = text_of(arguments[0]);
  const std::string& separator = text_of(arguments[1]);
  const int64_t limit = arguments.size() == 3 ? int_of(arguments[2]) : -1;
  if (limit == 0 || (text.empty() && separator.empty())) return Value::list({});
  const std::vector<size_t> where = places(text, separator, limit < 0 ? limit : limit - 1);
  // A part weighs as much as an empty string and its bytes.
  if (!meter.build(text.size() + (where.size() + 1) * Value::string({}).weight())) {
    return meter.error();
  }
  List parts;
  size_t at = 0;
  for (const size_t place : where) {
    parts.push_back(Value::string(text.substr(at, place - at)));
    at = place + separator.size();
  }
  parts.push_back(Value::string(text.substr(at)));
  return Value::list(std::move(parts));
}

Value string_substring(Meter& meter, Arguments arguments) {
  if (!pay(meter, arguments)) return meter.error();
  const std::string& text = text_of(arguments[0]);
  const std::vector<size_t> offsets = boundaries(text);
  for (const Value& index : arguments.subspan(1)) {
    if (!inside(index, offsets)) return outside(index, offsets.size() - 1);
  }
  const size_t begin = offset_at(offsets, arguments[1]);
  const size_t end = arguments.size() == 3 ? offset_at(offsets, arguments[2]) : text.size();
  if (begin > end) return Value::error("the end of a substring lies before its start");
  return make_string(meter, text.substr(begin, end - begin));
}

Value string_trim(Meter& meter, Arguments arguments) {
  if (!pay(meter, arguments)) return meter.error();
  const std::string& text = text_of(arguments[0]);
  const std::vector<size_t> offsets = boundaries(text);
  const auto space_at = [&](size_t i) {
    return is_space(std::string_view(text).substr(offsets[i], offsets[i + 1] - offsets[i]));
  };
  size_t begin = 0;
  size_t end = offsets.size() - 1;
  while (begin < end && space_at(begin)) ++begin;
  while (end > begin && space_at(end - 1)) --end;
  return make_string(meter, text.substr(offsets[begin], offsets[end] - offsets[begin]));
}

Value string_join(Meter& meter, Arguments arguments) {
  const List& items = *arguments[0].as_list();
  const std::string separator = arguments.size() == 2 ? text_of(arguments[1]) : std::string();
  if (!meter.build(arguments[0].weight() + items.size() * separator.size())) return meter.error();
  std::string out;
  for (const Value& item : items) {
    if (!item.is(ValueKind::kString)) {
      return Value::error("join() takes strings, not " + type_name(item));
    }
    if (&item != items.data()) out += separator;
    out += text_of(item);
  }
  return Value::string(std::move(out));
}

Value string_reverse(Meter& meter, Arguments arguments) {
  if (!pay(meter, arguments)) return meter.error();
  const std::string& text = text_of(arguments[0]);
  const std::vector<size_t> offsets = boundaries(text);
  std::string out;
  for (size_t i = offsets.size() - 1; i > 0; --i) {
    out += text.substr(offsets[i - 1], offsets[i] - offsets[i - 1]);
  }
  return make_string(meter, std::move(out));
}

Value string_quote(Meter& meter, Arguments arguments) {
  if (!pay(meter, arguments)) return meter.error();
  static constexpr std::string_view kFrom = "\a\b\f\n\r\t\v\\\"";
  static constexpr std::string_view kTo = "abfnrtv\\\"";
  std::string out = "\"";
  for (std::string_view rest = text_of(arguments[0]); !rest.empty();
       rest.remove_prefix(step(rest))) {
    const size_t escape = kFrom.find(rest[0]);
    if (escape != std::string_view::npos) {
      out += '\\';
      out += kTo[escape];
    } else if (utf8_length(rest) == 0) {
      append_utf8(out, 0xFFFD);
    } else {
      out += rest.substr(0, step(rest));
    }
  }
  return make_string(meter, out + "\"");
}

}  // namespace proctor::expr::calls
