#include <fstream>
#include <stdexcept>

#include "report/json.hpp"
#include "report/report.hpp"
#include "report/targets.hpp"

namespace bench {

void write_json(const std::filesystem::path& file, const run_description& description,
                const results& results) {
  std::ofstream stream(file);
  rapidjson::OStreamWrapper wrapper(stream);
  json_writer out(wrapper);
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
  for (const target_check& check : check_targets(results, description.sessions)) {
    out.StartObject();
    put(out, "row", check.row);
    put(out, "goal", check.goal);
    put(out, "figure", check.figure);
    put(out, "floor", check.floor);
    put(out, "verdict", check.met ? "met" : "not met");
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  stream << '\n';
  stream.flush();
  if (!stream) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace bench
