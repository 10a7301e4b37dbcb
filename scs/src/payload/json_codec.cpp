#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include <scs/error.hpp>
#include <scs/payload_codec.hpp>
#include <scs/value.hpp>

#include "payload/foreign_payload.hpp"
#include "payload/json_scanner.hpp"
#include "payload/json_string.hpp"
#include "payload/moment_of_json.hpp"

namespace scs {

namespace {

/// Sorts by key and keeps the last member of each key.
void sort_and_keep_last(std::vector<payload::member>& members) {
  const auto before = [](const payload::member& a, const payload::member& b) {
    return a.key < b.key;
  };
  const auto in_order = [](const payload::member& a, const payload::member& b) {
    return !(a.key < b.key);
  };
  if (std::adjacent_find(members.begin(), members.end(), in_order) == members.end()) return;
  std::stable_sort(members.begin(), members.end(), before);
  auto kept = members.begin();
  for (auto next = members.begin(); next != members.end(); ++next) {
    if (std::next(next) != members.end() && std::next(next)->key == next->key) continue;
    *kept++ = *next;
  }
  members.erase(kept, members.end());
}

/// Fills a payload from a text. All values are views of the text.
class payload_reader {
 public:
  payload_reader(std::string_view text, payload& out) noexcept : in_(text), out_(out) {}

  /// Returns whether the text is a payload. If not, position() returns where it stops being one.
  bool read() {
    const bool is_object = in_.take_object([this](const detail::json_string& key) {
      std::string_view name;
      return read_text(key, name) && read_member(name);
    });
    return is_object && in_.at_end() && has_data_ && has_deadline_;
  }
  std::size_t position() const noexcept { return in_.position(); }

 private:
  bool read_member(std::string_view key) {
    if (key == "data") return read_data();
    if (key == "user") return read_text(out_.user);
    if (key == "where") return read_text(out_.where);
    if (key == "renewed_from") return read_text(out_.renewed_from);
    std::string_view json;
    if (!in_.take_value(json)) return false;
    if (key == "deadline") {
      const std::optional<time_point> deadline = detail::moment_of_json(json);
      has_deadline_ = deadline.has_value();
      out_.deadline = deadline.value_or(time_point{});
      return has_deadline_;
    }
    if (key == "remember_me") {
      out_.remember_me = value_traits<bool>::from_json(json);
      return out_.remember_me.has_value();
    }
    if (key == "idle_timeout") return read_idle_timeout(json);
    if (key == "created") return (out_.created = detail::moment_of_json(json)).has_value();
    if (key == "seen") return (out_.seen = detail::moment_of_json(json)).has_value();
    if (key == "begun") return (out_.begun = detail::moment_of_json(json)).has_value();
    if (key == "moved_to") {
      std::optional<std::string> id = detail::string_of_json(json);
      if (id) out_.moved_to = std::move(*id);
      return id.has_value();
    }
    out_.others.push_back({key, json});
    return true;
  }

  bool read_idle_timeout(std::string_view json) {
    const std::optional<std::int64_t> nanoseconds = detail::integer_of_json(json);
    if (!nanoseconds || *nanoseconds < 0) return false;
    out_.idle_timeout = std::chrono::nanoseconds{*nanoseconds};
    return true;
  }

  bool read_data() {
    has_data_ = true;
    out_.data.clear();
    if (in_.next_is('n')) {  // null: a map that Go never filled
      std::string_view json;
      return in_.take_value(json);
    }
    return in_.take_object([this](const detail::json_string& key) {
      payload::member member;
      if (!read_text(key, member.key) || !in_.take_value(member.json)) return false;
      out_.data.push_back(member);
      return true;
    });
  }

  bool read_text(std::string_view& out) {
    detail::json_string text;
    return in_.take_string(text) && read_text(text, out);
  }

  /// Reads a string's text, and copies it only if it has escapes. Returns false if the escapes are
  /// not valid text.
  bool read_text(const detail::json_string& string, std::string_view& out) {
    if (!string.has_escapes) {
      out = string.json.substr(1, string.json.size() - 2);
      return true;
    }
    std::optional<std::string> text = detail::string_of_json(string.json);
    if (!text) return false;  // a lone surrogate
    out = out_.kept.emplace_front(std::move(*text));
    return true;
  }

  detail::json_scanner in_;
  payload& out_;
  bool has_data_ = false;
  bool has_deadline_ = false;
};

void append_number(std::string& out, std::int64_t value) {
  std::array<char, 24> digits;
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end);
}

void append_text(std::string& out, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  out.append(R"(,")").append(key).append(R"(":)");
  append_json_string(out, text);
}

void append_time(std::string& out, std::string_view key, const std::optional<time_point>& moment) {
  if (!moment) return;
  out.append(R"(,")").append(key).append(R"(":)");
  append_number(out, moment->time_since_epoch().count());
}

}  // namespace

payload json_codec::decode(std::string_view text) const {
  payload contents;
  contents.data.reserve(8);
  payload_reader reader{text, contents};
  if (!reader.read()) {
    throw error(errc::payload_undecodable,
                "a session payload of " + std::to_string(text.size()) +
                    " bytes is not {\"data\":{...},\"deadline\":...}; reading failed at byte " +
                    std::to_string(reader.position()) +
                    std::string{detail::hint_for_json_codec(text)});
  }
  sort_and_keep_last(contents.data);
  sort_and_keep_last(contents.others);
  return contents;
}

std::string json_codec::encode(const payload& contents) const {
  std::size_t size = 160 + contents.user.size() + contents.where.size();
  for (const payload::member& member : contents.data) {
    size += member.key.size() + member.json.size() + 4;
  }
  std::string out;
  out.reserve(size);
  out += R"({"data":{)";
  for (const payload::member& member : contents.data) {
    if (out.back() != '{') out += ',';
    append_json_string(out, member.key);
    out += ':';
    out += member.json;
  }
  out += R"(},"deadline":)";
  append_number(out, contents.deadline.time_since_epoch().count());
  append_text(out, "user", contents.user);
  append_time(out, "created", contents.created);
  append_text(out, "where", contents.where);
  append_time(out, "seen", contents.seen);
  append_time(out, "begun", contents.begun);
  if (contents.remember_me) {
    out += *contents.remember_me ? R"(,"remember_me":true)" : R"(,"remember_me":false)";
  }
  if (contents.idle_timeout) {
    out += R"(,"idle_timeout":)";
    append_number(out, contents.idle_timeout->count());
  }
  append_text(out, "moved_to", contents.moved_to);
  append_text(out, "renewed_from", contents.renewed_from);
  for (const payload::member& member : contents.others) {
    out += ',';
    append_json_string(out, member.key);
    out += ':';
    out += member.json;
  }
  out += '}';
  return out;
}

}  // namespace scs
