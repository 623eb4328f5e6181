// The options of what replicas have in common.
#include "config/option_rows.h"

namespace pb::config {
namespace {

const Row<Config> kShared[] = {
    {{"shared.url",
      Kind::secret,
      "Redis that all replicas share ([replicas.md](replicas.md)): "
      "`redis://user:password@host:port/database`, `rediss://` with TLS, "
      "`unix:///path`. `shared: redis://…` is the same.",
      0,
      0,
      {},
      {},
      "none: limits are kept by each process for itself"},
     [](Config& c) -> Ref { return &c.shared.url; }},
    {{"shared.prefix", Kind::text,
      "Begins the name of every key in Redis, so that several installations can share one server."},
     [](Config& c) -> Ref { return &c.shared.prefix; }},
    {{"shared.timeout", Kind::duration,
      "A reply that takes longer means that Redis is out of reach: each replica goes on with its own share.",
      5, 10 * kSecond},
     [](Config& c) -> Ref { return &c.shared.timeout_ms; }},
    {{"shared.replicas", Kind::count,
      "Among how many replicas limits are divided while Redis is out of reach; 0 = as many as were last "
      "seen.",
      0, 1000},
     [](Config& c) -> Ref { return &c.shared.replicas; }},
    {{"shared.tls_verify", Kind::flag, "Verify the certificate of a `rediss://` server."},
     [](Config& c) -> Ref { return &c.shared.tls_verify; }},
    {{"shared.ca_file",
      Kind::file,
      "PEM file of the authorities to trust for it.",
      0,
      0,
      {},
      {},
      "the system's"},
     [](Config& c) -> Ref { return &c.shared.ca_file; }},
};

}  // namespace

std::vector<Bound> bind_shared(Config& config) { return bind_rows(kShared, config); }

}  // namespace pb::config
