#pragma once

#include "memory/chunk_supply.hpp"
#include "memory/pool.hpp"

namespace buntdb::engine {

/// Uses the pool, even if the sanitizer has turned it off.
class with_pool {
 public:
  explicit with_pool(chunk::pages pages = chunk::pages::huge) {
    pool::pool_by_default = true;
    chunk_supply::pages_by_default = pages;
  }
  with_pool(const with_pool&) = delete;
  with_pool& operator=(const with_pool&) = delete;
  ~with_pool() {
    pool::pool_by_default = before_;
    chunk_supply::pages_by_default = chunk::pages::huge;
  }

 private:
  const bool before_ = pool::pool_by_default;
};

}  // namespace buntdb::engine
