#include "tests/api/support/fixture.h"

namespace hourwheel::server_test {
namespace {

using ServerTest = ApiTest;

TEST_F(ServerTest, HealthSpeaksForTheServer) {
  EXPECT_EQ(get("/livez").response.status, 200);
  EXPECT_EQ(get("/readyz").response.status, 200);
  facts_.is_draining = true;
  EXPECT_EQ(get("/readyz").response.status, 503);
  EXPECT_EQ(get("/livez").response.status, 200);
  EXPECT_EQ(get("/healthz?verbose").response.body,
            "[+]data files open\n[-]not draining\n[+]storage ok\n[+]no damaged rows met\n"
            "not ready\n");
}

TEST_F(ServerTest, HealthTellsOfTheRoomOnTheDisk) {  // C-21
  auto with = [this](StorageState state) -> const Sent& {
    facts_.volume.state.set(static_cast<int64_t>(state));
    return get("/readyz?verbose");
  };
  const Sent& low = with(StorageState::kLow);
  EXPECT_EQ(low.response.status, 200) << "runs fire, reads and deletes are answered";
  EXPECT_TRUE(contains(low.response.body, "[-]storage low\n"));
  const Sent& full = with(StorageState::kFull);
  EXPECT_EQ(full.response.status, 503);
  EXPECT_TRUE(contains(full.response.body, "[-]storage full\n"));
  EXPECT_EQ(get("/v1/server").response.status, 200) << "reads go on";
}

TEST_F(ServerTest, HealthTellsOfDamageAndServesOn) {  // C-23
  StoreMetrics store;
  store.damaged_rows.add(3);
  facts_.stores = {&store};
  const Sent& health = get("/readyz?verbose");
  EXPECT_EQ(health.response.status, 200);
  EXPECT_TRUE(contains(health.response.body, "[-]3 damaged rows met\n"));
}

TEST_F(ServerTest, ServerAndMetricsTellOfTheRoomOnTheDisk) {  // C-21
  facts_.volume.state.set(static_cast<int64_t>(StorageState::kLow));
  facts_.volume.free_bytes.set(1'000);
  facts_.volume.volume_bytes.set(40'000);
  facts_.volume.reserve_bytes.set(2'000);
  EXPECT_TRUE(contains(get("/v1/server").response.body,
                       R"("storage":{"state":"low","free_bytes":1000,"volume_bytes":40000,)"
                       R"("reserve_bytes":2000,"ballast_bytes":0})"));
  const std::string& page = get("/metrics").response.body;
  EXPECT_TRUE(contains(page, "hourwheel_storage_state 1\n"));
  EXPECT_TRUE(contains(page, "hourwheel_storage_free_bytes 1000\n"));
  EXPECT_TRUE(contains(page, "hourwheel_storage_reserve_bytes 2000\n"));
}

TEST_F(ServerTest, ARefusalForWantOfSpaceSaysWhenToTryAgain) {  // C-21
  auto refused = [this](ErrorCode code) {
    return ask_and_decide({"DELETE", "/v1/tasks/a", "", {}}, [code](const Command&) {
      return CommandOutcome(failure(code, "", "no room"));
    });
  };
  Sent low = refused(ErrorCode::kStorageLow);
  EXPECT_EQ(low.response.status, 503);
  EXPECT_EQ(low.field("retry-after"), "10");
  EXPECT_TRUE(contains(low.response.body, R"("code":"storage-low")"));
  EXPECT_TRUE(contains(refused(ErrorCode::kStorageFull).response.body, R"("code":"storage-full")"));
}

TEST_F(ServerTest, DrainingRefusesChangesAndNotReadyRefusesAll) {
  facts_.is_draining = true;
  const Sent& draining = ask({"DELETE", "/v1/tasks/a", "", {}});
  EXPECT_EQ(draining.response.status, 503);
  EXPECT_TRUE(contains(draining.response.body, R"("code":"draining")"));
  send({"GET", "/v1/tasks/a", "", {}});
  EXPECT_EQ(shards_.queries.size(), 1U);
  facts_.is_draining = false;
  facts_.is_ready = false;
  EXPECT_EQ(get("/v1/tasks/a").response.status, 503);
}

TEST_F(ServerTest, UnknownPathsAre404AndWrongMethods405WithAllow) {
  const Sent& unknown = get("/nothing");
  EXPECT_EQ(unknown.response.status, 404);
  EXPECT_EQ(unknown.response.content_type, "application/problem+json");
  const Sent& wrong = ask({"POST", "/v1/tasks/a", "", {}});
  EXPECT_EQ(wrong.response.status, 405);
  EXPECT_EQ(wrong.field("allow"), "GET, HEAD, PUT, PATCH, DELETE");
  EXPECT_EQ(get("/v1/tasks/%zz").response.status, 400);
  EXPECT_EQ(get("/v1/tasks/%ff").response.status, 400);
  EXPECT_EQ(get("/v1/tasks/" + std::string(256, 'a')).response.status, 400);
}

TEST_F(ServerTest, WhatTheHttpServerRefusesIsAProblemToo) {
  HttpResponse busy = api_.refusal({ErrorCode::kOverloaded, "", "Too many requests."}, "/v1/tasks");
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.content_type, "application/problem+json");
  EXPECT_TRUE(contains(busy.body, R"("type":"urn:hourwheel:problem:overloaded")"));
  EXPECT_TRUE(contains(busy.body, R"("detail":"Too many requests.")"));
  EXPECT_TRUE(contains(busy.body, R"("request_id":"req_)"));
  ASSERT_EQ(busy.fields.size(), 1U);
  EXPECT_EQ(busy.fields[0].first, "retry-after");
  HttpResponse large = api_.refusal({ErrorCode::kHeadTooLarge, "", "The head is too large."}, "");
  EXPECT_EQ(large.status, 431);
  EXPECT_TRUE(large.fields.empty());
}

TEST_F(ServerTest, AnImportAboveTheLimitOfBodiesIsToldHowToGoOn) {
  const Error above{ErrorCode::kPayloadTooLarge, "", "The body is too large."};
  const HttpResponse told = api_.refusal(above, "/v1/tasks:import");
  EXPECT_EQ(told.status, 413);
  EXPECT_TRUE(contains(told.body,
                       R"("detail":"The body is too large. An import takes at most 1000 )"
                       R"(lines and 1 MiB (1048576 bytes) a request; `hourwheel task )"
                       R"(import FILE` sends a file of any size in such pieces.")"))
      << told.body;
  const std::string plain = R"("detail":"The body is too large.")";
  EXPECT_TRUE(contains(api_.refusal(above, "/v1/tasks").body, plain)) << "not an import";
  const Error busy{ErrorCode::kOverloaded, "", "The body is too large."};
  EXPECT_TRUE(contains(api_.refusal(busy, "/v1/tasks:import").body, plain)) << "not too large";
}

TEST_F(ServerTest, LoopbackTakesOnlyItsOwnNames) {
  for (const char* host : {"localhost", "LOCALHOST:80", "127.0.0.1:8080", "[::1]:8080"}) {
    EXPECT_EQ(ask({"GET", "/livez", "", {}, host}).response.status, 200) << host;
  }
  for (const char* host : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "localhost:80x", "127.0.0.2", "[::1]x", "localhost@evil.example"}) {
    EXPECT_EQ(ask({"GET", "/livez", "", {}, host}).response.status, 403) << host;
  }
  facts_.is_loopback = false;
  EXPECT_EQ(ask({"GET", "/livez", "", {}, "tasks.example"}).response.status, 200);
}

TEST_F(ServerTest, ByThePublicNameLoopbackTakesReportsOfTargetsOnly) {
  auto status = [this](const std::string& target, const std::string& host) {
    return ask({"POST", target, "{}", {}, host}).response.status;
  };
  const std::string report = "/v1/completions/none-of-ours";
  EXPECT_EQ(status(report, "h.example:8443"), 403) << "it has no public name";
  facts_.public_host = "h.example:8443";
  EXPECT_NE(status(report, "H.example:8443"), 403);
  EXPECT_NE(status(report, "localhost:8080"), 403);
  for (const char* host : {"", "h.example", "h.example:8080", "evil.example:8443"}) {
    EXPECT_EQ(status(report, host), 403) << host;
  }
  EXPECT_EQ(status("/v1/tasks", "h.example:8443"), 403);
  EXPECT_EQ(status("/v1/completions", "h.example:8443"), 403);
  const Sent& page =
      ask({"POST", report, "{}", {{"sec-fetch-site", "cross-site"}}, "h.example:8443"});
  EXPECT_EQ(page.response.status, 403) << "no page of another site";
}

TEST_F(ServerTest, OtherSitesPagesAreRefusedOnLoopback) {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  auto status = [&](Fields fields) {
    return ask({"GET", "/livez", "", std::move(fields)}).response.status;
  };
  EXPECT_EQ(status({{"origin", "http://evil.example"}}), 403);
  EXPECT_EQ(status({{"origin", "null"}}), 403);
  EXPECT_EQ(status({{"origin", "http://localhost:9999"}}), 403);
  EXPECT_EQ(status({{"sec-fetch-site", "cross-site"}}), 403);
  EXPECT_EQ(status({{"origin", "http://localhost:8080"}, {"sec-fetch-site", "same-origin"}}), 200);
}

TEST_F(ServerTest, AnEmptyFormOfABrowserIsRefused) {
  auto status = [this](std::vector<std::pair<std::string, std::string>> fields) {
    return ask({"POST", "/v1/admin/drain", "", std::move(fields)}).response.status;
  };
  facts_.is_draining = true;  // so that it is answered at once
  for (const char* type :
       {"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"}) {
    EXPECT_EQ(status({{"content-type", type}}), 415) << type;
  }
  EXPECT_EQ(status({{"origin", "null"}}), 403) << "a script declares nothing";
  EXPECT_EQ(status({{"sec-fetch-site", "cross-site"}}), 403);
  EXPECT_EQ(status({}), 202) << "curl -X POST";
  EXPECT_EQ(status({{"content-type", "application/json"}}), 202);
}

TEST_F(ServerTest, BodiesMustBeDeclaredAsJson) {
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "",
                           "application/jsonx", "multipart/form-data"}) {
    const Sent& sent = ask({"POST", "/tasks", "{}", {{"content-type", type}}});
    EXPECT_EQ(sent.response.status, 415) << type;
  }
  const Sent& good =
      ask({"POST", "/tasks", "{}", {{"content-type", "Application/JSON ; charset=utf-8"}}});
  EXPECT_EQ(good.response.status, 422);
}

TEST_F(ServerTest, BackupIsForLoopbackOrDev) {
  HttpToken token = send({"POST", "/v1/admin/backup", R"({"path":"/b/today"})", {}});
  EXPECT_TRUE(shards_.queries.empty()) << "the audit log tells of it first";
  const auto told = system_.take<BackupRequest>();
  EXPECT_EQ(told.path, "/b/today");
  EXPECT_TRUE(told.actor.address) << "who asks is told";
  answer(told.token, QueryAnswer(BackupTold{}));
  ASSERT_EQ(shards_.queries.size(), 2U);
  for (int i = 0; i < 2; ++i) {
    auto [shard, query] = take_query();
    EXPECT_EQ(std::get<Backup>(query.query).path, "/b/today." + std::to_string(shard));
    answer(query.token, QueryAnswer(BackupDone{100 + shard}));
  }
  EXPECT_EQ(responder_.at(token).response.body,
            R"({"files":[{"path":"/b/today.0","bytes":100},{"path":"/b/today.1","bytes":101}]})");
  EXPECT_EQ(post("/v1/admin/backup", R"({"path":"b"})").response.status, 422);
  EXPECT_EQ(post("/v1/admin/backup", "{}").response.status, 422);
  facts_.is_loopback = false;
  EXPECT_EQ(post("/v1/admin/backup", R"({"path":"/b"})").response.status, 403);
}

TEST_F(ServerTest, ABackupThatCannotBeToldIsNotBegun) {  // AU1
  HttpToken token = send({"POST", "/v1/admin/backup", R"({"path":"/b/today"})", {}});
  answer(system_.take<BackupRequest>().token,
         failure(ErrorCode::kStorageLow, "", "the disk is full"));
  EXPECT_EQ(responder_.at(token).response.status, 503);
  EXPECT_TRUE(shards_.queries.empty());
  system_.has_credit = false;
  EXPECT_EQ(post("/v1/admin/backup", R"({"path":"/b/today"})").response.status, 503);
}

TEST_F(ServerTest, ServerTellsWhatRuns) {
  const std::string& body = get("/v1/server").response.body;
  EXPECT_TRUE(contains(body, R"("version":"9.8.7")"));
  EXPECT_TRUE(contains(body, R"("io_backend":"io_uring","shards":2)"));
  EXPECT_TRUE(contains(body, R"("scheme":"http")"));
  EXPECT_TRUE(contains(body, R"("commit":"0123456789ab","tzdata_version":"2026a")"));
  EXPECT_TRUE(contains(body, R"("durability":"flush")"));
  EXPECT_TRUE(contains(body, R"("limits":{"body_bytes":1048576,"page_size":1000,)"
                             R"("batch_operations":1000,"payload_bytes":262144,)"
                             R"("run_payload_bytes":16384,"run_payloads_bytes_per_task":16384,)"
                             R"("labels":32,"open_runs_per_task":128,)"));
  facts_.speaks_tls = true;
  EXPECT_TRUE(contains(get("/v1/server").response.body, R"("scheme":"https")"));
}

TEST_F(ServerTest, ServerTellsWhatItWasStartedWith) {
  links_.is_available = false;
  EXPECT_TRUE(contains(get("/v1/server").response.body, R"("features":[])"));
  links_.is_available = true;
  facts_.requires_if_match = true;
  facts_.asks_certificates = true;
  EXPECT_TRUE(contains(get("/v1/server").response.body,
                       R"("features":["client_certificates","completion","require_if_match"])"));
}

TEST_F(ServerTest, DocumentsAreTaggedAndNotSentTwice) {
  struct Wanted {
    const char* path;
    const char* type;
    const char* part;
  };
  for (const Wanted& wanted :
       {Wanted{"/openapi.yaml", "application/yaml", "openapi: 3.1.0\n"},
        Wanted{"/openapi.json", "application/json", R"({"openapi":"3.1.0","info":{)"},
        Wanted{"/docs", "text/html; charset=utf-8", "<!doctype html>\n"},
        Wanted{"/docs.css", "text/css; charset=utf-8", "/* The page of /docs. */\n"}}) {
    const Sent& first = get(wanted.path);
    EXPECT_EQ(first.response.content_type, wanted.type);
    EXPECT_TRUE(first.response.body.starts_with(wanted.part)) << wanted.path;
    EXPECT_EQ(first.field("cache-control"), "no-cache");
    EXPECT_EQ(first.field("x-content-type-options"), "nosniff");
    EXPECT_TRUE(first.field("content-security-policy")
                    .starts_with("default-src 'none'; style-src 'self';"));
    const std::string etag = first.field("etag");
    for (const std::string& tags : {etag, "\"a\", W/" + etag, std::string("*")}) {
      const Sent& again = ask({"GET", wanted.path, "", {{"if-none-match", tags}}});
      EXPECT_EQ(again.response.status, 304) << tags;
      EXPECT_EQ(again.response.body, "");
      EXPECT_EQ(again.field("etag"), etag);
    }
    EXPECT_EQ(ask({"GET", wanted.path, "", {{"if-none-match", "\"a\""}}}).response.status, 200);
  }
  EXPECT_NE(get("/openapi.yaml").field("etag"), get("/openapi.json").field("etag"));
}

TEST_F(ServerTest, MetricsAddUpAllShardsAndRoutes) {
  ShardMetrics first;
  ShardMetrics second;
  first.runs_ended(RunState::kSucceeded).add(3);
  second.runs_ended(RunState::kSucceeded).add(4);
  first.record_lateness(milliseconds(1));
  second.record_lateness(milliseconds(300));
  first.wheel_entries.set(12);
  first.tasks(TaskStatus::kPaused).set(6);
  second.tasks(TaskStatus::kPaused).set(5);
  second.tasks(TaskStatus::kQuarantined).set(1);
  facts_.shards = {&first, &second};
  Counter handshakes;
  Counter resumed;
  handshakes.add(5);
  resumed.add(2);
  facts_.outward_handshakes = {&handshakes, &resumed};
  facts_.outward_resumed = {&resumed};
  Counter failed;
  failed.add(3);
  facts_.inward_handshakes = {&handshakes, &handshakes};
  facts_.inward_failed = {&failed, &handshakes};
  facts_.speaks_tls = true;
  facts_.certificate_end.set(1'800'000'000);
  get("/livez");
  get("/nothing");
  const Sent& sent = get("/metrics");
  EXPECT_EQ(sent.response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  const std::string& body = sent.response.body;
  for (const char* line :
       {"hourwheel_runs_total{outcome=\"succeeded\"} 7\n",
        "# TYPE hourwheel_lateness_seconds histogram\n", "hourwheel_lateness_seconds_count 2\n",
        "hourwheel_lateness_seconds_bucket{le=\"+Inf\"} 2\n",
        "hourwheel_wheel_entries{shard=\"0\"} 12\n", "hourwheel_commits_total 0\n",
        "hourwheel_tasks{state=\"active\"} 0\n", "hourwheel_tasks{state=\"paused\"} 11\n",
        "hourwheel_tasks{state=\"quarantined\"} 1\n",
        "hourwheel_http_requests_total{method=\"GET\",route=\"/livez\",code=\"2xx\"} 1\n",
        "hourwheel_http_requests_total{method=\"other\",route=\"none\",code=\"4xx\"} 1\n",
        "hourwheel_target_tls_handshakes_total 7\n", "hourwheel_target_tls_resumed_total 2\n",
        "hourwheel_tls_handshakes_total 10\n", "hourwheel_tls_handshakes_failed_total 8\n",
        "hourwheel_tls_certificate_not_after_seconds 1800000000\n",
        "hourwheel_build_info{version=\"9.8.7\"} 1\n"}) {
    EXPECT_TRUE(contains(body, line)) << line << "is not in\n" << body;
  }
  facts_.speaks_tls = false;
  EXPECT_FALSE(contains(get("/metrics").response.body, "hourwheel_tls_certificate"));
}

TEST_F(ServerTest, MetricsAreOpenMetricsForWhoAcceptsThem) {
  get("/livez");
  const std::string prometheus =
      "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
  auto page_for = [this](const std::string& accept) {
    return ask({"GET", "/metrics", "", {{"accept", accept}}}).response;
  };
  const HttpResponse page = page_for(prometheus);
  EXPECT_EQ(page.content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(page.body.ends_with("\n# EOF\n"));
  for (const char* line :
       {"# TYPE hourwheel_http_requests counter\n", "# HELP hourwheel_commits Batches handed",
        "hourwheel_commits_total 0\n", "# TYPE hourwheel_lateness_seconds histogram\n",
        "# TYPE hourwheel_build_info gauge\n"}) {
    EXPECT_TRUE(contains(page.body, line)) << line << "is not in\n" << page.body;
  }
  EXPECT_FALSE(contains(page.body, "_total counter"));
  for (const char* other :
       {"", "text/plain", "*/*", "application/openmetrics-text;q=0",
        "application/openmetrics-textual", "text/plain;application/openmetrics-text"}) {
    const HttpResponse plain = page_for(other);
    EXPECT_EQ(plain.content_type, "text/plain; version=0.0.4; charset=utf-8") << other;
    EXPECT_TRUE(contains(plain.body, "# TYPE hourwheel_commits_total counter\n")) << other;
    EXPECT_FALSE(contains(plain.body, "# EOF")) << other;
  }
}

// --- drain ---

TEST_F(ServerTest, ADrainIsAnsweredWhenItIsTold) {
  HttpToken token = send({"POST", "/v1/admin/drain", "", {}});
  EXPECT_FALSE(responder_.at(token).ended) << "the audit log tells of it first";
  const auto asked = system_.take<DrainRequest>();
  EXPECT_TRUE(asked.actor.address) << "who asks is told";
  answer(asked.token, QueryAnswer(DrainBegun{}));
  EXPECT_EQ(responder_.at(token).response.status, 202);
  EXPECT_EQ(responder_.at(token).response.body, R"({"draining":true})");
}

TEST_F(ServerTest, AServerThatDrainsIsToldNothingNew) {
  facts_.is_draining = true;
  EXPECT_EQ(post("/v1/admin/drain", "").response.status, 202);
  EXPECT_TRUE(system_.requests.empty());
}

TEST_F(ServerTest, ADrainMayBeRefused) {
  HttpToken token = send({"POST", "/v1/admin/drain", "{}", {}});
  answer(system_.take<DrainRequest>().token,
         failure(ErrorCode::kStorageLow, "", "the disk is full"));
  EXPECT_EQ(responder_.at(token).response.status, 503);
  EXPECT_EQ(post("/v1/admin/drain?now=1", "").response.status, 400);
  EXPECT_EQ(post("/v1/admin/drain", R"({"now":true})").response.status, 422);
  system_.has_credit = false;
  EXPECT_EQ(post("/v1/admin/drain", "").response.status, 503);
  EXPECT_TRUE(system_.requests.empty());
}

}  // namespace
}  // namespace hourwheel::server_test
