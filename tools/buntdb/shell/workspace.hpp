#pragma once

#include <optional>
#include <string>
#include <utility>

#include <buntdb/database.hpp>

#include "files/opened.hpp"

/// The database of a shell, and the open transaction.
class workspace {
 public:
  /// Creates the file if it does not exist, unless it is opened for reading only. Throws
  /// buntdb::error.
  workspace(std::string path, bool read_only);

  const std::string& path() const noexcept { return path_; }
  bool read_only() const noexcept { return read_only_; }
  bool is_new() const noexcept { return is_new_; }
  opened& file() noexcept { return file_; }
  buntdb::database& database() noexcept { return file_.database(); }

  /// Calls the function with a reader: that of the transaction, if one is open.
  template <class Function>
  void read(Function&& function) {
    if (transaction_) {
      std::forward<Function>(function)(std::as_const(*transaction_));
    } else {
      const buntdb::snapshot view = database().begin_read();
      std::forward<Function>(function)(view);
    }
  }

  /// Calls the function with the open transaction, or with a new one.
  template <class Function>
  void write(Function&& function) {
    if (transaction_) {
      std::forward<Function>(function)(*transaction_);
    } else {
      database().update([&](buntdb::transaction& tx) { function(tx); });
    }
  }

  bool in_transaction() const noexcept { return transaction_.has_value(); }
  /// These functions throw usage_error if there is a transaction already, or none.
  void begin();
  void commit();
  void rollback();
  /// Throws usage_error, which says that this is impossible in a transaction.
  void require_no_transaction(const std::string& what) const;

  /// Rolls back the open transaction. Returns whether there was one.
  bool abandon() noexcept;
  /// Rolls back and closes. Throws buntdb::error.
  void close();

 private:
  std::string path_;
  bool read_only_;
  bool is_new_;
  opened file_;
  std::optional<buntdb::transaction> transaction_;
};
