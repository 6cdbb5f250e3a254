// Lists: what LPUSH, LRANGE and their like cost in the store, without a server around it.
#include <benchmark/benchmark.h>

#include <string>

#include "encodings/quicklist.h"

namespace {

using banyan::Bytes;
using namespace banyan::encodings;

const std::string kText(64, 'x');

void push_to_a_long_list(benchmark::State& state) {
  const auto end = static_cast<ListEnd>(state.range(0));
  Quicklist list({});
  for (auto _ : state) list.push(end, ListpackValue::of(kText));
  state.counters["bytes_per_item"] =
      static_cast<double>(list.memory_bytes()) / static_cast<double>(list.size());
}
BENCHMARK(push_to_a_long_list)->Arg(0)->Arg(1);

void push_and_pop_as_a_queue(benchmark::State& state) {
  Quicklist list({});
  for (int i = 0; i < 1000; ++i) list.push(ListEnd::tail, ListpackValue::of(kText));
  for (auto _ : state) {
    list.push(ListEnd::tail, ListpackValue::of(kText));
    list.erase(0, 1);
  }
}
BENCHMARK(push_and_pop_as_a_queue);

void visit_a_hundred(benchmark::State& state) {
  Quicklist list({});
  for (int i = 0; i < 100000; ++i) list.push(ListEnd::head, ListpackValue::of(kText));
  for (auto _ : state) {
    std::size_t bytes = 0;
    list.visit(0, 100, false, [&](const ListpackValue& value) {
      bytes += value.text.size();
      return true;
    });
    benchmark::DoNotOptimize(bytes);
  }
}
BENCHMARK(visit_a_hundred);

void find_the_middle_of_a_million(benchmark::State& state) {
  Quicklist list({});
  for (int i = 0; i < 1000000; ++i)
    list.push(ListEnd::tail, ListpackValue::of(Bytes(kText).substr(0, 16)));
  for (auto _ : state)
    list.visit(500000, 1, false, [](const ListpackValue& value) {
      benchmark::DoNotOptimize(value.text.data());
      return true;
    });
}
BENCHMARK(find_the_middle_of_a_million);

void append_to_a_listpack(benchmark::State& state) {
  for (auto _ : state) {
    Listpack pack = Listpack::make();
    for (int i = 0; i < 100; ++i) pack.append(ListpackValue::of(Bytes(kText).substr(0, 16)));
    pack.destroy();
  }
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(append_to_a_listpack);

void find_in_a_listpack(benchmark::State& state) {
  Listpack pack = Listpack::make();
  for (int i = 0; i < 100; ++i) pack.append(ListpackValue::of("element:" + std::to_string(i)));
  const ListpackValue wanted = ListpackValue::of("element:99");
  for (auto _ : state) benchmark::DoNotOptimize(pack.find(pack.first(), wanted));
  pack.destroy();
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(find_in_a_listpack);

}  // namespace
