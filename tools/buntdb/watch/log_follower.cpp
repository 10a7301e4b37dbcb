#include "watch/log_follower.hpp"

#include <algorithm>
#include <utility>

#include <buntdb/error.hpp>

#include "log/checksum.hpp"

namespace {

using buntdb::io::file_status;
using buntdb::log::command_kind;
using buntdb::log::parse_status;
using buntdb::log::parsed_command;

constexpr std::size_t end_size = 64;
/// An append by another process may look like damage for a moment.
constexpr std::chrono::seconds patience{1};

std::int64_t seconds_now() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

change_kind kind_of_end(std::optional<std::int64_t> expires_at_second) {
  const bool was_over = expires_at_second && *expires_at_second <= seconds_now();
  return was_over ? change_kind::expired : change_kind::erased;
}

/// Returns the bytes [offset, offset + size) of the file, or fewer at its end.
std::string read(const buntdb::io::file& file, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  bytes.resize(file.read_at(offset, bytes));
  return bytes;
}

/// Passes commands to functions. buntdb::log::apply() makes relative expiries absolute.
template <class Set, class Erase, class Clear>
class calls final : public buntdb::log::command_sink {
 public:
  calls(Set on_set, Erase on_erase, Clear on_clear)
      : set_(on_set), erase_(on_erase), clear_(on_clear) {}
  void set(std::string_view key, std::string_view value) override {
    set_(key, value, std::nullopt);
  }
  void set_expiring(std::string_view key, std::string_view value, std::int64_t second) override {
    set_(key, value, std::optional<std::int64_t>(second));
  }
  void erase(std::string_view key) override { erase_(key); }
  void clear() override { clear_(); }

 private:
  Set set_;
  Erase erase_;
  Clear clear_;
};

}  // namespace

log_follower::log_follower(std::string path, start where,
                           std::function<void(const change_group&)> on_changes,
                           std::function<void(file_event, const std::string&)> on_event)
    : path_(std::move(path)),
      silent_(where == start::now),
      on_changes_(std::move(on_changes)),
      on_event_(std::move(on_event)) {}

void log_follower::look() {
  auto& files = buntdb::io::file_system::native();
  const auto status = files.status(path_);
  if (!status) {
    if (file_) read_new();  // what was written before the name disappeared
    if (!told_absent_) on_event_(file_event::absent, {});
    told_absent_ = true;
    silent_ = false;  // everything in a later file is new
    return;
  }
  if (!status->is_regular) {
    throw buntdb::error(buntdb::errc::not_a_database, path_ + ": not a regular file");
  }
  look_at_file(*status);
}

void log_follower::look_at_file(const file_status& status) {
  if (file_ && status.device == device_ && status.inode == inode_) {
    if (std::exchange(told_absent_, false)) on_event_(file_event::found, {});
    const std::uint64_t size = file_->status().size;
    if (size < position_ || (size > position_ && !is_what_was_read())) {
      on_event_(file_event::cut, {});
      begin_again();
    }
    while (!read_new()) {
    }
    return;
  }
  std::unique_ptr<buntdb::io::file> next;
  try {
    next = buntdb::io::file_system::native().open(path_, buntdb::io::open_mode::read_only);
  } catch (const buntdb::error& failure) {
    if (failure.code() == std::errc::no_such_file_or_directory) return;  // it has disappeared again
    throw;
  }
  const bool is_first = !file_;
  if (file_) read_new();  // the last writes before a compaction are in the old file
  if (std::exchange(told_absent_, false)) {
    on_event_(file_event::found, {});
  } else if (!is_first) {
    on_event_(file_event::replaced, {});
  }
  file_ = std::move(next);
  const file_status opened = file_->status();
  device_ = opened.device;
  inode_ = opened.inode;
  begin_again();
  while (!read_new()) {
  }
}

void log_follower::begin_again() {
  position_ = 0;
  end_.clear();
  next_.clear();
  // With nothing to compare with, all batches of the file are new.
  comparing_ = silent_ || !items_.empty();
  doubtful_since_.reset();
  told_damage_ = false;
}

/// Returns true if it has read everything that the file contains.
bool log_follower::read_new() {
  const file_status status = file_->status();
  modified_ = status.modified;
  if (status.size < position_) return true;  // the next call of look() detects it
  buntdb::log::window in(*file_, status.size);
  try {
    const std::uint64_t before = position_;
    while (position_ < status.size && step(in)) {
    }
    if (position_ != before) remember_end();
  } catch (const buntdb::error&) {
    // It became shorter meanwhile: the next call of look() detects that. Any other error will occur
    // again.
    if (file_->status().size < status.size) return true;
    throw;
  }
  if (!comparing_ || doubtful_since_) return true;
  end_comparison();
  return false;  // the file may have grown meanwhile
}

