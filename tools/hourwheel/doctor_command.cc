#include "tools/hourwheel/doctor_command.h"

#include <cstdio>
#include <iterator>
#include <utility>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/doctor_probe.h"

namespace hourwheel {
namespace {

constexpr Column kDoctorColumns[] = {
    {"CHECK", "check"}, {"STATE", "state"}, {"FOUND", "found", Show::kProse}};

void add_to(std::vector<Diagnosis>& all, std::vector<Diagnosis> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Texts of the system need not be UTF-8, and JSON is.
void write_utf8(JsonWriter& json, const char* name, const std::string& text) {
  json.name(name);
  json.string(is_valid_utf8(text) ? text : "not UTF-8");
}

}  // namespace

std::string diagnoses_json(const std::vector<Diagnosis>& all) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.name("state");
  json.string(word_of(worst_of(all)));
  json.name("checks");
  json.begin_array();
  for (const Diagnosis& one : all) {
    json.begin_object();
    write_utf8(json, "check", one.check);
    json.name("state");
    json.string(word_of(one.state));
    write_utf8(json, "found", one.found);
    if (!one.advice.empty()) write_utf8(json, "advice", one.advice);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return text;
}

std::string advice_text(const std::vector<Diagnosis>& all) {
  std::string text;
  for (const Diagnosis& one : all) {
    if (one.advice.empty()) continue;
    std::string line = one.check + ": " + one.advice;
    blank_controls(line);
    text += line + "\n";
  }
  return text;
}

int run_doctor_command(const DoctorOptions& options, const Terminal& terminal) {
  std::vector<Diagnosis> all = diagnose(look_at_machine(terminal));
  add_to(all, diagnose(look_at_folder(options.data_dir, options.key_files, terminal)));
  if (!options.offline) add_to(all, diagnose(look_at_server(options.server)));

  const ApiAnswer page = answer_made_here(diagnoses_json(all));
  JsonReader reader;
  auto body = reader.parse(page.body);
  if (!body) return complain("what was found is not JSON", kFailure);
  const View view{options.output, terminal};
  ListPrinter(view, "checks", kDoctorColumns)
      .take({page, members_of(*body, "checks"), "", true, true});
  const std::string advice = advice_text(all);
  if (view.for_people() && !advice.empty()) std::printf("\n%s", advice.c_str());
  return worst_of(all) == CheckState::kFail ? kFailure : kOk;
}

}  // namespace hourwheel
