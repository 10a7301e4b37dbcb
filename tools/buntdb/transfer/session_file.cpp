#include "transfer/session_file.hpp"

#include <chrono>
#include <system_error>
#include <utility>

#include <buntdb/error.hpp>
#include <buntstore/internal/hex.hpp>
#include <scs/token.hpp>

#include "log/checksum.hpp"
#include "text/base64.hpp"
#include "text/json_text.hpp"
#include "text/times.hpp"

namespace {

constexpr std::string_view format_name = "scs sessions";
constexpr int format_version = 1;
constexpr std::string_view check_head = R"(,"check":")";
constexpr std::string_view check_end = R"("})";
constexpr std::size_t check_digits = 16;
constexpr std::size_t check_size = check_head.size() + check_digits + check_end.size();
constexpr std::size_t name_size = 22;

std::string check_of(std::string_view previous, std::string_view text) {
  buntdb::log::streaming_checksum sum;
  sum.add(previous);
  sum.add(text);
  std::string digits;
  for (int shift = 56; shift >= 0; shift -= 8)
    buntstore::text::append_hex(digits, static_cast<unsigned char>(sum.result() >> shift));
  return digits;
}

/// Returns the bytes of a member that put_bytes() has put. Empty if there is none.
std::optional<std::string> bytes_of(const json& object, const std::string& name) {
  const auto plain = object.find(name);
  if (plain != object.end() && plain->is_string()) return plain->get<std::string>();
  const auto coded = object.find(name + "_base64");
  if (coded == object.end() || !coded->is_string()) return std::nullopt;
  return from_base64(coded->get<std::string>());
}

std::optional<scs::time_point> expiry_of(const json& object) {
  const auto found = object.find("expires_at_ns");
  if (found == object.end()) return std::nullopt;
  if (found->is_null()) return scs::time_point::max();
  if (!found->is_number_integer()) return std::nullopt;
  return scs::time_point{std::chrono::nanoseconds{found->get<std::int64_t>()}};
}

}  // namespace

// --- writing ---

session_file_writer::session_file_writer(sink out) : out_(std::move(out)) {
  json first;
  first["format"] = format_name;
  first["version"] = format_version;
  first["export"] = scs::token::generate().text().substr(0, name_size);
  first["exported_at"] = moment_text(
      std::chrono::time_point_cast<buntdb::time_point::duration>(std::chrono::system_clock::now()));
  write(json_line(first));
}

void session_file_writer::write(std::string text) {
  text.pop_back();  // the brace
  check_ = check_of(check_, text);
  text.append(check_head).append(check_).append(check_end).append(1, '\n');
  out_(text);
}

void session_file_writer::add(const scs::session_id& id, const scs::record& record) {
  json object;
  put_bytes(object, "id", id.text(), spelling::as_they_are);
  put_bytes(object, "user", record.user, spelling::as_they_are);
  if (record.expiry == scs::time_point::max()) {
    object["expires_at_ns"] = nullptr;
  } else {
    object["expires_at_ns"] = record.expiry.time_since_epoch().count();
  }
  put_bytes(object, "payload", record.payload, spelling::as_they_are);
  write(json_line(object));
  ++records_;
}

void session_file_writer::finish() {
  write(json_line(json{{"end", true}, {"records", records_}}));
}

// --- reading ---

session_file_reader::session_file_reader(std::istream& in, std::string name)
    : in_(in), name_(std::move(name)) {
  const std::string text = line();
  const json first = json::parse(text, nullptr, false);
  const bool is_ours = first.is_object() && first.value("format", json()) == format_name;
  if (!is_ours) fail("this is no export of sessions");
  const json version = first.value("version", json());
  if (!version.is_number_integer()) fail("the version of the format is missing");
  if (version != format_version) {
    throw buntdb::error(buntdb::errc::invalid_argument,
                        name_ + " has version " + version.dump() +
                            " of the format; this program reads version " +
                            std::to_string(format_version));
  }
  const json name_found = first.value("export", json());
  if (!name_found.is_string()) fail("the export has no name");
  export_name_ = name_found.get<std::string>();
}

void session_file_reader::fail(const std::string& what) const {
  throw buntdb::error(buntdb::errc::corrupt,
                      name_ + ", line " + std::to_string(line_number_) + ": " + what);
}

/// Returns the next line, after checking its checksum.
std::string session_file_reader::line() {
  ++line_number_;
  std::string text;
  if (!std::getline(in_, text)) {
    if (in_.bad()) {
      throw buntdb::error(std::make_error_code(std::errc::io_error), "cannot read " + name_);
    }
    fail(line_number_ == 1 ? "the file is empty" : "the file is cut off before this line");
  }
  // A complete line that is not the last one is always followed by a line end.
  const bool has_check =
      text.size() > check_size && text.ends_with(check_end) &&
      std::string_view{text}.substr(text.size() - check_size).starts_with(check_head);
  if (!has_check) {
    if (line_number_ == 1) fail("this is no export of sessions, or it is damaged");
    fail(in_.eof() ? "the file is cut off in this line" : "this line is damaged");
  }
  const std::string_view digits =
      std::string_view{text}.substr(text.size() - check_end.size() - check_digits, check_digits);
  std::string check = check_of(check_, std::string_view{text}.substr(0, text.size() - check_size));
  if (digits != check) {
    fail("this line is damaged, or a line in front of it is missing or was put there");
  }
  check_ = std::move(check);
  return text;
}

std::optional<carried_session> session_file_reader::next() {
  const json object = json::parse(line(), nullptr, false);
  if (!object.is_object()) fail("this is no JSON object");
  if (object.contains("end")) {
    if (object.value("records", json()) != records_) fail("another number of records was written");
    if (in_.peek() != std::istream::traits_type::eof()) {
      ++line_number_;
      fail("something follows the end of the export");
    }
    return std::nullopt;
  }
  std::optional<std::string> id = bytes_of(object, "id");
  std::optional<std::string> user = bytes_of(object, "user");
  std::optional<std::string> payload = bytes_of(object, "payload");
  const std::optional<scs::time_point> expiry = expiry_of(object);
  if (!id || id->empty() || id->size() > scs::session_id::max_size) fail("there is no id");
  if (!user || user->size() > scs::store::max_user_size) fail("there is no user");
  if (!payload) fail("there is no payload");
  if (!expiry) fail("there is no expires_at_ns");
  ++records_;
  return carried_session{
      .id = scs::session_id::from_text(*id),
      .record = {.payload = *std::move(payload), .expiry = *expiry, .user = *std::move(user)}};
}
