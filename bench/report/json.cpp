#include "report/json.hpp"

namespace bench {

void put(json_writer& out, const char* name, const std::string& value) {
  out.Key(name);
  out.String(value.c_str());
}

void put(json_writer& out, const char* name, const facts& all) {
  out.Key(name);
  out.StartObject();
  for (const auto& [key, value] : all)
    put(out, key.c_str(), value);
  out.EndObject();
}

void put(json_writer& out, const char* name, const std::vector<double>& values) {
  out.Key(name);
  out.StartArray();
  for (const double value : values)
    out.Double(value);
  out.EndArray();
}

void put(json_writer& out, const series& one) {
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

}  // namespace bench
