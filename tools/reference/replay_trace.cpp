// Replays runs of database operations that were recorded with BuntDB, and compares every answer.
// replay_trace FILE… prints, for each file, the operations compared and the mismatches, and exits
// with 1 if there are any.

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <buntdb/buntdb.hpp>

namespace {

using nlohmann::json;
using items = std::vector<std::pair<std::string, std::string>>;

/// Returns BuntDB's message for one of our errors, or null.
json message_of(const std::error_code& code) {
  if (code == buntdb::errc::index_not_found) return "not found";
  if (code == buntdb::errc::index_exists) return "index exists";
  if (code == buntdb::errc::invalid_argument) return "invalid operation";
  return "unexpected: " + code.message();
}

/// A folder for the databases of one replay.
class scratch_folder {
 public:
  scratch_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "replay_trace-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot create " + name);
    path_ = name;
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

class replay {
 public:
  explicit replay(const std::filesystem::path& file) : file_(file) {}

  /// Returns the number of mismatches.
  std::size_t run() {
    std::ifstream in(file_);
    if (!in) {
      std::fprintf(stderr, "replay_trace: %s cannot be read\n", file_.c_str());
      return 1;
    }
    for (std::string text; std::getline(in, text);) {
      ++line_;
      if (!text.empty()) take(json::parse(text));
    }
    std::printf("%s: %zu operations compared, %zu skipped, %zu mismatches\n", file_.c_str(),
                compared_, skipped_, mismatches_);
    return mismatches_;
  }

 private:
  void take(const json& line) {
    const std::string op = line.at("op");
    if (op == "open" || op == "reopen") {
      view_.reset();
      tx_.reset();
      db_.reset();
      if (op == "open") database_ = folder_ / ("trace-" + std::to_string(line_) + ".db");
      db_.reset(new buntdb::database(buntdb::database::open(database_)));
      return;
    }
    if (op == "begin") {
      if (line.at("writable")) {
        tx_.emplace(db_->begin());
      } else {
        view_.emplace(db_->begin_read());
      }
      return;
    }
    // Here it is a compile error instead of one at run time.
    if (line.contains("err") && line["err"] == "tx not writable") {
      ++skipped_;
      return;
    }
    ++compared_;
    json got = json::object();
    try {
      got = answer(op, line);
      if (!got.contains("err")) got["err"] = nullptr;
    } catch (const buntdb::error& failure) {
      got = {{"err", message_of(failure.code())}};
    }
    compare(op, line, got);
  }

  const buntdb::reader& reader() const {
    if (tx_) return *tx_;
    return *view_;
  }

  json answer(const std::string& op, const json& line) {
    if (op == "commit") return tx_ ? (tx_->commit(), tx_.reset(), json::object()) : end_view();
    if (op == "rollback") return tx_ ? (tx_->rollback(), tx_.reset(), json::object()) : end_view();
    if (op == "shrink") return db_->compact(), json::object();
    if (op == "db_create_spatial_index") {
      db_->create_spatial_index(text(line, "name"), {.pattern = text(line, "pattern")});
      return json::object();
    }
    if (op == "get") return found(reader().get(text(line, "key")));
    if (op == "len") return {{"n", reader().size()}};
    if (op == "indexes") return {{"names", reader().indexes()}};
    if (op == "set") return set(line);
    if (op == "delete") return found(tx_->erase(text(line, "key")));
    if (op == "delete_all") return tx_->clear(), json::object();
    if (op == "create_index") return create_index(line);
    if (op == "drop_index") {
      const bool there = tx_->drop_index(text(line, "name"));
      return there ? json::object() : json{{"err", "not found"}};
    }
    if (op == "intersects" || op == "nearby") return spatial(op, line);
    return ordered(op, line);
  }

  json end_view() {
    view_.reset();
    return json::object();
  }

  static std::string text(const json& line, const char* name) {
    return line.at(name).get<std::string>();
  }

  static json found(const std::optional<std::string_view>& value) {
    if (!value) return {{"err", "not found"}, {"value", ""}};
    return {{"value", *value}};
  }

  json set(const json& line) {
    buntdb::set_options options;
    if (const std::int64_t ttl = line.at("ttl"); ttl != 0) options.ttl = std::chrono::seconds(ttl);
    const auto previous = tx_->set(text(line, "key"), text(line, "value"), options);
    return {{"previous", previous.value_or("")}, {"replaced", previous.has_value()}};
  }

  json create_index(const json& line) {
    buntdb::index_options options{.pattern = text(line, "pattern"),
                                  .ignore_case = line.at("case_insensitive")};
    for (const json& less : line.at("less"))
      options.order.push_back(buntdb::parse_ordering(less.get<std::string>()));
    tx_->create_index(text(line, "name"), options);
    return json::object();
  }

  /// In BuntDB, ranges over an index without an order return nothing, and so do searches in an
  /// index that is not spatial. An error is as right.
  template <class Function>
  static json or_nothing(const json& line, Function function) {
    try {
      return function();
    } catch (const buntdb::error& failure) {
      const bool the_keys = failure.code() == buntdb::errc::index_not_found &&
                            line["index"].get_ref<const std::string&>().empty();
      if (failure.code() != buntdb::errc::wrong_index_kind && !the_keys) throw;
      return {{"items", json::array()}, {"dists", json::array()}};
    }
  }

