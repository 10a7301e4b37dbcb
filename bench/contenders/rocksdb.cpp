#include "contenders/rocksdb.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "contenders/log_structured.hpp"

namespace bench {

namespace {

struct traits {
  static constexpr const char* name = "RocksDB: ";
  using db = rocksdb::DB;
  using slice = rocksdb::Slice;
  using iterator = rocksdb::Iterator;
  using read_options = rocksdb::ReadOptions;
  using write_options = rocksdb::WriteOptions;
  using batch = rocksdb::WriteBatch;
  using found = rocksdb::PinnableSlice;
  static rocksdb::Status get(db& db, const read_options& read, const slice& key, found& value) {
    value.Reset();
    return db.Get(read, db.DefaultColumnFamily(), key, &value);
  }
  static std::string_view text(const found& value) { return {value.data(), value.size()}; }
};

class rocksdb_contender final : public contender {
 public:
  rocksdb_contender(const std::filesystem::path& folder, std::size_t sessions, promise kept)
      : folder_(folder / "rocksdb"),
        cache_bytes_((std::size_t{256} << 20U) + sessions * 600),
        kept_(kept) {}

  std::string name() const override { return "RocksDB"; }
  std::string setup() const override {
    return "WriteOptions::sync off: write(2) before a commit returns, never synced; a block cache "
           "larger than the data, Bloom filters of 10 bits, hash index in data blocks, values "
           "pinned, dynamic level sizes, no compression";
  }
  void open() override {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(cache_bytes_);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
    table.format_version = 5;
    rocksdb::Options options;
    options.create_if_missing = true;
    options.max_background_jobs = 2;
    options.level_compaction_dynamic_level_bytes = true;
    options.compression = rocksdb::kNoCompression;  // tokens cannot be compressed
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, folder_.string(), &db);
    if (!status.ok()) throw std::runtime_error("RocksDB: " + status.ToString());
    db_.reset(db);
  }
  void close() override { db_.reset(); }
  std::unique_ptr<connection> connect() override {
    return std::make_unique<log_structured_connection<traits>>(*db_, kept_ == promise::always);
  }

 private:
  std::filesystem::path folder_;
  std::size_t cache_bytes_;
  promise kept_;
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace

std::unique_ptr<contender> make_rocksdb(const std::filesystem::path& folder, std::size_t sessions,
                                        promise kept) {
  return std::make_unique<rocksdb_contender>(folder, sessions, kept);
}

}  // namespace bench
