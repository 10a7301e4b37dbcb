#pragma once

#include <optional>
#include <string>
#include <utility>

#include <buntdb/database.hpp>

#include "files/opened.hpp"

/// The database that a shell works on, and the transaction that is open in it.
class workspace {
 public:
  /// Creates the file if it does not exist, unless it is for reading only. Throws buntdb::error.
  workspace(std::string path, bool read_only);

  const std::string& path() const noexcept { return path_; }
  bool read_only() const noexcept { return read_only_; }
  bool is_new() const noexcept { return is_new_; }
  opened& file() noexcept { return file_; }
  buntdb::database& database() noexcept { return file_.database(); }

  /// Calls the function with a reader: of the transaction, if one is open.
  template <class Function>
  void read(Function&& function) {
    if (transaction_) {
      std::forward<Function>(function)(std::as_const(*transaction_));
    } else {
      const buntdb::snapshot view = database().begin_read();
      std::forward<Function>(function)(view);
    }
  }

  /// Calls the function with the transaction that is open, or with one of its own.
  template <class Function>
  void write(Function&& function) {
    if (transaction_) {
      std::forward<Function>(function)(*transaction_);
    } else {
      database().update([&](buntdb::transaction& tx) { function(tx); });
    }
  }

  bool in_transaction() const noexcept { return transaction_.has_value(); }
  /// These throw usage_error if there is a transaction already, or none.
  void begin();
  void commit();
  void rollback();
  /// Throws usage_error, which says that this cannot be done in a transaction.
  void require_no_transaction(const std::string& what) const;

  /// Rolls back what is open; gives whether there was something.
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
