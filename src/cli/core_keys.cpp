// What one core does beside its requests: keys that were changed by others, and alerts for a webhook.
#include <boost/asio/co_spawn.hpp>

#include "base/log.h"
#include "cli/core.h"

namespace pb::cli {
namespace {

constexpr int kLookEveryMs = 1000;
constexpr int kWebhookMs = 10'000;
constexpr std::size_t kAnswerBytesMax = 64 * 1024;

}  // namespace

void Core::watch_keys() { look_at_keys(this); }

void Core::look_at_keys(void* context) {
  auto& self = *static_cast<Core*>(context);
  gateway::KeyRing& keys = self.deps_.keys;
  // Reading waits for the disk. While no key was ever made there is nothing to read.
  if (keys.worth_reading() && !self.reading_keys_.exchange(true)) {
    const bool posted = self.deps_.blocking.post([&self, &keys] {
      keys.refresh();
      self.reading_keys_ = false;
    });
    if (!posted) self.reading_keys_ = false;
  }
  if (auto alerts = keys.alerts.take(); !alerts.empty())
    boost::asio::co_spawn(self.io_, self.tell_webhook(std::move(alerts)), [](std::exception_ptr) {});
  self.keys_.arm(kLookEveryMs, look_at_keys, &self);
}

Task<void> Core::tell_webhook(std::vector<std::string> alerts) {
  const std::string address = gateway_.snapshot().config().alerts.webhook;
  auto url = net::parse_url(address);
  if (!url) co_return;
  const std::string target = url->path.empty() ? "/" : url->path;
  const net::Origin origin = net::make_origin(std::move(*url), true, {}, 4, kWebhookMs);
  net::Headers headers;
  headers.add("Content-Type", "application/json");
  headers.add("User-Agent", "patchbay/" PATCHBAY_VERSION);
  for (const std::string& alert : alerts) {
    net::CallRequest request;
    request.target = target;
    request.headers = &headers;
    request.body = alert;
    auto call = co_await client_->open(origin, request, {kWebhookMs, kWebhookMs, kWebhookMs});
    if (!call) {
      log::warn(log::Module::net, "the webhook for alerts cannot be reached",
                {{"what", call.error().message}});
      co_return;
    }
    std::string answer;
    auto read = co_await (*call)->read_all(answer, kAnswerBytesMax);
    if (!read || (*call)->status >= 300)
      log::warn(log::Module::net, "the webhook for alerts did not take one", {{"status", (*call)->status}});
  }
}

}  // namespace pb::cli
