// matches(): RE2 behind one door.
#include <re2/re2.h>

#include <array>
#include <memory>
#include <utility>

#include "expr/builtin_calls.h"

namespace proctor::expr::calls {
namespace {

constexpr int64_t kRegexMemory = 256 << 10;
/// What compiling the largest pattern that fits costs, in bytes of work. It is charged for a cached
/// pattern too: the same expression must cost the same every time.
constexpr uint64_t kCompileWork = 32768;

std::unique_ptr<re2::RE2> compile(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemory);
  return std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
}

/// The last patterns of this thread: a rule asks for the same one on every file.
class Cache {
 public:
  const re2::RE2& get(const std::string& pattern) {
    for (const Entry& entry : entries_) {
      if (entry.second && entry.first == pattern) return *entry.second;
    }
    Entry& entry = entries_[next_];
    next_ = (next_ + 1) % entries_.size();
    entry = {pattern, compile(pattern)};
    return *entry.second;
  }

 private:
  using Entry = std::pair<std::string, std::unique_ptr<re2::RE2>>;
  std::array<Entry, 16> entries_;
  size_t next_ = 0;
};

}  // namespace

std::string regex_error(std::string_view pattern) {
  const std::unique_ptr<re2::RE2> regex = compile(pattern);
  return regex->ok() ? std::string() : regex->error();
}

Value matches(Meter& meter, Arguments arguments) {
  const std::string& text = *arguments[0].as_string();
  const std::string& pattern = *arguments[1].as_string();
  // The automaton's size follows the pattern's length, each step over the text costs some of it.
  if (!meter.work(kCompileWork + pattern.size() * 16 + text.size() * 16)) return meter.error();
  thread_local Cache cache;
  const re2::RE2& regex = cache.get(pattern);
  if (!regex.ok()) return Value::error("the regular expression is wrong: " + regex.error());
  return Value::of(re2::RE2::PartialMatch(text, regex));
}

}  // namespace proctor::expr::calls
