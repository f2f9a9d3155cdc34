#include "rules/piece_store.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "kernel/predict.h"
#include "rules/piece_memory.h"

using namespace proctor;
using namespace proctor::rules;

TEST_CASE("of many pieces some are forgotten, of each kind for itself") {
  KnownPieces known;
  known.add("a pair", 2, std::make_shared<Circles>());
  known.add("a line", 1, std::make_shared<Circles>());
  const CirclesPtr pair = known.find("a pair");
  REQUIRE(pair != nullptr);
  known.add("a pair", 2, std::make_shared<Circles>());
  CHECK(known.find("a pair") == pair);

  size_t added = 0;
  while (known.find("a line") != nullptr && added < 1000000) {
    known.add("line " + std::to_string(added++), 1, std::make_shared<Circles>());
  }
  CHECK(added > 1000);
  CHECK(added < 1000000);
  CHECK(known.find("line " + std::to_string(added - 1)) != nullptr);
  CHECK(known.find("a pair") == pair);
}

TEST_CASE("each audience finds what it was told") {
  PieceTable table;
  const RuleSet rules = RuleSet::builtin();
  const Target one;
  const Target other;
  const Selection selection;
  const uint32_t number = table.number_of({&rules, {&one}, &selection, false});
  const uint32_t both = table.number_of({&rules, {&one, &other}, &selection, false});
  const uint32_t at_boot = table.number_of({&rules, {&one}, &selection, true});
  CHECK(number != both);
  CHECK(number != at_boot);
  CHECK(table.number_of({&rules, {&one}, &selection, false}) == number);
  table.add(number, "a line", 1, std::make_shared<Circles>());
  CHECK(table.find(number, "a line") != nullptr);
  CHECK(table.find(both, "a line") == nullptr);
  CHECK(table.find(at_boot, "a line") == nullptr);
}

TEST_CASE("a table that is full makes room for another") {
  PieceStore store;
  const std::shared_ptr<PieceTable> table = store.table();
  CHECK(table->path_number(kernel::kEveryInterface) == PieceTable::kEveryInterface);
  const auto number = table->path_number("vm/swappiness");
  REQUIRE(number);
  REQUIRE(table->key_of(*number) != nullptr);
  CHECK(table->key_of(*number)->name == "vm.swappiness");
  CHECK(store.table() == table);

  size_t named = 0;
  while (!table->is_full()) {
    const auto path = table->path_number("no/such/" + std::to_string(named++));
    REQUIRE(path);
    CHECK(table->key_of(*path) == nullptr);
  }
  CHECK(store.table() != table);
  // A file that is being judged still gets numbers, up to a bound.
  CHECK(table->path_number("vm/swappiness") == number);
  while (table->path_number("more/" + std::to_string(named)) && named < 1000000) ++named;
  CHECK(named < 1000000);
  CHECK(table->path_number("vm/swappiness") == number);
}
