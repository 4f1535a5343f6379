#include "tools/hourwheel/options_doctor.h"

#include "tools/hourwheel/options_words.h"

namespace hourwheel {

Verb add_doctor(Verb app, DoctorOptions& options) {
  const Verb doctor = app.add_verb(
      "doctor", "Check the machine, the data folder and the server; takes about a second");
  doctor.add_option("--data", options.data_dir, "The data folder, or where it is to be")
      .envname("HOURWHEEL_DATA")
      .show_default();
  doctor.add_option("--key-file", options.key_files,
                    "A file of secrets that the server is started with, beside those of the data "
                    "folder; may be said again");
  doctor.add_flag("--offline", options.offline, "Ask no server");
  add_output(doctor, options.output);
  doctor.footer(
      "Run it as the user that the server runs as. Nothing is changed, and nothing stays behind.\n"
      "Exit codes: 0 nothing fails (there may be warnings), 1 something does.\n"
      "Examples:\n"
      "  hourwheel doctor --data /var/lib/hourwheel\n"
      "  hourwheel doctor --offline -o json");
  add_server(doctor, options.server);
  return doctor;
}

}  // namespace hourwheel
