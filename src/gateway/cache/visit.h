// One request's way past the cache. It is there before the exchange, whose answer goes through it.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/cache/cache.h"
#include "gateway/cache/directives.h"
#include "gateway/cache/tap.h"
#include "gateway/caller.h"
#include "gateway/exchange.h"

namespace pb::gateway {
class Gateway;
}

namespace pb::gateway::cache {

class Visit {
 public:
  // Null where `cache` is or no answers are kept anywhere.
  // `gateway`: asked for vectors of questions; null: only the same request gets the same answer.
  static std::unique_ptr<Visit> begin(Cache* cache, const config::Cache& options, net::Responder& out,
                                      Gateway* gateway) {
    if (cache == nullptr || !options.anywhere) return nullptr;
    return std::unique_ptr<Visit>(new Visit(*cache, options, out, gateway));
  }

  // What the request is to be answered through.
  net::Responder& out() { return tap_; }

  // Answers from what was kept, or from what an equal request under way brings. False: nothing was sent, and the request goes on.
  // `format`: of the client's endpoint; an endpoint that is none of the client's dialect knows whole answers only.
  Task<bool> answer(Exchange& x, const Caller& caller, const Meaning& meaning, std::string_view format);
  // The request has been answered by a provider: its answer is kept, if it is one to keep.
  Task<void> keep(Exchange& x);

 private:
  Visit(Cache& cache, const config::Cache& options, net::Responder& out, Gateway* gateway)
      : cache_(&cache), options_(options), gateway_(gateway), tap_(out) {}
  bool prepare(const Exchange& x, const Caller& caller, const Meaning& meaning);
  Task<EntryPtr> find(Key key);
  Task<EntryPtr> find_similar(const Exchange& x);
  Task<bool> follow(Exchange& x);
  Task<bool> replay(Exchange& x, EntryPtr entry, std::string_view how, std::string note);
  bool reads() const { return !directives_.no_cache; }

  Cache* cache_;
  const config::Cache& options_;
  Gateway* gateway_;
  Tap tap_;
  Directives directives_;
  std::string_view format_;
  bool dialect_ = false;  // the format is the exchange's client's
  bool keyed_ = false;    // the answer may be kept
  int ttl_ms_ = 0;
  Form form_ = Form::whole;
  Key key_;
  std::string space_, route_;
  Ticket ticket_;
  std::optional<KeyMixer> mixer_;
  bool tools_ = false;  // the request has some
  Key group_;           // of the questions that this one is compared with
  Vector vector_;       // of its own; empty = it is compared with none
  float cosine_ = 0;    // with the one that was found
};

// Whose answers a caller gets: "all", "team:NAME" or "key:NAME"; "key:" without a key.
std::string space_of(const config::Cache& options, const Caller& caller);

}  // namespace pb::gateway::cache
