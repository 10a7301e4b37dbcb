#include "gob/session_writer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <scs/error.hpp>
#include <scs/value.hpp>

#include "gob/output.hpp"
#include "gob/time.hpp"
#include "gob/value_writer.hpp"

namespace scs::gob {

namespace {

class session_writer {
 public:
  session_writer(session_contents& old, const type_names& names)
      : old_(old), names_(names), values_(old.types, out_) {}

  /// Returns the message without its length.
  std::string value_message(const payload& contents, std::string_view deadline) {
    out_.append_type(session_type(contents));
    std::string& out = out_.bytes();
    if (deadline.empty()) {
      append_uint(out, 2);
    } else {
      append_uint(out, 1);
      append_bytes(out, deadline);
      append_uint(out, 1);
    }
    write_values(contents);
    for (const std::string_view id : {std::string_view{contents.moved_to}, contents.renewed_from}) {
      if (id.empty()) continue;
      append_uint(out, 1);
      append_bytes(out, id);
    }
    append_uint(out, 0);
    return out_.finished();
  }

  const std::vector<type_id>& used_types() const noexcept { return out_.used_types(); }

 private:
  type_id session_type(const payload& contents) {
    type_table& types = old_.types;
    std::vector<field> fields{{deadline_field, types.time()},
                              {values_field, types.map_of(string_type, interface_type)}};
    if (!contents.moved_to.empty()) fields.push_back({moved_to_field, string_type});
    if (!contents.renewed_from.empty()) fields.push_back({renewed_from_field, string_type});
    return types.structure_of(fields);
  }

  void write_values(const payload& contents) {
    const std::vector<property> properties = properties_of(contents);
    append_uint(out_.bytes(), contents.data.size() + properties.size());
    auto old = old_.entries.begin();
    for (const payload::member& member : contents.data) {
      while (old != old_.entries.end() && old->key < member.key)
        ++old;
      write_member(member, old != old_.entries.end() && old->key == member.key ? &*old : nullptr);
    }
    for (const property& each : properties) {
      append_bytes(out_.bytes(), each.key);
      values_.write(each.json, each.go_name, nullptr);
    }
  }

  void write_member(const payload::member& member, const entry* old) {
    if (is_property(member.key)) {
      throw error(errc::invalid_value, "the key \"" + std::string{member.key} +
                                           "\" of a session is gob_codec's own; remember_me() and "
                                           "set_user() set it");
    }
    const auto raw = old_.raw_keys.find(member.key);
    append_bytes(out_.bytes(), raw == old_.raw_keys.end() ? member.key : raw->second);
    const entry_copy* copy = old == nullptr ? nullptr : &copy_of(*old);
    if (copy != nullptr && old_.json_of(*old) == member.json) {
      out_.bytes() += copy->bytes;
      out_.add_used_types(copy->used_types);
      return;
    }
    const auto name = names_.find(member.key);
    const std::string_view go_name = name == names_.end() ? std::string_view{} : name->second;
    std::optional<old_value> before;
    if (copy != nullptr && go_name.empty()) {
      before = old_value{copy->bytes, std::string{old_.json_of(*old)}, copy->used_types};
    }
    if (values_.write(member.json, go_name, before ? &*before : nullptr)) return;
    throw error(errc::invalid_value, go_name.empty()
                                         ? "a value of a session is nested too deeply for gob_codec"
                                         : "the session's key \"" + std::string{member.key} +
                                               "\" has a value that is not of the Go type " +
                                               std::string{go_name});
  }

  const entry_copy& copy_of(const entry& of) const {
    return *std::lower_bound(
        old_.copies.begin(), old_.copies.end(), of.json_begin,
        [](const entry_copy& copy, std::size_t begin) { return copy.json_begin < begin; });
  }

  struct property {
    std::string_view key{};
    std::string_view go_name{};
    std::string json{};
  };

  static std::vector<property> properties_of(const payload& contents) {
    std::vector<property> properties;
    if (contents.remember_me) {
      properties.push_back({remember_me_key, "bool", *contents.remember_me ? "true" : "false"});
    }
    const auto add_text = [&](std::string_view key, std::string_view text) {
      if (!text.empty()) properties.push_back({key, "string", detail::json_of_string(text)});
    };
    const auto add_time = [&](std::string_view key, const std::optional<time_point>& moment) {
      if (!moment) return;
      const std::int64_t nanoseconds = moment->time_since_epoch().count();
      properties.push_back({key, "int64", detail::json_of_integer(nanoseconds)});
    };
    add_text(user_key, contents.user);
    add_time(created_key, contents.created);
    add_time(begun_key, contents.begun);
    add_text(where_key, contents.where);
    add_time(seen_key, contents.seen);
    if (contents.idle_timeout) {
      properties.push_back(
          {idle_timeout_key, "int64", detail::json_of_integer(contents.idle_timeout->count())});
    }
    return properties;
  }

  session_contents& old_;
  const type_names& names_;
  output out_{};
  value_writer values_;
};

}  // namespace

bool is_property(std::string_view key) noexcept {
  return key == remember_me_key || key == user_key || key == created_key || key == begun_key ||
         key == where_key || key == seen_key || key == idle_timeout_key;
}

std::string write_session(const payload& contents, session_contents& old, bool keep_deadline,
                          const type_names& types) {
  const std::string deadline =
      keep_deadline ? std::string{old.deadline} : write_time(to_go_time(contents.deadline));
  session_writer writer{old, types};
  const std::string message = writer.value_message(contents, deadline);
  std::string out;
  old.types.append_definitions(out, writer.used_types());
  append_bytes(out, message);
  return out;
}

}  // namespace scs::gob
