#include "gob/parts.hpp"

#include <cstdint>
#include <utility>

#include "gob/input.hpp"
#include "gob/output.hpp"
#include "gob/walker.hpp"

namespace scs::gob {

namespace {

/// Divides a value into its parts. Old values contain no definitions, and have been read without
/// errors before.
class part_reader {
 public:
  part_reader(type_table& types, const old_value& whole)
      : types_(types), in_(input::of_value(whole.bytes)) {}

  input& in() noexcept { return in_; }

  old_value take(type_id id) {
    old_value part;
    output copy;
    walker values{in_, types_, part.json};
    values.copy_to(&copy);
    values.take_value(id, {});
    values.copy_to(nullptr);
    part.bytes = copy.finished();
    part.used_types = copy.used_types();
    return part;
  }

  old_member take_member(const type& of, std::string& shown_key) {
    old_member member;
    std::string unused;
    walker keys{in_, types_, unused};
    const std::size_t begin = in_.position();
    keys.take_key(of.key, shown_key);
    // A key of an interface type is never found again, so its member is never copied.
    member.key = in_.between(begin, in_.position());
    member.value = take(of.element);
    return member;
  }

 private:
  type_table& types_;
  input in_;
};

}  // namespace

std::map<std::string, old_member> members_of(type_table& types, const type& of,
                                             const old_value* old) {
  std::map<std::string, old_member> members;
  if (old == nullptr || of.kind != kind::map) return members;
  part_reader reader{types, *old};
  for (std::size_t left = reader.in().take_count(2); left != 0; --left) {
    std::string key;
    old_member member = reader.take_member(of, key);
    members.insert_or_assign(std::move(key), std::move(member));
  }
  return members;
}

std::vector<old_value> elements_of(type_table& types, const type& of, const old_value* old) {
  std::vector<old_value> elements;
  if (old == nullptr) return elements;
  part_reader reader{types, *old};
  for (std::size_t left = reader.in().take_count(1); left != 0; --left)
    elements.push_back(reader.take(of.element));
  return elements;
}

std::map<std::size_t, old_value> fields_of(type_table& types, const type& of,
                                           const old_value* old) {
  std::map<std::size_t, old_value> fields;
  if (old == nullptr) return fields;
  part_reader reader{types, *old};
  std::int64_t number = -1;
  while (reader.in().take_field(number, of.fields.size())) {
    const auto index = static_cast<std::size_t>(number);
    fields.emplace(index, reader.take(of.fields[index].type));
  }
  return fields;
}

opened_interface open_interface(const type_table& types, const old_value& old) {
  opened_interface opened;
  input in = input::of_value(old.bytes);
  opened.go_name = in.take_bytes();
  opened.id = in.take_type_id();
  in.take_uint();
  const type* of = types.find(opened.id);
  if (of == nullptr || of->kind != kind::structure) in.take_uint();
  opened.inner = {std::string{in.between(in.position(), old.bytes.size())}, old.json,
                  old.used_types};
  return opened;
}

}  // namespace scs::gob
