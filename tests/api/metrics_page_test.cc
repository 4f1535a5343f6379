// The page of /metrics: both of its forms by their rules, and each family as the guide has it.
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <set>

#include "api/metrics_format.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::metrics_page_test {
namespace {

using Names = std::set<std::string>;

struct Family {
  std::string type;
  Names labels;  // of its samples; without a bucket's bound
};

// Reads a page as strictly as the two formats are written down; what is wrong fails the test.
class StrictReader {
 public:
  StrictReader(const std::string& page, MetricsFormat format)
      : is_open_(format == MetricsFormat::kOpenMetrics) {
    EXPECT_TRUE(page.ends_with('\n'));
    size_t from = 0;
    for (size_t end = 0; (end = page.find('\n', from)) != std::string::npos; from = end + 1) {
      read_line(page.substr(from, end - from));
    }
    end_family();
    EXPECT_EQ(ended_, is_open_) << "whether there is an end";
  }

  std::map<std::string, Family> families;

 private:
  struct Buckets {
    double bound = -std::numeric_limits<double>::infinity();
    double count = 0;
    double total = -1;  // of its _count
    bool has_sum = false;
  };

  static bool is_name(const std::string& text) {
    return !text.empty() && (std::isdigit(static_cast<unsigned char>(text[0])) == 0) &&
           text.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
               ":") == std::string::npos;
  }

