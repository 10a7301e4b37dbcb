#include <fstream>
#include <stdexcept>

#include <rapidjson/ostreamwrapper.h>
#include <rapidjson/prettywriter.h>

#include "harness/report.hpp"
#include "harness/targets.hpp"

namespace bench {

namespace {

using writer = rapidjson::PrettyWriter<rapidjson::OStreamWrapper>;

void put(writer& out, const char* name, const std::string& value) {
  out.Key(name);
  out.String(value.c_str());
}

void put(writer& out, const char* name, const facts& facts) {
  out.Key(name);
  out.StartObject();
  for (const auto& [key, value] : facts)
    put(out, key.c_str(), value);
  out.EndObject();
}

void put(writer& out, const char* name, const std::vector<double>& values) {
  out.Key(name);
  out.StartArray();
  for (const double value : values)
    out.Double(value);
  out.EndArray();
}

void put(writer& out, const series& one) {
  out.StartObject();
  out.Key("sessions");
  out.Uint64(one.sessions);
  put(out, "workload", one.workload);
  put(out, "contender", one.contender);
  put(out, "unit", one.unit == unit::bytes ? "bytes" : one.unit == unit::count ? "count" : "ns");
  out.Key("median");
  out.Double(median(one.values));
  put(out, "values", one.values);
  put(out, "cpu_values", one.cpu_values);
  out.EndObject();
}

}  // namespace

void write_json(const std::filesystem::path& file, const run_description& description,
                const results& results) {
  std::ofstream stream(file);
  rapidjson::OStreamWrapper wrapper(stream);
  writer out(wrapper);
  out.SetFormatOptions(rapidjson::kFormatSingleLineArray);
  out.StartObject();
  put(out, "machine", description.machine);
  put(out, "other_work", description.other_work);
  put(out, "contenders", description.setups);
  out.Key("rounds");
  out.Uint(description.rounds);
  out.Key("figures");
  out.StartArray();
  for (const series& one : results.all())
    put(out, one);
  out.EndArray();
  out.Key("targets");
  out.StartArray();
  const auto word = [](verdict one) {
    return one == verdict::met ? "met" : one == verdict::not_met ? "not met" : "";
  };
  for (const target_check& check : check_targets(results, description.sessions)) {
    out.StartObject();
    put(out, "row", check.row);
    put(out, "target", check.target);
    put(out, "measured", check.measured);
    put(out, "verdict", word(check.here));
    put(out, "against_1_3_2", check.scaled);
    put(out, "verdict_against_1_3_2", word(check.against_newer));
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  stream << '\n';
  stream.flush();
  if (!stream) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace bench
