#include "gob/walker.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <buntstore/internal/base64.hpp>
#include <buntstore/internal/charconv.hpp>
#include <buntstore/internal/utf8.hpp>
#include <scs/value.hpp>

#include "gob/time.hpp"
#include "payload/json_string.hpp"

namespace scs::gob {

namespace {

constexpr std::size_t json_allowance = 65536;
constexpr std::size_t json_multiple = 16;
constexpr std::size_t max_name_size = 1024;  // Go's own limit

/// Returns the shortest text that reads back as the same float, converted to a double.
double shortest_of_single(double value) {
  if (std::abs(value) > std::numeric_limits<float>::max()) return value;
  std::array<char, 32> digits;
  const auto [end, failure] =
      std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<float>(value));
  double shortest = value;
  buntstore::internal::from_chars(digits.data(), end, shortest);
  return shortest;
}

}  // namespace

/// Increments the nesting depth during its life.
class walker::nesting {
 public:
  explicit nesting(walker& of) : depth_(of.depth_) {
    if (of.json_.size() > of.max_json_size_) of.in_.fail("it says too much for its size");
    if (depth_ == max_depth) of.in_.fail("values are nested too deeply");
    ++depth_;
  }
  ~nesting() { --depth_; }
  nesting(const nesting&) = delete;
  nesting& operator=(const nesting&) = delete;

 private:
  int& depth_;
};

walker::walker(input& in, type_table& types, std::string& json)
    : in_(in),
      types_(types),
      json_(json),
      max_json_size_(json.size() + json_allowance + json_multiple * in.size()) {}

void walker::copy_to(output* copy) noexcept {
  copy_ = copy;
  in_.copy_to(copy == nullptr ? nullptr : &copy->bytes());
}

const type& walker::defined(type_id id) const {
  const type* found = types_.find(id);
  if (found == nullptr) in_.fail("a type without a definition");
  return *found;
}

void walker::take_value(type_id id, std::string_view go_name) {
  const nesting level{*this};
  if (id <= last_basic_type) return take_basic(id, go_name);
  const type& of = defined(id);
  switch (of.kind) {
    case kind::array:
    case kind::slice:
      return take_elements(of, go_name);
    case kind::map:
      return take_map(of, go_name);
    case kind::structure:
      return take_structure(of);
    default:
      return take_opaque(of);
  }
}

void walker::take_basic(type_id id, std::string_view go_name) {
  switch (id) {
    case bool_type:
      return append_bool(in_.take_uint() != 0);
    case int_type:
      json_ += detail::json_of_integer(in_.take_int());
      return;
    case uint_type:
      json_ += detail::json_of_unsigned(in_.take_uint());
      return;
    case float_type:
      return append_float(in_.take_float(), number_bits(go_name) == 32);
    case bytes_type:
      return append_base64(in_.take_bytes());
    case string_type:
      return append_string(in_.take_bytes());
    case complex_type: {
      const bool is_single = number_bits(go_name) == 32;
      json_ += '[';
      append_float(in_.take_float(), is_single);
      json_ += ',';
      append_float(in_.take_float(), is_single);
      json_ += ']';
      return;
    }
    case interface_type:
      take_interface();
      return;
    default:
      in_.fail("a type without a definition");
  }
}

std::string_view walker::take_interface() {
  const nesting level{*this};
  const std::string_view name = in_.take_bytes();
  if (name.empty()) {
    json_ += "null";
    return name;
  }
  if (name.size() > max_name_size) in_.fail("a type's name that is too long");
  // Neither the definitions nor the length are copied: the length is wrong without the definitions.
  in_.copy_to(nullptr);
  const type_id id = take_type();
  in_.take_uint();
  std::size_t opened = 0;
  if (copy_ != nullptr) {
    copy_->append_type(id);
    opened = copy_->open_length();
    in_.copy_to(&copy_->bytes());
  }
  const type* of = types_.find(id);
  if ((of == nullptr || of->kind != kind::structure) && in_.take_uint() != 0) {
    in_.fail("no zero before a value");
  }
  take_value(id, name);
  if (copy_ != nullptr) copy_->close_length(opened);
  return name;
}

type_id walker::take_type() {
  while (true) {
    const type_id id = in_.take_type_id();
    if (id > 0) return id;
    types_.define(in_, -id);
    // A definition ends its message, unless it is inside of a value that has a length. In that case
    // another length follows, as if a message began.
    if (in_.message_ended()) {
      in_.next_message();
    } else {
      in_.take_uint();
    }
  }
}

void walker::take_elements(const type& of, std::string_view go_name) {
  const std::size_t count = in_.take_count(1);
  if (of.kind == kind::array && count != of.length) in_.fail("an array of another length");
  const std::string_view name = element_name(go_name);
  json_ += '[';
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) json_ += ',';
    take_value(of.element, name);
  }
  json_ += ']';
}

