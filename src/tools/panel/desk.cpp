#include "tools/panel/desk.h"

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "base/utf8.h"

namespace pb::tools::panel {
namespace {

constexpr std::size_t kPreview = 200;   // bytes of an answer that its progress tells
constexpr std::size_t kPiece = 120;     // bytes of text that are worth a message
constexpr std::size_t kQuoted = 4'000;  // of a reply that did not fit, given back to its model

// Text as it comes, told in pieces.
struct Teller {
  std::string waiting;
  double pieces = 0;
};

std::string again_messages(const ModelQuestion& q, std::string_view reply, std::string_view fault,
                           const Shape& shape) {
  json::Arena arena;
  const auto messages = json::parse(q.messages, arena);
  std::string out;
  json::Writer w(out);
  w.begin_array();
  if (messages)
    for (const json::Value m : messages->items()) w.write(m);
  const auto say = [&](std::string_view role, std::string_view text) {
    w.begin_object();
    w.field("role", role);
    w.field("content", text);
    w.end_object();
  };
  if (!reply.empty()) {
    say("assistant", utf8::cut(reply, kQuoted));
    say("user", "That does not do: " + std::string(fault) + ".\n" + shape.instructions());
  }
  w.end_array();
  return out;
}

// A model or provider that does not know `response_format` says that the request is wrong.
bool may_be_the_format(const Error& error) { return error.code == Code::invalid_request; }

}  // namespace

const std::string_view kCommonProperties = R"(
    "models":{"type":"array","minItems":1,"maxItems":10,"uniqueItems":true,"items":{"type":"string","minLength":1,"maxLength":200},
      "description":"Models to ask, as list_models has them. Left out: chosen by what the router knows of price, speed, quality and success, different providers first"},
    "exclude_models":{"type":"array","maxItems":100,"items":{"type":"string"},"description":"Models not to be chosen"},
    "system_prompt":{"type":"string","description":"For every model that is asked"},
    "temperature":{"type":"number","minimum":0,"maximum":2},
    "max_tokens":{"type":"integer","minimum":1,"description":"Of each answer"},
    "timeout_seconds":{"type":"integer","minimum":1,"maximum":600,"default":60,"description":"Of one question; who takes longer counts as failed"},
    "limits":{"type":"object","description":"Of this call, below what the configuration grants","properties":{
      "calls":{"type":"integer","minimum":1,"description":"Questions to models"},
      "tokens":{"type":"integer","minimum":1,"description":"Of prompts and answers: once they are used up, nobody is asked any more"},
      "dollars":{"type":"number","exclusiveMinimum":0,"description":"Likewise, as far as prices are known"}},"additionalProperties":false})";

void Bill::add(const Result<ModelAnswer>& answer) {
  if (!answer && never_asked(answer.error())) return;
  ++calls;
  if (!answer) {
    ++failed;
    return;
  }
  input += answer->input;
  output += answer->output;
  cost += answer->cost;
  complete = complete && answer->usage_known && answer->cost_known;
}

void Bill::write(json::Writer& w) const {
  w.begin_object();
  w.field("calls", calls);
  w.field("failed_calls", failed);
  w.field("input_tokens", input);
  w.field("output_tokens", output);
  w.field("total_tokens", input + output);
  w.field("cost", cost);
  w.field("complete", complete);
  w.end_object();
}

Settings read_settings(json::Value a) {
  Settings s;
  s.system_prompt = a["system_prompt"].as_string();
  s.temperature = a["temperature"].as_double(-1);
  s.max_tokens = a["max_tokens"].as_int();
  s.timeout_ms = static_cast<int>(a["timeout_seconds"].as_int(60)) * 1'000;
  return s;
}

Desk::Desk(const Deps& deps, mcp::Context& context, json::Value arguments)
    : deps_(deps),
      context_(context),
      settings_(read_settings(arguments)),
      left_(allowance(deps)),
      began_ms_(steady_ms()) {
  const json::Value limits = arguments["limits"];
  left_.calls = static_cast<int>(std::min<std::int64_t>(left_.calls, limits["calls"].as_int(left_.calls)));
  left_.tokens = std::min(left_.tokens, limits["tokens"].as_int(left_.tokens));
  left_.dollars = std::min(left_.dollars, limits["dollars"].as_double(left_.dollars));
}

ModelQuestion Desk::question(std::string_view model, std::string_view system, std::string_view user) const {
  ModelQuestion q;
  q.model = model;
  std::string before(system);
  if (!settings_.system_prompt.empty())
    before.append(before.empty() ? "" : "\n\n").append(settings_.system_prompt);
  q.messages = plain_messages(before, user);
  q.temperature = settings_.temperature;
  q.max_tokens = settings_.max_tokens;
  q.timeout_ms = settings_.timeout_ms;
  return q;
}

void Desk::tell(double done, std::string_view message) {
  if (!context_.wants_progress()) return;
  constexpr double kStep = 1e-6;  // what does not grow is not sent
  told_ = std::max(done, told_ + kStep);
  context_.progress(told_, std::max<double>(total_, std::ceil(told_)), message);
}

void Desk::say(std::string_view message) { tell(told_, message); }

