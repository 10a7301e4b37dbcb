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

  buntstore::testing::temporary_folder folder_;
  std::filesystem::path file_ = folder_.file("app.db");
  database db_ = database::open(file_);
  std::optional<control_socket> socket_;
};

}  // namespace buntdb::control::test
