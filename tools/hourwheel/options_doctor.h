// The options of `doctor`: whether this machine, a data folder and a server are as they should be.
#pragma once

#include <string>
#include <vector>

#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/output_format.h"

namespace hourwheel {

class Verb;

struct DoctorOptions {
  ServerChoice server;
  OutputFormat output = OutputFormat::kTable;
  std::string data_dir = "data";
  std::vector<std::string> key_files;  // beside those of the data folder
  bool offline = false;                // no server is asked
};

Verb add_doctor(Verb app, DoctorOptions& options);

}  // namespace hourwheel