/// Reads one batch or command. Returns false if what follows is incomplete or not understood.
bool log_follower::step(buntdb::log::window& in) {
  const std::uint64_t begin = buntdb::log::skip_nuls(in, position_);
  if (begin >= in.end()) return false;  // NULs at the end may still be cut
  if (const auto marker = buntdb::log::marker_at(in, begin)) {
    const std::uint64_t commands = begin + buntdb::log::marker_size;
    if (in.end() - commands < marker->length) return false;
    if (buntdb::log::checksum_at(in, commands, marker->length) != marker->checksum) {
      doubt("the checksum of batch " + std::to_string(marker->number) + " does not fit it");
      return false;
    }
    take_batch(in, commands, commands + marker->length, marker->number);
    return position_ > begin;
  }
  const parsed_command command = buntdb::log::command_at(in, begin, in.end());
  if (command.status == parse_status::complete && !buntdb::log::is_marker_command(command)) {
    take_batch(in, begin, begin + command.size, 0);
    return position_ > begin;
  }
  if (command.status != parse_status::cut_short) {
    doubt(command.status == parse_status::complete ? "a damaged marker"
                                                   : std::string(command.reason));
  }
  return false;
}

void log_follower::take_batch(buntdb::log::window& in, std::uint64_t begin, std::uint64_t end,
                              std::uint64_t number) {
  // Checked completely before it is interpreted, so that nothing is reported in part.
  for (std::uint64_t at = begin; at < end;) {
    const parsed_command command = buntdb::log::command_at(in, at, end);
    if (command.status != parse_status::complete) {
      doubt("batch " + std::to_string(number) + " holds what is no command");
      return;
    }
    at += command.size;
  }
  change_group group{.kind = change_group_kind::batch, .number = number, .changes = {}};
  for (std::uint64_t at = begin; at < end;) {
    const parsed_command command = buntdb::log::command_at(in, at, end);
    apply(command, group);
    at += command.size;
  }
  position_ = end;
  doubtful_since_.reset();
  told_damage_ = false;
  if (!group.changes.empty()) on_changes_(group);
}

void log_follower::apply(const parsed_command& command, change_group& group) {
  calls sink([&](std::string_view key, std::string_view value,
                 std::optional<std::int64_t> second) { set(key, value, second, group); },
             [&](std::string_view key) { erase(key, group); }, [&] { clear(group); });
  buntdb::log::apply(command, modified_, sink);
}

void log_follower::set(std::string_view key, std::string_view value,
                       std::optional<std::int64_t> expires_at, change_group& group) {
  const remembered now{buntdb::log::checksum(value), expires_at};
  std::string name(key);
  if (comparing_) {
    const auto before = items_.find(name);
    const bool is_told = !silent_ && (before == items_.end() || !(before->second == now));
    next_[std::move(name)] = {now, is_told ? std::optional(std::string(value)) : std::nullopt};
    return;
  }
  const auto [item, is_new] = items_.insert_or_assign(name, now);
  group.changes.push_back(
      {change_kind::set, std::move(name), std::string(value), expires_at, is_new});
}

void log_follower::erase(std::string_view key, change_group& group) {
  std::string name(key);
  if (comparing_) {
    next_.erase(name);
    return;
  }
  const auto item = items_.find(name);
  if (item == items_.end()) return;  // the format allows it; nothing has changed
  const change_kind what = kind_of_end(item->second.expires_at_second);
  items_.erase(item);
  group.changes.push_back({what, std::move(name), {}, std::nullopt, false});
}

void log_follower::clear(change_group& group) {
  if (comparing_) {
    next_.clear();
    return;
  }
  for (const auto& [key, item] : items_)
    group.changes.push_back({kind_of_end(item.expires_at_second), key, {}, std::nullopt, false});
  items_.clear();
}

/// Reports the differences between a file that was read completely and the remembered items.
void log_follower::end_comparison() {
  change_group group{.kind = change_group_kind::difference, .number = 0, .changes = {}};
  for (const auto& [key, item] : items_) {
    if (next_.contains(key)) continue;
    group.changes.push_back({kind_of_end(item.expires_at_second), key, {}, std::nullopt, false});
  }
  for (auto& [key, item] : next_) {
    if (!item.value) continue;
    group.changes.push_back({change_kind::set, key, std::move(*item.value),
                             item.now.expires_at_second, !items_.contains(key)});
  }
  items_.clear();
  for (const auto& [key, item] : next_)
    items_.emplace(key, item.now);
  next_.clear();
  comparing_ = false;
  std::sort(group.changes.begin(), group.changes.end(),
            [](const change& a, const change& b) { return a.key < b.key; });
  if (!std::exchange(silent_, false) && !group.changes.empty()) on_changes_(group);
}

void log_follower::doubt(const std::string& why) {
  const auto now = std::chrono::steady_clock::now();
  const std::uint64_t size = file_->status().size;
  if (!doubtful_since_ || doubtful_size_ != size) {
    doubtful_since_ = now;
    doubtful_size_ = size;
  }
  if (told_damage_ || now - *doubtful_since_ < patience) return;
  told_damage_ = true;
  on_event_(file_event::damaged, "at offset " + std::to_string(position_) + ": " + why);
}

bool log_follower::is_what_was_read() {
  return read(*file_, position_ - end_.size(), end_.size()) == end_;
}

void log_follower::remember_end() {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(end_size, position_));
  end_ = read(*file_, position_ - size, size);
}
