// LiteLLM's list of models: each entry is a deployment, those with one name are a group.
#include "config/import/litellm.h"

#include <algorithm>

#include "base/json.h"
#include "config/read.h"
#include "llm/prices.h"

namespace pb::config::litellm {
namespace {

using importing::list;
using importing::text;
using importing::word;

constexpr std::string_view kVariable = "os.environ/";

std::string number_text(double n) {
  std::string out;
  json::Writer(out).real(n);
  if (out.ends_with(".0")) out.resize(out.size() - 2);
  return out;
}

// The provider of LiteLLM's name ("together_ai", "hosted_vllm", "azure") among ours: names differ in what stands around them.
const llm::Vendor* vendor_named(std::string_view name) {
  std::string bare(name);
  std::ranges::replace(bare, '_', '-');
  if (bare.starts_with("hosted-")) bare.erase(0, 7);
  for (std::string_view end : {"", "-ai", "-chat", "-nim"}) {
    if (!bare.ends_with(end)) continue;
    const std::string stem = bare.substr(0, bare.size() - end.size());
    std::string joined = stem;
    std::erase(joined, '-');
    for (const llm::Vendor& v : llm::vendors())
      if (v.name == stem || v.name == joined) return &v;
  }
  for (const llm::Vendor& v : llm::vendors())  // "azure": the first part of ours
    if (v.name.starts_with(bare + "-")) return &v;
  return nullptr;
}

// Who has a model that stands without a provider.
const llm::Vendor* vendor_of_model(std::string_view model) {
  for (const llm::Vendor& v : llm::vendors())
    if (llm::find_model(v.name, model) != nullptr) return &v;
  return nullptr;
}

struct Where {
  const llm::Vendor* vendor = nullptr;
  std::string model;
  std::string title;  // of the provider, as there
};

class Entry {
 public:
  Entry(const Node& item, std::size_t index, Whole& whole)
      : item_(item),
        path_("model_list[" + std::to_string(index) + "]"),
        whole_(whole),
        source_(whole.source),
        notes_(whole.notes) {}

  void read() {
    if (item_.kind != Node::Kind::map) return;
    source_.enter_item(item_);
    name_ = source_.take_text(item_, "model_name", path_ + ".model_name");
    params_ = source_.enter(item_, "litellm_params");
    info_ = source_.enter(item_, "model_info");
    Where to;
    if (!usable() || !where(to)) return source_.done(item_);
    Deployment d;
    d.use = provider(to) + "/" + to.model;
    limits(d);
    prices(d.use);
    add(std::move(d));
  }

 private:
  bool usable() {
    const auto star = name_.find('*');
    if (name_.empty() || params_ == nullptr)
      notes_.lost(path_, "has no model_name or no litellm_params");
    else if (star != name_.npos && star + 1 < name_.size())
      notes_.lost(path_ + ".model_name", "`" + name_ + "`: a name may have a `*` at its end only");
    else
      return true;
    return false;
  }
  std::string at(std::string_view key) const { return path_ + ".litellm_params." + std::string(key); }
  std::string param(std::string_view key) { return source_.take_text(*params_, key, at(key)); }

  bool where(Where& to) {
    const std::string model = param("model");
    const std::string given = param("custom_llm_provider");
    base_ = param("api_base");
    if (const std::string url = param("base_url"); base_.empty()) base_ = url;
    const auto slash = model.find('/');
    to.title = given.empty() && slash != model.npos ? model.substr(0, slash) : given;
    to.model = slash != model.npos && (given.empty() || model.starts_with(given + "/"))
                   ? model.substr(slash + 1)
                   : model;
    to.vendor = to.title.empty() ? vendor_of_model(model) : vendor_named(to.title);
    if (to.title.empty() && to.vendor == nullptr) to.vendor = llm::find_vendor("openai");
    if (to.model.empty()) return notes_.lost(at("model"), "names no model"), false;
    if (to.vendor == nullptr && base_.empty())
      return notes_.lost(at("model"), "no provider `" + to.title +
                                          "` is known here; with its address and the format that it "
                                          "speaks it can be added under `providers`"),
             false;
    if (to.vendor == nullptr) {
      to.vendor = llm::find_vendor("custom");
      notes_.changed(at("model"), "`" + to.title + "` is taken for a server with OpenAI's format");
    } else if (!base_.empty() && speaks_chat_only_elsewhere(*to.vendor)) {
      to.vendor = llm::find_vendor("custom");
    }
    if (!name_.ends_with('*') && to.model.ends_with('*'))
      return notes_.lost(at("model"), "`" + model + "`: only a name that ends in `*` can lead to it"), false;
    return true;
  }

  // With an address of its own, OpenAI's name stands for any server with OpenAI's format.
  bool speaks_chat_only_elsewhere(const llm::Vendor& vendor) const {
    return vendor.name == "openai" && !base_.contains("openai.com");
  }

  // The provider's name here: one for each address, key and set of options.
  std::string provider(const Where& to) {
    Node made;
    made["type"] = text(std::string(to.vendor->name));
    if (to.vendor->name == "custom") made["formats"] = list({"openai_chat"});
    if (!base_.empty()) base_url(made);
    const std::string id = to.title.empty() ? std::string(to.vendor->name) : to.title;
    const std::string key = param("api_key");
    if (!key.empty()) made["api_key"] = text(key);  // as there; it makes the provider
    headers(made);
    timeouts(made);
    for (const char* version : {"api_version", "azure_ad_token"})
      if (const std::string v = param(version); !v.empty())
        notes_.idle(at(version), "the addresses that are used here need none");
    const std::string identity = to_json(made);
    if (const auto known = whole_.providers.find(identity); known != whole_.providers.end())
      return known->second;
    Node& all = whole_.out["providers"];
    std::string name = importing::provider_name(id);
    for (int n = 2; all.find(name) != nullptr; ++n)
      name = importing::provider_name(id) + "-" + std::to_string(n);
    whole_.providers[identity] = name;
    if (!key.empty())
      made["api_key"] = text(key_text(key, importing::variable_name(name, "API_KEY"), at("api_key"), notes_));
    all[name] = std::move(made);
    return name;
  }

