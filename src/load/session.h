// One run of a loader over a configuration: files to lines, lines to settings, settings to writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "load/key_path.h"
#include "load/line_notes.h"
#include "load/lines.h"
#include "load/loader.h"
#include "load/notes.h"
#include "load/parse.h"
#include "load/proc_tree.h"
#include "load/writer.h"

namespace proctor::load {

class Session {
 public:
  /// `tree` shows the state before anything is loaded.
  Session(const Configuration& configuration, const ProcTree& tree, LoadResult& result);

  void run();

 private:
  /// A setting or exclusion of a loader that reads everything before it writes.
  struct Entry {
    Setting setting;
    bool exclusion = false;
    bool dropped = false;  ///< systemd: a later line of the same key took its place.
    Origin origin;
  };

  void make_room();
  void read_file(uint32_t index);
  void read_lines(uint32_t index);
  void read_command_line(uint32_t index);
  void apply_parameter(uint32_t index, Span span, std::string_view name, std::string_view value);
  void cannot_open(uint32_t index);
  void take(const NotedLine& line);
  void skip(const NotedLine& line);
  void skip_joined(const NotedLine& line, const std::string& reason);
  void skip_line(uint32_t file, size_t line, const std::string& reason);
  void skip_rest(uint32_t file, uint32_t from, const std::string& reason);
  uint32_t add_written(const conf::Document& document, Origin origin, const conf::Line& parts);
  uint32_t add_assignment(Origin origin, Span span, std::string path, std::string value);
  void collect(Entry entry);
  void collect_once(Entry entry);
  void note_exclusion(const Entry& entry);
  void note_idle_exclusions();
  void apply_collected();
  void apply_glob(const Entry& entry);
  bool is_named(const std::string& path) const;

  const Configuration& configuration_;
  LoadResult& result_;
  const Traits& traits_;
  const ProcTree& tree_;
  Notes notes_;
  Writer writer_;
  LineParser parser_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, size_t> by_path_;  ///< systemd: key -> index into entries_.
  std::unordered_set<std::string> named_;            ///< procps: paths of all lines.
  std::vector<std::string> exclusion_globs_;
};

}  // namespace proctor::load