  json spatial(const std::string& op, const json& line) {
    return or_nothing(line, [&] {
      items all;
      std::vector<double> distances;
      const std::size_t limit = line.at("limit");
      const std::string index = text(line, "index");
      if (op == "intersects") {
        for (const auto [key, value] : reader().intersects(index, text(line, "bounds"))) {
          all.emplace_back(key, value);
          if (all.size() == limit) break;
        }
      } else {
        for (const auto [key, value, distance] : reader().nearby(index, text(line, "bounds"))) {
          all.emplace_back(key, value);
          distances.push_back(distance);
          if (all.size() == limit) break;
        }
      }
      return json{{"items", all}, {"dists", distances}};
    });
  }

  json ordered(const std::string& op, const json& line) {
    return or_nothing(line, [&] {
      std::optional<buntdb::range> range = range_of(op, line);
      if (!range) throw std::runtime_error("unknown operation " + op);
      items all;
      const std::size_t limit = line.at("limit");
      for (const auto [key, value] : *range) {
        all.emplace_back(key, value);
        if (all.size() == limit) break;
      }
      return json{{"items", all}};
    });
  }

  std::optional<buntdb::range> range_of(const std::string& op, const json& line) {
    const buntdb::reader& from = reader();
    if (op == "ascend_keys") return from.ascend_matching(text(line, "pattern"));
    if (op == "descend_keys") return from.descend_matching(text(line, "pattern"));
    const std::string index = text(line, "index");
    if (op == "ascend") return from.ascend(index);
    if (op == "descend") return from.descend(index);
    if (op == "ascend_range") {
      const std::string least = text(line, "greater_or_equal");
      const std::string less = text(line, "less_than");
      return from.ascend(index, {.at_least = least, .less_than = less});
    }
    if (op == "descend_range") {
      const std::string most = text(line, "less_or_equal");
      const std::string greater = text(line, "greater_than");
      return from.descend(index, {.greater_than = greater, .at_most = most});
    }
    const std::string pivot = text(line, "pivot");
    if (op == "ascend_greater_or_equal") return from.ascend(index, {.at_least = pivot});
    if (op == "ascend_less_than") return from.ascend(index, {.less_than = pivot});
    if (op == "ascend_equal") return from.equal(index, pivot);
    if (op == "descend_less_or_equal") return from.descend(index, {.at_most = pivot});
    if (op == "descend_greater_than") return from.descend(index, {.greater_than = pivot});
    if (op == "descend_equal") return from.descend(index, {.at_least = pivot, .at_most = pivot});
    return std::nullopt;
  }

  static bool same_distance(double a, double b) {
    return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
  }

  static bool same_distances(const json& a, const json& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!same_distance(a[i], b[i])) return false;
    }
    return true;
  }

  /// Items at the same distance may come in any order.
  static bool same_neighbors(const json& expected, const json& got, std::size_t limit) {
    const json& distances = expected.at("dists");
    if (!same_distances(distances, got.at("dists"))) return false;
    const json& a = expected.at("items");
    const json& b = got.at("items");
    if (a.size() != b.size()) return false;
    for (std::size_t from = 0; from < a.size();) {
      std::size_t to = from + 1;
      while (to < a.size() && same_distance(distances[from], distances[to]))
        ++to;
      const bool cut = to == a.size() && a.size() == limit;  // equally distant ones may differ
      const std::multiset<json> x(a.begin() + static_cast<std::ptrdiff_t>(from),
                                  a.begin() + static_cast<std::ptrdiff_t>(to));
      const std::multiset<json> y(b.begin() + static_cast<std::ptrdiff_t>(from),
                                  b.begin() + static_cast<std::ptrdiff_t>(to));
      if (x != y && !cut) return false;
      from = to;
    }
    return true;
  }

  static bool same(const std::string& op, const json& expected, const json& got) {
    if (expected.at("err") != got.at("err")) return false;
    if (!expected["err"].is_null()) return true;
    if (op == "nearby") return same_neighbors(expected, got, expected.at("limit"));
    if (op == "intersects") {
      const json& a = expected.at("items");
      const json& b = got.at("items");
      if (a.size() != b.size()) return false;
      if (a.size() == expected.at("limit").get<std::size_t>()) return true;
      return std::multiset<json>(a.begin(), a.end()) == std::multiset<json>(b.begin(), b.end());
    }
    for (const auto& [name, value] : got.items()) {
      if (expected.contains(name) && expected[name] != value) return false;
    }
    return true;
  }

  void compare(const std::string& op, const json& expected, const json& got) {
    if (same(op, expected, got)) return;
    constexpr std::size_t shown = 10;
    if (++mismatches_ > shown) return;
    std::printf("%s:%zu: expected %.2000s\n    got %.2000s\n", file_.c_str(), line_,
                expected.dump().c_str(), got.dump().c_str());
  }

  std::filesystem::path file_;
  scratch_folder folder_;
  std::filesystem::path database_;
  std::unique_ptr<buntdb::database> db_;
  std::optional<buntdb::transaction> tx_;
  std::optional<buntdb::snapshot> view_;
  std::size_t line_ = 0;
  std::size_t compared_ = 0;
  std::size_t skipped_ = 0;
  std::size_t mismatches_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "Usage: replay_trace FILE...\n");
    return 2;
  }
  std::size_t mismatches = 0;
  for (int i = 1; i < argc; ++i) {
    try {
      mismatches += replay(argv[i]).run();
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "replay_trace: %s: %s\n", argv[i], failure.what());
      ++mismatches;
    }
  }
  return mismatches == 0 ? 0 : 1;
}
