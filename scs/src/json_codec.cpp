#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>
#include <vector>

#include <rapidjson/reader.h>

#include <scs/error.hpp>
#include <scs/payload_codec.hpp>
#include <scs/value.hpp>

#include "json_text.hpp"

namespace scs {

namespace {

// kParseIterativeFlag: no recursion, so no payload can overflow the stack.
// kParseNumbersAsStringsFlag: numbers are not converted, so none loses digits. Those that no double
// can hold are refused all the same, as by Go's encoding/json.
// kParseInsituFlag: strings are not copied, see text_stream. That the text is UTF-8 is checked by
// whoever parses, for all of it at once.
constexpr unsigned parse_flags = rapidjson::kParseIterativeFlag | rapidjson::kParseInsituFlag |
                                 rapidjson::kParseNumbersAsStringsFlag;

/// A text for RapidJSON's in-situ mode that is not written to: instead of a string without its
/// escapes there is only its size.
class text_stream {
 public:
  // RapidJSON names them. NOLINTBEGIN(readability-identifier-naming)
  using Ch = char;

  explicit text_stream(std::string_view text) noexcept : text_(text) {}

  Ch Peek() const noexcept { return next_ < text_.size() ? text_[next_] : '\0'; }
  Ch Take() noexcept { return next_ < text_.size() ? text_[next_++] : '\0'; }
  std::size_t Tell() const noexcept { return next_; }

  Ch* PutBegin() noexcept {
    string_begin_ = next_;
    put_ = 0;
    return &nowhere_;
  }
  void Put(Ch /*c*/) noexcept { ++put_; }
  std::size_t PutEnd(const Ch* /*begin*/) const noexcept { return put_; }
  void Flush() const noexcept {}
  // NOLINTEND(readability-identifier-naming)

  /// Where the last string begins, behind its quote.
  std::size_t string_begin() const noexcept { return string_begin_; }

 private:
  const std::string_view text_;
  std::size_t next_ = 0;
  std::size_t string_begin_ = 0;
  std::size_t put_ = 0;
  Ch nowhere_ = '\0';
};

constexpr std::size_t closing_bracket = 1;

/// A parser that has grown beyond this is not kept for the thread's next payload.
constexpr std::size_t reused_size_max = std::size_t{64} << 10;

/// Sorts by key and keeps the last of each.
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

/// Keeps every value's own text: where it begins is known from the key before it, where it ends
/// from the stream. The stream is behind a scalar when its function is called, but, in RapidJSON's
/// iterative mode, still in front of the bracket that closes an object or array.
class member_handler {
 public:
  member_handler(std::string_view text, const text_stream& in, payload& out)
      : text_(text), in_(in), out_(out) {}

  bool complete() const noexcept { return has_data_ && has_deadline_; }

  // RapidJSON names them. NOLINTBEGIN(readability-identifier-naming)
  bool Null() { return value_ended(in_.Tell()); }
  bool Bool(bool /*value*/) { return value_ended(in_.Tell()); }
  bool RawNumber(const char* /*digits*/, rapidjson::SizeType /*size*/, bool /*copy*/) {
    return value_ended(in_.Tell());
  }
  bool String(const char* /*text*/, rapidjson::SizeType /*size*/, bool /*copy*/) {
    return value_ended(in_.Tell());
  }
  // Not called: kParseNumbersAsStringsFlag.
  bool Int(int /*value*/) { return false; }
  bool Uint(unsigned /*value*/) { return false; }
  bool Int64(std::int64_t /*value*/) { return false; }
  bool Uint64(std::uint64_t /*value*/) { return false; }
  bool Double(double /*value*/) { return false; }

  bool StartObject() {
    if (depth_ == 1 && top_.key == "data") {
      in_data_ = true;
      has_data_ = true;
      out_.data.clear();
    }
    ++depth_;
    return true;
  }
  bool Key(const char* /*text*/, rapidjson::SizeType size, bool /*copy*/) {
    if (depth_ == 1) return begin(top_, size);
    return depth_ != 2 || !in_data_ || begin(value_, size);
  }
  bool EndObject(rapidjson::SizeType /*members*/) {
    --depth_;
    if (depth_ == 1 && in_data_) {
      in_data_ = false;
      return true;
    }
    return value_ended(in_.Tell() + closing_bracket);
  }
  bool StartArray() { return ++depth_ > 1; }
  bool EndArray(rapidjson::SizeType /*elements*/) {
    --depth_;
    return value_ended(in_.Tell() + closing_bracket);
  }
  // NOLINTEND(readability-identifier-naming)

 private:
  /// A member whose key has just been read and whose value follows.
  struct open_member {
    std::string_view key;
    std::size_t value_begin = 0;
  };