  void read_line(const std::string& line) {
    EXPECT_FALSE(ended_) << "behind the end: " << line;
    if (line == "# EOF") {
      ended_ = true;
    } else if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) {
      read_about(line.substr(2, 4), line.substr(7));
    } else {
      EXPECT_FALSE(line.empty() || line.starts_with('#')) << "no line of a page: " << line;
      read_sample(line);
    }
  }

  void read_about(const std::string& what, const std::string& rest) {
    const std::string name = rest.substr(0, rest.find(' '));
    const std::string text = rest.substr(std::min(name.size() + 1, rest.size()));
    EXPECT_TRUE(is_name(name)) << name;
    if (name != name_) {
      end_family();
      name_ = name;
      EXPECT_TRUE(families.emplace(name, Family{}).second) << "a family that comes twice: " << name;
    }
    EXPECT_TRUE(about_.insert(what).second) << what << " comes twice for " << name;
    EXPECT_TRUE(samples_ == 0) << what << " behind samples of " << name;
    EXPECT_FALSE(text.empty()) << rest;
    if (what == "TYPE") {
      EXPECT_TRUE(Names({"counter", "gauge", "histogram"}).contains(text)) << rest;
      families[name].type = text;
      const bool is_total = name.ends_with("_total");
      EXPECT_EQ(is_total, text == "counter" && !is_open_)
          << "the name of a " << text << ": " << name;
    }
  }

  void end_family() {
    if (name_.empty()) return;
    EXPECT_EQ(about_.size(), 2U) << name_ << " lacks its text or its type";
    for (const auto& [labels, buckets] : buckets_) {
      EXPECT_TRUE(buckets.has_sum) << name_ << labels;
      EXPECT_EQ(buckets.bound, std::numeric_limits<double>::infinity()) << name_ << labels;
      EXPECT_EQ(buckets.count, buckets.total) << name_ << labels;
    }
    buckets_.clear();
    about_.clear();
    samples_ = 0;
  }

  void read_sample(const std::string& line) {
    ++samples_;
    const size_t name_end = line.find_first_of("{ ");
    ASSERT_NE(name_end, std::string::npos) << line;
    std::map<std::string, std::string> labels;
    size_t at = name_end;
    if (line[at] == '{') read_labels(line, at, labels);
    ASSERT_TRUE(at < line.size() && line[at] == ' ') << line;
    const std::string number = line.substr(at + 1);
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    EXPECT_TRUE(!number.empty() && *end == '\0') << line;
    EXPECT_TRUE(series_.insert(line.substr(0, at)).second) << "twice: " << line;
    take(line.substr(0, name_end), std::move(labels), value);
  }

  // From the brace to behind the other one.
  static void read_labels(const std::string& line, size_t& at,
                          std::map<std::string, std::string>& labels) {
    do {
      const size_t equals = line.find("=\"", ++at);
      ASSERT_NE(equals, std::string::npos) << line;
      const std::string label = line.substr(at, equals - at);
      EXPECT_TRUE(is_name(label) && label.find(':') == std::string::npos) << line;
      std::string value;
      for (at = equals + 2; at < line.size() && line[at] != '"'; ++at) {
        if (line[at] == '\\') {
          ++at;
          ASSERT_TRUE(at < line.size() && std::string("\\\"n").find(line[at]) < 3) << line;
        }
        value += line[at];
      }
      ++at;
      EXPECT_TRUE(labels.emplace(label, value).second) << "a label twice: " << line;
    } while (at < line.size() && line[at] == ',');
    ASSERT_TRUE(at < line.size() && line[at] == '}') << line;
    ++at;
  }

  void take(const std::string& name, std::map<std::string, std::string> labels, double value) {
    ASSERT_TRUE(name.starts_with(name_)) << name << " among the samples of " << name_;
    Family& family = families[name_];
    const std::string suffix = name.substr(name_.size());
    if (family.type == "histogram") {
      take_of_histogram(suffix, labels, value);
    } else {
      EXPECT_EQ(suffix, family.type == "counter" && is_open_ ? "_total" : "") << name;
      EXPECT_FALSE(labels.contains("le")) << name;
      EXPECT_TRUE(family.type == "gauge" || value >= 0) << name;
    }
    labels.erase("le");
    Names names;
    for (const auto& label : labels) names.insert(label.first);
    if (samples_ == 1) family.labels = names;
    EXPECT_EQ(names, family.labels) << name << ": not the labels of the others";
  }

  void take_of_histogram(const std::string& suffix,
                         const std::map<std::string, std::string>& labels, double value) {
    std::string key;
    for (const auto& [label, text] : labels) {
      if (label != "le") key.append(label).append("=").append(text).append(",");
    }
    Buckets& buckets = buckets_[key];
    EXPECT_EQ(labels.contains("le"), suffix == "_bucket") << name_ << suffix;
    if (suffix == "_count") {
      buckets.total = value;
    } else if (suffix == "_sum") {
      buckets.has_sum = true;
    } else {
      ASSERT_EQ(suffix, "_bucket") << name_;
      const std::string& bound = labels.at("le");
      EXPECT_TRUE(!is_open_ || bound == "+Inf" || bound.find_first_of(".e") != std::string::npos)
          << name_ << ": a bound is a number with a point: " << bound;
      const double upper = std::strtod(bound.c_str(), nullptr);
      EXPECT_GT(upper, buckets.bound) << name_ << ": bounds ascend";
      EXPECT_GE(value, buckets.count) << name_ << ": counts add up";
      buckets.bound = upper;
      buckets.count = value;
    }
  }

  const bool is_open_;
  bool ended_ = false;
  std::string name_;  // of the family that is being read
  Names about_;
  size_t samples_ = 0;
  std::set<std::string> series_;
  std::map<std::string, Buckets> buckets_;
};

// The lines of the guide's table: name, type, labels.
std::map<std::string, Family> documented() {
  std::ifstream page(std::string(HW_SOURCE_DIR) + "/docs/guide/operations.md");
  std::map<std::string, Family> found;
  std::string line;
  while (std::getline(page, line)) {
    if (!line.starts_with("| `hourwheel_") && !line.starts_with("| `process_")) continue;
    const size_t name_end = line.find("` | ");
    const size_t type_end = line.find(" | ", name_end + 4);
    const size_t labels_end = line.find(" | ", type_end + 1);
    if (name_end == std::string::npos || labels_end == std::string::npos) {
      ADD_FAILURE() << "not a line of the table: " << line;
      continue;
    }
    Family family{line.substr(name_end + 4, type_end - name_end - 4), {}};
    const std::string labels = line.substr(type_end + 1, labels_end - type_end - 1);
    for (size_t from = labels.find('`'); from != std::string::npos;) {
      const size_t to = labels.find('`', from + 1);
      family.labels.insert(labels.substr(from + 1, to - from - 1));
      from = labels.find('`', to + 1);
    }
    EXPECT_TRUE(found.emplace(line.substr(3, name_end - 3), family).second) << "twice: " << line;
  }
  return found;
}

