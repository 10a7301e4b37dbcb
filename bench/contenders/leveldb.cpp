#include "contenders/leveldb.hpp"

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include "contenders/log_structured.hpp"

namespace bench {

namespace {

struct traits {
  static constexpr const char* name = "LevelDB: ";
  using db = leveldb::DB;
  using slice = leveldb::Slice;
  using iterator = leveldb::Iterator;
  using read_options = leveldb::ReadOptions;
  using write_options = leveldb::WriteOptions;
  using batch = leveldb::WriteBatch;
  using found = std::string;
  static leveldb::Status get(db& db, const read_options& read, const slice& key, found& value) {
    return db.Get(read, key, &value);
  }
  static std::string_view text(const found& value) { return value; }
};

class leveldb_contender final : public contender {
 public:
  leveldb_contender(const std::filesystem::path& folder, std::size_t sessions, promise kept)
      : folder_(folder / "leveldb"),
        kept_(kept),
        cache_(leveldb::NewLRUCache((std::size_t{256} << 20U) + sessions * 600)),
        filter_(leveldb::NewBloomFilterPolicy(10)) {}

  std::string name() const override { return "LevelDB"; }
  std::string setup() const override {
    return "WriteOptions::sync off: write(2) before a commit returns, never synced; a block cache "
           "larger than the data, Bloom filters of 10 bits, write buffer of 64 MiB, no compression";
  }
  void open() override {
    leveldb::Options options;
    options.create_if_missing = true;
    options.block_cache = cache_.get();
    options.filter_policy = filter_.get();
    options.write_buffer_size = std::size_t{64} << 20U;
    options.compression = leveldb::kNoCompression;  // tokens cannot be compressed
    leveldb::DB* db = nullptr;
    const leveldb::Status status = leveldb::DB::Open(options, folder_.string(), &db);
    if (!status.ok()) throw std::runtime_error("LevelDB: " + status.ToString());
    db_.reset(db);
  }
  void close() override { db_.reset(); }
  std::unique_ptr<connection> connect() override {
    return std::make_unique<log_structured_connection<traits>>(*db_, kept_ == promise::always);
  }

 private:
  std::filesystem::path folder_;
  promise kept_;
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::DB> db_;  // destroyed before the two above
};

}  // namespace

std::unique_ptr<contender> make_leveldb(const std::filesystem::path& folder, std::size_t sessions,
                                        promise kept) {
  return std::make_unique<leveldb_contender>(folder, sessions, kept);
}

}  // namespace bench
