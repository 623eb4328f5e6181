// The list of models, in OpenAI's, Anthropic's and Google's shape. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "gateway/listed_models.h"

namespace pb::api {

using gateway::find_listed;
using gateway::list_models;
using gateway::ListedModel;

std::string openai_list(const std::vector<ListedModel>& models);
std::string openai_model(const ListedModel& model);
// `query`: limit, after_id, before_id as Anthropic pages.
std::string anthropic_list(const std::vector<ListedModel>& models, std::string_view query);
std::string anthropic_model(const ListedModel& model);
// `query`: pageSize, pageToken as Google pages.
std::string gemini_list(const std::vector<ListedModel>& models, std::string_view query);
std::string gemini_model_text(const ListedModel& model);

}  // namespace pb::api
