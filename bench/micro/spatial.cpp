#include <cstddef>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include <buntdb/rect.hpp>

#include "memory/pool.hpp"
#include "spatial/rtree.hpp"
#include "tree/tree_walk.hpp"

// The R-tree alone: a million points in the plane, whose entries are not read. Trees are built in
// bulk, or by inserting point after point, which makes worse trees.

namespace {

using namespace buntdb;
using namespace buntdb::spatial;

constexpr std::size_t many = 1'000'000;

class points {
 public:
  explicit points(bool in_bulk) : where_(many, rect(point({0, 0}))) {
    rtree_loader loader(2);
    for (std::size_t i = 0; i < many; ++i) {
      where_[i] = anywhere();
      if (in_bulk) loader.add(where_[i], entry(i));
    }
    if (in_bulk) {
      root_ = loader.build(memory_, ++version_);
      return;
    }
    for (std::size_t i = 0; i < many; i += 1000) {
      rtree_editor editor(memory_, ++version_);
      for (std::size_t j = i; j < i + 1000; ++j)
        editor.insert(root_, where_[j], entry(j));
      free_retired(editor);
    }
  }
  points(const points&) = delete;
  points& operator=(const points&) = delete;
  ~points() { destroy_tree(memory_, root_); }

  rect anywhere() { return point({coordinate_(random_), coordinate_(random_)}); }
  const rtree_node* root() const { return root_; }

  /// Moves some points to other places, in one version.
  void move(int how_many) {
    rtree_editor editor(memory_, ++version_);
    for (int i = 0; i < how_many; ++i) {
      const std::size_t one = random_() % many;
      editor.erase(root_, where_[one], entry(one));
      where_[one] = anywhere();
      editor.insert(root_, where_[one], entry(one));
    }
    free_retired(editor);
  }

 private:
  static void* entry(std::size_t i) { return reinterpret_cast<void*>((i + 1) * 64); }
  void free_retired(rtree_editor& editor) {
    while (!editor.retired().empty()) {
      rtree_node::destroy(memory_, static_cast<rtree_node*>(editor.retired().pop_front()));
    }
  }

  std::mt19937_64 random_{1};
  std::uniform_real_distribution<double> coordinate_{0, 1000};
  engine::pool memory_;
  std::vector<rect> where_;
  rtree_node* root_ = nullptr;
  std::uint64_t version_ = 0;
};

points& of(const benchmark::State& state) {
  static points loaded(true);
  static points grown(false);
  return state.range(0) == 0 ? loaded : grown;
}

void rtree_move(benchmark::State& state) {
  points& all = of(state);
  const auto at_once = static_cast<int>(state.range(1));
  for (auto _ : state)
    all.move(at_once);
  state.SetItemsProcessed(state.iterations() * at_once);
}

void rtree_intersects_100(benchmark::State& state) {
  points& all = of(state);
  std::size_t found = 0;
  for (auto _ : state) {
    const rect corner = all.anywhere();
    intersects_cursor cursor(
        all.root(), rect({corner.min(0), corner.min(1)}, {corner.min(0) + 10, corner.min(1) + 10}));
    while (cursor.next() != nullptr)
      ++found;
  }
  state.counters["found"] = static_cast<double>(found) / static_cast<double>(state.iterations());
}

void rtree_nearby_10(benchmark::State& state) {
  points& all = of(state);
  for (auto _ : state) {
    nearby_cursor cursor(all.root(), all.anywhere());
    for (int i = 0; i < 10; ++i)
      benchmark::DoNotOptimize(cursor.next());
  }
}

void rtree_load(benchmark::State& state) {
  for (auto _ : state)
    points loaded(true);
}

BENCHMARK(rtree_intersects_100)->ArgName("grown")->Arg(0)->Arg(1);
BENCHMARK(rtree_nearby_10)->ArgName("grown")->Arg(0)->Arg(1);
BENCHMARK(rtree_move)->ArgNames({"grown", "at_once"})->Args({0, 1})->Args({1, 1})->Args({1, 1000});
BENCHMARK(rtree_load)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
