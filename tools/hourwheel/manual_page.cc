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

constexpr const char* kSettingsBegin = R"(.SH NAME
hourwheel.toml \- the options of the server hourwheel
.SH SYNOPSIS
.I /etc/hourwheel/hourwheel.toml
.SH DESCRIPTION
What
.B hourwheel serve
is to do, as TOML: one table,
.BR [serve] ,
with the keys below. Another file is named by \-\-config or HOURWHEEL_CONFIG; without either, this
one is read if it is there. Each key is a flag, too
.RB ( \-\-data ),
which comes before the environment
.RB ( HOURWHEEL_DATA ),
which comes before the file. A key that is not below is an error, and so is a # within quotes.
.PP
None holds a secret; those that name a file with one expect that nobody but its owner may read it.
All is read at the start. SIGHUP reads the files of tls\-certificate, tls\-key and tls\-client\-ca
again, and nothing else.
.SH KEYS
)";

constexpr const char* kSettingsEnd = R"(.SH VALUES
.TP
.I text
Between quotes.
.TP
.I bytes
A number, or between quotes one with a unit: B, KiB, MiB, GiB, TiB, each 1024 of the one before.
.TP
.I number
Without quotes.
.SH EXAMPLE
.nf
[serve]
listen = "127.0.0.1:8080"
data = "/var/lib/hourwheel"
storage\-reserve = "1GiB"
require\-if\-match = true
.fi
.SH SEE ALSO
.BR hourwheel (1);
.B hourwheel config check
says what is wrong with a file,
.B hourwheel config print
which value each key has, and from where.
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

// Of a key's value, from how the parser names its type: "UINT:INT in [1 - 64]".
std::string value_phrase(const OptionWords& option) {
  if (option.value.empty()) return "true\\fR or \\fIfalse";
  if (!option.choices.empty()) {
    std::string words;
    for (const std::string& word : option.choices) {
      words += (words.empty() ? "" : "\\fR or \\fI") + roff("\"" + word + "\"");
    }
    return words;
  }
  if (option.takes_several) return "text\\fR, several between commas\\fI";
  if (option.value.find("SIZE") != std::string::npos) return "bytes";
  if (!option.value.starts_with("UINT")) return "text";
  const size_t range = option.value.find(" in [");
  const size_t end = option.value.find(']');
  if (range == std::string::npos || end == std::string::npos) return "number";
  return "number\\fR in " + roff(option.value.substr(range + 4, end + 1 - range - 4)) + "\\fI";
}

// A sentence that knows the default better than a value could tell says so itself.
void append_setting(std::string& out, const OptionWords& option) {
  out += ".TP\n\\fB" + roff(option.names.front().substr(2)) + "\\fR = \\fI" + value_phrase(option) +
         "\\fR\n" + roff(option.what) + ".\n";
  if (option.what.find("(default: ") != std::string::npos) return;
  const std::string none = option.value.empty() ? "false" : "none";
  out += "Default: " + (option.fallback.empty() ? none : roff(option.fallback)) + ".\n";
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

std::string settings_page(const VerbWords& top) {
  std::string out = ".TH HOURWHEEL.TOML 5 \"\" \"hourwheel " HW_VERSION "\" \"File Formats\"\n";
  out += kSettingsBegin;
  for (const VerbWords* verb : flattened(top)) {
    if (verb->path != "serve") continue;
    for (const OptionWords& option : verb->options) {
      if (option.is_setting) append_setting(out, option);
    }
  }
  return out + kSettingsEnd;
}

}  // namespace hourwheel