  void base_url(Node& made) {
    std::string url = value_text(base_, notes_);
    while (url.ends_with('/')) url.pop_back();
    for (const char* endpoint : {"/chat/completions", "/messages"})
      if (url.ends_with(endpoint)) url.resize(url.size() - std::string_view(endpoint).size());
    if (const std::string fault = url.starts_with("${") ? "" : url_fault(url); !fault.empty())
      return notes_.lost(at("api_base"), "is no usable URL: " + fault);
    made["base_url"] = text(url);
  }

  void headers(Node& made) {
    for (const char* key : {"extra_headers", "headers"}) {
      const Node* all = source_.take(*params_, key);
      if (all == nullptr) continue;
      for (const config::Entry& e : all->members) {
        const std::string from = at(key) + "." + e.key;
        std::string value = value_text(e.value.text, notes_);
        if (secret_name(e.key) && !value.starts_with("${"))
          value = key_text(value, importing::variable_name(e.key, "HEADER"), from, notes_);
        made["headers"][e.key] = text(value.starts_with("${") ? value : importing::literal(value));
      }
    }
    if (const std::string organization = param("organization"); !organization.empty())
      made["headers"]["OpenAI-Organization"] = text(value_text(organization, notes_));
  }

  void timeouts(Node& made) {
    const auto total = source_.take_number(*params_, "timeout", at("timeout"));
    if (total) made["timeouts"]["total"] = text(duration_text(std::max(1.0, *total * 1000)));
    if (const auto n = source_.take_number(*params_, "stream_timeout", at("stream_timeout"))) {
      made["timeouts"]["idle"] = text(duration_text(std::max(1.0, std::min(*n, total.value_or(*n)) * 1000)));
      notes_.changed(at("stream_timeout"),
                     "is `timeouts.idle` here, the longest silence, of whole answers too");
    }
  }

  void limits(Deployment& d) {
    const auto number = [&](std::string_view key) { return source_.take_number(*params_, key, at(key)); };
    d.weight = number("weight");
    d.order = number("order");
    d.requests_per_minute = number("rpm");
    d.tokens_per_minute = number("tpm");
    d.concurrency = number("max_parallel_requests");
    d.tags = source_.take_texts(*params_, "tags", at("tags"));
  }

  // Per token there, per million of them here.
  void prices(const std::string& use) {
    static constexpr std::pair<const char*, const char*> kPrices[] = {
        {"input_cost_per_token", "input"},
        {"output_cost_per_token", "output"},
        {"cache_read_input_token_cost", "cache_read"},
        {"cache_creation_input_token_cost", "cache_write"}};
    Node price;
    for (const auto& [theirs, ours] : kPrices)
      for (const auto& [place, where] :
           {std::pair(params_, std::string("litellm_params")), std::pair(info_, std::string("model_info"))})
        if (place != nullptr)
          if (const auto n = source_.take_number(*place, theirs, path_ + "." + where + "." + theirs))
            price[ours] = word(number_text(*n * 1e6));
    if (price.members.empty()) return;
    for (const char* needed : {"input", "output"})
      if (price.find(needed) == nullptr) price[needed] = word("0");
    whole_.out["prices"][use] = std::move(price);
  }

  void add(Deployment d) {
    Group* group = whole_.group(name_);
    if (group == nullptr) group = &whole_.groups.emplace_back(Group{name_, {}, {}});
    const bool twice =
        std::ranges::any_of(group->deployments, [&](const Deployment& o) { return o.use == d.use; });
    if (twice)
      return notes_.lost(path_,
                         "`" + d.use + "` is in `" + name_ + "` already; a weight makes it count twice");
    group->deployments.push_back(std::move(d));
  }

  const Node& item_;
  std::string path_, name_, base_;
  const Node* params_ = nullptr;
  const Node* info_ = nullptr;
  Whole& whole_;
  importing::Source& source_;
  importing::Notes& notes_;
};

}  // namespace

Group* Whole::group(std::string_view name) {
  const auto at = std::ranges::find_if(groups, [&](const Group& g) { return g.name == name; });
  return at == groups.end() ? nullptr : &*at;
}

std::string value_text(const std::string& value, importing::Notes& notes) {
  if (!value.starts_with(kVariable)) return value;
  const std::string name = value.substr(kVariable.size());
  notes.needs(name, "");
  return "${" + name + "}";
}

std::string key_text(const std::string& value, const std::string& name, const std::string& path,
                     importing::Notes& notes) {
  if (value.starts_with(kVariable)) return value_text(value, notes);
  notes.needs(name, path);
  notes.changed(path, "the key itself is not copied: put it into the variable " + name);
  return "${" + name + "}";
}

void read_models(Whole& whole) {
  whole.out["providers"].kind = Node::Kind::map;
  const Node* models = whole.source.enter(whole.source.root(), "model_list");
  if (models == nullptr) return;
  for (std::size_t i = 0; i < models->items.size(); ++i) Entry(models->items[i], i, whole).read();
}

}  // namespace pb::config::litellm
