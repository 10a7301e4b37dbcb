#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <lmdb.h>

#include "contenders/contender.hpp"

namespace bench {

/// An LMDB environment with one table. Eight bytes of expiry precede the value.
///
/// MDB_NOSYNC and MDB_WRITEMAP: a commit writes into the map and makes no system call at all. A
/// killed process loses nothing; a power cut may lose the whole file. That is LMDB at its fastest,
/// and less than what buntdb promises by default.
class lmdb_contender final : public contender {
 public:
  lmdb_contender(const std::filesystem::path& folder, std::size_t sessions, promise kept)
      : file_(folder / "lmdb.mdb"),
        map_size_((std::size_t{1} << 30U) + sessions * 2048),
        flags_(kept == promise::always ? 0U : unsigned{MDB_NOSYNC | MDB_WRITEMAP}) {}
  ~lmdb_contender() override;

  std::string name() const override { return "LMDB"; }
  std::string setup() const override {
    return "MDB_NOSYNC | MDB_WRITEMAP: no system call in a commit, the file may break in a power "
           "cut; one read transaction a thread, renewed for each find";
  }
  void open() override;
  void close() override;
  std::unique_ptr<connection> connect() override;

 private:
  std::filesystem::path file_;
  std::size_t map_size_;
  unsigned flags_;
  MDB_env* environment_ = nullptr;
  MDB_dbi table_ = 0;
};

}  // namespace bench
