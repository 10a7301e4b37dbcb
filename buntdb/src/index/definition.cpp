#include "index/definition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <buntdb/error.hpp>
#include <buntdb/limits.hpp>

#include "log/format.hpp"

namespace buntdb::engine {

namespace {

/// Follows log::format::reserved_prefix; then come fields, each LENGTH:BYTES.
constexpr std::string_view defined_mark = "index+";
constexpr std::string_view dropped_mark = "index-";

std::string checked_name(std::string_view name) {
  if (name.empty()) {
    throw error(errc::invalid_argument,
                "an index needs a name: the empty one stands for the keys themselves");
  }
  return std::string(name);
}

glob compile(const std::string& pattern, bool ignore_case) {
  return ignore_case ? glob(pattern, glob::letter_case::ignored) : glob(pattern);
}

void check_kept(const index_info& info, bool of_the_library) {
  if (!info.persistent) return;
  if (!of_the_library) {
    throw error(errc::invalid_argument,
                "index '" + info.name +
                    "': a function of your own cannot be kept in the file; create the index after "
                    "each open instead");
  }
  if (kept_definition(info).size() > max_key_size) {
    throw error(errc::too_large,
                "index '" + info.name + "': the definition is too long to be kept in the file");
  }
}

void append_field(std::string& out, std::string_view field) {
  out.append(std::to_string(field.size())).append(":").append(field);
}

/// Pads a record that would be as long as a marker's key, because only markers may have that
/// length: see log/format.hpp.
std::string padded(std::string record) {
  if (record.size() == log::format::marker_key_size) append_field(record, "");
  return record;
}

/// Reads the fields of a record in order.
class field_reader {
 public:
  explicit field_reader(std::string_view text) noexcept : rest_(text) {}

  bool at_end() const noexcept { return rest_.empty(); }

  std::string_view next() {
    std::size_t size = 0;
    const char* end = rest_.data() + rest_.size();
    const auto [colon, failure] = std::from_chars(rest_.data(), end, size);
    if (failure != std::errc() || colon == end || *colon != ':') malformed();
    rest_.remove_prefix(static_cast<std::size_t>(colon - rest_.data()) + 1);
    if (size > rest_.size()) malformed();
    const std::string_view field = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return field;
  }

 private:
  [[noreturn]] static void malformed() {
    throw error(errc::invalid_argument, "the definition of an index in the file is malformed");
  }

