// Includes only buntstore.hpp, which needs no other header of the amalgamation and no HTTP library.
#include "buntstore.hpp"

int main() {
  buntdb::database db = buntdb::database::in_memory();
  db.set("a", "1");
  return db.get("a") == "1" ? 0 : 1;
}