void Desk::ended(std::string_view model, const Result<ModelAnswer>& answer) {
  bill_.add(answer);
  ++done_;
  std::string message(model);
  if (answer)
    message += " answered in " + std::to_string(answer->latency_us / 1'000) +
               " ms: " + utf8::cut(answer->text, kPreview);
  else
    message += " failed: " + utf8::cut(answer.error().message, kPreview);
  tell(done_, message);
}

std::int64_t Desk::elapsed_ms() const { return steady_ms() - began_ms_; }

Task<std::vector<Result<ModelAnswer>>> Desk::ask_all(std::vector<ModelQuestion> questions, Heard heard) {
  std::vector<std::string> models;
  models.reserve(questions.size());
  for (const ModelQuestion& q : questions) models.push_back(q.model);
  OnDone on_done = [this, &models, &heard](std::size_t i, const Result<ModelAnswer>& answer) {
    ended(models[i], answer);
    if (heard) heard(i, answer);
  };
  co_return co_await ask_models(deps_, context_, std::move(questions), left_, 0, std::move(on_done));
}

Task<Result<ModelAnswer>> Desk::ask(ModelQuestion question) {
  OnText on_text;
  Teller teller;
  if (context_.wants_progress())
    on_text = [this, &teller](std::string_view piece) {
      teller.waiting += piece;
      if (teller.waiting.size() < kPiece) return;
      ++teller.pieces;
      // Comes nearer to the next whole number and never reaches it.
      tell(done_ + teller.pieces / (teller.pieces + 10), teller.waiting);
      teller.waiting.clear();
    };
  Result<ModelAnswer> answer = co_await ask_model(deps_, context_, question, left_, std::move(on_text));
  ended(question.model, answer);
  co_return answer;
}

Task<std::vector<Result<Reply>>> Desk::ask_all_json(std::vector<ModelQuestion> questions,
                                                    const Shape& shape) {
  std::vector<ModelQuestion> first = questions;
  for (ModelQuestion& q : first) q.more = shape.more();
  std::vector<Result<ModelAnswer>> answers = co_await ask_all(std::move(first));
  std::vector<Result<Reply>> out;
  std::vector<std::size_t> again;
  std::vector<ModelQuestion> second;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) {
      if (may_be_the_format(answers[i].error())) {
        again.push_back(i);
        second.push_back(questions[i]);
      }
      out.emplace_back(std::unexpected(std::move(answers[i].error())));
      continue;
    }
    auto read = read_reply(answers[i]->text, shape);
    if (read) {
      out.emplace_back(Reply{std::move(*read), std::move(*answers[i])});
      continue;
    }
    ModelQuestion q = questions[i];
    q.messages = again_messages(q, answers[i]->text, read.error().message, shape);
    q.more = shape.more();
    again.push_back(i);
    second.push_back(std::move(q));
    out.emplace_back(std::unexpected(std::move(read.error())));
  }
  if (again.empty()) co_return out;
  expect(static_cast<int>(again.size()));
  answers = co_await ask_all(std::move(second));
  for (std::size_t k = 0; k < again.size(); ++k) {
    if (!answers[k]) continue;  // what was wrong at first says more
    auto read = read_reply(answers[k]->text, shape);
    if (read)
      out[again[k]] = Reply{std::move(*read), std::move(*answers[k])};
    else
      out[again[k]] =
          fail(Code::bad_upstream, "no valid JSON after it was asked again: " + read.error().message +
                                       "; it began: " + utf8::cut(answers[k]->text, kPreview));
  }
  co_return out;
}

Task<Result<Vectors>> Desk::embed(std::string model, std::vector<std::string> texts) {
  if (left_.calls <= 0 || left_.tokens <= 0 || left_.dollars <= 0)
    co_return fail(Code::rate_limited, "this call of the tool has used up what it may ask");
  --left_.calls;
  Result<Vectors> vectors =
      co_await panel::embed(deps_, context_, model, std::move(texts), settings_.timeout_ms);
  ++bill_.calls;
  bill_.complete = false;  // the ledger knows what it cost
  if (vectors) {
    left_.tokens -= vectors->tokens;
    bill_.input += vectors->tokens;
  } else {
    ++bill_.failed;
  }
  ++done_;
  tell(done_, model + (vectors ? " gave vectors" : " failed: " + vectors.error().message));
  co_return vectors;
}

Task<Result<Reply>> Desk::ask_json(ModelQuestion question, const Shape& shape) {
  std::vector<ModelQuestion> one;
  one.push_back(std::move(question));
  std::vector<Result<Reply>> replies = co_await ask_all_json(std::move(one), shape);
  co_return std::move(replies.front());
}

void write_failures(json::Writer& w, const std::vector<Failure>& failures) {
  w.key("failures");
  w.begin_array();
  for (const Failure& f : failures) {
    w.begin_object();
    w.field("model", f.model);
    w.field("error", f.error);
    w.end_object();
  }
  w.end_array();
}

std::string filled(std::string_view schema) {
  std::string out(schema);
  for (const auto& [word, by] : {std::pair<std::string_view, std::string_view>("FAILURES", kFailuresSchema),
                                 std::pair<std::string_view, std::string_view>("USAGE", kBillSchema)})
    if (const auto at = out.find(word); at != out.npos) out.replace(at, word.size(), by);
  return out;
}

mcp::ToolResult failed_result(std::string_view message, std::string_view partial) {
  mcp::ToolResult result = mcp::error_result(message);
  result.content = "[" + mcp::text_block(message) + "," + mcp::text_block(partial) + "]";
  return result;
}

mcp::ToolResult told_result(std::string_view text, std::string structured) {
  mcp::ToolResult result = mcp::text_result(text);
  result.structured = std::move(structured);
  return result;
}

}  // namespace pb::tools::panel
