#include "contenders/sqlite.hpp"

#include <mutex>
#include <stdexcept>

#include <sqlite3.h>

#include "contenders/expiring_value.hpp"

namespace bench {

namespace {

struct closer {
  void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using handle = std::unique_ptr<sqlite3, closer>;
using statement = std::unique_ptr<sqlite3_stmt, closer>;

[[noreturn]] void fail(sqlite3* db) {
  throw std::runtime_error(std::string("SQLite: ") + sqlite3_errmsg(db));
}

handle open_handle(const std::string& file, promise kept) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(
      file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle owned(db);
  if (code != SQLITE_OK) fail(db);
  const std::string setup =
      "PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 10000; PRAGMA cache_size = -1048576;"
      "PRAGMA mmap_size = 2147418112;"
      "CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, expires INTEGER NOT NULL,"
      " payload BLOB NOT NULL) WITHOUT ROWID; PRAGMA synchronous = " +
      std::string(kept == promise::always ? "FULL" : "NORMAL");
  if (sqlite3_exec(db, setup.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(db);
  return owned;
}

class sqlite_connection final : public connection {
 public:
  sqlite_connection(handle db, std::mutex& writers)
      : db_(std::move(db)),
        writers_(writers),
        find_(prepare("SELECT payload FROM sessions WHERE token = ? AND expires > ?")),
        save_(prepare("INSERT INTO sessions VALUES (?, ?, ?) ON CONFLICT (token) DO UPDATE SET "
                      "expires = excluded.expires, payload = excluded.payload")),
        ascend_(prepare("SELECT payload FROM sessions WHERE token >= ? AND expires > ? "
                        "ORDER BY token LIMIT ?")),
        begin_(prepare("BEGIN IMMEDIATE")),
        commit_(prepare("COMMIT")) {}

  std::uint64_t find(std::string_view key) override {
    bind(find_, 1, key);
    sqlite3_bind_int64(find_.get(), 2, now_ns());
    const std::uint64_t found = step(find_) ? first_byte(column(find_)) : 0;
    sqlite3_reset(find_.get());
    return found;
  }

  void save(const save_request& request) override {
    // SQLite permits one writer at a time; waiting here is faster than with its busy handler.
    const std::lock_guard lock(writers_);
    save_one(request, now_ns());
  }

  void save_batch(std::span<const save_request> requests) override {
    const std::lock_guard lock(writers_);
    const std::int64_t now = now_ns();
    run(begin_);
    for (const save_request& request : requests)
      save_one(request, now);
    run(commit_);
  }

  std::uint64_t ascend(std::string_view from, unsigned count) override {
    return sum_of(from, count, [](std::string_view value) { return value.size(); });
  }
  std::uint64_t ascend_reading(std::string_view from, unsigned count) override {
    return sum_of(from, count, first_byte);
  }

 private:
  statement prepare(const char* sql) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(db_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) !=
        SQLITE_OK) {
      fail(db_.get());
    }
    return statement(made);
  }
  static void bind(const statement& to, int place, std::string_view text) {
    sqlite3_bind_text(to.get(), place, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  bool step(const statement& one) {
    const int code = sqlite3_step(one.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE) fail(db_.get());
    return code == SQLITE_ROW;
  }
  void run(const statement& one) {
    step(one);
    sqlite3_reset(one.get());
  }
  static std::string_view column(const statement& of) {
    const void* bytes = sqlite3_column_blob(of.get(), 0);
    return {static_cast<const char*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(of.get(), 0))};
  }
  void save_one(const save_request& request, std::int64_t now) {
    bind(save_, 1, request.key);
    sqlite3_bind_int64(save_.get(), 2, now + request.ttl.count());
    sqlite3_bind_blob(save_.get(), 3, request.value.data(), static_cast<int>(request.value.size()),
                      SQLITE_STATIC);
    run(save_);
  }
  template <class Reading>
  std::uint64_t sum_of(std::string_view from, unsigned count, Reading reading) {
    bind(ascend_, 1, from);
    sqlite3_bind_int64(ascend_.get(), 2, now_ns());
    sqlite3_bind_int64(ascend_.get(), 3, count);
    std::uint64_t sum = 0;
    while (step(ascend_))
      sum += reading(column(ascend_));
    sqlite3_reset(ascend_.get());
    return sum;
  }

  handle db_;
  std::mutex& writers_;
  statement find_;
  statement save_;
  statement ascend_;
  statement begin_;
  statement commit_;
};

class sqlite_contender final : public contender {
 public:
  sqlite_contender(const std::filesystem::path& folder, promise kept)
      : file_(folder / "sqlite.db"), kept_(kept) {}

  std::string name() const override { return "SQLite"; }
  std::string setup() const override {
    return "WAL, synchronous = NORMAL: write(2) before a commit returns, synced at checkpoints; "
           "prepared statements, a table WITHOUT ROWID, page cache and map larger than the data";
  }
  void open() override { open_handle(file_, kept_); }
  void close() override {}
  std::unique_ptr<connection> connect() override {
    return std::make_unique<sqlite_connection>(open_handle(file_, kept_), writers_);
  }

 private:
  std::string file_;
  promise kept_;
  std::mutex writers_;
};

}  // namespace

std::unique_ptr<contender> make_sqlite(const std::filesystem::path& folder,
                                       std::size_t /*sessions*/, promise kept) {
  return std::make_unique<sqlite_contender>(folder, kept);
}

}  // namespace bench
