#include <fstream>
#include <stdexcept>

#include "http/driver/report.hpp"
#include "http/driver/targets.hpp"
#include "report/json.hpp"

namespace bench::http {

void write_json(const run_description& description, const results& results) {
  const options& chosen = description.chosen;
  std::ofstream stream(chosen.json_file);
  rapidjson::OStreamWrapper wrapper(stream);
  json_writer out(wrapper);
  out.SetFormatOptions(rapidjson::kFormatSingleLineArray);
  out.StartObject();
  put(out, "machine", description.machine);
  put(out, "other_work", description.other_work);
  facts setups;
  for (const program& one : description.programs)
    setups.emplace_back(one.name, one.setup);
  put(out, "programs", setups);
  out.Key("rounds");
  out.Uint(chosen.repeat);
  out.Key("seconds");
  out.Double(chosen.seconds);
  out.Key("sessions");
  out.Uint64(chosen.sessions);
  out.Key("figures");
  out.StartArray();
  for (const series& one : results.all())
    put(out, one);
  out.EndArray();
  out.Key("original");
  out.StartArray();
  for (const original_figure& one : compare_with_original(results)) {
    out.StartObject();
    put(out, "row", one.row);
    put(out, "original", one.original);
    put(out, "stand_in", one.stand_in);
    out.Key("difference");
    out.Double(one.difference);
    out.EndObject();
  }
  out.EndArray();
  out.Key("targets");
  out.StartArray();
  for (const check& one : check_targets(results)) {
    out.StartObject();
    put(out, "row", one.row);
    put(out, "target", one.target);
    put(out, "measured", one.measured);
    put(out, "verdict",
        one.met == verdict::met       ? "met"
        : one.met == verdict::not_met ? "not met"
                                      : "");
    put(out, "remark", one.remark);
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  stream << '\n';
  stream.flush();
  if (!stream) throw std::runtime_error("cannot write " + chosen.json_file);
}

}  // namespace bench::http