  std::string_view rest_;
};

constexpr std::string_view ordered_kind = "ordered";
constexpr std::string_view spatial_kind = "spatial";
constexpr char flag_ignore_case = 'i';
constexpr char flag_sparse = 's';
constexpr char flag_unique = 'u';
constexpr char flag_computes_sort_keys = 'c';

shared_definition read_definition(std::string_view name, field_reader& fields) {
  const std::string_view kind = fields.next();
  const std::string_view flags = fields.next();
  const bool ignore_case = flags.find(flag_ignore_case) != std::string_view::npos;
  const bool sparse = flags.find(flag_sparse) != std::string_view::npos;
  const bool unique = flags.find(flag_unique) != std::string_view::npos;
  const bool keep_sort_keys = flags.find(flag_computes_sort_keys) == std::string_view::npos;
  constexpr std::array known_flags{flag_ignore_case, flag_sparse, flag_unique,
                                   flag_computes_sort_keys, '\0'};
  if (flags.find_first_not_of(known_flags.data()) != std::string_view::npos) {
    throw error(errc::invalid_argument, "index '" + std::string(name) + "' has options '" +
                                            std::string(flags) + "' that are not all known here");
  }
  const std::string pattern(fields.next());
  if (kind == spatial_kind) {
    return std::make_shared<index_definition>(
        name,
        spatial_index_options{.pattern = pattern, .ignore_case = ignore_case, .persistent = true});
  }
  if (kind != ordered_kind) {
    throw error(errc::invalid_argument, "index '" + std::string(name) + "' is of a kind '" +
                                            std::string(kind) + "' that is not known here");
  }
  index_options options{.pattern = pattern,
                        .ignore_case = ignore_case,
                        .sparse = sparse,
                        .unique = unique,
                        .persistent = true,
                        .keep_sort_keys = keep_sort_keys};
  while (!fields.at_end()) {
    const std::string_view text = fields.next();
    if (!text.empty()) options.order.push_back(parse_ordering(text));
  }
  return std::make_shared<index_definition>(name, options);
}

}  // namespace

index_definition::index_definition(std::string_view name, const index_options& options)
    : info{.name = checked_name(name),
           .pattern = options.pattern,
           .ignore_case = options.ignore_case,
           .sparse = options.sparse,
           .unique = options.unique,
           .persistent = options.persistent,
           .keep_sort_keys = options.keep_sort_keys,
           .order = options.order},
      pattern(compile(options.pattern, options.ignore_case)),
      order(options.order) {
  if (info.unique && (info.order.empty() || order.has_custom())) {
    throw error(errc::invalid_argument,
                "index '" + info.name +
                    "': a unique one needs an ordering, and none that calls a function to compare "
                    "items (by_custom()): use by_sort_key()");
  }
  const bool of_the_library = std::all_of(info.order.begin(), info.order.end(),
                                          [](const ordering& one) { return one.is_portable(); });
  if (!info.keep_sort_keys && order.has_custom()) {
    throw error(errc::invalid_argument,
                "index '" + info.name +
                    "': an index without sort keys (index_options::keep_sort_keys) takes no "
                    "ordering that calls a function to compare items (by_custom())");
  }
  check_kept(info, of_the_library);
}

index_definition::index_definition(std::string_view name, const spatial_index_options& options)
    : info{.name = checked_name(name),
           .pattern = options.pattern,
           .ignore_case = options.ignore_case,
           .persistent = options.persistent,
           .spatial = true,
           .extract_rect =
               options.extract_rect ? options.extract_rect : rect_function(&parse_rect)},
      pattern(compile(options.pattern, options.ignore_case)),
      order({}),
      remembers_rects(options.extract_rect != nullptr) {
  check_kept(info, !options.extract_rect);
}

unsigned index_definition::root_count() const noexcept {
  return info.spatial ? static_cast<unsigned>(rect::max_dimensions) + 1U : 1U;
}

std::string kept_definition(const index_info& info) {
  std::string record(log::format::reserved_prefix);
  record += defined_mark;
  append_field(record, info.name);
  append_field(record, info.spatial ? spatial_kind : ordered_kind);
  std::string flags;
  if (info.ignore_case) flags += flag_ignore_case;
  if (info.sparse) flags += flag_sparse;
  if (info.unique) flags += flag_unique;
  if (!info.keep_sort_keys) flags += flag_computes_sort_keys;
  append_field(record, flags);
  append_field(record, info.pattern);
  for (const ordering& one : info.order)
    append_field(record, to_text(one));
  return padded(std::move(record));
}

std::string kept_drop(std::string_view name) {
  std::string record(log::format::reserved_prefix);
  record += dropped_mark;
  append_field(record, name);
  return padded(std::move(record));
}

std::optional<kept_record> read_kept(std::string_view reserved_key) {
  std::string_view text = reserved_key.substr(log::format::reserved_prefix.size());
  const bool is_drop = text.starts_with(dropped_mark);
  if (!is_drop && !text.starts_with(defined_mark)) return std::nullopt;
  text.remove_prefix(is_drop ? dropped_mark.size() : defined_mark.size());
  field_reader fields(text);
  kept_record record;
  try {
    record.name = fields.next();
    if (!is_drop) record.definition = read_definition(record.name, fields);
  } catch (const error& failure) {
    record.problem = failure.what();
  }
  return record;
}

void throw_index_exists(const std::string& name) {
  throw error(errc::index_exists,
              "there is an index '" + name +
                  "' already: drop it, or say with if_exists whether it is replaced or kept");
}

}  // namespace buntdb::engine

namespace buntdb {

bool index_info::less(const entry& a, const entry& b) const {
  if (spatial) {
    throw error(errc::wrong_index_kind, "index '" + name + "' is spatial: it has no order");
  }
  const order::ordering_list list(order);
  std::string key_a;
  std::string key_b;
  list.append_sort_key(a, key_a);
  list.append_sort_key(b, key_b);
  return list.has_custom() ? list.compare(key_a, a, key_b, b) < 0 : key_a < key_b;
}

}  // namespace buntdb
