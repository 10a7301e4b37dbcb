#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include <scs/stores/postgres.hpp>

#include "fixtures/store_fixture.hpp"
#include "postgres_server.hpp"

namespace test {

/// A separate table that uses the database's clock. Making all records older lets time pass.
class postgres_fixture final : public store_fixture {
 public:
  postgres_fixture() { store_.migrate(); }

  scs::store& store() override { return store_; }
  const scs::clock& clock() const override { return scs::clock::system(); }
  bool advance(std::chrono::nanoseconds duration) override {
    shared_postgres().sql("UPDATE " + table_ + " SET expiry = expiry - " +
                          std::to_string(duration.count()));
    return true;
  }

 private:
  static std::string new_table() {
    static std::atomic<int> count = 0;
    return "moving_" + std::to_string(++count);
  }

  const std::string table_ = new_table();
  scs::stores::postgres store_{{.connection = shared_postgres().conninfo(),
                                .table = table_,
                                .max_connections = 6,
                                .timeout = std::chrono::seconds{20},
                                .clean_every = std::chrono::milliseconds{0}}};
};

}  // namespace test
