#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include <buntdb/control.hpp>

#include "temporary_folder.hpp"
#include "test_client.hpp"

namespace buntdb::control::test {

/// A database with a file and a socket.
class control_fixture : public testing::Test {
 protected:
  void listen(control_options options = {}) { socket_.emplace(db_, file_, std::move(options)); }
  test_client client() const { return test_client(socket_->path()); }

  template <class Condition>
  static bool wait_until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  buntstore::testing::temporary_folder folder_;
  std::filesystem::path file_ = folder_.file("app.db");
  database db_ = database::open(file_);
  std::optional<control_socket> socket_;
};

}  // namespace buntdb::control::test
