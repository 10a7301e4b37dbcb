#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include <scs/error.hpp>
#include <scs/gob_codec.hpp>
#include <scs/store.hpp>
#include <scs/value.hpp>

#include "gob/session_reader.hpp"
#include "gob/session_writer.hpp"
#include "gob/time.hpp"
#include "gob/types.hpp"
#include "payload/foreign_payload.hpp"
#include "payload/moment_of_json.hpp"

namespace scs {

namespace {

/// The key, in a decoded payload's `others`, of the text that it was decoded from. encode() needs
/// the types in that text.
constexpr std::string_view source_member = "gob";

std::string_view source_of(const payload& contents) noexcept {
  for (const payload::member& each : contents.others) {
    if (each.key == source_member) return each.json;
  }
  return {};
}

/// Reads one of our properties. A value of another type was written by another program and is
/// ignored.
void read_property(payload& out, std::string_view key, std::string_view json) {
  if (key == gob::remember_me_key) {
    out.remember_me = value_traits<bool>::from_json(json);
  } else if (key == gob::created_key) {
    out.created = detail::moment_of_json(json);
  } else if (key == gob::begun_key) {
    out.begun = detail::moment_of_json(json);
  } else if (key == gob::seen_key) {
    out.seen = detail::moment_of_json(json);
  } else if (key == gob::idle_timeout_key) {
    const std::optional<std::int64_t> nanoseconds = detail::integer_of_json(json);
    if (nanoseconds && *nanoseconds >= 0) out.idle_timeout = std::chrono::nanoseconds{*nanoseconds};
  } else if (std::optional<std::string> text = detail::string_of_json(json)) {
    if (key == gob::user_key && text->size() > store::max_user_size) return;
    const std::string_view kept = out.kept.emplace_front(std::move(*text));
    (key == gob::user_key ? out.user : out.where) = kept;
  }
}

time_point deadline_of(std::string_view bytes) {
  if (bytes.empty()) return gob::to_time_point(gob::zero_time);
  const std::optional<gob::go_time> moment = gob::read_time(bytes);
  if (!moment) throw error(errc::payload_undecodable, "a session's deadline is not a time of Go's");
  return gob::to_time_point(*moment);
}

/// Makes a payload whose views point into `from`.
payload payload_of(const gob::session_contents& from) {
  payload out;
  out.data.reserve(from.entries.size());
  for (const gob::entry& each : from.entries) {
    const std::string_view json = from.json_of(each);
    if (gob::is_property(each.key)) {
      read_property(out, each.key, json);
    } else {
      out.data.push_back({each.key, json});
    }
  }
  out.deadline = deadline_of(from.deadline);
  out.moved_to = from.moved_to;
  out.renewed_from = from.renewed_from;
  return out;
}

bool are_same(const payload& a, const payload& b) {
  const auto same_member = [](const payload::member& x, const payload::member& y) {
    return x.key == y.key && x.json == y.json;
  };
  return a.deadline == b.deadline && a.remember_me == b.remember_me &&
         a.idle_timeout == b.idle_timeout && a.user == b.user && a.created == b.created &&
         a.begun == b.begun && a.where == b.where && a.seen == b.seen && a.moved_to == b.moved_to &&
         a.renewed_from == b.renewed_from &&
         std::equal(a.data.begin(), a.data.end(), b.data.begin(), b.data.end(), same_member);
}

}  // namespace

gob_codec::gob_codec(gob_options options) : options_(std::move(options)) {
  gob::type_table types;
  for (auto& [key, name] : options_.types) {
    name = gob::normalized_type_name(name);
    if (!gob::type_of_go_type(types, name)) {
      std::string problem = "gob_codec: the Go type \"";
      problem.append(name).append("\" of the key \"").append(key);
      problem.append(
          "\" is none of the basic types, time.Time, slices of them and maps from strings to them");
      throw error(errc::invalid_options, problem);
    }
  }
}

payload gob_codec::decode(std::string_view text) const {
  try {
    gob::session_contents read = gob::read_session(text, gob::entry_copies::none);
    payload contents = payload_of(read);
    contents.kept.splice_after(contents.kept.before_begin(), read.kept);
    contents.others.push_back({source_member, text});
    return contents;
  } catch (const error& failure) {
    const std::string_view hint = detail::hint_for_gob_codec(text);
    if (hint.empty()) throw;
    throw error(failure.code(), "a session payload of " + std::to_string(text.size()) +
                                    " bytes is not gob" + std::string{hint});
  }
}

std::string gob_codec::encode(const payload& contents) const {
  const std::string_view source = source_of(contents);
  gob::session_contents old;
  bool keep_deadline = false;
  if (!source.empty()) {
    old = gob::read_session(source, gob::entry_copies::made);
    const payload before = payload_of(old);
    if (are_same(before, contents)) return std::string{source};
    keep_deadline = before.deadline == contents.deadline;
  }
  return gob::write_session(contents, old, keep_deadline, options_.types);
}

}  // namespace scs
