#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>

#include <unicode/coll.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <buntdb/collation.hpp>
#include <buntdb/error.hpp>

#include "languages.hpp"

namespace buntdb {

namespace {

std::string upper(std::string_view text) {
  std::string made(text);
  for (char& c : made) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return made;
}

[[noreturn]] void refuse(std::string_view name, const std::string& why) {
  throw error(errc::invalid_argument, "the collation \"" + std::string(name) + "\": " + why);
}

/// Removes the front of the text, up to an underscore or its end, and returns it.
std::string_view take_part(std::string_view& text) {
  const std::size_t end = std::min(text.find('_'), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::string_view tag_of(std::string_view language) {
  const auto* const known =
      std::find_if(collate::languages.begin(), collate::languages.end(),
                   [name = upper(language)](const auto& entry) { return entry.name == name; });
  return known == collate::languages.end() ? language : known->tag;
}

icu::Locale locale_of(std::string_view name, std::string_view language) {
  const std::string_view tag = tag_of(language);
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale = icu::Locale::forLanguageTag(
      icu::StringPiece(tag.data(), static_cast<std::int32_t>(tag.size())), status);
  // ICU accepts any well-formed tag, and would use the order of no language.
  if (U_FAILURE(status) || *locale.getISO3Language() == '\0') {
    refuse(name, "unknown language \"" + std::string(language) +
                     "\" (expected a name, such as FRENCH, or a tag, such as fr-CA)");
  }
  return locale;
}

void set(icu::Collator& collator, std::string_view name, std::string_view suffix) {
  UErrorCode status = U_ZERO_ERROR;
  const std::string option = upper(suffix);
  if (option == "CI") {
    // LOOSE already implies this strength.
    if (collator.getStrength() != icu::Collator::PRIMARY) {
      collator.setStrength(icu::Collator::SECONDARY);
    }
  } else if (option == "LOOSE") {
    collator.setStrength(icu::Collator::PRIMARY);
  } else if (option == "NUM") {
    collator.setAttribute(UCOL_NUMERIC_COLLATION, UCOL_ON, status);
  } else if (option != "CS") {
    refuse(name, "unknown suffix \"" + std::string(suffix) + "\": there are CI, CS, LOOSE and NUM");
  }
  if (U_FAILURE(status)) refuse(name, u_errorName(status));
}

std::shared_ptr<const icu::Collator> collator_of(std::string_view name) {
  std::string_view rest = name;
  const icu::Locale locale = locale_of(name, take_part(rest));
  UErrorCode status = U_ZERO_ERROR;
  std::shared_ptr<icu::Collator> collator(icu::Collator::createInstance(locale, status));
  if (U_FAILURE(status) || !collator) {
    refuse(name, std::string("ICU has no order for it: ") + u_errorName(status));
  }
  while (!rest.empty())
    set(*collator, name, take_part(rest));
  if (name.ends_with('_')) refuse(name, "nothing follows the last underscore");
  return collator;
}

icu::UnicodeString decoded(std::string_view value) {
  if (value.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    throw std::bad_alloc();
  }
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(value.data(), static_cast<std::int32_t>(value.size())));
}

void append_sort_key(const icu::Collator& collator, std::string_view value, std::string& out) {
  const icu::UnicodeString text = decoded(value);
  const std::size_t first = out.size();
  // Enough for most texts; ICU reports how much it needs if it is not.
  std::size_t room = 3 * value.size() + 16;
  for (;;) {
    out.resize(first + room);
    const std::int32_t needed = collator.getSortKey(
        text, reinterpret_cast<std::uint8_t*>(out.data() + first), static_cast<std::int32_t>(room));
    if (needed <= 0) throw std::bad_alloc();
    if (static_cast<std::size_t>(needed) <= room) {
      out.resize(first + static_cast<std::size_t>(needed) - 1);  // without its terminating NUL
      return;
    }
    room = static_cast<std::size_t>(needed);
  }
}

}  // namespace

ordering by_collation(std::string_view name) {
  // Several threads may call const functions of a collator.
  return by_sort_key([collator = collator_of(name)](std::string_view value, std::string& out) {
    append_sort_key(*collator, value, out);
  });
}

ordering by_collation_json(std::string_view path, std::string_view name) {
  return by_json(path, by_collation(name));
}

std::vector<std::string> collation_languages() {
  std::vector<std::string> names;
  names.reserve(collate::languages.size());
  for (const collate::language& known : collate::languages)
    names.emplace_back(known.name);
  return names;
}

}  // namespace buntdb
