#include "tools/hourwheel/manual_page.h"

#include <string_view>

namespace hourwheel {
namespace {

constexpr const char* kEnd = R"(.SH ENVIRONMENT
.TP
.B HOURWHEEL_URL
The server's URL, unless \-\-server or \-\-context names one.
.TP
.BR HOURWHEEL_TOKEN ", " HOURWHEEL_TOKEN_FILE
An API key, or a file with one in its first line.
.TP
.BR HOURWHEEL_CA ", " HOURWHEEL_CLIENT_CERTIFICATE ", " HOURWHEEL_CLIENT_KEY
Files (PEM): what an https server is trusted by, and what is shown to it.
.TP
.BR VISUAL ", " EDITOR
The editor of
.BR "task edit" .
.TP
.B NO_COLOR
When set, nothing is coloured.
.TP
.B HOURWHEEL_CONFIG
The configuration file of
.BR serve .
Each of its options is also read from HOURWHEEL_ and the option's name in capitals.
.SH FILES
.TP
.I ~/.config/hourwheel/config.toml
Contexts: named servers and their keys.
.TP
.I /etc/hourwheel/hourwheel.toml
The options of
.BR serve .
.SH EXIT STATUS
0: it is as was asked. 1: it failed. 2: the command line is wrong. 3: there is no such thing. 4: no
key, or one that may not. 5: a conflict. 6: the server did not answer. 7: the run that was waited
for did not succeed. 130: interrupted.
)";

// Neither a dash nor a backslash nor a dot at the begin of a line means anything to roff.
std::string roff(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    line_begins = c == '\n';
  }
  return out;
}

void append_option(std::string& out, const OptionWords& option) {
  out += ".TP\n\\fB";
  const char* separator = "";
  for (const std::string& name : option.names) {
    out.append(separator).append(roff(name));
    separator = "\\fR, \\fB";
  }
  out += "\\fR";
  if (!option.value.empty() && option.has_dashes) out += " \\fI" + roff(option.value) + "\\fR";
  out += "\n" + roff(option.what) + "\n";
}

void append_verb(std::string& out, const VerbWords& verb) {
  out += ".SS hourwheel " + roff(verb.path) + "\n" + roff(verb.what) + ".\n";
  for (const OptionWords& option : verb.options) append_option(out, option);
  if (!verb.more.empty()) out += ".PP\n.nf\n" + roff(verb.more) + "\n.fi\n";
}

}  // namespace

std::string manual_page(const VerbWords& top) {
  std::string out = ".TH HOURWHEEL 1 \"\" \"hourwheel " HW_VERSION "\" \"User Commands\"\n";
  out +=
      ".SH NAME\nhourwheel \\- a task scheduler: its server and its client\n"
      ".SH SYNOPSIS\n.B hourwheel\n.I verb\n[\\fIoptions\\fR]\n"
      ".SH DESCRIPTION\n"
      "Registers one\\-time and recurring tasks over HTTP and fires each at its instant.\n"
      ".B hourwheel serve\nis the server; the other verbs ask one, look at its files, or compute.\n"
      ".SH VERBS\n";
  for (const VerbWords* verb : flattened(top)) {
    if (!verb->path.empty()) append_verb(out, *verb);
  }
  return out + kEnd;
}

}  // namespace hourwheel
