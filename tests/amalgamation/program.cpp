// A program of two files that both include all of buntstore.hpp. It exits with 0 if sessions and
// other items are still there after their database was closed and opened again.

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "everything.hpp"

/// Stores a value in a session of this database, and returns the session's cookie. Defined in
/// other_unit.cpp.
std::string begin_session(buntdb::database& db, const std::string& value);

namespace {

std::string value_of_session(std::unique_ptr<scs::store> store, const std::string& cookie) {
  scs::session_manager sessions{std::move(store), {.cookie = {.secure = false}}};
  return sessions.load(cookie).get<std::string>("value").value_or("nothing");
}

void require(bool condition, const char* what) {
  if (condition) return;
  std::cerr << "not so: " << what << '\n';
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  require(argc == 2, "the argument is the name of a database that is not there");
  std::string cookie;
  {
    buntdb::database db = buntdb::database::open(argv[1]);
    db.create_index("ages", {.order = {buntdb::by_int()}, .persistent = true});
    db.create_spatial_index("places", {.pattern = "place:*"});
    db.set("ann", "30");
    db.set("bob", "7");
    db.set("place:1", "[1 2]");
    {
      const buntdb::snapshot view = db.begin_read();
      buntdb::nearby_range places = view.nearby("places", "[0 0]");
      require((*places.begin()).key == "place:1", "it finds places");
    }
    cookie = begin_session(db, "kept");
    db.compact();
  }
  buntdb::database db = buntdb::database::open(argv[1]);
  require(db.begin_read().first_equal("ages", "7")->key == "bob", "the index was kept");
  require(value_of_session(std::make_unique<scs::stores::bunt>(db), cookie) == "kept",
          "the session was kept");
  require(value_of_session(std::make_unique<scs::stores::memory>(), cookie) == "nothing",
          "another store has no such session");
  scs::testing::visitor visitor;
  visitor.arrange([](scs::session& session) { session.put("n", 1); });
  require(visitor.get<int>("n") == 1, "a visitor has a session");
}
