// Notes on what one loader makes of one line, before anything is written.
#pragma once

#include "conf/document.h"
#include "load/lines.h"
#include "load/loader.h"
#include "load/notes.h"
#include "load/parse.h"
#include "load/traits.h"

namespace proctor::load {

/// A line as written, as cut and as parsed.
struct NotedLine {
  const conf::Document& document;
  const LogicalLine& logical;
  const ParsedLine& parsed;
  conf::Line parts;  ///< Of the (first) physical line.
  Origin origin;
};

/// Kinds: bom, nul-byte, lone-cr, odd-character, comment-semicolon, comment-continues,
/// line-continued, missing-equals, empty-key, empty-value, shell-command, dash-unknown,
/// exclusion-unknown, exclusion-glob, glob-literal, glob-braces, long-line.
void note_line(const NotedLine& line, const Loader& loader, Notes& notes);

}  // namespace proctor::load
