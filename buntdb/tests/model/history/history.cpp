#include "model/history/history.hpp"

#include <algorithm>

namespace buntdb::model {

namespace {

std::string told(const observed& one) {
  return std::string(one.is_snapshot ? "a snapshot" : "a commit") + " of order " +
         std::to_string(one.order) + ", from ticket " + std::to_string(one.began) + " to " +
         std::to_string(one.ended);
}

using values = std::vector<std::uint64_t>;

std::string wrong_read(const observed& one, const values& state) {
  for (const access& read : one.reads) {
    if (state[read.key] == read.value) continue;
    return told(one) + " read " + std::to_string(read.value) + " at key " +
           std::to_string(read.key) + ", where the order of the commits puts " +
           std::to_string(state[read.key]);
  }
  return {};
}

/// A transaction or snapshot that began after another had ended must not precede it in the order.
/// Among those with the same order, the commit comes first and snapshots see it.
std::string wrong_time(std::vector<const observed*> all) {
  std::sort(all.begin(), all.end(),
            [](const observed* a, const observed* b) { return a->ended < b->ended; });
  std::vector<const observed*> by_begin = all;
  std::sort(by_begin.begin(), by_begin.end(),
            [](const observed* a, const observed* b) { return a->began < b->began; });
  const observed* greatest = nullptr;  // among those that ended before
  std::size_t ended = 0;
  for (const observed* one : by_begin) {
    for (; ended < all.size() && all[ended]->ended < one->began; ++ended) {
      if (greatest == nullptr || all[ended]->order > greatest->order) greatest = all[ended];
    }
    if (greatest == nullptr) continue;
    const bool before =
        one->is_snapshot ? one->order < greatest->order : one->order <= greatest->order;
    if (before) return told(*one) + " comes before " + told(*greatest) + ", which had ended";
  }
  return {};
}

}  // namespace

std::string why_impossible(const history& what, std::uint32_t keys) {
  std::vector<const observed*> all;
  for (const observed& one : what)
    all.push_back(&one);
  if (std::string wrong = wrong_time(all); !wrong.empty()) return wrong;

  // By order; each commit before the snapshots that saw it last.
  std::sort(all.begin(), all.end(), [](const observed* a, const observed* b) {
    return a->order != b->order ? a->order < b->order : a->is_snapshot < b->is_snapshot;
  });
  values state(keys, 0);
  std::uint64_t commits = 0;
  for (const observed* one : all) {
    if (one->is_snapshot) {
      if (one->order != commits) return told(*one) + " saw a commit that never returned";
    } else if (one->order != commits + 1) {
      return told(*one) + " follows the commit of order " + std::to_string(commits) +
             ": one is lost, or two are the same";
    }
    if (std::string wrong = wrong_read(*one, state); !wrong.empty()) return wrong;
    for (const access& write : one->writes)
      state[write.key] = write.value;
    commits = one->order;
  }
  return {};
}

}  // namespace buntdb::model
