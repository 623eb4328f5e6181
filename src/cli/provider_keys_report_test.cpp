#include "cli/provider_keys_report.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::cli;

TEST_SUITE("provider keys") {
  TEST_CASE("what is printed") {
    const std::vector<StoredKeyView> keys = {
        {"groq", "gsk-…0123", {}, 1'795'262'400'000, 0, 0},
        {"openai", "sk-…abcd", {"a", "b"}, 1'795'262'400'000, 1'795'262'401'000, 1'795'262'402'000}};
    CHECK(provider_keys_table(keys) ==
          "name    key        used by  set                   rotated\n"
          "groq    gsk-…0123  nothing  2026-11-21T12:00:00Z  -\n"
          "openai  sk-…abcd   a, b     2026-11-21T12:00:00Z  2026-11-21T12:00:01Z\n");
    KeyAudit audit{"key-file",
                   {{"/k", "0600", ""}, {"/f", "0644", "can be read"}},
                   keys,
                   {{1'795'262'400'000, "set", "groq", "ann\x1b[1m"}},
                   {"nothing uses it"}};
    CHECK_FALSE(audit.good());
    const std::string text = audit_text(audit);
    CHECK(text.contains("/f    0644  can be read\n"));
    CHECK(
        text.contains("openai  a, b     2026-11-21T12:00:00Z  2026-11-21T12:00:01Z  2026-11-21T12:00:02Z\n"));
    CHECK(text.contains("ann?[1m"));
    CHECK(text.ends_with("note: nothing uses it\n"));
    for (const std::string& out : {text, audit_json(audit)}) CHECK_FALSE(out.contains("…"));
    CHECK(audit_json(audit).contains(R"({"path":"/f","mode":"0644","good":false,"fault":"can be read"})"));
    CHECK(audit_json(audit).contains(
        R"("name":"groq","used_by":[],"set":"2026-11-21T12:00:00Z","rotated":null,"last_used":null)"));
    audit.files.pop_back();
    CHECK(audit.good());
  }
}
