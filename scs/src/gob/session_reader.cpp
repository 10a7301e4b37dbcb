#include "gob/session_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <buntstore/internal/utf8.hpp>

#include "gob/walker.hpp"

namespace scs::gob {

namespace {

class session_reader {
 public:
  session_reader(std::string_view text, entry_copies copies) : in_(text), copies_(copies) {}

  session_contents read() {
    const type& session = take_definitions();
    bool has_deadline = false;
    bool has_values = false;
    for (const field& each : session.fields) {
      has_deadline = has_deadline || is_deadline(each);
      has_values = has_values || is_values(each);
    }
    if (!has_deadline || !has_values) in_.fail("no struct of a Deadline and Values");
    std::int64_t number = -1;
    while (in_.take_field(number, session.fields.size()))
      take_field(session.fields[static_cast<std::size_t>(number)]);
    if (!in_.message_ended() || !in_.stream_ended()) in_.fail("more than a session");
    sort_entries();
    read_.json = read_.kept.emplace_front(std::move(json_));
    return std::move(read_);
  }

 private:
  /// Reads the definitions and returns the type of the value that follows them.
  const type& take_definitions() {
    while (true) {
      in_.next_message();
      const type_id id = in_.take_type_id();
      if (id > 0) {
        const type* found = read_.types.find(id);
        if (found == nullptr || found->kind != kind::structure) in_.fail("no struct");
        return *found;
      }
      read_.types.define(in_, -id);
      if (!in_.message_ended()) in_.fail("a definition that does not end");
    }
  }

  bool is_deadline(const field& of) const {
    const type* found = read_.types.find(of.type);
    return of.name == deadline_field && found != nullptr && found->is_time();
  }

  bool is_values(const field& of) const {
    const type* found = read_.types.find(of.type);
    return of.name == values_field && found != nullptr && found->kind == kind::map &&
           found->key == string_type && found->element == interface_type;
  }

  void take_field(const field& of) {
    if (is_deadline(of)) {
      read_.deadline = in_.take_bytes();
    } else if (is_values(of)) {
      take_values();
    } else if (of.name == moved_to_field && of.type == string_type) {
      read_.moved_to = in_.take_bytes();
    } else if (of.name == renewed_from_field && of.type == string_type) {
      read_.renewed_from = in_.take_bytes();
    } else {
      std::string passed_over;
      walker{in_, read_.types, passed_over}.take_value(of.type, {});
    }
  }

  void take_values() {
    read_.entries.clear();
    read_.copies.clear();
    const std::size_t count = in_.take_count(2);
    read_.entries.reserve(count);
    walker values{in_, read_.types, json_};
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view key = shown(in_.take_bytes());
      const std::size_t begin = json_.size();
      if (copies_ == entry_copies::none) {
        values.take_interface();
      } else {
        output copy;
        values.copy_to(&copy);
        values.take_interface();
        values.copy_to(nullptr);
        read_.copies.push_back({begin, copy.finished(), copy.used_types()});
      }
      read_.entries.push_back({key, begin, json_.size() - begin});
    }
  }

  std::string_view shown(std::string_view raw_key) {
    if (buntstore::text::is_utf8(raw_key)) return raw_key;
    constexpr std::size_t whole = std::numeric_limits<std::size_t>::max();
    const std::string_view key = read_.kept.emplace_front(buntstore::text::to_utf8(raw_key, whole));
    read_.raw_keys.emplace(key, raw_key);
    return key;
  }

  /// If a key occurs twice, the last value counts.
  void sort_entries() {
    std::vector<entry>& entries = read_.entries;
    std::stable_sort(entries.begin(), entries.end(),
                     [](const entry& a, const entry& b) { return a.key < b.key; });
    auto kept = entries.begin();
    for (auto next = entries.begin(); next != entries.end(); ++next) {
      if (std::next(next) == entries.end() || std::next(next)->key != next->key) {
        *kept++ = *next;
      } else if (read_.raw_keys.contains(next->key)) {
        in_.fail("keys that differ only in what is not UTF-8");
      }
    }
    entries.erase(kept, entries.end());
  }

  input in_;
  const entry_copies copies_;
  session_contents read_{};
  std::string json_{};  // the JSON of all values
};

}  // namespace

session_contents read_session(std::string_view text, entry_copies copies) {
  return session_reader{text, copies}.read();
}

}  // namespace scs::gob
