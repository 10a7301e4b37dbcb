#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace test {

/// A second reader of SCS v2's payloads, written only from the description of gob, to check what
/// gob_codec writes. It returns a payload's parts with their types: values are JSON, an interface
/// value is {"type":NAME,"value":…}, bytes are an array of numbers, and omitted fields of a struct
/// are absent.
class gob_decoder {
 public:
  /// Returns {"Deadline":…,"Values":{…}}. Throws std::runtime_error for anything unexpected,
  /// including a wrong length of an interface value.
  static nlohmann::json decode(std::string_view payload) {
    gob_decoder decoder;
    decoder.stream_ = payload;
    return decoder.read();
  }

 private:
  struct type {
    std::uint64_t kind = 0;
    std::int64_t key = 0;
    std::int64_t element = 0;
    std::vector<std::pair<std::string, std::int64_t>> fields{};
  };

  static void require(bool holds, const char* what) {
    if (!holds) throw std::runtime_error{what};
  }

  std::string bytes(std::uint64_t size) {
    require(size <= message_.size(), "ends too early");
    const std::string taken{message_.substr(0, size)};
    message_.remove_prefix(size);
    return taken;
  }
  std::uint64_t uint() {
    const auto first = static_cast<unsigned char>(bytes(1)[0]);
    if (first < 128) return first;
    std::uint64_t value = 0;
    for (const char c : bytes(256U - first))
      value = value * 256 + static_cast<unsigned char>(c);
    return value;
  }
  std::int64_t integer() {
    const std::uint64_t bits = uint();
    return bits % 2 == 1 ? -static_cast<std::int64_t>(bits / 2) - 1
                         : static_cast<std::int64_t>(bits / 2);
  }
  std::string text() { return bytes(uint()); }

  template <class Function>
  void fields(Function function) {
    std::uint64_t number = 0;  // the first field is 1
    for (std::uint64_t delta = uint(); delta != 0; delta = uint())
      function(number += delta);
  }

  void common() {
    fields([&](std::uint64_t number) {
      if (number == 1) {
        text();
      } else {
        integer();
      }
    });
  }

  void define(std::int64_t id) {
    type made;
    fields([&](std::uint64_t kind) {
      made.kind = kind;
      fields([&](std::uint64_t number) {
        if (number == 1) return common();
        if (kind == 3) {
          for (std::uint64_t left = uint(); left != 0; --left) {
            auto& field = made.fields.emplace_back();
            fields([&](std::uint64_t which) {
              if (which == 1) {
                field.first = text();
              } else {
                field.second = integer();
              }
            });
          }
        } else if (kind == 4 && number == 2) {
          made.key = integer();
        } else if (kind == 1 && number == 3) {
          integer();
        } else {
          made.element = integer();
        }
      });
    });
    require(types_.emplace(id, made).second, "defined twice");
  }

  nlohmann::json interface() {
    const std::string name = text();
    if (name.empty()) return nullptr;
    bool defined = false;
    std::int64_t id = integer();
    for (; id < 0; id = integer()) {
      defined = true;
      define(-id);
      if (message_.empty()) {
        next_message();
      } else {
        uint();
      }
    }
    const std::uint64_t size = uint();
    const std::size_t before = message_.size();
    if (!types_.contains(id) || types_[id].kind != 3) require(uint() == 0, "no zero");
    const std::size_t definitions = types_.size();
    nlohmann::json inner = value(id);
    require(defined || definitions != types_.size() || before - message_.size() == size,
            "a wrong length");
    return {{"type", name}, {"value", std::move(inner)}};
  }

  nlohmann::json bytes_json() {
    nlohmann::json out = nlohmann::json::array();
    for (const char c : text())
      out.push_back(static_cast<unsigned char>(c));
    return out;
  }

  double floating() {
    std::uint64_t bits = 0;
    std::uint64_t reversed = uint();
    for (int i = 0; i < 8; ++i, reversed /= 256)
      bits = bits * 256 + reversed % 256;
    return std::bit_cast<double>(bits);
  }

  nlohmann::json value(std::int64_t id) {
    if (id == 1) return uint() != 0;
    if (id == 2) return integer();
    if (id == 3) return uint();
    if (id == 4) return floating();
    if (id == 5 || id == 6) return bytes_json();
    if (id == 7) return {floating(), floating()};
    if (id == 8) return interface();
    require(types_.contains(id), "an unknown type");
    const type of = types_[id];
    nlohmann::json out = nlohmann::json::array();
    if (of.kind >= 5) return bytes_json();
    if (of.kind == 3) {
      out = nlohmann::json::object();
      fields([&](std::uint64_t number) {
        const auto& [name, field] = of.fields.at(number - 1);
        out[name] = value(field);
      });
    } else if (of.kind == 4) {
      out = nlohmann::json::object();
      for (std::uint64_t left = uint(); left != 0; --left) {
        const std::string key = of.key == 6 ? text() : value(of.key).dump();
        out[key] = value(of.element);
      }
    } else {
      for (std::uint64_t left = uint(); left != 0; --left)
        out.push_back(value(of.element));
    }
    return out;
  }

  void next_message() {
    message_ = stream_;
    const std::uint64_t size = uint();
    require(size <= message_.size(), "a message that ends too early");
    stream_ = message_.substr(size);
    message_ = message_.substr(0, size);
  }

  nlohmann::json read() {
    for (next_message();; next_message()) {
      const std::int64_t id = integer();
      if (id < 0) {
        define(-id);
        require(message_.empty(), "bytes after a definition");
        continue;
      }
      nlohmann::json out = value(id);
      require(message_.empty() && stream_.empty(), "bytes after the value");
      return out;
    }
  }

  std::string_view stream_{};
  std::string_view message_{};
  std::map<std::int64_t, type> types_{};
};

}  // namespace test
