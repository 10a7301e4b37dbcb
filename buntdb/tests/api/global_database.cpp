// A database in a global object ends after main(), with its threads still at work, when the
// library's own globals may have ended. Exits with 0.
#include <chrono>
#include <memory>

#include <buntdb/database.hpp>

namespace {

std::unique_ptr<buntdb::database> global;

}  // namespace

int main() {
  global.reset(new buntdb::database(buntdb::database::in_memory()));
  global->set("key", "value", {.ttl = std::chrono::milliseconds(1)});
}
