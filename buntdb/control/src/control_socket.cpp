#include <utility>

#include <buntdb/control.hpp>

#include "server.hpp"

namespace buntdb {

std::filesystem::path control_path(const std::filesystem::path& file) {
  return control::socket_path(file);
}

control_socket::control_socket(database& db, const std::filesystem::path& file,
                               control_options options)
    : server_(std::make_unique<control::server>(db, file, control::checked(std::move(options)))) {}

control_socket::~control_socket() {
  // After fork(), the threads and the name belong to the parent process.
  if (!server_->is_ours()) static_cast<void>(server_.release());
}

const std::filesystem::path& control_socket::path() const noexcept {
  return server_->path();
}

void control_socket::close() noexcept {
  if (server_->is_ours()) server_->close();
}

}  // namespace buntdb
