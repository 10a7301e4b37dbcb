#pragma once

#include <stdexcept>
#include <string>

namespace buntdb::model {

/// The database differs from the model.
class mismatch : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void require(bool holds, const std::string& what) {
  if (!holds) throw mismatch(what);
}

}  // namespace buntdb::model