class MetricsPageTest : public ApiTest {
 protected:
  // With something in each family.
  MetricsPageTest() {
    AttemptOutcome outcome;
    outcome.result = AttemptResult::kResponded;
    outcome.status = 503;
    outcome.ended = outcome.started + milliseconds(250);
    shard_.count_attempt(outcome);
    shard_.record_lateness(milliseconds(3));
    shard_.batch_changes.record(1);
    store_.commit_us.record(700);
    facts_.shards = {&shard_};
    facts_.stores = {&store_};
    facts_.speaks_tls = true;
    facts_.of_process.cpu_ms.set(1'500);
    facts_.of_process.open_fds.set(17);
    api_.set_load({{}, milliseconds(500)});
  }
  std::string page(const std::string& accept = "") {
    return ask({"GET", "/metrics", "", {{"accept", accept}}}).response.body;
  }

  ShardMetrics shard_;
  StoreMetrics store_;
};

TEST_F(MetricsPageTest, BothFormsKeepTheirRules) {
  get("/livez");
  get("/nothing");
  StrictReader(page(), MetricsFormat::kPrometheus);
  StrictReader(page("application/openmetrics-text"), MetricsFormat::kOpenMetrics);
}

TEST_F(MetricsPageTest, EachFamilyIsInTheGuideAndNoOtherIs) {
  get("/livez");
  const auto shown = StrictReader(page(), MetricsFormat::kPrometheus).families;
  const auto told = documented();
  for (const auto& [name, family] : shown) {
    const auto found = told.find(name);
    if (found == told.end()) {
      ADD_FAILURE() << name << " is not in docs/guide/operations.md";
      continue;
    }
    EXPECT_EQ(found->second.type, family.type) << name;
    EXPECT_EQ(found->second.labels, family.labels) << name;
  }
  for (const auto& one : told) {
    EXPECT_TRUE(shown.contains(one.first)) << one.first << " is in the guide only";
  }
}

TEST_F(MetricsPageTest, RequestsAreTimedFromTheirArrivalByRoute) {
  send({"GET", "/v1/tasks/a", "", {}});
  api_.set_now({kTestNow, Monotonic{125}});
  answer(take_query().second.token, failure(ErrorCode::kNotFound, "", "there is none"));
  const std::string body = page();
  const std::string labels = "{method=\"GET\",route=\"/v1/tasks/{id}\"";
  for (const std::string& line :
       {"hourwheel_http_request_duration_seconds_count" + labels + "} 1\n",
        "hourwheel_http_request_duration_seconds_sum" + labels + "} 0.125\n",
        "hourwheel_http_request_duration_seconds_bucket" + labels + ",le=\"+Inf\"} 1\n"}) {
    EXPECT_TRUE(contains(body, line)) << line << "is not in\n" << body;
  }
  EXPECT_FALSE(contains(body, "route=\"/v1/tasks/a\"")) << "ids are no labels";
}

TEST_F(MetricsPageTest, TellsOfAttemptsOfTheLoopAndOfTheProcess) {
  const std::string body = page();
  for (const char* line : {"hourwheel_attempts_total{outcome=\"responded\",code=\"5xx\"} 1\n",
                           "hourwheel_attempts_total{outcome=\"timed_out\",code=\"none\"} 0\n",
                           "hourwheel_attempt_duration_seconds_count 1\n",
                           "hourwheel_attempt_duration_seconds_sum 0.25\n",
                           "hourwheel_loop_lag_seconds_count{reactor=\"0\"} 1\n",
                           "hourwheel_loop_lag_seconds_sum{reactor=\"0\"} 0.5\n",
                           "process_cpu_seconds_total 1.5\n", "process_open_fds 17\n"}) {
    EXPECT_TRUE(contains(body, line)) << line << "is not in\n" << body;
  }
}

}  // namespace
}  // namespace hourwheel::metrics_page_test
