#include "contenders/lmdb.hpp"

#include <cstring>
#include <stdexcept>
#include <utility>

#include "contenders/expiring_value.hpp"

namespace bench {

namespace {

void check(int code, const char* what) {
  if (code != MDB_SUCCESS) throw std::runtime_error(std::string(what) + ": " + mdb_strerror(code));
}

MDB_val view_of(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};  // LMDB does not write to it
}

class lmdb_connection final : public connection {
 public:
  lmdb_connection(MDB_env* environment, MDB_dbi table) : environment_(environment), table_(table) {
    check(mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &reading_), "mdb_txn_begin");
    check(mdb_cursor_open(reading_, table_, &cursor_), "mdb_cursor_open");
    mdb_txn_reset(reading_);
  }
  ~lmdb_connection() override {
    mdb_cursor_close(cursor_);
    mdb_txn_abort(reading_);
  }

  std::uint64_t find(std::string_view key) override {
    const reading_scope scope(reading_);
    MDB_val wanted = view_of(key);
    MDB_val found{};
    const int code = mdb_get(reading_, table_, &wanted, &found);
    if (code == MDB_NOTFOUND) return 0;
    check(code, "mdb_get");
    return expiry_of(found) <= now_ns() ? 0 : first_byte_of(found);
  }

  void save(const save_request& request) override { save_batch({&request, 1}); }

  void save_batch(std::span<const save_request> requests) override {
    const std::int64_t now = now_ns();
    MDB_txn* writing = nullptr;
    check(mdb_txn_begin(environment_, nullptr, 0, &writing), "mdb_txn_begin");
    for (const save_request& request : requests) {
      MDB_val key = view_of(request.key);
      const std::int64_t expires = now + request.ttl.count();
      MDB_val place{sizeof expires + request.value.size(), nullptr};
      const int code = mdb_put(writing, table_, &key, &place, MDB_RESERVE);
      if (code != MDB_SUCCESS) mdb_txn_abort(writing);
      check(code, "mdb_put");
      std::memcpy(place.mv_data, &expires, sizeof expires);
      std::memcpy(static_cast<char*>(place.mv_data) + sizeof expires, request.value.data(),
                  request.value.size());
    }
    check(mdb_txn_commit(writing), "mdb_txn_commit");
  }

  std::uint64_t ascend(std::string_view from, unsigned count) override {
    return sum_of(from, count, [](const MDB_val& value) { return value.mv_size; });
  }
  std::uint64_t ascend_reading(std::string_view from, unsigned count) override {
    return sum_of(from, count, first_byte_of);
  }

 private:
  class reading_scope {
   public:
    explicit reading_scope(MDB_txn* reading) : reading_(reading) {
      check(mdb_txn_renew(reading_), "mdb_txn_renew");
    }
    reading_scope(const reading_scope&) = delete;
    reading_scope& operator=(const reading_scope&) = delete;
    ~reading_scope() { mdb_txn_reset(reading_); }

   private:
    MDB_txn* reading_;
  };

  static std::int64_t expiry_of(const MDB_val& value) {
    std::int64_t expires = 0;
    std::memcpy(&expires, value.mv_data, sizeof expires);
    return expires;
  }
  static std::uint64_t first_byte_of(const MDB_val& value) {
    return static_cast<const unsigned char*>(value.mv_data)[sizeof(std::int64_t)];
  }

  template <class Reading>
  std::uint64_t sum_of(std::string_view from, unsigned count, Reading reading) {
    const reading_scope scope(reading_);
    check(mdb_cursor_renew(reading_, cursor_), "mdb_cursor_renew");
    const std::int64_t now = now_ns();
    MDB_val key = view_of(from);
    MDB_val value{};
    std::uint64_t sum = 0;
    int code = mdb_cursor_get(cursor_, &key, &value, MDB_SET_RANGE);
    while (code == MDB_SUCCESS && count > 0) {
      if (expiry_of(value) > now) {
        sum += reading(value);
        --count;
      }
      code = mdb_cursor_get(cursor_, &key, &value, MDB_NEXT);
    }
    if (code != MDB_NOTFOUND) check(code, "mdb_cursor_get");
    return sum;
  }

  MDB_env* environment_;
  MDB_dbi table_;
  MDB_txn* reading_ = nullptr;
  MDB_cursor* cursor_ = nullptr;
};

}  // namespace

lmdb_contender::~lmdb_contender() {
  if (environment_ != nullptr) mdb_env_close(environment_);
}

void lmdb_contender::open() {
  check(mdb_env_create(&environment_), "mdb_env_create");
  check(mdb_env_set_mapsize(environment_, map_size_), "mdb_env_set_mapsize");
  // MDB_NOTLS: one thread makes a connection and another one uses it.
  check(mdb_env_open(environment_, file_.c_str(), MDB_NOSUBDIR | MDB_NOTLS | flags_, 0600),
        "mdb_env_open");
  MDB_txn* writing = nullptr;
  check(mdb_txn_begin(environment_, nullptr, 0, &writing), "mdb_txn_begin");
  check(mdb_dbi_open(writing, nullptr, 0, &table_), "mdb_dbi_open");
  check(mdb_txn_commit(writing), "mdb_txn_commit");
}

void lmdb_contender::close() {
  mdb_env_sync(environment_, 1);
  mdb_env_close(std::exchange(environment_, nullptr));
}

std::unique_ptr<connection> lmdb_contender::connect() {
  return std::make_unique<lmdb_connection>(environment_, table_);
}

}  // namespace bench