  /// Behind a key that has so many bytes without its escapes. False if they stand for no text.
  bool begin(open_member& member, std::size_t size) {
    const std::size_t begin = in_.string_begin();
    const std::size_t end = in_.Tell();  // behind the closing quote
    member.key = text_.substr(begin, end - 1 - begin);
    if (member.key.size() != size) {  // an escape is always longer than what it stands for
      auto key = detail::string_of_json(text_.substr(begin - 1, end + 1 - begin));
      if (!key) return false;
      member.key = out_.kept.emplace_front(std::move(*key));
    }
    constexpr std::string_view between = " \t\r\n:";
    member.value_begin = std::min(text_.find_first_not_of(between, end), text_.size());
    return true;
  }

  payload::member ended(const open_member& member, std::size_t end) const {
    return {member.key, text_.substr(member.value_begin, end - member.value_begin)};
  }

  bool value_ended(std::size_t end) {
    if (depth_ == 2 && in_data_) out_.data.push_back(ended(value_, end));
    if (depth_ == 1) return top_ended(ended(top_, end));
    return depth_ > 1 || trim_json(text_).starts_with('{');
  }

  bool top_ended(const payload::member& member) {
    if (member.key == "data") {
      has_data_ = true;
      out_.data.clear();
      return member.json == "null";  // a map that Go never filled
    }
    if (member.key == "deadline") {
      const std::optional<time_point> deadline = time_of(member.json);
      has_deadline_ = deadline.has_value();
      out_.deadline = deadline.value_or(time_point{});
      return has_deadline_;
    }
    if (member.key == "remember_me") {
      out_.remember_me = value_traits<bool>::from_json(member.json);
      return out_.remember_me.has_value();
    }
    if (member.key == "user") return text_ended(member.json, out_.user);
    if (member.key == "where") return text_ended(member.json, out_.where);
    if (member.key == "renewed_from") return text_ended(member.json, out_.renewed_from);
    if (member.key == "created") return (out_.created = time_of(member.json)).has_value();
    if (member.key == "seen") return (out_.seen = time_of(member.json)).has_value();
    if (member.key == "moved_to") {
      std::optional<std::string> id = detail::string_of_json(member.json);
      if (id) out_.moved_to = std::move(*id);
      return id.has_value();
    }
    out_.others.push_back(member);
    return true;
  }

  static std::optional<time_point> time_of(std::string_view json) {
    const auto nanoseconds = detail::integer_of_json(json);
    if (!nanoseconds) return std::nullopt;
    return time_point{std::chrono::nanoseconds{*nanoseconds}};
  }

  /// A string that is copied only if it has escapes.
  bool text_ended(std::string_view json, std::string_view& out) {
    if (!json.starts_with('"')) return false;
    if (json.find('\\') == std::string_view::npos) {
      out = json.substr(1, json.size() - 2);
    } else {
      std::optional<std::string> text = detail::string_of_json(json);
      if (!text) return false;  // half a surrogate pair
      out = out_.kept.emplace_front(std::move(*text));
    }
    return true;
  }

  const std::string_view text_;
  const text_stream& in_;
  payload& out_;
  std::size_t depth_ = 0;
  bool in_data_ = false;
  bool has_data_ = false;
  bool has_deadline_ = false;
  open_member top_{};
  open_member value_{};
};

template <class Handler>
bool parse_with(rapidjson::Reader& reader, text_stream& in, std::size_t size, Handler& handler) {
  return !reader.Parse<parse_flags>(in, handler).IsError() && in.Tell() == size;
}

template <class Handler>
bool parse(std::string_view text, text_stream& in, Handler& handler) {
  if (text.size() > reused_size_max) {
    rapidjson::Reader reader;
    return parse_with(reader, in, text.size(), handler);
  }
  thread_local rapidjson::Reader reader;  // keeps its stack: no allocation per payload
  return parse_with(reader, in, text.size(), handler);
}

/// A data pointer even for none: RapidJSON compares pointers.
std::string_view never_null(std::string_view text) noexcept {
  return text.data() == nullptr ? std::string_view{""} : text;
}

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

bool is_json(std::string_view text) {
  text = never_null(text);
  text_stream in{text};
  rapidjson::BaseReaderHandler<> ignore;
  return parse(text, in, ignore) && is_utf8(text);
}

payload json_codec::decode(std::string_view text) const {
  text = never_null(text);
  payload contents;
  contents.data.reserve(8);
  text_stream in{text};
  member_handler handler{text, in, contents};
  const bool complete = parse(text, in, handler) && handler.complete();
  const std::size_t read = complete ? utf8_prefix(text) : in.Tell();
  if (!complete || read != text.size()) {
    throw error(errc::payload_undecodable,
                "a session payload of " + std::to_string(text.size()) +
                    " bytes is not {\"data\":{...},\"deadline\":...}; reading failed at byte " +
                    std::to_string(read));
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
  if (contents.remember_me) {
    out += *contents.remember_me ? R"(,"remember_me":true)" : R"(,"remember_me":false)";
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