// Writes the keys in ascending order, as Go's encoding/json does. Maps have no order, and reading
// the same bytes twice should return the same text.
void walker::take_map(const type& of, std::string_view go_name) {
  struct member {
    std::size_t begin, key_end, end;  // positions in json_
  };
  std::vector<member> members;
  const std::size_t count = in_.take_count(2);
  const std::string_view name = element_name(go_name);
  const std::size_t begin = json_.size();
  std::string key;
  for (std::size_t i = 0; i < count; ++i) {
    take_key(of.key, key);
    member& next = members.emplace_back(member{json_.size(), 0, 0});
    append_string(key);
    next.key_end = json_.size() - 1;  // without the quote, so that a prefix comes first
    json_ += ':';
    take_value(of.element, name);
    members.back().end = json_.size();
  }
  const auto key_of = [this](const member& each) {
    return std::string_view{json_}.substr(each.begin, each.key_end - each.begin);
  };
  std::stable_sort(members.begin(), members.end(),
                   [&](const member& a, const member& b) { return key_of(a) < key_of(b); });
  std::string sorted = "{";
  sorted.reserve(json_.size() - begin + count + 2);
  for (const member& each : members) {
    if (sorted.size() > 1) sorted += ',';
    sorted.append(json_, each.begin, each.end - each.begin);
  }
  json_.resize(begin);
  json_.append(sorted) += '}';
}

void walker::take_key(type_id id, std::string& text) {
  if (id == string_type) {
    const std::string_view key = in_.take_bytes();
    text = buntstore::text::to_utf8(key, std::numeric_limits<std::size_t>::max());
    return;
  }
  const std::size_t begin = json_.size();
  take_value(id, {});
  text.assign(json_, begin);
  json_.resize(begin);
  if (const std::optional<std::string> inner = detail::string_of_json(text)) text = *inner;
}

void walker::take_structure(const type& of) {
  json_ += '{';
  std::int64_t number = -1;
  std::size_t done = 0;  // fields written so far
  const auto begin_field = [&] {
    if (done != 0) json_ += ',';
    append_string(of.fields[done].name);
    json_ += ':';
    return of.fields[done++].type;
  };
  while (in_.take_field(number, of.fields.size())) {
    while (done < static_cast<std::size_t>(number))
      append_zero(begin_field());
    take_value(begin_field(), {});
  }
  while (done < of.fields.size())
    append_zero(begin_field());
  json_ += '}';
}

void walker::take_opaque(const type& of) {
  const std::string_view bytes = in_.take_bytes();
  if (of.is_time()) {
    const std::optional<go_time> moment = read_time(bytes);
    const std::optional<std::string> json = moment ? json_of(*moment) : std::nullopt;
    if (json) {
      json_ += *json;
      return;
    }
  }
  if (of.kind == kind::text_marshaler) return append_string(bytes);
  json_ += R"({"opaque":)";
  append_string(of.name);
  json_ += R"(,"base64":)";
  append_base64(bytes);
  json_ += '}';
}

void walker::append_zero(type_id id) {
  switch (id) {
    case bool_type:
      return append_bool(false);
    case int_type:
    case uint_type:
    case float_type:
      json_ += '0';
      return;
    case string_type:
      json_ += R"("")";
      return;
    case complex_type:
      json_ += "[0,0]";
      return;
    case bytes_type:
    case interface_type:
      json_ += "null";
      return;
    default:
      break;
  }
  const type& of = defined(id);
  if (of.is_time()) {
    json_ += *json_of(zero_time);
  } else if (of.kind == kind::structure) {
    append_zero_structure(of);
  } else {
    json_ += "null";
  }
}

/// A type can contain itself only through pointers, and zero pointers are nil.
void walker::append_zero_structure(const type& of) {
  const nesting level{*this};
  if (!zero_structures_.insert(&of).second) {
    json_ += "null";
    return;
  }
  json_ += '{';
  for (const field& each : of.fields) {
    if (&each != &of.fields.front()) json_ += ',';
    append_string(each.name);
    json_ += ':';
    append_zero(each.type);
    if (json_.size() > max_json_size_) in_.fail("it says too much for its size");
  }
  json_ += '}';
  zero_structures_.erase(&of);
}

void walker::append_float(double value, bool is_single) {
  if (std::isnan(value)) {
    json_ += R"("NaN")";
  } else if (std::isinf(value)) {
    json_ += value < 0 ? R"("-Inf")" : R"("+Inf")";
  } else {
    json_ += detail::json_of_double(is_single ? shortest_of_single(value) : value);
  }
}

/// Strings in Go may contain any bytes.
void walker::append_string(std::string_view bytes) {
  if (buntstore::text::is_utf8(bytes)) return append_json_string(json_, bytes);
  append_json_string(json_,
                     buntstore::text::to_utf8(bytes, std::numeric_limits<std::size_t>::max()));
}

void walker::append_base64(std::string_view bytes) {
  json_ += '"';
  buntstore::base64::append_padded(json_, bytes);
  json_ += '"';
}

}  // namespace scs::gob
