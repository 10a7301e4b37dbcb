#include "shell/workspace.hpp"

#include "output/exit_status.hpp"

workspace::workspace(std::string path, bool read_only)
    : path_(std::move(path)),
      read_only_(read_only),
      is_new_(!buntdb::io::file_system::native().status(path_)),
      file_(path_, read_only ? purpose::reading : purpose::writing) {}

void workspace::begin() {
  if (transaction_) throw usage_error("a transaction is open already: commit or rollback first");
  transaction_ = database().begin();
}

void workspace::commit() {
  if (!transaction_) throw usage_error("no transaction is open: begin starts one");
  // The transaction ends in any case.
  buntdb::transaction ending = std::move(*transaction_);
  transaction_.reset();
  ending.commit();
}

void workspace::rollback() {
  if (!abandon()) throw usage_error("no transaction is open: begin starts one");
}

void workspace::require_no_transaction(const std::string& what) const {
  if (transaction_) {
    throw usage_error(what + " does not go with an open transaction: commit or rollback first");
  }
}

bool workspace::abandon() noexcept {
  if (!transaction_) return false;
  transaction_.reset();
  return true;
}

void workspace::close() {
  abandon();
  database().close();
}
