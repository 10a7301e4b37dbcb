#include "contenders/all.hpp"

#include "contenders/bunt.hpp"
#include "contenders/leveldb.hpp"
#include "contenders/lmdb.hpp"
#include "contenders/locked_map.hpp"
#include "contenders/redis.hpp"
#include "contenders/rocksdb.hpp"
#include "contenders/sqlite.hpp"

namespace bench {

std::vector<std::unique_ptr<contender>> all_contenders(const std::filesystem::path& folder,
                                                       std::size_t sessions, promise kept) {
  std::vector<std::unique_ptr<contender>> all;
  all.push_back(std::make_unique<bunt_contender>(
      folder, kept == promise::always ? buntdb::sync_policy::always : buntdb::options{}.sync));
  all.push_back(std::make_unique<lmdb_contender>(folder, sessions, kept));
  all.push_back(make_leveldb(folder, sessions, kept));
  all.push_back(make_rocksdb(folder, sessions, kept));
  all.push_back(make_sqlite(folder, sessions, kept));
  all.push_back(make_redis(folder, kept));
  if (kept == promise::every_second) all.push_back(std::make_unique<locked_map_contender>());
  return all;
}

}  // namespace bench
