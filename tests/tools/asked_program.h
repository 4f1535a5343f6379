// `hourwheel` run against a server whose answers the test has written.
#pragma once

#include <string>
#include <vector>

#include "tests/tools/canned_server.h"
#include "tests/tools/finished_program.h"

namespace hourwheel {

// Without a server: what it prints to both outputs.
inline FinishedProgram run_alone(const std::string& arguments) {
  return run_program(program("hourwheel") + " " + arguments + " 2>&1");
}

struct Answer {
  int status;
  std::string body;
};

struct Asked {
  std::vector<std::string> requests;  // as CannedServer tells them
  std::vector<std::string> heads;
  FinishedProgram client;
};

// One request for each answer. Before the arguments may stand assignments of variables.
inline Asked ask_all(const std::string& arguments, const std::vector<Answer>& answers,
                     const std::string& before = "") {
  CannedServer server;
  Pipe client = begin_program(before + " HOURWHEEL_URL=" + server.url() + " " +
                              program("hourwheel") + " " + arguments + " 2>&1");
  Asked asked;
  for (const Answer& answer : answers) {
    asked.requests.push_back(server.answer(answer.status, answer.body));
    asked.heads.push_back(server.head());
  }
  asked.client = finish_program(std::move(client));
  return asked;
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace hourwheel
