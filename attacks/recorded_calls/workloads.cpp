#include "recorded_calls/workloads.hpp"

#include <array>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include <unistd.h>

#include <buntdb/database.hpp>

#include "api/database_access.hpp"
#include "engine/instance.hpp"
#include "log/encode.hpp"

namespace buntdb::attacks {

namespace {

void say(const char* what, std::uint64_t number) {
  char line[40];
  const int size =
      std::snprintf(line, sizeof line, "%s %llu\n", what, static_cast<unsigned long long>(number));
  if (::write(STDOUT_FILENO, line, static_cast<std::size_t>(size)) != size) ::_exit(3);
}

sync_policy policy_of(const std::string& name) {
  return name == "always"  ? sync_policy::always
         : name == "never" ? sync_policy::never
                           : sync_policy::every_second;
}

/// A database without threads, and the process that reports what it does.
class speaking_database {
 public:
  speaking_database(std::string path, const std::string& policy, std::uint64_t history)
      : path_(std::move(path)), policy_(policy_of(policy)), history_(history) {
    open();
  }

  void open() {
    db_.reset(new database(engine::database_access::open(
        io::file_system::native(), path_,
        {.sync = policy_, .compaction = {.growth = 1.5, .at_least_bytes = 20'000}}, false)));
    number_ = number_in(db_->begin_read());
    durable();
  }

  void commit(int times) {
    for (int i = 0; i < times; ++i) {
      say("try", number_ + 1);
      db_->update([this](transaction& tx) {
        apply_batch(make_batch(history_, number_ + 1, recorded_shape), tx);
      });
      ++number_;
      say("ack", number_);
    }
  }

  void sync() {
    db_->sync();
    durable();
  }
  void seal() { engine::database_access::instance_of(*db_).maintenance().sync_if_due(); }
  void compact() {
    db_->compact();
    durable();
  }
  void purge() {
    static_cast<void>(db_->purge());
    durable();
  }
  void save(const std::string& path) { db_->save(std::filesystem::path(path)); }
  void close() {
    db_->close();
    durable();
    db_.reset();
  }

 private:
  void durable() const { say("durable", number_); }

  std::string path_;
  sync_policy policy_;
  std::uint64_t history_;
  std::unique_ptr<database> db_;
  std::uint64_t number_ = 0;
};

model::state no_file(const std::string&, std::uint64_t) {
  return {};
}

/// Makes a file of whole commands without markers, as BuntDB writes it, and of the first torn_size
/// bytes of another command. Returns the state of the whole commands.
model::state old_file(const std::string& path, std::uint64_t history, std::uint64_t torn_size) {
  model::random_source random(history);
  model::state state;
  std::string bytes;
  for (int i = 0; i < 6; ++i) {
    const std::string key = "key " + std::to_string(random.below(8));
    const std::string value(1 + random.below(2000), 'o');
    log::append_set(bytes, key, value);
    state[key] = model::stored{.value = value};
  }
  std::string last;
  log::append_set(last, "torn", std::string(20'000, 't'));
  std::ofstream(path, std::ios::binary) << bytes << last.substr(0, torn_size);
  return state;
}

model::state whole_old_file(const std::string& path, std::uint64_t history) {
  return old_file(path, history, 0);
}

model::state torn_old_file(const std::string& path, std::uint64_t history) {
  return old_file(path, history, 1 + history * 7919 % 19'000);
}

/// Makes a torn file with markers, and returns its state. The process continues with batch 1.
model::state torn_file(const std::string& path, std::uint64_t history) {
  model::state state;
  {
    database db = database::open(path);
    db.update([&](transaction& tx) { tx.set("kept", std::string(3000, 'k')); });
  }
  state["kept"] = model::stored{.value = std::string(3000, 'k')};
  std::string last;
  log::append_set(last, "torn", std::string(20'000, 't'));
  std::ofstream(path, std::ios::binary | std::ios::app)
      << last.substr(0, 1 + history * 7919 % 19'000);
  return state;
}

void commits(const std::string& path, const std::string& policy, std::uint64_t history) {
  speaking_database db(path, policy, history);
  db.commit(5);
  db.sync();
  db.commit(3);
  db.seal();
  db.commit(2);
  db.close();
}

void compactions(const std::string& path, const std::string& policy, std::uint64_t history) {
  speaking_database db(path, policy, history);
  db.commit(4);
  db.compact();
  db.commit(4);
  db.compact();
  db.commit(1);
  db.close();
}

void short_runs(const std::string& path, const std::string& policy, std::uint64_t history) {
  speaking_database db(path, policy, history);
  for (int i = 0; i < 4; ++i) {
    db.commit(12);
    db.close();
    db.open();
  }
}

void goes_on(const std::string& path, const std::string& policy, std::uint64_t history) {
  speaking_database db(path, policy, history);
  db.commit(3);
  db.close();
  db.open();
  db.commit(1);
}

void copies(const std::string& path, const std::string& policy, std::uint64_t history) {
  speaking_database db(path, policy, history);
  db.commit(3);
  db.save(path + ".copy");
  db.commit(2);
  db.save(path + ".copy");
  db.purge();
  db.commit(1);
  db.close();
}

constexpr std::array workloads{
    workload{"commits", no_file, commits},
    workload{"compactions", no_file, compactions},
    workload{"short_runs", no_file, short_runs},
    workload{"torn_file", torn_file, goes_on},
    workload{"old_file", whole_old_file, goes_on},
    workload{"torn_old_file", torn_old_file, goes_on},
    workload{"copies", no_file, copies},
};

}  // namespace

std::span<const workload> all_workloads() noexcept {
  return workloads;
}

}  // namespace buntdb::attacks
