// A database in a global object is destroyed after main(), while its threads are still running and
// the library's own globals may have been destroyed. Exits with 0.
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
