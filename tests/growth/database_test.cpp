// What a visitor can make a database do: four times as many items take at most six times the work.
#include <string>
#include <vector>

#include <buntdb/database.hpp>

#include "api/database_access.hpp"
#include "support/fake_clock.hpp"
#include "support/memory_file_system.hpp"
#include "support/test_database.hpp"
#include "work.hpp"

namespace {

using namespace buntdb;
using namespace std::chrono_literals;
using buntdb::testing::fake_clock;
using buntdb::testing::memory_file_system;
using buntdb::testing::test_database;
using buntstore::growth::expect_linear;

constexpr std::size_t items = 2000;

/// The keys sort in numeric order: this many digits are always enough.
std::string key_of(std::size_t number) {
  std::string digits = std::to_string(number);
  return "key:" + std::string(8 - digits.size(), '0') + digits;
}

/// A database without background threads. test_database does what they would do.
struct prepared_database {
  fake_clock clock{};
  test_database db{clock};
};

void fill(database& db, std::size_t count, const std::function<std::string(std::size_t)>& value) {
  db.update([&](transaction& tx) {
    for (std::size_t i = 0; i < count; ++i)
      tx.set(key_of(i), value(i));
  });
}

std::string same_point(std::size_t /*number*/) {
  return "[1 2]";
}

TEST(growth_of_databases, is_linear_in_items_that_are_set_and_erased) {
  for (const bool descending : {false, true}) {
    expect_linear(descending ? "descending keys" : "ascending keys", items, [&](std::size_t size) {
      return [size, descending] {
        prepared_database made;
        made.db->update([&](transaction& tx) {
          for (std::size_t i = 0; i < size; ++i)
            tx.set(key_of(descending ? size - i : i), "v");
        });
        made.db->update([&](transaction& tx) {
          for (std::size_t i = 0; i < size; ++i)
            tx.erase(key_of(descending ? size - i : i));
        });
        made.db.reclaim();
      };
    });
  }
}

TEST(growth_of_databases, is_linear_in_items_of_one_place) {
  expect_linear("the same rectangle", items, [](std::size_t size) {
    return [size] {
      prepared_database made;
      made.db->create_spatial_index("places", {});
      for (std::size_t i = 0; i < size; ++i)
        made.db->set(key_of(i), same_point(i));
      for (std::size_t i = 0; i < size; ++i)
        made.db->set(key_of(i), "[1 3]");
      std::size_t found = 0;
      const snapshot view = made.db->begin_read();
      for ([[maybe_unused]] const neighbor& one : view.nearby("places", *parse_rect("[0 0]")))
        ++found;
      EXPECT_EQ(found, size);
      for (std::size_t i = 0; i < size; ++i)
        made.db->erase(key_of(i));
    };
  });
}

TEST(growth_of_databases, is_linear_when_an_index_is_made_of_one_place) {
  expect_linear("an index of the same rectangle", items, [](std::size_t size) {
    return [size] {
      prepared_database made;
      fill(*made.db, size, same_point);
      made.db->create_spatial_index("places", {});
    };
  });
}

TEST(growth_of_databases, is_linear_in_items_that_an_index_takes_for_equal) {
  for (const ordering& order : {by_string(), by_int(), by_json("a"), desc(by_float())}) {
    expect_linear(to_text(order), items, [&](std::size_t size) {
      return [&order, size] {
        prepared_database made;
        made.db->create_index("index", {.order = {order}});
        fill(*made.db, size, [](std::size_t) { return "same"; });
        fill(*made.db, size, [](std::size_t) { return "other"; });
        made.db->update([&](transaction& tx) {
          for (std::size_t i = 0; i < size; ++i)
            tx.erase(key_of(i));
        });
      };
    });
  }
}

TEST(growth_of_databases, is_linear_in_items_that_expire_together) {
  expect_linear("one moment", items, [](std::size_t size) {
    return [size] {
      prepared_database made;
      made.db->update([&](transaction& tx) {
        for (std::size_t i = 0; i < size; ++i)
          tx.set(key_of(i), "v", {.ttl = 1s});
      });
      made.clock.advance(2s);
      made.db.sweep();
    };
  });
}

TEST(growth_of_databases, is_linear_in_what_a_range_passes_over) {
  expect_linear("a pattern that nothing matches", items, [](std::size_t size) {
    auto made = std::make_shared<prepared_database>();
    fill(*made->db, size, [](std::size_t) { return "v"; });
    return [made] {
      const snapshot view = made->db->begin_read();
      for ([[maybe_unused]] const entry& one : view.ascend_matching("key:*no such thing*"))
        ADD_FAILURE();
    };
  });
}

/// Returns the file of a database after these changes.
std::string file_after(const std::function<void(database&)>& changes) {
  const fake_clock clock;
  memory_file_system files;
  {
    test_database db(files, clock);
    changes(*db);
    db->close();
  }
  return files.content(test_database::path);
}

void expect_linear_open(const std::string& what,
                        const std::function<void(database&, std::size_t)>& changes) {
  expect_linear(what, items, [&](std::size_t size) {
    return [bytes = file_after([&](database& db) { changes(db, size); })] {
      const fake_clock clock;
      memory_file_system files;
      files.put(test_database::path, bytes);
      test_database db(files, clock);
      db->compact();
      db->close();
    };
  });
}

TEST(growth_of_databases, is_linear_in_the_file_that_is_opened_and_compacted) {
  expect_linear_open("sets in descending order", [](database& db, std::size_t size) {
    for (std::size_t i = size; i > 0; --i)
      db.set(key_of(i), "v");
  });
  expect_linear_open("one key", [](database& db, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      db.set("key", "v");
  });
  expect_linear_open("sets, then a clear after each", [](database& db, std::size_t size) {
    fill(db, size, [](std::size_t) { return "v"; });
    for (std::size_t i = 0; i < size; ++i)
      db.update([](transaction& tx) { tx.clear(); });
  });
  expect_linear_open("an index, created and dropped", [](database& db, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      db.create_index("index", {.persistent = true});
      db.drop_index("index");
    }
  });
}

}  // namespace
