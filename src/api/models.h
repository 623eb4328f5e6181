// The list of models, in OpenAI's, Anthropic's and Google's shape. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/caller.h"
#include "gateway/model_lists.h"
#include "gateway/snapshot.h"

namespace pb::api {

struct ListedModel {
  std::string id;                            // what a client may ask for
  std::string owner;                         // the provider's name
  std::int64_t context = 0, output_max = 0;  // tokens; 0 = unknown
};

// Names of `models:`, of providers' own lists and of those they tell, and "provider/model" for what the catalogue knows of configured providers.
// `caller`: null = all of them, else those that it may ask for.
// `lists`: what providers have told; may be null.
std::vector<ListedModel> list_models(const gateway::Snapshot& snapshot, const gateway::ModelLists* lists,
                                     const gateway::Caller* caller = nullptr);
// A listed model, or any name that routing would take.
std::optional<ListedModel> find_listed(const gateway::Snapshot& snapshot, const gateway::ModelLists* lists,
                                       std::string_view id, const gateway::Caller* caller = nullptr);

std::string openai_list(const std::vector<ListedModel>& models);
std::string openai_model(const ListedModel& model);
// `query`: limit, after_id, before_id as Anthropic pages.
std::string anthropic_list(const std::vector<ListedModel>& models, std::string_view query);
std::string anthropic_model(const ListedModel& model);
// `query`: pageSize, pageToken as Google pages.
std::string gemini_list(const std::vector<ListedModel>& models, std::string_view query);
std::string gemini_model_text(const ListedModel& model);

}  // namespace pb::api
